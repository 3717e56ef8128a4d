"""What this terminal tells the server of itself: what waits, what was set aside, its room, its clock (S6, P7)."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from domain.french import plural
from domain.wire.v1 import SET_ASIDE_BYTES_MAX, SET_ASIDE_MAX, RecoveryV1, ReportV1, Room, SetAsideCause, SetAsideV1
from terminal.clock import Instruments
from terminal.outbox.outbox import room_of
from terminal.outbox.recovery import last_report
from terminal.outbox.store import SetAside, Store

_REASON_LENGTH_MAX = 400
_ID_LENGTH_MAX = 64


class Reporter:
    """Writes reports. More taps set aside than one report carries go in turn, a report each, and round again."""

    def __init__(self, clocks: Instruments, software_version: str) -> None:
        self._clocks = clocks
        self._version = software_version
        self._after = ""
        self._told: tuple[object, ...] | None = None
        self._offered: set[str] = set()

    def write(self, store: Store) -> ReportV1:
        """Return the report of this moment. Raises OutboxError, sqlite3.Error."""
        counts = store.counts()
        return ReportV1(
            software_version=self._version,
            wall=self._clocks.told(),
            boot_id=self._clocks.boot_id,
            pending=counts.pending,
            oldest_pending_at=store.oldest_pending(),
            parked=counts.parked,
            misfits=store.misfits(),
            room=Room(room_of(counts)),
            set_aside=[_said(one) for one in store.set_aside(SET_ASIDE_MAX, self._after)],
            recovery=_recovery(store),
        )

    def has_news(self, store: Store) -> bool:
        """Say whether something that a person should see soon has changed since the last report told."""
        return self._told is not None and self._told != _news(store)

    def told(self, store: Store, set_aside: Sequence[SetAsideV1]) -> bool:
        """Remember what was told; return True when more was set aside than one report carries."""
        self._told = _news(store)
        has_more = len(set_aside) == SET_ASIDE_MAX
        self._after = set_aside[-1].tap_id if has_more else ""
        return has_more

    def not_offered_yet(self, tap_ids: Sequence[str]) -> list[str]:
        """Return those that this process has not sent again yet: one refused twice waits for a person."""
        new = [tap_id for tap_id in tap_ids if tap_id not in self._offered]
        self._offered.update(new)
        return new


def damaged_words(rows: int) -> str:
    """Say what staff should do about rows that cannot be sent as they are; nothing when there are none."""
    if not rows:
        return ""
    return f"{plural(rows, 'passage abîmé', 'passages abîmés')}. Redémarrez la borne : elle se répare au démarrage."


def _news(store: Store) -> tuple[object, ...]:
    counts = store.counts()
    return counts.parked, room_of(counts)


def _said(one: SetAside) -> SetAsideV1:
    return SetAsideV1(
        tap_id=one.tap_id[:_ID_LENGTH_MAX],
        cause=SetAsideCause.PARKED if one.is_parked else SetAsideCause.MISFIT,
        reason=one.reason.replace("\0", "\ufffd")[:_REASON_LENGTH_MAX],
        set_aside_at=max(0, one.at),
        content=base64.b64encode(one.body[:SET_ASIDE_BYTES_MAX]).decode(),
    )


def _recovery(store: Store) -> RecoveryV1 | None:
    found = last_report(store)
    if found is None or not found.is_worth_telling:
        return None
    return RecoveryV1(
        recovered_at=max(0, found.recovered_at),
        store_was_damaged=found.lacked_store,
        journals_damaged=found.journals_damaged,
        taps_found_again=found.taps_salvaged + found.taps_from_journals,
        taps_missing=found.holes + found.misfits,
    )
