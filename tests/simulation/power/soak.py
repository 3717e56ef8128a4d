"""Power cuts, kills, refusing disks and damaged files for as long as asked, one line a family; or one case again.

    python -m tests.simulation.power.soak --cuts 500000 --kills 5000
    python -m tests.simulation.power.soak --hours 8
    python -m tests.simulation.power.soak outbox --seed mixed.7 --model harsh-0 --cut 304:6

Stop it with Ctrl-C: it prints what it has. Ends with 1 when a promise was broken.
"""

import argparse
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.simulation.power import outbox_cuts, server_cuts
from tests.simulation.power.build import build
from tests.simulation.power.cuts import Tally, cut_power, judge_case, read_case, read_cut
from tests.simulation.power.disk import DiskModel, disk_model
from tests.simulation.power.families import FAMILIES, Bench, Family
from tests.simulation.power.recorder import memory_folder
from tests.simulation.power.runs import damage, play_and_judge

UNITS = tuple(dict.fromkeys(family.unit for family in FAMILIES))
TOLD_EVERY_SECONDS = 600
FAILURES_SHOWN = 5
_COLUMNS = ("runs", "states", "promised", "lost", "doubled", "invented", "corrupt", "holes", "failures")


@dataclass(frozen=True, slots=True)
class Result:
    """What one task gave."""

    family: str
    tally: Tally


_bench: Bench


def _set_up_worker(shim: Path, parent: Path) -> None:
    global _bench
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _bench = Bench.set_up(shim, parent)


def _work(task: tuple[int, int]) -> Result:
    family, number = FAMILIES[task[0]], task[1]
    try:
        return Result(family.name, family.task(_bench, number))
    except Exception as error:
        return Result(family.name, Tally(failures=[f"number {number}: {type(error).__name__}: {error}"]))


class Soak:
    """Hands out numbers until each unit has its count or the time is over, and adds up."""

    def __init__(self, counts: dict[str, float], first: int, deadline: float) -> None:
        self._counts = counts
        self._first = first
        self._deadline = deadline
        self.tallies = {family.name: Tally() for family in FAMILIES if counts.get(family.unit, 0) > 0}

    def tasks(self) -> Iterator[tuple[int, int]]:
        """Yield (family, number), the families that lag behind first."""
        number = self._first
        while time.monotonic() < self._deadline:
            due = [place for place, family in enumerate(FAMILIES) if self._is_due(family)]
            if not due:
                return
            yield from ((place, number) for place in due)
            number += 1

    def _is_due(self, family: Family) -> bool:
        wanted = self._counts.get(family.unit, 0)
        done = sum(self.tallies[one.name].runs for one in FAMILIES if one.unit == family.unit and wanted)
        return done < wanted

    def take(self, result: Result) -> None:
        """Add a result."""
        self.tallies[result.family].merge(result.tally)

    def table(self) -> str:
        """Return one line a family."""
        lines = [f"{'family':<32}" + "".join(f"{title:>11}" for title in _COLUMNS)]
        for name, tally in self.tallies.items():
            broken = [tally.broken[family] for family in ("lost", "doubled", "invented", "corrupt")]
            told = (tally.figures["holes"], len(tally.failures))
            figures = (tally.runs, tally.distinct, tally.figures["owed"], *broken, *told)
            lines.append(f"{name:<32}" + "".join(f"{figure:>11}" for figure in figures))
        return "\n".join(lines)

    def failures(self) -> list[str]:
        """Return how to see the failures again."""
        return [f"{name}: {one}" for name, tally in self.tallies.items() for one in tally.failures[:FAILURES_SHOWN]]


def soak(work: Soak, jobs: int) -> int:
    """Run on `jobs` cores; return the exit code."""
    root = Path(tempfile.mkdtemp(prefix="marelle-soak-", dir=memory_folder()))
    told = time.monotonic()
    try:
        with multiprocessing.get_context("spawn").Pool(jobs, _set_up_worker, (build(root), root)) as pool:
            for result in _in_step(pool, work.tasks(), jobs):
                work.take(result)
                if time.monotonic() - told > TOLD_EVERY_SECONDS:
                    told = time.monotonic()
                    print(work.table(), flush=True)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
    finally:
        shutil.rmtree(root, ignore_errors=True)
    print(work.table())
    for failure in work.failures():
        print(failure)
    return int(any(tally.failures for tally in work.tallies.values()))


def _in_step(pool: "multiprocessing.pool.Pool", tasks: Iterator[tuple[int, int]], jobs: int) -> Iterator[Result]:
    """Yield results, with no more tasks under way than keeps the workers busy."""
    waiting = []
    for task in tasks:
        waiting.append(pool.apply_async(_work, (task,)))
        if len(waiting) >= 3 * jobs:
            yield waiting.pop(0).get()
    for last in waiting:
        yield last.get()


def again(options: argparse.Namespace) -> int:
    """Play one case again and say what is found."""
    root = Path(tempfile.mkdtemp(prefix="marelle-again-", dir=memory_folder()))
    try:
        bench = Bench.set_up(build(root), root)
        with bench.recorder:
            tally = play_again(bench, options)
    finally:
        shutil.rmtree(root, ignore_errors=True)
    print("\n".join(tally.failures) or "nothing broken", dict(tally.broken), dict(tally.figures), sep="\n")
    return int(bool(tally.failures))


def play_again(bench: Bench, options: argparse.Namespace) -> Tally:
    """Play the one case that the options name."""
    model: DiskModel = disk_model(options.model)
    module = server_cuts if options.what == "server" else outbox_cuts
    judge = module.LYING if model.lying else module.HONEST
    if options.what == "outbox" and not model.lying:
        judge = outbox_cuts.judge_of(options.seed or "")
    if options.case:
        tally = Tally()
        judge_case(tally, bench.recorder, read_case(options.case), judge)
        return tally
    if options.damage is not None:
        return damage(bench.recorder, options.seed, options.damage + 1, options.damage)
    if not options.cut:
        return play_and_judge(bench.recorder, options.seed)
    if options.what == "server":
        recording = server_cuts.record_server(bench.recorder, bench.school, options.seed)
    else:
        recording = outbox_cuts.record_outbox(bench.recorder, options.seed)
    return cut_power(bench.recorder, recording, [model], [read_cut(options.cut)], judge)


def read_options(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.power.soak", description=__doc__)
    parser.add_argument("what", nargs="?", choices=("outbox", "server"), help="play one case of it again")
    for name in ("seed", "cut"):
        parser.add_argument(f"--{name}")
    parser.add_argument("--case", type=Path, help="a file that a failure which no seed replays was kept in")
    parser.add_argument("--model", default="ordered-0")
    parser.add_argument("--damage", type=int)
    parser.add_argument("--hours", type=float, help="run every family for so long")
    for unit in UNITS:
        parser.add_argument(f"--{unit}", type=int, default=0, help="stop these families after so many in all")
    parser.add_argument("--first", type=int, default=0, help="the first number that seeds are made of")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    return parser.parse_args(arguments)


def main(arguments: Sequence[str]) -> int:
    """Run the command line; return the exit code."""
    options = read_options(arguments)
    if options.what:
        return again(options)
    counts: dict[str, float] = {unit: getattr(options, unit) for unit in UNITS}
    deadline = float("inf")
    if options.hours:
        deadline = time.monotonic() + options.hours * 3600
        counts = {unit: count or float("inf") for unit, count in counts.items()}
    return soak(Soak(counts, options.first, deadline), options.jobs)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
