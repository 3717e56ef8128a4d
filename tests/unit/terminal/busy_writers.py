"""Run as a program: two screen processes keep taps at once while a third process sends them.

Prints, as JSON, what each screen showed green and what the server holds. It runs apart from pytest: it forks.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from pathlib import Path

from domain.time import system_clock
from terminal.clock import system_instruments
from terminal.outbox import Outbox, borrowed_store
from terminal.roster.store import RosterStore
from terminal.sync.client import ServerClient
from terminal.sync.engine import SyncChance, SyncEngine, SyncPlace
from terminal.sync.identity import Identity, IdentityStore
from tests.unit.terminal.builders import badge
from tests.unit.terminal.fake_server import TOKEN, FakeServer, answers

WRITERS = 2


def main(folder: Path, taps: int) -> None:
    """Start the writers, send until everything they kept has arrived, and tell."""
    identity = IdentityStore(folder / "identity.json")
    identity.save(Identity("borne-1", TOKEN, "Borne du hall", "tilleuls"))
    opened = Outbox(folder / "outbox", system_clock)  # the first screen, so that there is an outbox to borrow
    pipes = [_fork_writer(folder / "outbox", taps) for _ in range(WRITERS)]
    server = FakeServer()
    server.fail("/v1/taps:batch", *[answers(500)] * 3)
    engine = SyncEngine(
        SyncPlace(lambda: borrowed_store(folder / "outbox"), RosterStore(folder / "roster.json"), identity, "test"),
        ServerClient(server.client()),
        SyncChance(system_instruments(), random.Random(1)),
    )
    deadline = time.monotonic() + 40
    while len(server.taps) < WRITERS * taps and time.monotonic() < deadline:
        engine.step()
    green = [_read_all(pipe) for pipe in pipes]
    for _ in pipes:
        os.wait()
    opened.close()
    print(json.dumps({"green": green, "server": list(server.taps.values())}))


def _fork_writer(folder: Path, taps: int) -> int:
    reading, writing = os.pipe()
    if os.fork() == 0:
        os.close(reading)
        box = Outbox(folder, system_clock)
        for _ in range(taps):
            os.write(writing, box.keep(badge()).tap.tap_id.encode() + b"\n")
        box.close()
        os._exit(0)
    os.close(writing)
    return reading


def _read_all(pipe: int) -> list[str]:
    with os.fdopen(pipe) as file:
        return file.read().split()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
