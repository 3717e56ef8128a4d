"""Time on a terminal: a wall clock that may be wrong, a monotonic one that is not, and the server's, sometimes.

Within one boot the server's last answer and the monotonic clock give the true time, whatever the wall clock does
in between. After a reboot without network only the last known offset is left, of unknown age.
"""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from domain.time import Clock, system_clock
from terminal.outbox.drafts import Moment
from terminal.outbox.sync_state import ClockAnchor

# A clock may lag its last meeting with the server by this much before it is called wrong.
_BEHIND_MICROS_MAX = 10 * 60 * 1_000_000
# Without meeting the server for longer, a date is not believed (terminals live through a school year, not two).
_AWAY_DAYS_MAX = 400
_DAY_MICROS = 24 * 3600 * 1_000_000


@dataclass(frozen=True, slots=True)
class Instruments:
    """The machine's clocks: wall in µs UTC, milliseconds since boot, and which boot."""

    wall: Clock
    mono_ms: Callable[[], int]
    boot_id: str

    def told(self) -> int:
        """Return the wall clock as it is told, in µs UTC: 1970 when it stands before, which the wire cannot say.

        Whoever computes an offset needs this one: an offset to another clock than the one told dates nothing.
        """
        return max(0, self.wall())


def system_instruments() -> Instruments:
    """Return this machine's clocks."""
    return Instruments(system_clock, _milliseconds_since_boot, _boot_id())


class Timekeeper:
    """Turns clock readings into moments; told of each meeting with the server."""

    def __init__(self, instruments: Instruments, floor: int = 0) -> None:
        """`floor` is an instant (µs UTC) that is certainly past, such as the day the software was installed."""
        self._instruments = instruments
        self._floor = floor
        self._anchor: ClockAnchor | None = None

    def learn(self, anchor: ClockAnchor | None) -> None:
        """Take the latest reading of the server's clock."""
        if anchor is not None:
            self._anchor = anchor

    def moment(self) -> Moment:
        """Return now, with what is known of its truth."""
        clocks = self._instruments
        wall, mono_ms, boot_id = clocks.told(), clocks.mono_ms(), clocks.boot_id
        anchor = self._anchor
        if anchor is None:
            return Moment(wall, mono_ms, boot_id, plausible=wall >= self._floor)
        if anchor.boot_id == boot_id and mono_ms >= anchor.mono_ms:
            age_ms = mono_ms - anchor.mono_ms
            offset_ms = (anchor.server_time - wall) // 1000 + age_ms
            return Moment(wall, mono_ms, boot_id, offset_ms, age_ms)
        return self._after_a_reboot(wall, mono_ms, anchor)

    def _after_a_reboot(self, wall: int, mono_ms: int, anchor: ClockAnchor) -> Moment:
        boot_id = self._instruments.boot_id
        away = wall - anchor.wall
        if away < -_BEHIND_MICROS_MAX or away > _AWAY_DAYS_MAX * _DAY_MICROS:
            return Moment(wall, mono_ms, boot_id, plausible=False)
        # How long the machine was off only its own clock says, which may have stood still meanwhile: the offset's
        # age is not known, so no time that rests on it is called certain.
        offset_ms = (anchor.server_time - anchor.wall) // 1000
        return Moment(wall, mono_ms, boot_id, offset_ms, offset_age_ms=None)


def installed_at() -> int:
    """Return when this software was put on the machine, less a day, in µs UTC: no tap can be older."""
    return int(Path(__file__).stat().st_mtime * 1_000_000) - _DAY_MICROS


def _milliseconds_since_boot() -> int:
    # CLOCK_BOOTTIME goes on while the machine sleeps; it is Linux's own.
    clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return time.clock_gettime_ns(clock) // 1_000_000


def _boot_id() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return f"{uuid.uuid4()}-{os.getpid()}"
