"""Bytes that are no batch of taps: kept as they came, for a person to look at (reliability notes, P3)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from domain.errors import MarelleError
from domain.evidence import MICROS_PER_DAY
from domain.french import typeset
from domain.wire.batch import DETAIL_LENGTH_MAX
from records.actors import Right, program
from records.database import Records
from records.models import TapQuarantine
from records.operations.tap_statements import insert_quarantine

INGEST = program("ingest", Right.SEND_TAPS)
# Anybody can send bytes under no known device: a day of them is kept up to this size, then refused by name.
STRANGER_BYTES_A_DAY_MAX = 16 * 1024 * 1024


class StorageUnavailable(MarelleError):
    """The records cannot be written to now (locked, full, unreachable); nothing was kept."""

    code = "storage_unavailable"
    words = typeset(
        "L'enregistrement est impossible pour le moment : la base de données ne répond pas. "
        "Rien n'a été enregistré ici ; le terminal garde tout et réessaie."
    )

    def __init__(self) -> None:
        super().__init__(self.words)


class QuarantineFull(MarelleError):
    """Too many bytes came from strangers today; these were not kept."""

    code = "quarantine_full"
    words = typeset(
        "Trop d'envois de terminaux inconnus aujourd'hui : celui-ci n'est pas conservé ici. "
        "Le terminal garde tout ; réenrôlez-le."
    )

    def __init__(self) -> None:
        super().__init__(self.words)


@dataclass(frozen=True, slots=True)
class RefusedBytes:
    """A body that cannot be answered tap by tap; `device_id` None when nobody known sent it."""

    device_id: int | None
    content: bytes
    reason: str
    detail: str
    received_at: int


def keep_bytes(records: Records, refused: RefusedBytes) -> None:
    """Keep the bytes durably, once however often they come. Raises StorageUnavailable, QuarantineFull."""
    INGEST.require(Right.SEND_TAPS)
    row = quarantine_row(refused)
    with storage_errors(records):
        if refused.device_id is None and _is_kept(records, row):
            return  # a UNIQUE constraint lets several rows without a device through
        with records.write(INGEST, "keep_bytes") as write:
            connection = write.session.connection()
            if refused.device_id is None and _bytes_of_strangers(connection, refused) > STRANGER_BYTES_A_DAY_MAX:
                raise QuarantineFull
            insert_quarantine(connection, [row])


def quarantine_row(refused: RefusedBytes) -> dict[str, Any]:
    """Return the row of a thing that is kept but is not a tap."""
    return {
        "device_id": refused.device_id,
        "content": refused.content,
        "content_hash": hashlib.sha256(refused.content).hexdigest(),
        "reason": refused.reason,
        "detail": refused.detail[:DETAIL_LENGTH_MAX],
        "received_at": refused.received_at,
    }


@contextmanager
def storage_errors(records: Records) -> Iterator[None]:
    """Turn what the database, or its driver, says when it cannot be used into StorageUnavailable."""
    driver: Any = records.engine.dialect.loaded_dbapi
    try:
        yield
    except (
        OperationalError,
        InterfaceError,
        PoolTimeout,
        driver.OperationalError,
        driver.InterfaceError,
    ) as outage:
        raise StorageUnavailable from outage


def _is_kept(records: Records, row: dict[str, Any]) -> bool:
    same = select(TapQuarantine.id).where(
        TapQuarantine.device_id.is_(None),
        TapQuarantine.content_hash == row["content_hash"],
        TapQuarantine.reason == row["reason"],
    )
    with records.read() as session:
        return session.scalar(same.limit(1)) is not None


def _bytes_of_strangers(connection: Connection, refused: RefusedBytes) -> int:
    """Return how much strangers sent in the last day, these bytes included."""
    total = select(func.coalesce(func.sum(func.length(TapQuarantine.content)), 0)).where(
        TapQuarantine.device_id.is_(None),
        TapQuarantine.received_at > refused.received_at - MICROS_PER_DAY,
    )
    return int(connection.scalar(total) or 0) + len(refused.content)
