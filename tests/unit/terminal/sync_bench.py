"""One terminal's sync under virtual time, and the misbehaving server it talks to."""

from __future__ import annotations

import random
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from domain.wire.v1 import TapV1
from terminal.clock import Instruments
from terminal.outbox import Outbox
from terminal.roster.store import RosterStore
from terminal.sync.client import ServerClient
from terminal.sync.engine import SyncChance, SyncEngine, SyncPace, SyncPlace
from terminal.sync.identity import IdentityStore
from tests.unit.terminal.builders import BOOT, badge, instant
from tests.unit.terminal.fake_server import FakeServer

TAPS = "/v1/taps:batch"


@dataclass
class Terminal:
    """One terminal's sync, its virtual time in seconds, and the server it talks to."""

    folder: Path
    server: FakeServer
    box: Outbox
    seconds: float = 0.0
    wall_error: int = 0

    def start(self, pace: SyncPace | None = None) -> SyncEngine:
        place = SyncPlace(
            outbox=lambda: nullcontext(self.box.store),
            roster=RosterStore(self.folder / "roster.json"),
            identity=IdentityStore(self.folder / "identity.json"),
            software_version="test",
        )
        clocks = Instruments(
            lambda: instant(8, 2) + int(self.seconds * 1_000_000) + self.wall_error,
            lambda: int(self.seconds * 1000),
            BOOT,
        )
        chance = SyncChance(clocks, random.Random(7))
        self.engine = SyncEngine(place, ServerClient(self.server.client()), chance, pace)
        return self.engine

    def steps(self, count: int) -> None:
        for _ in range(count):
            self.seconds += self.engine.step()

    def run(self, seconds: float) -> None:
        """Live for some virtual time."""
        end = self.seconds + seconds
        while self.seconds < end:
            self.seconds += max(self.engine.step(), 0.001)

    def keep(self, count: int = 1) -> list[TapV1]:
        return [kept.tap for kept in self.box.keep_all([badge()] * count)]

    @property
    def sent(self) -> int:
        return self.server.paths().count(TAPS)
