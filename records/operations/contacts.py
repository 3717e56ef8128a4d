"""When a terminal was last heard, and what it runs: rewritten at each contact, neither audited nor a change.

So a terminal that only asks for its roster does not make a snapshot of the warehouse look old.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import BigInteger, Connection, Row, Text, bindparam, func, select, update

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
# Every terminal asks each minute, so made once: to write a statement anew costs SQLAlchemy as much as to run it.
_EPOCHS_OF = (
    select(DeviceEpoch.device_id, DeviceEpoch.epoch, DeviceEpoch.watermark, DeviceEpoch.last_seq)
    .where(
        DeviceEpoch.device_id == bindparam("of_device"),
        (DeviceEpoch.last_seen_at > bindparam("since")) | (DeviceEpoch.watermark < DeviceEpoch.last_seq),
    )
    .order_by(DeviceEpoch.first_seen_at, DeviceEpoch.epoch)
)
_APART_OF = (
    select(TapQuarantine.content_hash)
    .where(TapQuarantine.device_id == bindparam("of_device"), TapQuarantine.settles_id.is_(None))
    .group_by(TapQuarantine.content_hash)  # before the cut: the terminal takes a short list for a whole one
    .order_by(func.max(TapQuarantine.id).desc())
    .limit(bindparam("apart_max"))
)
_DIGESTS_OF = select(DeviceEpoch.epoch, DeviceEpoch.digest).where(
    DeviceEpoch.epoch.in_(bindparam("epochs", expanding=True))
)
_NOTE_HEARD = (
    update(DeviceStatus)
    .where(DeviceStatus.device_id == bindparam("of_device"))
    .values(
        last_seen_at=bindparam("now", type_=BigInteger),
        software_version=func.coalesce(bindparam("version", type_=Text), DeviceStatus.software_version),
    )
)
_HEARD = select(DeviceStatus.last_seen_at).where(DeviceStatus.device_id == bindparam("of_device"))


def note_contact(records: Records, device_id: int, now: int, software_version: str | None = None) -> None:
    """Note that a terminal was heard, at most once a minute unless it says its version.

    Raises StorageUnavailable.
    """
    TERMINAL.require(Right.SEND_TAPS)
    with storage_errors(records):
        if software_version is None and _was_just_heard(records, device_id, now):
            return
        with records.upkeep() as session:
            said = {"of_device": device_id, "now": now, "version": software_version}
            if not session.connection().execute(_NOTE_HEARD, said).rowcount:
                version = software_version or ""
                session.add(DeviceStatus(device_id=device_id, last_seen_at=now, software_version=version))


def device_state(records: Records, device: KnownDevice, now: int) -> DeviceStateV1:
    """Return what the server holds of a terminal, so that a rebuilt one knows; all its epochs of STATE_DAYS."""
    since = now - STATE_DAYS * MICROS_PER_DAY
    with records.read() as session:
        connection = session.connection()
        rows = connection.execute(_EPOCHS_OF, {"of_device": device.device_id, "since": since}).all()
        digests = _digests(connection, [row.epoch for row in rows])
        states = [_epoch_state(connection, row, digests[row.epoch]) for row in rows]
        apart = connection.scalars(_APART_OF, {"of_device": device.device_id, "apart_max": APART_MAX}).all()
    return DeviceStateV1(
        device_ref=device.device_ref,
        revoked=device.is_revoked,
        server_time=now,
        epochs=states,
        apart=sorted(apart),
    )


def _digests(connection: Connection, epochs: Sequence[str]) -> dict[str, str | None]:
    """Return the digest of each epoch, over what any device sent of it; None where a part is not known."""
    found: dict[str, list[str | None]] = {epoch: [] for epoch in epochs}
    for part in chunks(epochs):
        for epoch, digest in connection.execute(_DIGESTS_OF, {"epochs": part}):
            found[epoch].append(digest)
    return {epoch: _join(digests) for epoch, digests in found.items()}


def _join(digests: Sequence[str | None]) -> str | None:
    known = [read(digest) for digest in digests if digest is not None]
    return written(joined(known)) if len(known) == len(digests) else None


def _epoch_state(connection: Connection, row: Row[int, str, int, int], digest: str | None) -> EpochStateV1:
    """Return an epoch as its terminal is told; only behind a hole must anything be counted."""
    beyond = 0
    if row.watermark < row.last_seq:
        beyond = kept_beyond(connection, row.device_id, row.epoch, row.watermark)
    held = row.watermark + beyond
    return EpochStateV1(epoch=row.epoch, watermark=row.watermark, last_seq=row.last_seq, held=held, digest=digest)


def _was_just_heard(records: Records, device_id: int, now: int) -> bool:
    with records.read() as session:
        heard = session.connection().scalar(_HEARD, {"of_device": device_id})
    return heard is not None and abs(now - heard) < CONTACT_EVERY_MICROS
