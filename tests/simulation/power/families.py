"""Every family of disasters as tasks: a number gives a seed, a seed gives a tally."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.simulation.power import outbox_cuts, server_cuts
from tests.simulation.power.cuts import Judge, Tally, cut_power, random_cuts
from tests.simulation.power.disk import DiskModel
from tests.simulation.power.recorder import Recorder
from tests.simulation.power.runs import damage, kill_at_instants, play_and_judge
from tests.simulation.power.school import School

HONEST = (DiskModel(is_ordered=True), DiskModel(is_ordered=False))
CUTS_A_MODEL = 50  # playing a scenario costs as much as judging 40 of its states
PLAYED_A_TASK = 10
_FEW_LOST = 5
_OFFERED_AGAIN = 1.0  # a server may forget everything: terminals offer it again, and that is judged (`unhealed`)


def lying(share: float) -> tuple[DiskModel, DiskModel]:
    """Return both disciplines on a disk that lies about this share of its fsyncs."""
    return DiskModel(True, share), DiskModel(False, share)


@dataclass(frozen=True, slots=True)
class Bench:
    """What a task works with."""

    recorder: Recorder
    school: School

    @classmethod
    def set_up(cls, shim: Path, parent: Path | None = None) -> "Bench":
        """Start a watched process and found a school."""
        recorder = Recorder(shim, parent)
        return cls(recorder, School.found(recorder.empty("school")))


@dataclass(frozen=True, slots=True)
class Family:
    """A kind of disaster; `unit` is what it counts towards on the command line.

    `lost_share_max` is the share of promised taps that it may cost, nothing on a disk that tells the truth.
    """

    name: str
    unit: str
    task: Callable[[Bench, int], Tally]
    lost_share_max: float = 0.0

    def overrun(self, tally: Tally) -> list[str]:
        """Say that the total lost more than this disaster may cost; a few of few promises say nothing."""
        lost, owed = tally.allowed["lost"], tally.figures["owed"]
        if lost <= owed * self.lost_share_max + _FEW_LOST:
            return []
        return [f"{lost} of {owed} promised taps are lost, allowed is {self.lost_share_max:.1%}"]


def _outbox(plans: tuple[str, ...], models: tuple[DiskModel, ...], judge: Judge) -> Callable[[Bench, int], Tally]:
    def task(bench: Bench, number: int) -> Tally:
        recording = outbox_cuts.record_outbox(bench.recorder, f"{plans[number % len(plans)]}.{number}")
        return cut_power(bench.recorder, recording, models, random_cuts(recording, CUTS_A_MODEL), judge)

    return task


def _server(plans: tuple[str, ...], models: tuple[DiskModel, ...], judge: Judge) -> Callable[[Bench, int], Tally]:
    def task(bench: Bench, number: int) -> Tally:
        seed = f"{plans[number % len(plans)]}.{number}"
        recording = server_cuts.record_server(bench.recorder, bench.school, seed)
        return cut_power(bench.recorder, recording, models, random_cuts(recording, CUTS_A_MODEL), judge)

    return task


def _played(plan: str) -> Callable[[Bench, int], Tally]:
    def task(bench: Bench, number: int) -> Tally:
        tally = Tally()
        for each in range(number * PLAYED_A_TASK, (number + 1) * PLAYED_A_TASK):
            tally.merge(play_and_judge(bench.recorder, f"{plan}.{each}"))
        return tally

    return task


FAMILIES = (
    Family("outbox, power cuts", "cuts", _outbox(("mixed", "again"), HONEST, outbox_cuts.HONEST)),
    Family("server, power cuts", "cuts", _server(("mixed", "again", "threads"), HONEST, server_cuts.HONEST)),
    Family(
        "outbox, cuts of a refusing disk", "refusing", _outbox(("refusals", "mended"), HONEST, outbox_cuts.HONEST)
    ),
    Family("server, cuts of a refusing disk", "refusing", _server(("refusals",), HONEST, server_cuts.HONEST)),
    Family(
        "outbox, 5 % of fsyncs lie",
        "lies",
        _outbox(("mixed", "again"), lying(0.05), outbox_cuts.LYING),
        outbox_cuts.LOST_SHARE_SOMETIMES,
    ),
    Family(
        "outbox, 30 % of fsyncs lie",
        "lies",
        _outbox(("mixed", "again"), lying(0.3), outbox_cuts.LYING),
        outbox_cuts.LOST_SHARE_OFTEN,
    ),
    Family(
        "server, 5 % of fsyncs lie", "lies", _server(("mixed",), lying(0.05), server_cuts.LYING), _OFFERED_AGAIN
    ),
    Family("outbox, cuts while it repairs", "repairs", _outbox(("repaired",), HONEST, outbox_cuts.REPAIRED)),
    Family(
        "kill -9 at any instant",
        "kills",
        lambda bench, number: kill_at_instants(bench.recorder, number, PLAYED_A_TASK),
    ),
    Family("kill -9 at a step", "kills", _played("steps")),
    Family("disk full, errors, read-only", "refusals", _played("refusals")),
    Family(
        "damaged files", "damages", lambda bench, number: damage(bench.recorder, f"mixed.{number}", PLAYED_A_TASK)
    ),
)
