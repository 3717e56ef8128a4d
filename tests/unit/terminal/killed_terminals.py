"""Run as a program: a terminal whose screen and sync process are killed at once, again and again, on one folder.

The screen writes an id to its pipe only after `keep` returned: that is what a person saw in green. Prints, as JSON,
the ids of all rounds. It runs apart from pytest because it forks.
"""

from __future__ import annotations

import json
import os
import random
import select
import signal
import sqlite3
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from domain.time import system_clock
from terminal.config import TerminalFiles
from terminal.outbox import Outbox
from terminal.outbox.store import store_path
from terminal.sync.process import run
from tests.unit.terminal.builders import badge

LIFE_SECONDS_MAX = 0.4
SENDING_EACH = 5  # one life in so many ends after a tap was sent, however slow the machine is


def main(home: Path, api: str, rounds: int, seed: int) -> None:
    """Let both processes live for a random time, kill them in a random order, and start them again."""
    source = random.Random(seed)
    files = TerminalFiles(home)
    green: list[str] = []
    for number in range(rounds):
        green += _one_life(files, api, source, is_sending=number % SENDING_EACH == 0)
    print(json.dumps(green))


def _one_life(files: TerminalFiles, api: str, source: random.Random, *, is_sending: bool) -> list[str]:
    sent = _sent(files.outbox)
    reading, writing = os.pipe()
    parent_end, held_end = os.pipe()  # as long as it is open, the sync process has a parent
    pids = [
        _fork(lambda: _keep_for_ever(files.outbox, writing)),
        _fork(lambda: _send_for_ever(files, api, parent_end, held_end)),
    ]
    os.close(writing)
    seen = os.read(reading, 4096)  # a first tap is green
    while is_sending and _sent(files.outbox) == sent:
        time.sleep(0.01)
    time.sleep(source.uniform(0, LIFE_SECONDS_MAX))
    source.shuffle(pids)
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    for pid in pids:
        os.waitpid(pid, 0)
    while select.select([reading], [], [], 0)[0] and (more := os.read(reading, 65536)):
        seen += more
    for pipe in (reading, parent_end, held_end):
        os.close(pipe)
    return [line.decode() for line in seen.split(b"\n")[:-1]]


def _sent(folder: Path) -> int:
    """Return how many taps the server said it holds."""
    with closing(sqlite3.connect(f"file:{store_path(folder)}?mode=ro", uri=True)) as db:
        (found,) = db.execute("SELECT count(*) FROM tap WHERE state = 'acked'").fetchone()
    return int(found)


def _fork(live: Callable[[], object]) -> int:
    pid = os.fork()
    if pid == 0:
        live()
        os._exit(1)
    return pid


def _keep_for_ever(folder: Path, pipe: int) -> None:
    box = Outbox(folder, system_clock)
    while True:
        os.write(pipe, box.keep(badge()).tap.tap_id.encode() + b"\n")
        time.sleep(0.01)


def _send_for_ever(files: TerminalFiles, api: str, parent_end: int, held_end: int) -> None:
    os.close(held_end)
    with os.fdopen(parent_end, "rb") as parent:
        run(files, api, parent)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
