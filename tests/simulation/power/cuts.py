"""Cut the power: at every operation of a small scenario, or at random points of random ones."""

import pickle
import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from tests.simulation.power.control import Operation
from tests.simulation.power.disk import SURVIVALS, Disk, DiskModel, Image
from tests.simulation.power.recorder import Recorder
from tests.simulation.power.trace import Op
from tests.simulation.power.verdict import Verdict


class Promised(Protocol):
    """What a scenario had promised at a point of its log."""

    errors: list[str]

    def note(self, mark: dict[str, Any], actor: int) -> None:
        """Take a mark into account."""

    def copy(self) -> "Promised":
        """Return promises that go their own way from here."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A played scenario: where it began, what it did, and what had been promised before."""

    seed: str
    image: Image
    before: Promised
    ops: list[Op]
    replays: bool = True  # its seed gives the same log again: nobody in it ran by the clock


@dataclass(frozen=True, slots=True)
class Cut:
    """One power cut of a recording: after how many operations, and which of the states it may leave."""

    index: int
    draw: int
    survival: str | None = None

    @property
    def name(self) -> str:
        """A word for a command line, read back by `read_cut`."""
        return f"{self.index}:{self.draw}" + (f":{self.survival}" if self.survival else "")


def read_cut(name: str) -> Cut:
    """Return the cut of that name."""
    index, draw, *survival = name.split(":")
    return Cut(int(index), int(draw), survival[0] if survival else None)


@dataclass
class Tally:
    """The sum of many verdicts. `failures` says how to see each failing one again."""

    runs: int = 0
    distinct: int = 0  # how many of the states were different
    broken: Counter[str] = field(default_factory=Counter)  # whatever a checker found, allowed or not
    unkept: Counter[str] = field(default_factory=Counter)  # of those, what this kind of disaster may not cost
    runs_with: Counter[str] = field(default_factory=Counter)
    figures: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def add(self, verdict: Verdict, families: tuple[str, ...], command: str) -> None:
        """Count one verdict; broken promises of these families make it a failure."""
        self.runs += 1
        self.broken += verdict.broken
        self.figures += verdict.figures
        self.runs_with.update(verdict.broken.keys())
        self.unkept += Counter({family: verdict.broken[family] for family in families})
        if worst := verdict.worst(families):
            self.failures.append(f"{'; '.join(worst)[:600]}\n    {command}")

    def reproach(self, errors: Iterable[str], command: str) -> None:
        """Count what went wrong before the disaster, while the scenario was played."""
        told = [f"{error}\n    {command}" for error in errors]
        self.unkept["played"] += len(told)
        self.failures += told

    @property
    def allowed(self) -> Counter[str]:
        """What was found and breaks no promise of ours."""
        return self.broken - self.unkept

    def merge(self, other: "Tally") -> None:
        """Add another tally to this one."""
        self.runs += other.runs
        self.distinct += other.distinct
        self.broken += other.broken
        self.unkept += other.unkept
        self.runs_with += other.runs_with
        self.figures += other.figures
        self.failures += other.failures


def points(recording: Recording, model: DiskModel, cuts: Iterable[Cut]) -> Iterator[tuple[Cut, Disk, Promised]]:
    """Follow the log once; at each cut, in order, yield the disk and the promises as they are there."""
    disk = Disk(recording.image, model, recording.seed)
    promises = recording.before.copy()
    done = 0
    for cut in sorted(cuts, key=lambda cut: cut.index):
        for op in recording.ops[done : cut.index]:
            if op.kind is Operation.MARK:
                promises.note(op.mark, op.actor)
            else:
                disk.apply(op)
        done = max(done, cut.index)
        yield cut, disk, promises


def every_cut(recording: Recording, draws: int) -> list[Cut]:
    """Return cuts at every operation: each survival once, then that many drawn at random."""
    indices = range(len(recording.ops) + 1)
    return [
        *(Cut(index, 0, survival) for index in indices for survival in SURVIVALS),
        *(Cut(index, draw) for index in indices for draw in range(draws)),
    ]


def random_cuts(recording: Recording, count: int) -> list[Cut]:
    """Return cuts anywhere, a third of them just after somebody was told something."""
    source = random.Random(f"cuts/{recording.seed}")
    told = [index + 1 for index, op in enumerate(recording.ops) if op.kind is Operation.MARK]
    return [
        Cut(source.choice(told) if told and draw % 3 == 0 else source.randint(0, len(recording.ops)), draw)
        for draw in range(count)
    ]


def state_after(recording: Recording, model: DiskModel, cut: Cut) -> tuple[Image, Promised]:
    """Return what the disk holds after one cut, and what had been promised."""
    for _, disk, promises in points(recording, model, [cut]):
        return disk.cut(_draw(recording, model, cut), cut.survival)[0], promises
    raise AssertionError("one cut gives one point")


@dataclass(frozen=True, slots=True)
class Judge:
    """How the states of a scenario are judged: the checker, and the families that count as failures."""

    check: Callable[[Path, Any], Verdict]
    families: tuple[str, ...]
    command: str


def cut_power(
    recorder: Recorder, recording: Recording, models: Sequence[DiskModel], cuts: Sequence[Cut], judge: Judge
) -> Tally:
    """Cut the power of each disk at each point, start the shipped code on what is left, and sum up.

    Two cuts at one point that leave the same state are both counted and judged once.
    """
    tally = Tally()
    again = f"{judge.command} --seed {recording.seed}"
    tally.reproach(recording_errors(recording), again)
    states = set()
    for model in models:
        judged: dict[tuple[int, int], Verdict] = {}
        for cut, disk, promises in points(recording, model, cuts):
            image, key = disk.cut(_draw(recording, model, cut), cut.survival)
            states.add(key)
            command = f"{again} --model {model.name} --cut {cut.name}"
            if known := judged.get((cut.index, key)):
                tally.add(known, judge.families, command)
                continue
            case = Case(image, promises, command, recording.replays)
            judged[cut.index, key] = judge_case(tally, recorder, case, judge)
    tally.distinct = len(states)
    return tally


@dataclass(frozen=True, slots=True)
class Case:
    """A folder as a disaster left it, what had been promised, and the command that makes the same again."""

    image: Image
    promises: Promised
    command: str
    replays: bool = True


def judge_case(tally: Tally, recorder: Recorder, case: Case, judge: Judge) -> Verdict:
    """Start the shipped code on a case and count the verdict; a failure that no seed replays is kept in a file."""
    folder = recorder.empty("cut")
    case.image.write(folder)
    verdict = checked(judge, folder, case.promises)
    command = case.command
    if not case.replays and verdict.worst(judge.families):
        command = f"{judge.command} --case {keep_case(case)}"
    tally.add(verdict, judge.families, command)
    return verdict


def keep_case(case: Case) -> Path:
    """Write a case to a file that `soak --case` reads."""
    with tempfile.NamedTemporaryFile(prefix="marelle-power-", suffix=".case", delete=False) as file:
        pickle.dump(case, file)
    return Path(file.name)


def read_case(path: Path) -> Case:
    """Read a case that `keep_case` wrote."""
    case = pickle.loads(path.read_bytes())
    assert isinstance(case, Case)
    return case


def _draw(recording: Recording, model: DiskModel, cut: Cut) -> str:
    return f"{recording.seed}/{model.name}/{cut.name}"


def checked(judge: Judge, folder: Path, promises: Promised) -> Verdict:
    """Judge one state; a checker that is thrown out of its way found a crash of the shipped code."""
    started = time.monotonic()
    try:
        verdict = judge.check(folder, promises)
    except Exception as error:
        verdict = Verdict()
        verdict.add("unbooted", 1, f"{type(error).__name__}: {error}")
    verdict.figures["check_ms"] += int((time.monotonic() - started) * 1000)
    return verdict


def recording_errors(recording: Recording) -> list[str]:
    """Return what went wrong while the scenario was played, faults or not."""
    promises = recording.before.copy()
    promises.errors.clear()
    for op in recording.ops:
        if op.kind is Operation.MARK:
            promises.note(op.mark, op.actor)
    return promises.errors
