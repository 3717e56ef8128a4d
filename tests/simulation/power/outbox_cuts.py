"""Power cuts under the shipped outbox of a terminal."""

import random

from tests.simulation.power.cuts import Cut, Judge, Promised, Recording, state_after
from tests.simulation.power.damage import damaged
from tests.simulation.power.disk import DiskModel, Image
from tests.simulation.power.outbox_check import (
    BROKEN,
    BROKEN_BY_LIES,
    BROKEN_IN_REPAIRS,
    check_outbox,
    open_outbox,
    read_rows,
)
from tests.simulation.power.promises import Promises
from tests.simulation.power.recorder import Recorder
from tests.simulation.power.taps import draft_of

WORKLOAD = "tests.simulation.power.outbox_workload"
COMMAND = "python -m tests.simulation.power.soak outbox"
HONEST = Judge(check_outbox, BROKEN, COMMAND)
LYING = Judge(check_outbox, BROKEN_BY_LIES, COMMAND)
# Not promised, but bounded: the shares of promised taps that a disk may forget when 5 % and 30 % of its fsyncs lie.
LOST_SHARE_SOMETIMES, LOST_SHARE_OFTEN = 0.002, 0.01
REPAIRED = Judge(check_outbox, BROKEN_IN_REPAIRS, COMMAND)


# A plan that starts on what a cut has left of another one.
_AFTER = {"again": "mixed", "mended": "refusals"}


def judge_of(seed: str) -> Judge:
    """Return how the cuts of an honest disk are judged in the plan of a seed."""
    plan = seed.partition(".")[0]
    return REPAIRED if plan == "repaired" else HONEST


def record_outbox(recorder: Recorder, seed: str, planted: tuple[str, ...] = ()) -> Recording:
    """Play the scenario of a seed, « plan.number ».

    The plans « again » and « mended » start on what an honest cut has left. « repaired » starts on files that are
    damaged: what a recovery left in peace makes of them is owed from the first moment on.
    """
    plan, _, number = seed.partition(".")
    source = random.Random(seed)
    if plan == "repaired":
        image, promises = _damaged_start(recorder, seed, source)
    elif plan in _AFTER:
        first = record_outbox(recorder, f"{_AFTER[plan]}.{number}", planted)
        cut = Cut(source.randint(0, len(first.ops)), 0)
        image, promises = state_after(first, DiskModel(is_ordered=source.random() < 0.5), cut)
    else:
        return Recording(seed, Image(), Promises(), recorder.record(WORKLOAD, seed, plan=plan, planted=planted))
    ops = recorder.record(WORKLOAD, seed, image, plan="mixed", planted=planted, world=1)
    return Recording(seed, image, promises, ops)


def _damaged_start(recorder: Recorder, seed: str, source: random.Random) -> tuple[Image, Promised]:
    """Return files that a lying disk or damage has left, and what one recovery brings back of them."""
    first = record_outbox(recorder, f"mixed.{seed.partition('.')[2]}")
    index = source.randint(len(first.ops) // 2, len(first.ops))
    if source.random() < 0.5:
        image, promises = state_after(first, DiskModel(source.random() < 0.5, lying=0.3), Cut(index, 0))
    else:
        older, _ = state_after(first, DiskModel(), Cut(source.randint(0, index), 0, "all"))
        image, promises = state_after(first, DiskModel(), Cut(index, 0, "all"))
        image = damaged(image, older, source).image
    assert isinstance(promises, Promises)
    promises.owe_only(recovered(recorder, image))
    return image, promises


def recovered(recorder: Recorder, image: Image) -> list[bytes]:
    """Return the bodies of all taps that the shipped recovery finds in a folder, undisturbed."""
    folder = recorder.empty("recovered")
    image.write(folder)
    box = open_outbox(folder, 0)
    try:
        box.verify()
        extra = box.keep(draft_of("after.0.0")).tap.tap_id
        return [row.body for row in read_rows(box).values() if row.state != "void" and row.tap_id != extra]
    finally:
        box.close()
