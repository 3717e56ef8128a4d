"""Power cuts under the shipped records of a server."""

import random
import zlib
from pathlib import Path

from tests.simulation.power.cuts import Cut, Judge, Recording, state_after
from tests.simulation.power.disk import DiskModel
from tests.simulation.power.recorder import Recorder
from tests.simulation.power.school import School
from tests.simulation.power.server_check import BROKEN, BROKEN_BY_LIES, Answers, check_server
from tests.simulation.power.verdict import Verdict

WORKLOAD = "tests.simulation.power.server_workload"
_HEALED_EVERY = 8


def record_server(recorder: Recorder, school: School, seed: str, planted: tuple[str, ...] = ()) -> Recording:
    """Play the scenario of a seed, « plan.number », on the records of a school.

    The plan « again » starts on what a cut has left of another scenario.
    """
    plan, _, number = seed.partition(".")
    options = {"planted": planted, **school.as_options()}
    if plan != "again":
        ops = recorder.record(WORKLOAD, seed, school.image, plan=plan, **options)
        return Recording(seed, school.image, Answers(school), ops, replays=plan != "threads")
    source = random.Random(seed)
    first = record_server(recorder, school, f"mixed.{number}", planted)
    cut = Cut(source.randint(0, len(first.ops)), 0)
    image, answers = state_after(first, DiskModel(is_ordered=source.random() < 0.5), cut)
    ops = recorder.record(WORKLOAD, seed, image, plan="mixed", world=1, **options)
    return Recording(seed, image, answers, ops)


def _check(folder: Path, answers: Answers) -> Verdict:
    """Judge; let one state in eight, always the same, be healed by the terminals."""
    return check_server(folder, answers, heals=zlib.crc32(repr(sorted(answers.kept)).encode()) % _HEALED_EVERY == 0)


def _check_and_heal(folder: Path, answers: Answers) -> Verdict:
    """Judge; let the terminals heal every state: on a disk that lies, that is what is promised."""
    return check_server(folder, answers, heals=True)


COMMAND = "python -m tests.simulation.power.soak server"
HONEST = Judge(_check, BROKEN, COMMAND)
LYING = Judge(_check_and_heal, BROKEN_BY_LIES, COMMAND)
