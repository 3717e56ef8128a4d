"""The outbox in SQLite: WAL, `synchronous=FULL`, one file for all screen processes and the sync process.

Every write is one short `BEGIN IMMEDIATE` transaction (house rule 8). Nothing here talks to the network.
"""

from __future__ import annotations

import hashlib
import sqlite3
import threading
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from pydantic import ValidationError

from domain.wire.v1 import TapV1
from terminal.outbox.damage import named_damage
from terminal.outbox.drafts import Counts, KeptTap, OutboxError, StoredTap, TapNotKept
from terminal.outbox.durable import sync_folder
from terminal.outbox.schema import SCHEMA_VERSION, STATEMENTS, UPGRADES

STORE_NAME = "outbox.sqlite3"
BUSY_TIMEOUT_MS = 5_000
_SEQ_MAX = 2**53
_UNPARK = "UPDATE tap SET state = 'pending', settled_at = NULL, note = NULL WHERE state = 'parked'"
# From one epoch to the next by the index: a GROUP BY would read a whole backlog again for every batch of it.
_PENDING_EPOCHS = """
WITH RECURSIVE found (epoch) AS (
    SELECT min(epoch) FROM tap WHERE state = 'pending'
    UNION ALL
    SELECT (SELECT min(epoch) FROM tap WHERE state = 'pending' AND epoch > found.epoch) FROM found
    WHERE found.epoch IS NOT NULL
)
SELECT epoch FROM found WHERE epoch IS NOT NULL ORDER BY (
    SELECT position FROM tap WHERE state = 'pending' AND tap.epoch = found.epoch ORDER BY seq LIMIT 1
)
"""


@dataclass(frozen=True, slots=True)
class ParkedTap:
    """A tap the server could not read; it stays here, visible, until a person acts."""

    tap: StoredTap
    reason: str
    parked_at: int


@dataclass(frozen=True, slots=True)
class SetAside:
    """A tap kept here and not sent: parked, or a misfit that a repair could not place. `body` as it was kept."""

    tap_id: str
    is_parked: bool
    body: bytes
    reason: str
    at: int


def store_path(folder: Path) -> Path:
    """Return where the database of an outbox lives."""
    return folder / STORE_NAME


class Store:
    """One connection to the outbox database; calls from several threads of a process take turns."""

    def __init__(self, folder: Path) -> None:
        """Open, or create durably. Raises StoreDamaged or sqlite3.Error."""
        self.folder = folder
        self._mutex = threading.RLock()
        is_new = not store_path(folder).exists()
        self._connection = sqlite3.connect(
            store_path(folder),
            isolation_level=None,
            check_same_thread=False,
            timeout=BUSY_TIMEOUT_MS / 1000,
        )
        self.damaged_rows = 0
        try:
            with named_damage():
                self._configure()
                self._create_missing()
            if is_new:
                sync_folder(folder)
        except BaseException:
            self._connection.close()
            raise

    def close(self) -> None:
        """Close the connection. Idempotent."""
        with suppress(sqlite3.Error):
            self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """One immediate transaction; rolled back when the block or the commit fails."""
        with self._mutex, named_damage():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")
                raise

    def rows(self, query: str, *values: object) -> list[tuple[object, ...]]:
        """Return every row of a read."""
        with self._mutex, named_damage():
            return self._connection.execute(query, values).fetchall()

    # -- taps -----------------------------------------------------------------------------------------------

    @staticmethod
    def insert_with(db: sqlite3.Connection, taps: Sequence[StoredTap], kept_at: int) -> list[int]:
        """Add taps inside an open `transaction`, return their positions.

        Raises sqlite3.IntegrityError for an identity already used.
        """
        positions = []
        for tap in taps:
            cursor = db.execute(
                "INSERT INTO tap (tap_id, epoch, seq, body, crc, occurred_at, kept_at, state)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, 'pending')",
                row_of(tap, kept_at),
            )
            positions.append(cursor.lastrowid or 0)
        return positions

    @staticmethod
    def void_with(db: sqlite3.Connection, tap_ids: Iterable[str]) -> None:
        """Inside an open `transaction`, withhold taps that a screen showed red though their commit went through."""
        ids = [(tap_id,) for tap_id in tap_ids]
        db.executemany("INSERT OR IGNORE INTO void_tap VALUES (?)", ids)
        db.executemany("UPDATE tap SET state = 'void' WHERE tap_id = ? AND state = 'pending'", ids)

    def pending(self, taps_max: int, bytes_max: int) -> list[StoredTap]:
        """Return the oldest unsent taps that fit, one epoch after another, each in `seq` order.

        A row whose CRC disagrees is left out and counted in `damaged_rows`: it is rebuilt from the journal at
        the next start, and a tap that was never made must not be sent.
        """
        batch: list[StoredTap] = []
        size = 0
        damaged = 0
        for epoch in self._epochs_with_pending():
            for tap_id, seq, body, crc in self.rows(
                "SELECT tap_id, seq, body, crc FROM tap WHERE state = 'pending' AND epoch = ? ORDER BY seq LIMIT ?",
                epoch,
                taps_max - len(batch),
            ):
                tap = read_body(body, crc)
                if tap is None or (tap.tap_id, tap.epoch, tap.seq) != (tap_id, epoch, seq):
                    damaged += 1
                    continue
                size += len(tap.body) + 1
                if batch and size > bytes_max:
                    return batch
                batch.append(tap)
            if len(batch) >= taps_max:
                break
        self.damaged_rows = damaged
        return batch

    def acknowledge(self, answers: Mapping[str, str], at: int) -> int:
        """Mark taps (id → the server's word) as held by the server; return how many changed."""
        with self.transaction() as db:
            cursor = db.executemany(
                "UPDATE tap SET state = 'acked', settled_at = ?, note = ? WHERE tap_id = ? AND state <> 'acked'",
                [(at, note, tap_id) for tap_id, note in answers.items()],
            )
            return cursor.rowcount

    def park(self, tap_id: str, reason: str, at: int) -> None:
        """Set one unreadable tap aside, visibly; it is never deleted."""
        with self.transaction() as db:
            db.execute(
                "UPDATE tap SET state = 'parked', settled_at = ?, note = ? WHERE tap_id = ? AND state = 'pending'",
                (at, reason, tap_id),
            )

    def unpark_all(self) -> int:
        """Offer parked taps again (after a server update); return how many."""
        with self.transaction() as db:
            return db.execute(_UNPARK).rowcount

    def parked(self, limit: int = 100) -> list[ParkedTap]:
        """Return parked taps, oldest first."""
        sql = "SELECT body, crc, note, settled_at FROM tap WHERE state = 'parked' ORDER BY position LIMIT ?"
        found = []
        for body, crc, note, at in self.rows(sql, limit):
            tap = read_body(body, crc)
            if tap is not None:
                found.append(ParkedTap(tap, str(note), _int(at)))
        return found

    def unpark(self, tap_ids: Iterable[str]) -> int:
        """Offer some parked taps again, because the server says that it can read them now; return how many."""
        sql = (
            "UPDATE tap SET state = 'pending', settled_at = NULL, note = NULL WHERE tap_id = ? AND state = 'parked'"
        )
        with self.transaction() as db:
            return db.executemany(sql, [(tap_id,) for tap_id in tap_ids]).rowcount

    def set_aside(self, limit: int, after: str = "") -> list[SetAside]:
        """Return what is kept and not sent, in the order of ids, from the first id after the given one."""
        sql = (
            "SELECT tap_id, 1, body, coalesce(note, ''), settled_at FROM tap WHERE state = 'parked' AND tap_id > ?"
            " UNION ALL SELECT tap_id, 0, body, reason, found_at FROM misfit WHERE tap_id > ?"
            " ORDER BY tap_id LIMIT ?"
        )
        return [
            SetAside(str(tap_id), bool(parked), cast(bytes, body), str(reason), _int(at))
            for tap_id, parked, body, reason, at in self.rows(sql, after, after, limit)
        ]

    def misfits(self) -> int:
        """Return how many taps a repair could not place."""
        return _int(self.rows("SELECT count(*) FROM misfit")[0][0])

    def oldest_pending(self) -> int | None:
        """Return when the oldest unsent tap was claimed (µs of this machine's clock), None when all is sent."""
        [(oldest,)] = self.rows("SELECT min(occurred_at) FROM tap WHERE state = 'pending'")
        return None if oldest is None else _int(oldest)

    def reoffer_above(self, watermarks: Mapping[str, int]) -> int:
        """Make acknowledged taps above the server's watermark pending again; return how many.

        An epoch the server does not know has watermark 0: the server was restored from an older backup (F11).
        """
        with self.transaction() as db:
            epochs = [row[0] for row in db.execute("SELECT DISTINCT epoch FROM tap WHERE state = 'acked'")]
            changed = 0
            for epoch in epochs:
                changed += db.execute(
                    "UPDATE tap SET state = 'pending', settled_at = NULL, note = NULL"
                    " WHERE epoch = ? AND seq > ? AND state = 'acked'",
                    (epoch, watermarks.get(epoch, 0)),
                ).rowcount
            return changed

    def reoffer(self, tap_ids: Sequence[str]) -> None:
        """Make these acknowledged taps pending again."""
        if not tap_ids:
            return
        with self.transaction() as db:
            db.executemany(
                "UPDATE tap SET state = 'pending', settled_at = NULL, note = NULL"
                " WHERE tap_id = ? AND state = 'acked'",
                [(tap_id,) for tap_id in tap_ids],
            )

    def reoffer_epoch(self, epoch: str) -> int:
        """Make pending again the taps of an epoch that the server said it keeps as taps; return how many."""
        sql = (
            "UPDATE tap SET state = 'pending', settled_at = NULL, note = NULL"
            " WHERE epoch = ? AND state = 'acked' AND note <> 'quarantined'"
        )
        with self.transaction() as db:
            return db.execute(sql, (epoch,)).rowcount

    def held_bodies(self, epoch: str, through: int = _SEQ_MAX) -> list[bytes]:
        """Return the contents of an epoch, up to a number, that the server said it keeps as taps, not apart."""
        sql = "SELECT body FROM tap WHERE state = 'acked' AND epoch = ? AND seq <= ? AND note <> 'quarantined'"
        return [_bytes(body) for (body,) in self.rows(sql, epoch, through)]

    def pending_bodies(self, epoch: str, limit: int) -> list[bytes]:
        """Return the contents of an epoch that go next, in the order in which they go."""
        sql = "SELECT body FROM tap WHERE state = 'pending' AND epoch = ? ORDER BY seq LIMIT ?"
        return [_bytes(body) for (body,) in self.rows(sql, epoch, limit)]

    def kept_apart(self) -> dict[str, str]:
        """Return the taps that the server said it keeps in quarantine: SHA-256 of the content → id."""
        sql = "SELECT tap_id, body FROM tap WHERE state = 'acked' AND note = 'quarantined'"
        return {hashlib.sha256(_bytes(body)).hexdigest(): str(tap_id) for tap_id, body in self.rows(sql)}

    def highest_acked(self) -> dict[str, int]:
        """Return, by epoch, the highest `seq` that the server said it holds."""
        found = self.rows("SELECT epoch, max(seq) FROM tap WHERE state = 'acked' GROUP BY epoch")
        return {str(epoch): _int(seq) for epoch, seq in found}

    def acked_between(self, epoch: str, above: int, through: int) -> int:
        """Return how many taps with `above < seq ≤ through` the server said it keeps as taps, not apart."""
        sql = (
            "SELECT count(*) FROM tap WHERE state = 'acked' AND epoch = ? AND seq > ? AND seq <= ?"
            " AND note <> 'quarantined'"
        )
        return _int(self.rows(sql, epoch, above, through)[0][0])

    def taps_since(self, occurred_at: int) -> list[KeptTap]:
        """Return the taps claimed at or after an instant (µs), in the order they were kept."""
        sql = "SELECT body, crc, position FROM tap WHERE occurred_at >= ? AND state <> 'void' ORDER BY position"
        return _readable(self.rows(sql, occurred_at))

    def taps_after(self, position: int) -> list[KeptTap]:
        """Return the taps kept after a position, by any process of this terminal."""
        sql = "SELECT body, crc, position FROM tap WHERE position > ? AND state <> 'void' ORDER BY position"
        return _readable(self.rows(sql, position))

    def counts(self) -> Counts:
        """Return how many taps are held, by state."""
        found = {str(state): _int(taps) for state, taps in self.rows("SELECT state, taps FROM tally")}
        return Counts(**found)

    def checkpoint(self) -> None:
        """Move the write-ahead log into the database where nobody is in the way."""
        with suppress(sqlite3.OperationalError):
            self.rows("PRAGMA wal_checkpoint(PASSIVE)")

    def _epochs_with_pending(self) -> list[str]:
        return [str(row[0]) for row in self.rows(_PENDING_EPOCHS)]

    def _configure(self) -> None:
        (mode,) = self._connection.execute("PRAGMA journal_mode = WAL").fetchone()
        if mode != "wal":  # a disk that refuses leaves the old mode, without an error
            raise TapNotKept("M-12", "La borne ne peut plus écrire dans sa mémoire.")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute("PRAGMA cell_size_check = ON")

    def _create_missing(self) -> None:
        if self._version() == SCHEMA_VERSION:
            return
        with self.transaction() as db:
            version = self._version()
            if version > SCHEMA_VERSION:
                raise OutboxError(
                    "La mémoire de cette borne vient d’une version plus récente de Marelle. "
                    "Rien n’est effacé. Mettez la borne à jour."
                )
            if version == 0:
                for statement in STATEMENTS:
                    db.execute(statement)
                return
            for statement in (one for step in UPGRADES[version:] for one in step):
                db.execute(statement)
            db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")

    def _version(self) -> int:
        return int(self._connection.execute("PRAGMA user_version").fetchone()[0])


def read_body(body: object, crc: object) -> StoredTap | None:
    """Return the tap a row holds, or None when its bytes are not those that were written."""
    tap = StoredTap.read(body) if isinstance(body, bytes) else None
    return tap if tap is not None and row_crc(tap.tap_id, tap.epoch, tap.seq, tap.body) == crc else None


def row_crc(tap_id: str, epoch: str, seq: int, body: bytes) -> int:
    """Return the checksum of a row: its body, and the columns that repeat what the body says."""
    return zlib.crc32(body, zlib.crc32(f"{tap_id}{epoch}{seq}".encode()))


def row_of(tap: StoredTap, kept_at: int) -> tuple[str, str, int, bytes, int, int, int]:
    """Return the columns `tap_id, epoch, seq, body, crc, occurred_at, kept_at`."""
    crc = row_crc(tap.tap_id, tap.epoch, tap.seq, tap.body)
    return tap.tap_id, tap.epoch, tap.seq, tap.body, crc, tap.occurred_at, kept_at


def _readable(rows: Iterable[tuple[object, ...]]) -> list[KeptTap]:
    """Return the taps this release understands; the others are still sent."""
    found = []
    for body, crc, position in rows:
        stored = read_body(body, crc)
        if stored is not None:
            with suppress(ValidationError):
                found.append(KeptTap(TapV1.model_validate_json(stored.body), _int(position)))
    return found


def _bytes(value: object) -> bytes:
    assert isinstance(value, bytes), "a BLOB column of a STRICT table"
    return value


def _int(value: object) -> int:
    assert isinstance(value, int), "an INTEGER column of a STRICT table"
    return value
