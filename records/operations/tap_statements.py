"""The few statements that every tap goes through, one round trip each, for both engines.

They go straight to the driver: through a session, a transaction of one tap costs many times what the database
takes, and each row bound by itself would hand Python's lock to the web server and back (docs/adr/0007). What is
asked seldom goes through SQLAlchemy, in the same transaction.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Any

from sqlalchemy import BigInteger, Connection, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite

from records.database import NEXT_CHANGE_SEQ, Records, begin_write, commit
from records.models import Base, DeviceEpoch, DeviceStatus, Tap, TapQuarantine

TAP_COLUMNS = (
    "tap_id", "device_id", "epoch", "seq", "kind", "badge_uid", "child_ref", "typed_name", "undoes", "service_ref",
    "class_ref", "direction", "agent_ref", "occurred_at", "mono_ms", "boot_id", "clock_offset_ms",
    "clock_offset_age_ms", "received_at", "occurred_at_corrected", "time_confidence", "payload_hash", "flags",
)  # fmt: skip
EPOCH_COLUMNS = ("device_id", "epoch", "watermark", "last_seq", "first_seen_at", "last_seen_at", "digest")
STATUS_COLUMNS = ("device_id", "last_seen_at", "software_version", "clock_offset_ms")
# One statement of 1 000 rows binds 23 000 values: SQLite takes 32 766. Each one hands Python's lock to the web
# server and has to wait for it, so few statements; and of few sizes, since the driver keeps them prepared.
_ROWS_PER_STATEMENT, _FULL_BATCH = 1_000, 200
_WALK = 1_000
_UPSERT_EPOCH = (
    " on conflict (device_id, epoch) do update set watermark = excluded.watermark,"
    " last_seq = excluded.last_seq, last_seen_at = excluded.last_seen_at, digest = excluded.digest"
)
_UPSERT_STATUS = (
    " on conflict (device_id) do update set last_seen_at = excluded.last_seen_at,"
    " clock_offset_ms = coalesce(excluded.clock_offset_ms, device_status.clock_offset_ms)"
)

# Made once: to write a statement anew costs SQLAlchemy as much as to run it.
_KEPT = select(Tap.tap_id, Tap.device_id, Tap.epoch, Tap.seq, Tap.payload_hash)
_BY_TAP_ID = _KEPT.where(Tap.tap_id.in_(bindparam("tap_ids", expanding=True)))
_BY_TRIPLE = _KEPT.where(
    Tap.device_id == bindparam("of_device"),
    Tap.epoch == bindparam("of_epoch"),
    Tap.seq.in_(bindparam("seqs", expanding=True)),
)

Row = Sequence[Any]


@dataclass(slots=True)
class TapTransaction:
    """An open write transaction of the one writer, by SQLAlchemy and by the driver's own cursor."""

    connection: Connection
    cursor: Any
    change_seq: int

    @property
    def is_postgresql(self) -> bool:
        """True when the records live in PostgreSQL."""
        return self.connection.dialect.name == "postgresql"

    def insert_taps(self, rows: Sequence[Row]) -> int:
        """Insert taps (values in the order of TAP_COLUMNS) that are not there yet; return how many went in."""
        if self.is_postgresql:
            self.cursor.execute(_INSERT_TAPS_FROM_JSON, (json.dumps(rows),))
            return int(self.cursor.rowcount)
        return self._insert(Tap.__tablename__, TAP_COLUMNS, rows, " on conflict do nothing")

    def upsert_epochs(self, rows: Sequence[Row]) -> None:
        """Insert or move forward the epochs (values in the order of EPOCH_COLUMNS)."""
        self._insert(DeviceEpoch.__tablename__, EPOCH_COLUMNS, rows, _UPSERT_EPOCH)

    def upsert_status(self, rows: Sequence[Row]) -> None:
        """Insert or renew what devices last said (values in the order of STATUS_COLUMNS); the version stays."""
        self._insert(DeviceStatus.__tablename__, STATUS_COLUMNS, rows, _UPSERT_STATUS)

    def _insert(self, table: str, columns: tuple[str, ...], rows: Sequence[Row], suffix: str) -> int:
        mark = "%s" if self.is_postgresql else "?"
        inserted = 0
        for part in _parts(rows):
            self.cursor.execute(
                _insert_text(table, columns, len(part), mark) + suffix, list(chain.from_iterable(part))
            )
            inserted += self.cursor.rowcount
        return inserted


@contextmanager
def tap_transaction(records: Records) -> Iterator[TapTransaction]:
    """Yield one short write transaction, as `Records.write`: the lock and `change_seq` first, all or nothing."""
    with records.engine.connect() as connection:
        begin_write(connection)
        cursor = connection.connection.cursor()
        cursor.execute(NEXT_CHANGE_SEQ)
        (change_seq,) = cursor.fetchall()[0]
        yield TapTransaction(connection, cursor, change_seq)
        cursor.close()
        commit(connection)


def insert_quarantine(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Insert quarantined things, passing over those of the same device, content and reason."""
    if rows:
        connection.execute(insert_for(connection, TapQuarantine).on_conflict_do_nothing(), rows)


def insert_for(connection: Connection, model: type[Base]) -> Any:
    """Return the engine's own INSERT, which knows ON CONFLICT."""
    table = Base.metadata.tables[model.__tablename__]
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


def kept_taps(connection: Connection, taps: Iterable[tuple[str, tuple[int, str, int]]]) -> Iterator[Any]:
    """Yield (tap_id, device_id, epoch, seq, payload_hash) of taps already kept under an identity or a triple."""
    wanted = list(taps)
    for start in range(0, len(wanted), _FULL_BATCH):
        part = wanted[start : start + _FULL_BATCH]
        yield from connection.execute(_BY_TAP_ID, {"tap_ids": [tap_id for tap_id, _ in part]})
        seqs: dict[tuple[int, str], list[int]] = {}
        for _, (device_id, epoch, seq) in part:
            seqs.setdefault((device_id, epoch), []).append(seq)
        for (device_id, epoch), numbers in seqs.items():
            same = {"of_device": device_id, "of_epoch": epoch, "seqs": numbers}
            yield from connection.execute(_BY_TRIPLE, same)


def contiguous_from(connection: Connection, device_id: int, epoch: str, watermark: int) -> int:
    """Return the highest seq up to which every tap of the epoch is kept, knowing that all up to `watermark` are.

    A terminal enrolled again as another device sends the rest of its epoch: what the first one sent counts.
    """
    holders = _holders(connection, device_id, epoch)
    while True:
        statement = (
            select(Tap.seq)
            .where(Tap.device_id.in_(holders), Tap.epoch == epoch, Tap.seq > watermark)
            .distinct()
            .order_by(Tap.seq)
            .limit(_WALK)
        )
        found = connection.scalars(statement).all()
        for seq in found:
            if seq != watermark + 1:
                return watermark
            watermark = seq
        if len(found) < _WALK:
            return watermark


def kept_beyond(connection: Connection, device_id: int, epoch: str, watermark: int) -> int:
    """Return how many numbers of the epoch are kept above `watermark`, whichever device sent them."""
    holders = _holders(connection, device_id, epoch)
    beyond = (Tap.device_id.in_(holders), Tap.epoch == epoch, Tap.seq > watermark)
    return connection.scalars(select(func.count(Tap.seq.distinct())).where(*beyond)).one()


def _holders(connection: Connection, device_id: int, epoch: str) -> set[int]:
    return {device_id, *connection.scalars(select(DeviceEpoch.device_id).where(DeviceEpoch.epoch == epoch))}


def _parts(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    """Cut rows for one statement each: whole batches together, then what is left."""
    start = 0
    while start < len(rows):
        size = min(len(rows) - start, _ROWS_PER_STATEMENT)
        if size > _FULL_BATCH:
            size -= size % _FULL_BATCH
        yield rows[start : start + size]
        start += size


@lru_cache(maxsize=1_024)
def _insert_text(table: str, columns: tuple[str, ...], rows: int, mark: str) -> str:
    one_row = f"({', '.join([mark] * len(columns))})"
    return f"insert into {table} ({', '.join(columns)}) values {', '.join([one_row] * rows)}"  # noqa: S608


def _from_json(model: type[Base], columns: tuple[str, ...]) -> str:
    """Return an INSERT of rows given as one JSON array of arrays: a twentieth of the work of binding each value."""
    table = Base.metadata.tables[model.__tablename__]
    values = ", ".join(
        f"(v->>{place})::bigint" if isinstance(table.columns[name].type, BigInteger) else f"v->>{place}"
        for place, name in enumerate(columns)
    )
    return (
        f"insert into {table.name} ({', '.join(columns)}) select {values}"  # noqa: S608
        " from jsonb_array_elements(%s::jsonb) as v on conflict do nothing"
    )


_INSERT_TAPS_FROM_JSON = _from_json(Tap, TAP_COLUMNS)
