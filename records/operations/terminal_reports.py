"""What terminals report of themselves: kept as the latest word of each, never in the way of taps.

A tap that its terminal set aside is kept in quarantine too, so that no tap is invisible (reliability notes, S6).
Once it is kept as a tap, it is not shown there any more: nothing is doubled.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.wire.v1 import ReportAnswerV1, ReportV1, SetAsideCause, SetAsideV1, TapV1
from records.actors import Right
from records.database import Records
from records.models import DeviceStatus, Tap, TapQuarantine
from records.operations.contacts import TERMINAL
from records.operations.devices import KnownDevice
from records.operations.lookup import chunks
from records.operations.quarantine import RefusedBytes, quarantine_row, storage_errors
from records.operations.tap_statements import insert_quarantine

PARKED_BY_TERMINAL, MISFIT_OF_TERMINAL = "parked_by_terminal", "misfit_of_terminal"
_REASONS = {SetAsideCause.PARKED: PARKED_BY_TERMINAL, SetAsideCause.MISFIT: MISFIT_OF_TERMINAL}


@dataclass(frozen=True, slots=True)
class _SetAside:
    """A tap set aside by its terminal; `tap` is None when this server cannot read it either."""

    said: SetAsideV1
    content: bytes
    tap: TapV1 | None

    @property
    def reason(self) -> str:
        return _REASONS[self.said.cause]


def keep_report(records: Records, device: KnownDevice, report: ReportV1, now: int) -> ReportAnswerV1:
    """Keep a terminal's report durably and name the parked taps to send again. Raises StorageUnavailable.

    The same report again changes nothing but the instant.
    """
    TERMINAL.require(Right.SEND_TAPS)
    found = [_SetAside(said, content := said.body(), read_tap(content)) for said in report.set_aside]
    with storage_errors(records):
        _keep_apart(records, device.device_id, found, now)
        with records.upkeep() as session:
            _note(session, device.device_id, report, now)
    again = [each.said.tap_id for each in found if each.tap and each.said.cause is SetAsideCause.PARKED]
    return ReportAnswerV1(offer_again=again, server_time=now)


def read_tap(content: bytes) -> TapV1 | None:
    """Return the tap that bytes hold, None when they hold none that this release can keep."""
    try:
        return TapV1.model_validate_json(content)
    except ValidationError:
        return None


def kept_contents(session: Session, taps: Iterable[TapV1]) -> set[tuple[str, str]]:
    """Return (tap_id, payload_hash) of those taps that are kept with exactly this content."""
    wanted = {(tap.tap_id, tap.payload_hash()) for tap in taps}
    found: set[tuple[str, str]] = set()
    for ids in chunks(sorted({tap_id for tap_id, _ in wanted})):
        rows = session.execute(select(Tap.tap_id, Tap.payload_hash).where(Tap.tap_id.in_(ids)))
        found.update((tap_id, payload_hash) for tap_id, payload_hash in rows)
    return wanted & found


def _keep_apart(records: Records, device_id: int, found: Sequence[_SetAside], now: int) -> None:
    """Put in quarantine what is neither there nor kept as a tap: usually nothing, and then nothing is written."""
    if not found:
        return
    rows = [
        quarantine_row(RefusedBytes(device_id, each.content, each.reason, each.said.reason, now)) for each in found
    ]
    with records.read() as session:
        kept = kept_contents(session, (each.tap for each in found if each.tap))
        hashes = [row["content_hash"] for row in rows]
        known = select(TapQuarantine.content_hash, TapQuarantine.reason).where(
            TapQuarantine.device_id == device_id, TapQuarantine.content_hash.in_(hashes)
        )
        apart = {(content_hash, reason) for content_hash, reason in session.execute(known)}
    new = [
        row
        for each, row in zip(found, rows, strict=True)
        if (row["content_hash"], row["reason"]) not in apart
        and not (each.tap and (each.tap.tap_id, each.tap.payload_hash()) in kept)
    ]
    if new:
        with records.write(TERMINAL, "keep_report") as write:
            insert_quarantine(write.session.connection(), new)


def _note(session: Session, device_id: int, report: ReportV1, now: int) -> None:
    status = session.get(DeviceStatus, device_id)
    if status is None:
        status = DeviceStatus(device_id=device_id)
        session.add(status)
    status.last_seen_at = status.reported_at = now
    status.software_version = report.software_version
    status.clock_offset_ms = (now - report.wall) // 1_000
    status.pending, status.oldest_pending_at = report.pending, report.oldest_pending_at
    status.parked, status.misfits, status.room = report.parked, report.misfits, report.room.value
    status.recovery = None if report.recovery is None else report.recovery.model_dump_json()
    if report.boot_id != status.boot_id:
        if report.boot_id == status.former_boot_id:
            status.cloned_at = now  # a machine starts anew under a new id: the old one cannot come back
        status.former_boot_id, status.boot_id = status.boot_id, report.boot_id
