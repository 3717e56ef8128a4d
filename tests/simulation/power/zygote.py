"""The process that is watched: warm, it forks the actors of one scenario after another.

`python -m tests.simulation.power.zygote`, started by `recorder.Recorder` with the shim preloaded. One JSON request
a line comes in, one JSON answer a line goes out.
"""

import importlib
import json
import os
import random
import signal
import sys
import time
import traceback
import zlib
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.simulation.power.control import STUCK, Control

READY_SECONDS_MAX = 30.0
POLL_SECONDS = 0.0005
Play = Callable[[int], None]  # what an actor does; it is told its number among the lives of the scenario


def main() -> None:
    """Answer requests until standard input ends."""
    control = Control()
    for line in sys.stdin:
        request = json.loads(line)
        try:
            module = importlib.import_module(request["module"])
            answer = {"ok": module.run(control, request)}
        except Exception:
            answer = {"error": traceback.format_exc()}
        answer["log_offset"] = control.log_offset()
        print(json.dumps(answer), flush=True)


def run_by_turns(
    control: Control, request: Mapping[str, Any], lives: Mapping[int, Sequence[Play]], first_life: int = 1
) -> int:
    """Let each slot live its lives one after another, all slots at once, one actor running at a time.

    Returns the length of the log in bytes. Raises RuntimeError when an actor hangs.
    """
    seed = zlib.crc32(str(request["seed"]).encode())
    control.begin(request["folder"], seed, random.Random(seed).choice((40, 250, 600)))
    waiting = {slot: deque(plays) for slot, plays in lives.items()}
    running: dict[int, int] = {}
    number = first_life
    for slot in waiting:
        running[slot] = _start(control, slot, number, waiting[slot].popleft())
        number += 1
    while (slot := control.wait()) >= 0:
        os.waitpid(running.pop(slot), 0)
        if waiting[slot]:
            running[slot] = _start(control, slot, number, waiting[slot].popleft())
            number += 1
    if slot == STUCK:
        for pid in running.values():
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        raise RuntimeError(f"an actor hangs: {request}")
    return control.end()


@dataclass(frozen=True, slots=True)
class Kill:
    """When actors that run freely are killed: so long after they were forked, or after one said it was ready."""

    after_ms: float
    once_ready: bool


def run_freely(
    control: Control, request: Mapping[str, Any], plays: Sequence[Play], kill: Kill | None = None
) -> int:
    """Let actors run at once without turns, each in its process; kill -9 them all after a while if asked to.

    Returns the length of the log in bytes. The order of the log is true; another run gives another order.
    """
    control.begin(request["folder"], 0, None)
    pids = [_fork(control, number, play) for number, play in enumerate(plays, start=1)]
    if kill is not None:
        deadline = time.monotonic() + READY_SECONDS_MAX
        while kill.once_ready and not control.is_ready() and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
        time.sleep(kill.after_ms / 1000)
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
    for pid in pids:
        os.waitpid(pid, 0)
    return control.end()


def _fork(control: Control, number: int, play: Play) -> int:
    pid = os.fork()
    if pid == 0:
        control.name(number)
        _live(control, number, play)
        os._exit(0)
    return pid


def _live(control: Control, number: int, play: Play) -> None:
    try:
        play(number)
    except BaseException:
        control.mark("error", text=traceback.format_exc())


def _start(control: Control, slot: int, number: int, play: Play) -> int:
    control.expect(slot)
    pid = os.fork()
    if pid == 0:
        control.join(slot, number)
        _live(control, number, play)
        control.leave()
        os._exit(0)
    return pid


if __name__ == "__main__":
    main()
