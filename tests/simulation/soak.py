"""Every proof of the reliability promise for as long as asked, one line a family: `make soak HOURS=8`.

    python -m tests.simulation.soak --hours 1
    python -m tests.simulation.soak --cuts 500000 --kills 5000 --seeds 100000 --json docs/data/proof/night.json

Power cuts, kills, refusing disks and damaged files (`tests.simulation.power`), then school weeks with every fault
(`tests.simulation.week`). Ctrl-C prints and writes what there is; `--first` goes on from another number. Ends with
1 when a promise was broken, and says how to see each failure again.
"""

import argparse
import json
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from tests.simulation.power.build import build
from tests.simulation.power.cuts import Tally
from tests.simulation.power.families import FAMILIES, Bench
from tests.simulation.power.recorder import ROOT, memory_folder
from tests.simulation.week.run import Outcome, Player, player

WEEKS = ("network", "clock", "restore", "week", "crash", "devices", "long")
POWER_UNITS = tuple(dict.fromkeys(family.unit for family in FAMILIES))
UNITS = (*POWER_UNITS, "seeds")
TOLD_EVERY_SECONDS = 120
FAILURES_SHOWN = 5
_SIGNS = {"lost": ("S1", "L1 LOST"), "doubled": ("S2", "L1 DOUBLED"), "invented": ("S3",)}
_COLUMNS = ("runs", "states", "promised", "lost", "doubled", "invented", "other", "allowed", "holes")


@dataclass(frozen=True, slots=True)
class Line:
    """A family of the table: its name, the unit it counts towards, and its place among the power families."""

    name: str
    unit: str
    place: int | None = None


LINES = (
    *(Line(family.name, family.unit, place) for place, family in enumerate(FAMILIES)),
    *(Line(f"school week: {name}", "seeds") for name in WEEKS),
)


@dataclass(frozen=True, slots=True)
class Result:
    """What one task gave."""

    name: str
    number: int
    tally: Tally


_bench: Bench
_open = ExitStack()


def _set_up_worker(shim: Path, parent: Path) -> None:
    global _bench
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    tempfile.tempdir = str(parent)
    _bench = Bench.set_up(shim, parent)


@cache
def _weeks() -> Player:
    """Found the town of this worker's weeks when the first is played."""
    return _open.enter_context(player())


def _work(task: tuple[int, int]) -> Result:
    line, number = LINES[task[0]], task[1]
    try:
        if line.place is not None:
            return Result(line.name, number, FAMILIES[line.place].task(_bench, number))
        return Result(line.name, number, _tally(_weeks().play(f"{line.name.rpartition(' ')[2]}.{number}")))
    except Exception as error:
        failure = f"number {number}: {type(error).__name__}: {error}"
        return Result(line.name, number, Tally(runs=1, failures=[failure]))


def _tally(outcome: Outcome) -> Tally:
    tally = Tally(runs=1, distinct=1)
    tally.figures["owed"] = outcome.figures["taps"]
    tally.unkept.update(map(_family_of, outcome.violations))
    if outcome.violations:
        tally.failures.append(outcome.told())
    return tally


def _family_of(violation: str) -> str:
    """Return the column for what a checker of `week.checkers` says, by the number of its promise."""
    _, _, words = violation.rpartition("] ")
    for family, signs in _SIGNS.items():
        if words.startswith(signs):
            return family
    return "other"


class Soak:
    """Hands out numbers until each unit has its count or the time is over, and adds up."""

    def __init__(
        self, counts: dict[str, float], first: int, deadline: float, arguments: Sequence[str] = ()
    ) -> None:
        self.arguments = arguments
        self._counts = counts
        self._deadline = deadline
        self._next = first
        self.first = first
        self.tallies = {line.name: Tally() for line in LINES if counts.get(line.unit, 0) > 0}

    def tasks(self) -> Iterator[tuple[int, int]]:
        """Yield (line, number): every family in turn, as long as its unit lacks some."""
        while time.monotonic() < self._deadline:
            due = [place for place, line in enumerate(LINES) if self._is_due(line)]
            if not due:
                return
            yield from ((place, self._next) for place in due)
            self._next += 1

    def _is_due(self, line: Line) -> bool:
        wanted = self._counts.get(line.unit, 0)
        return wanted > 0 and sum(self.tallies[one.name].runs for one in LINES if one.unit == line.unit) < wanted

    def take(self, result: Result) -> None:
        """Add a result."""
        self.tallies[result.name].merge(result.tally)

    def judge_totals(self) -> None:
        """Let a family fail that lost more than it may; once, at the end."""
        for family in FAMILIES:
            if family.name in self.tallies:
                self.tallies[family.name].failures += family.overrun(self.tallies[family.name])

    def table(self) -> str:
        """Return one line a family."""
        lines = [f"{'family':<34}" + "".join(f"{title:>10}" for title in _COLUMNS)]
        for name, tally in self.tallies.items():
            lines.append(f"{name:<34}" + "".join(f"{figure:>10}" for figure in figures_of(tally).values()))
        return "\n".join(lines)

    def failures(self) -> list[str]:
        """Return how to see the failures again."""
        return [f"{name}: {one}" for name, tally in self.tallies.items() for one in tally.failures[:FAILURES_SHOWN]]

    def summary(self, seconds: float) -> dict[str, object]:
        """Return everything for a program: what docs/PROMISE.md quotes."""
        return {
            "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
            "commit": _commit(),
            "command": " ".join(("python -m tests.simulation.soak", *self.arguments)),
            "first": self.first,
            "next": self._next,
            "seconds": round(seconds),
            "families": {
                name: figures_of(tally) | {"failures": len(tally.failures)} for name, tally in self.tallies.items()
            },
        }


def figures_of(tally: Tally) -> dict[str, int]:
    """Return the figures of a family, by column.

    `lost`, `doubled`, `invented` and `other` are broken promises. `allowed` counts taps that this kind of disaster
    may cost by our own words: those that a lying disk forgot in both copies of a terminal, or on a server, to which
    the terminals offer them again for 90 days.
    """
    broken = [tally.unkept[one] for one in ("lost", "doubled", "invented")]
    other = tally.unkept.total() - sum(broken)
    rest = (other, tally.allowed["lost"], tally.figures["holes"])
    return dict(zip(_COLUMNS, (tally.runs, tally.distinct, tally.figures["owed"], *broken, *rest), strict=True))


def soak(work: Soak, jobs: int, summary: Path | None) -> int:
    """Run on `jobs` cores; return the exit code."""
    root = Path(tempfile.mkdtemp(prefix="marelle-soak-", dir=memory_folder()))
    started = told = time.monotonic()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs are born deaf to Ctrl-C
    try:
        with multiprocessing.get_context("spawn").Pool(jobs, _set_up_worker, (build(root), root)) as pool:
            for result in _in_step(pool, work.tasks(), jobs):
                work.take(result)
                if time.monotonic() - told > TOLD_EVERY_SECONDS:
                    told = time.monotonic()
                    print(work.table(), flush=True)
                    _write(work, started, summary)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
    finally:
        shutil.rmtree(root, ignore_errors=True)
    work.judge_totals()
    print(work.table())
    print("\n".join(work.failures()))
    _write(work, started, summary)
    return int(any(tally.failures for tally in work.tallies.values()))


def _write(work: Soak, started: float, summary: Path | None) -> None:
    """Write the figures so far, so that even a run that is killed leaves some."""
    if summary is not None:
        text = json.dumps(work.summary(time.monotonic() - started), ensure_ascii=False, indent=2)
        summary.write_text(text + "\n", encoding="utf-8")


def _in_step(pool: "multiprocessing.pool.Pool", tasks: Iterator[tuple[int, int]], jobs: int) -> Iterator[Result]:
    """Yield results, with no more tasks under way than keeps the workers busy."""
    waiting = []
    for task in tasks:
        waiting.append(pool.apply_async(_work, (task,)))
        if len(waiting) >= 3 * jobs:
            yield waiting.pop(0).get()
    for last in waiting:
        yield last.get()


def _commit() -> str:
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or "unknown"


def read_options(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.soak", description=__doc__)
    parser.add_argument("--hours", type=float, help="run every family for so long")
    for unit in UNITS:
        parser.add_argument(f"--{unit}", type=int, default=0, help="stop these families after so many in all")
    parser.add_argument("--first", type=int, default=0, help="the first number that seeds are made of")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--json", type=Path, help="write the figures, the commit and the date to this file")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str], units: Sequence[str] = UNITS) -> int:
    """Run the command line; return the exit code."""
    options = read_options(arguments)
    counts: dict[str, float] = {unit: getattr(options, unit) for unit in units}
    if not options.hours and not any(counts.values()):
        raise SystemExit("say for how long (--hours) or how many (--cuts, --kills, --seeds…)")
    deadline = float("inf")
    if options.hours:
        deadline = time.monotonic() + options.hours * 3600
        counts = {unit: count or float("inf") for unit, count in counts.items()}
    return soak(Soak(counts, options.first, deadline, arguments), options.jobs, options.json)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
