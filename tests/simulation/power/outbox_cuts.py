"""Power cuts under the shipped outbox of a terminal."""

import random

from tests.simulation.power.cuts import Cut, Judge, Recording, state_after
from tests.simulation.power.disk import DiskModel, Image
from tests.simulation.power.outbox_check import BROKEN, BROKEN_BY_LIES, check_outbox
from tests.simulation.power.promises import Promises
from tests.simulation.power.recorder import Recorder

WORKLOAD = "tests.simulation.power.outbox_workload"
COMMAND = "python -m tests.simulation.power.soak outbox"
HONEST = Judge(check_outbox, BROKEN, COMMAND)
LYING = Judge(check_outbox, BROKEN_BY_LIES, COMMAND)


# A plan that starts on what a cut has left of another one.
_AFTER = {"again": "mixed", "mended": "refusals"}


def record_outbox(recorder: Recorder, seed: str, planted: tuple[str, ...] = ()) -> Recording:
    """Play the scenario of a seed, « plan.number »."""
    plan, _, number = seed.partition(".")
    if plan not in _AFTER:
        ops = recorder.record(WORKLOAD, seed, plan=plan, planted=planted)
        return Recording(seed, Image(), Promises(), ops)
    source = random.Random(seed)
    first = record_outbox(recorder, f"{_AFTER[plan]}.{number}", planted)
    cut = Cut(source.randint(0, len(first.ops)), 0)
    image, promises = state_after(first, DiskModel(is_ordered=source.random() < 0.5), cut)
    ops = recorder.record(WORKLOAD, seed, image, plan="mixed", planted=planted, world=1)
    return Recording(seed, image, promises, ops)
