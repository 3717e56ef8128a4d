"""The families of disasters that are not power cuts: kills, refusing disks, damaged files."""

import random

from tests.simulation.power.cuts import (
    Case,
    Cut,
    Judge,
    Recording,
    Tally,
    judge_case,
    recording_errors,
    state_after,
)
from tests.simulation.power.damage import damaged
from tests.simulation.power.disk import DiskModel, Image
from tests.simulation.power.outbox_check import BROKEN_BY_DAMAGE, check_outbox
from tests.simulation.power.outbox_cuts import COMMAND, WORKLOAD, judge_of, record_outbox
from tests.simulation.power.promises import Promises
from tests.simulation.power.recorder import Recorder

LIVES_MAX = 6
HONEST_DISK = DiskModel()
DAMAGED = Judge(check_outbox, BROKEN_BY_DAMAGE, COMMAND)


def kill_at_instants(recorder: Recorder, seed: int, kills: int) -> Tally:
    """Kill -9 a working terminal at random instants; it starts again on the same folder a few times over."""
    tally = Tally()
    image, promises, world = Image(), Promises(), 0
    for number in range(kills):
        if world == LIVES_MAX:
            image, promises, world = Image(), Promises(), 0
        name = f"killed.{seed}.{number}"
        ops = recorder.record(WORKLOAD, name, image, plan="killed", world=world)
        recording = Recording(name, image, promises, ops, replays=False)
        image, promises = Image.read(recorder.folder / "work"), _end_of(recording)
        _judge(tally, recorder, recording)
        world += 1
    return tally


def play_and_judge(recorder: Recorder, seed: str) -> Tally:
    """Play a scenario with kills at steps or a refusing disk, and judge what it leaves."""
    tally = Tally()
    recording = record_outbox(recorder, seed)
    _judge(tally, recorder, recording)
    return tally


def damage(recorder: Recorder, seed: str, rounds: int, first: int = 0) -> Tally:
    """Hurt the files that a scenario had at some instant, each time in another way."""
    tally = Tally()
    recording = record_outbox(recorder, seed)
    source = random.Random(f"damage/{seed}")
    instants = sorted(source.randint(0, len(recording.ops)) for _ in range(2))
    older, image = (state_after(recording, HONEST_DISK, Cut(at, 0, "all")) for at in instants)
    for number in range(first, rounds):
        hurt = damaged(image[0], older[0], random.Random(f"damage/{seed}/{number}"))
        promises = image[1].copy()
        assert isinstance(promises, Promises)
        if hurt.both_copies:
            promises.keep_only(hurt.image)
        case = Case(hurt.image, promises, f"{COMMAND} --seed {seed} --damage {number} # {hurt.what}")
        judge_case(tally, recorder, case, DAMAGED)
        tally.figures[hurt.what.split()[0]] += 1
    return tally


def _judge(tally: Tally, recorder: Recorder, recording: Recording) -> None:
    """Judge the folder as the actors left it."""
    command = f"{COMMAND} --seed {recording.seed}"
    tally.reproach(recording_errors(recording), command)
    case = Case(Image.read(recorder.folder / "work"), _end_of(recording), command, recording.replays)
    judge_case(tally, recorder, case, judge_of(recording.seed))


def _end_of(recording: Recording) -> Promises:
    """Return what had been promised at the end of a log."""
    promises = state_after(recording, HONEST_DISK, Cut(len(recording.ops), 0, "all"))[1]
    assert isinstance(promises, Promises)
    return promises


__all__ = ["damage", "kill_at_instants", "play_and_judge"]
