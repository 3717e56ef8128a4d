"""When a terminal was last heard, and what it runs: rewritten at each contact, neither audited nor a change.

So a terminal that only asks for its roster does not make a snapshot of the warehouse look old.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.evidence import MICROS_PER_DAY
from domain.wire.digest import joined, read, written
from domain.wire.v1 import APART_MAX, DeviceStateV1, EpochStateV1
from records.actors import Right, program
from records.database import Records
from records.models import DeviceEpoch, DeviceStatus, TapQuarantine
from records.operations.devices import KnownDevice
from records.operations.lookup import chunks
from records.operations.quarantine import storage_errors
from records.operations.tap_statements import kept_beyond

TERMINAL = program("terminal", Right.SEND_TAPS)
CONTACT_EVERY_MICROS = 60_000_000
# A terminal keeps what was acknowledged 90 days (reliability notes, P4); older epochs need not be compared.
STATE_DAYS = 180


def note_contact(records: Records, device_id: int, now: int, software_version: str | None = None) -> None:
    """Note that a terminal was heard, at most once a minute unless it says its version.

    Raises StorageUnavailable.
    """
    TERMINAL.require(Right.SEND_TAPS)
    with storage_errors(records):
        if software_version is None and _was_just_heard(records, device_id, now):
            return
        with records.upkeep() as session:
            status = session.get(DeviceStatus, device_id)
            if status is None:
                status = DeviceStatus(device_id=device_id, software_version="")
                session.add(status)
            status.last_seen_at = now
            if software_version is not None:
                status.software_version = software_version


def device_state(records: Records, device: KnownDevice, now: int) -> DeviceStateV1:
    """Return what the server holds of a terminal, so that a rebuilt one knows; all its epochs of STATE_DAYS."""
    with records.read() as session:
        rows = session.scalars(
            select(DeviceEpoch)
            .where(
                DeviceEpoch.device_id == device.device_id,
                (DeviceEpoch.last_seen_at > now - STATE_DAYS * MICROS_PER_DAY)
                | (DeviceEpoch.watermark < DeviceEpoch.last_seq),
            )
            .order_by(DeviceEpoch.first_seen_at, DeviceEpoch.epoch)
        ).all()
        digests = _digests(session, [row.epoch for row in rows])
        states = [_epoch_state(session, row, digests[row.epoch]) for row in rows]
        apart = session.scalars(
            select(TapQuarantine.content_hash)
            .where(TapQuarantine.device_id == device.device_id, TapQuarantine.settles_id.is_(None))
            .group_by(TapQuarantine.content_hash)  # before the cut: the terminal takes a short list for a whole one
            .order_by(func.max(TapQuarantine.id).desc())
            .limit(APART_MAX)
        ).all()
    return DeviceStateV1(
        device_ref=device.device_ref,
        revoked=device.is_revoked,
        server_time=now,
        epochs=states,
        apart=sorted(apart),
    )


def _digests(session: Session, epochs: Sequence[str]) -> dict[str, str | None]:
    """Return the digest of each epoch, over what any device sent of it; None where a part is not known."""
    found: dict[str, list[str | None]] = {epoch: [] for epoch in epochs}
    for part in chunks(epochs):
        of_part = select(DeviceEpoch.epoch, DeviceEpoch.digest).where(DeviceEpoch.epoch.in_(part))
        for epoch, digest in session.execute(of_part):
            found[epoch].append(digest)
    return {epoch: _join(digests) for epoch, digests in found.items()}


def _join(digests: Sequence[str | None]) -> str | None:
    known = [read(digest) for digest in digests if digest is not None]
    return written(joined(known)) if len(known) == len(digests) else None


def _epoch_state(session: Session, row: DeviceEpoch, digest: str | None) -> EpochStateV1:
    """Return an epoch as its terminal is told; only behind a hole must anything be counted."""
    beyond = 0
    if row.watermark < row.last_seq:
        beyond = kept_beyond(session.connection(), row.device_id, row.epoch, row.watermark)
    held = row.watermark + beyond
    return EpochStateV1(epoch=row.epoch, watermark=row.watermark, last_seq=row.last_seq, held=held, digest=digest)


def _was_just_heard(records: Records, device_id: int, now: int) -> bool:
    with records.read() as session:
        heard = session.scalar(select(DeviceStatus.last_seen_at).where(DeviceStatus.device_id == device_id))
    return heard is not None and abs(now - heard) < CONTACT_EVERY_MICROS
