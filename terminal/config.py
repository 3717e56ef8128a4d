"""How a terminal is started."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

BADGE, ROLL_CALL = "badge", "roll-call"
NO_READER = "none"


@dataclass(frozen=True, slots=True)
class TerminalConfig:
    """One screen process: its folder (shared by the screens of one terminal), its reader and its server.

    `reader` is a device_drivers address, or « none » for a tablet; `enrol_code` is the one-time installation code;
    `service` fixes the service instead of the clock; `pre_tick` proposes every expected child in a roll call.
    """

    home: Path
    mode: str = BADGE
    reader: str = "sim:"
    api: str = "http://127.0.0.1:8010"
    enrol_code: str | None = None
    service: str | None = None
    pre_tick: bool = False


@dataclass(frozen=True, slots=True)
class TerminalFiles:
    """Where one terminal keeps its things; every screen process and the sync process share them."""

    home: Path

    @property
    def outbox(self) -> Path:
        """The folder of the outbox and its journals."""
        return self.home / "outbox"

    @property
    def roster(self) -> Path:
        """The last roster."""
        return self.home / "roster.json"

    @property
    def token(self) -> Path:
        """The terminal's secret, readable by its owner alone."""
        return self.home / "token"

    @property
    def meetings(self) -> Path:
        """When each boot of the machine first met the server."""
        return self.home / "meetings.json"

    @property
    def sync_lock(self) -> Path:
        """Held by the one process that sends."""
        return self.home / "sync.lock"

    @property
    def sync_log(self) -> Path:
        """What the sync process could not do, for support."""
        return self.home / "sync.log"
