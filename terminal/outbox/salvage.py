"""Judging a database file, moving a bad one aside, and reading what still can be read of it."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from terminal.outbox.drafts import StoredTap
from terminal.outbox.durable import sync_folder, write_whole
from terminal.outbox.schema import SCHEMA_VERSION, STATEMENTS
from terminal.outbox.store import Store, read_body, row_crc, store_path

# A damaged schema makes SQLite quote bytes in its message that Python cannot decode.
DAMAGE = (sqlite3.DatabaseError, UnicodeDecodeError)
_PROGRESS_STEPS = 20_000
_SALVAGE_STEP_MAX = 256
_ALL_ROWS = "SELECT tap_id, epoch, seq, body, crc FROM tap"
_UNSENT_ROWS = f"{_ALL_ROWS} WHERE state IN ('pending', 'parked')"
# What SQLite says when a sector of the file cannot be read: the file is hurt, the disk still takes writes.
_UNREADABLE_CODES = frozenset(
    {
        sqlite3.SQLITE_IOERR_READ,
        sqlite3.SQLITE_IOERR_SHORT_READ,
        sqlite3.SQLITE_IOERR_DATA,
        sqlite3.SQLITE_IOERR_CORRUPTFS,
    }
)
_REFUSALS = frozenset(
    {
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
    }
)
# Where the header of a database says which release may write to it and read it; we know 1 (rollback) and 2 (WAL).
_FORMAT_AT, _FORMATS = slice(18, 20), frozenset({1, 2})
_STATES = frozenset({"pending", "acked", "parked", "void"})


@dataclass(frozen=True, slots=True)
class SalvagedRow:
    """A row read from a damaged database, its CRC checked."""

    tap: StoredTap
    kept_at: int
    state: str
    settled_at: int | None
    note: str | None


def check_store(folder: Path, budget_seconds: float | None) -> tuple[bool, bool]:
    """Return (sound, finished): SQLite's own check and the CRC of each row.

    With a budget, cut short after it, only unsent rows, and no index compared with its table: people wait at the
    door, and the full check follows in the background. Raises sqlite3.OperationalError when the disk refuses:
    that says nothing about the file.
    """
    try:
        with closing(_lenient(store_path(folder))) as db:
            if budget_seconds is not None:
                db.set_progress_handler(_stop_after(time.monotonic() + budget_seconds), _PROGRESS_STEPS)
            if not _has_our_schema(db):
                return False, True
            pragma = "PRAGMA integrity_check" if budget_seconds is None else "PRAGMA quick_check"
            if db.execute(pragma).fetchall() != [("ok",)]:
                return False, True
            rows = db.execute(_ALL_ROWS if budget_seconds is None else _UNSENT_ROWS)
            return all(row_crc(*row[:4]) == row[4] for row in rows), True
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
            return True, False
        if is_refusal(error):
            raise
        # A file cut off before its first table is new, not damaged.
        return "no such table" in str(error), True
    except DAMAGE:
        return False, True


def _has_our_schema(db: sqlite3.Connection) -> bool:
    """Say whether the tables are those this release makes: SQLite's own check never reads what they say.

    A database of a former release is brought up to date when it is opened; its `journal_seal` then reads otherwise.
    """
    if db.execute("PRAGMA user_version").fetchone() != (SCHEMA_VERSION,):
        return True
    return _told_schema(db) == _own_schema()


@cache
def _own_schema() -> frozenset[tuple[str, str]]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        for statement in STATEMENTS:
            db.execute(statement)
        return _told_schema(db)


def _told_schema(db: sqlite3.Connection) -> frozenset[tuple[str, str]]:
    found = "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name <> 'journal_seal'"
    return frozenset((str(name), str(sql)) for name, sql in db.execute(found))


def taps_of_epoch(store: Store, epoch: str) -> list[StoredTap]:
    """Return the whole taps of an epoch in their order, those that a screen showed red left out."""
    sql = "SELECT body, crc FROM tap WHERE epoch = ? AND state <> 'void' ORDER BY seq"
    read = (read_body(body, crc) for body, crc in store.rows(sql, epoch))
    return [tap for tap in read if tap is not None and tap.epoch == epoch]  # an index may have rotted alone


def is_refusal(error: BaseException) -> bool:
    """Say whether SQLite was kept from its file, which may be as sound as ever, rather than find it damaged."""
    code = getattr(error, "sqlite_errorcode", 0)
    return (code & 0xFF) in _REFUSALS and code not in _UNREADABLE_CODES


def move_aside(folder: Path, names: list[str], at: int) -> list[Path]:
    """Move files to `corrupt/<instant>/` under their own names; return where they are."""
    target = _new_folder(folder, at)
    moved = [(folder / name).rename(target / name) for name in names if (folder / name).exists()]
    sync_folder(target)
    sync_folder(folder)
    return moved


def copy_aside(path: Path, at: int) -> Path:
    """Copy a file to `corrupt/<instant>/`: the file itself is about to be replaced, and must never be missing."""
    copy = _new_folder(path.parent, at) / path.name
    write_whole(copy, path.read_bytes())
    return copy


def _new_folder(folder: Path, at: int) -> Path:
    target = folder / "corrupt" / str(at)
    while target.exists():
        at += 1
        target = folder / "corrupt" / str(at)
    target.mkdir(parents=True)
    return target


def has_known_format(path: Path) -> bool:
    """Say whether SQLite would write to this database: it opens one of another format read-only.

    Only for whoever is alone: closing the file here would drop the locks of every connection of this process.
    """
    with path.open("rb") as file:
        formats = file.read(_FORMAT_AT.stop)[_FORMAT_AT]
    return _FORMATS.issuperset(formats)


def salvage(path: Path) -> tuple[list[SalvagedRow], int]:
    """Read every row of a damaged database that still can be, in small steps round the bad pages.

    Returns the whole rows and how many were not. Raises sqlite3.OperationalError when the disk refuses.
    """
    rows: list[SalvagedRow] = []
    unreadable = 0
    with _passing_over_damage(), closing(_lenient(path)) as db:
        last = _last_position(db)
        at, step = 0, _SALVAGE_STEP_MAX
        while at < last:
            try:
                found = db.execute(
                    "SELECT body, crc, kept_at, state, settled_at, note FROM tap"
                    " WHERE position > ? AND position <= ?",
                    (at, at + step),
                ).fetchall()
            except DAMAGE as error:
                if is_refusal(error):
                    raise
                if step == 1:
                    unreadable += 1
                    at += 1
                step = max(1, step // 4)
                continue
            whole = [row for one in found if (row := _whole(one)) is not None]
            unreadable += len(found) - len(whole)
            rows.extend(whole)
            at, step = at + step, min(_SALVAGE_STEP_MAX, step * 4)
    return rows, unreadable


@contextmanager
def _passing_over_damage() -> Iterator[None]:
    try:
        yield
    except DAMAGE as error:
        if is_refusal(error):
            raise


def _lenient(path: Path) -> sqlite3.Connection:
    """Connect to a file that may hold anything, text that is not UTF-8 included."""
    db = sqlite3.connect(path, isolation_level=None)
    db.text_factory = lambda data: data.decode("utf-8", "replace")
    return db


def _last_position(db: sqlite3.Connection) -> int:
    """Return the highest position, or the tally as a bound when that page is bad."""
    try:
        return int(db.execute("SELECT coalesce(max(position), 0) FROM tap").fetchone()[0])
    except DAMAGE:
        return int(db.execute("SELECT coalesce(sum(taps), 0) FROM tally").fetchone()[0])


def _whole(row: tuple[object, ...]) -> SalvagedRow | None:
    body, crc, kept_at, state, settled_at, note = row
    tap = read_body(body, crc)
    if tap is None or not isinstance(kept_at, int) or state not in _STATES:
        return None
    return SalvagedRow(
        tap,
        kept_at,
        str(state),
        settled_at if isinstance(settled_at, int) else None,
        note if isinstance(note, str) else None,
    )


def _stop_after(deadline: float) -> Callable[[], int]:
    return lambda: int(time.monotonic() > deadline)
