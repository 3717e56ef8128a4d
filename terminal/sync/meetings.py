"""When each boot of the machine met the server: what dates taps made before it, or with a clock that stood still.

A boot's first meeting is kept on disk, so that taps sent, or sent again, in a later boot are dated as well.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from domain.wire.v1 import CLOCKS_MAX, ClockV1
from terminal.outbox.drafts import StoredTap
from terminal.outbox.sync_state import ClockAnchor
from terminal.roster.store import write_durably

# Taps stay for ninety days after they are acknowledged: more boots than most terminals see in that time.
_BOOTS_MAX = 500


class Meetings:
    """The meetings of one terminal by boot; without a file they end with the process."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._known: dict[str, ClockV1] = {}
        self._given_up: set[str] = set()
        if path is not None:
            with suppress(OSError, ValueError, TypeError, AttributeError):  # damaged: it only dates fewer taps
                found = [ClockV1.model_validate(one) for one in json.loads(path.read_bytes())]
                self._known = {one.boot_id: one for one in found}

    def has(self, boot_id: str) -> bool:
        """Say whether a boot has met the server, or never will learn its time."""
        return boot_id in self._known or boot_id in self._given_up

    def give_up(self, boot_id: str) -> None:
        """Wait no more for the server's time in a boot: taps never wait for it."""
        self._given_up.add(boot_id)

    def learn(self, anchor: ClockAnchor) -> None:
        """Take a reading of the server's clock; the first of a boot is kept on disk, when the disk allows."""
        is_new = anchor.boot_id not in self._known
        self._known[anchor.boot_id] = ClockV1(
            boot_id=anchor.boot_id, mono_ms=anchor.mono_ms, server_time=min(max(0, anchor.server_time), 2**53)
        )
        if not is_new:
            return
        for boot_id in list(self._known)[:-_BOOTS_MAX]:
            del self._known[boot_id]
        if self._path is not None:
            content = json.dumps([one.model_dump() for one in self._known.values()])
            with suppress(OSError):
                write_durably(self._path, content.encode())

    def of(self, batch: Iterable[StoredTap]) -> list[ClockV1]:
        """Return what is known of the boots in which these taps were made, the latest when there are too many."""
        boots = {_boot_id(tap.body) for tap in batch}
        return [clock for boot_id, clock in self._known.items() if boot_id in boots][-CLOCKS_MAX:]


def _boot_id(body: bytes) -> object:
    try:
        return json.loads(body).get("boot_id")
    except (ValueError, AttributeError):
        return None
