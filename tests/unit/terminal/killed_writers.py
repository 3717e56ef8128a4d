"""Run as a program: processes that keep taps and are killed in the middle, again and again.

Each child writes an id to its pipe only after `keep` returned: that is what a person saw in green. The program
prints, as JSON, the ids of all rounds. It runs apart from pytest because it forks.
"""

from __future__ import annotations

import json
import os
import random
import select
import signal
import sys
import time
from pathlib import Path

from domain.time import system_clock
from terminal.outbox import Outbox
from tests.unit.terminal.builders import badge


def main(folder: Path, rounds: int, seed: int) -> None:
    """Kill one writer a round after a random number of taps and a random delay of at most 20 ms."""
    source = random.Random(seed)
    green: list[str] = []
    for _ in range(rounds):
        green += _one_life(folder, taps_before=source.randrange(1, 12), delay_seconds=source.uniform(0, 0.02))
    print(json.dumps(green))


def _one_life(folder: Path, taps_before: int, delay_seconds: float) -> list[str]:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _write_for_ever(folder, writing)
    os.close(writing)
    seen = b""
    while seen.count(b"\n") < taps_before:
        seen += os.read(reading, 4096)
    time.sleep(delay_seconds)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    while select.select([reading], [], [], 0)[0] and (more := os.read(reading, 65536)):
        seen += more
    os.close(reading)
    return [line.decode() for line in seen.split(b"\n")[:-1]]


def _write_for_ever(folder: Path, pipe: int) -> None:
    box = Outbox(folder, system_clock)
    while True:
        os.write(pipe, box.keep(badge()).tap.tap_id.encode() + b"\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
