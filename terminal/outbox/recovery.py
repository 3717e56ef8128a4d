"""What happens when a terminal starts: the outbox becomes the union of the database and all journals (P7).

A screen shows green only when a tap is in both places, so a tap found in one of them is either a green one whose
other copy was damaged, or one cut off before the screen could say anything. Both are gestures that happened: both
are offered. Only a tap that a screen showed red (`void`) is left out.

Damaged files are moved to `corrupt/`, never deleted, and what could be read of them is kept.
"""

from __future__ import annotations

import json
import sqlite3
import time
import zlib
from dataclasses import asdict, dataclass
from pathlib import Path

from domain.french import plural
from terminal.outbox.drafts import StoreDamaged, StoredTap
from terminal.outbox.journal import (
    JournalContents,
    TapFrame,
    epoch_of,
    is_alive,
    journal_files,
    journal_path,
    read_journal,
    rewrite,
)
from terminal.outbox.salvage import SalvagedRow, check_store, move_aside, salvage
from terminal.outbox.store import STORE_NAME, Store, read_body, row_of, store_path

# People wait at the door: what these leave unchecked is checked in the background (`is_whole`).
CHECK_BUDGET_SECONDS = 1.0
SEAL_BUDGET_SECONDS = 0.5


@dataclass(slots=True)
class RecoveryReport:
    """What recovery found and did; shown in the staff area and kept in the outbox."""

    recovered_at: int = 0
    store_was: str = "sound"  # sound, new, damaged
    check_finished: bool = True
    taps_from_journals: int = 0
    taps_salvaged: int = 0
    rows_unreadable: int = 0
    journals_damaged: int = 0
    torn_tails: int = 0
    misfits: int = 0
    holes: int = 0
    moved_aside: tuple[str, ...] = ()
    duration_ms: int = 0

    @property
    def is_worth_telling(self) -> bool:
        """True when staff should know."""
        return self.store_was == "damaged" or bool(self.journals_damaged or self.misfits)

    def sentences(self) -> tuple[str, ...]:
        """Say it to a town officer: what happened, what is recorded, what to do."""
        if not self.is_worth_telling:
            return ("La mémoire de la borne est en bon état.",)
        told = ["La mémoire de la borne était abîmée. Elle a été réparée au démarrage."]
        if self.store_was == "damaged":
            found = plural(self.taps_salvaged + self.taps_from_journals, "passage retrouvé", "passages retrouvés")
            told.append(f"{found}, grâce à la seconde copie.")
        if self.holes or self.misfits:
            lost = plural(self.holes + self.misfits, "passage manque", "passages manquent")
            told.append(f"{lost}. Vérifiez la liste papier de ces jours-là et prévenez le service.")
        else:
            told.append("Aucun passage connu ne manque.")
        if self.moved_aside:
            told.append(f"Fichier abîmé gardé pour analyse, dossier {Path(self.moved_aside[0]).parent}.")
        return tuple(told)


def recover(folder: Path, at: int, alone: bool) -> tuple[Store, RecoveryReport]:
    """Open the outbox and bring its two copies together; `alone` says that no other process has it open.

    Raises StoreDamaged when the database is bad and another process still uses it, sqlite3.Error or OSError
    when the disk refuses.
    """
    started = time.monotonic()
    report = RecoveryReport(recovered_at=at)
    if not store_path(folder).exists():
        report.store_was = "new"
    elif alone:
        suspect = suspicion(folder).exists()
        sound, report.check_finished = check_store(folder, None if suspect else CHECK_BUDGET_SECONDS)
        report.store_was = "sound" if sound else "damaged"
    try:
        store = _open_and_unite(folder, report)
    except StoreDamaged:  # beyond what the bounded check had time to see
        if not alone or report.store_was == "damaged":
            raise
        report.store_was = "damaged"
        store = _open_and_unite(folder, report)
    if alone:
        suspicion(folder).unlink(missing_ok=True)
    report.duration_ms = int((time.monotonic() - started) * 1000)
    if report.is_worth_telling or report.taps_from_journals:
        with store.transaction() as db:
            text = json.dumps(asdict(report), ensure_ascii=False)
            db.execute("INSERT OR REPLACE INTO recovery VALUES (?, ?)", (report.recovered_at, text))
    return store, report


def _open_and_unite(folder: Path, report: RecoveryReport) -> Store:
    rows = _replace(folder, report) if report.store_was == "damaged" else []
    store = Store(folder)
    try:
        _put_back(store, rows, report)
        _bring_in_journals(store, report)
    except BaseException:
        store.close()
        raise
    return store


def suspicion(folder: Path) -> Path:
    """Return the mark that the background check found damage: the next start looks at everything."""
    return folder / "suspect"


def last_report(store: Store) -> RecoveryReport | None:
    """Return what the latest recovery worth keeping told."""
    rows = store.rows("SELECT report FROM recovery ORDER BY recovered_at DESC LIMIT 1")
    if not rows:
        return None
    found = json.loads(str(rows[0][0]))
    return RecoveryReport(**{**found, "moved_aside": tuple(found["moved_aside"])})


def is_whole(folder: Path, store: Store) -> bool:
    """The full check, for the background: every page, index and checksum, and every journal.

    Read-only, so that screens and sync go on meanwhile; repairs wait for the next start.
    """
    sound, _ = check_store(folder, None)
    if not sound:
        return False
    for path in journal_files(folder):
        contents = read_journal(path)
        if contents.is_damaged:
            return False
        kept = {str(row[0]) for row in store.rows("SELECT tap_id FROM tap WHERE epoch = ?", epoch_of(path))}
        kept |= contents.voids
        if not is_alive(path) and any(frame.tap_id not in kept for frame in contents.taps):
            return False
    return True


def _replace(folder: Path, report: RecoveryReport) -> list[SalvagedRow]:
    """Move the damaged database aside and return what can still be read of it."""
    moved = move_aside(folder, [STORE_NAME, f"{STORE_NAME}-wal", f"{STORE_NAME}-shm"], report.recovered_at)
    report.moved_aside += tuple(str(path.relative_to(folder)) for path in moved)
    rows, report.rows_unreadable = salvage(moved[0])
    return rows


def _put_back(store: Store, rows: list[SalvagedRow], report: RecoveryReport) -> None:
    if not rows:
        return
    values = [(*row_of(one.tap, one.kept_at), one.state, one.settled_at, one.note) for one in rows]
    try:
        with store.transaction() as db:
            db.executemany(
                "INSERT INTO tap (tap_id, epoch, seq, body, crc, occurred_at, kept_at, state, settled_at, note)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                values,
            )
        report.taps_salvaged = len(rows)
    except sqlite3.IntegrityError:  # two rows claim one identity: place them one by one and keep the misfits
        _put_back_slowly(store, rows, report)


def _put_back_slowly(store: Store, rows: list[SalvagedRow], report: RecoveryReport) -> None:
    with store.transaction() as db:
        for row in rows:
            if _place(db, row.tap, row.kept_at, report):
                report.taps_salvaged += 1
                db.execute(
                    "UPDATE tap SET state = ?, settled_at = ?, note = ? WHERE tap_id = ?",
                    (row.state, row.settled_at, row.note, row.tap.tap_id),
                )


def _place(db: sqlite3.Connection, tap: StoredTap, kept_at: int, report: RecoveryReport) -> bool:
    """Insert a recovered tap; one that contradicts a tap already here becomes a misfit, never a silent loss."""
    sql = "SELECT tap_id, body FROM tap WHERE tap_id = ? OR (epoch = ? AND seq = ?)"
    known = db.execute(sql, (tap.tap_id, tap.epoch, tap.seq)).fetchall()
    if not known:
        Store.insert_with(db, [tap], kept_at)
        return True
    if known != [(tap.tap_id, tap.body)]:
        _set_aside(db, tap.tap_id, tap.body, "identity_taken", report)
    return False


def _set_aside(db: sqlite3.Connection, tap_id: str, body: bytes, reason: str, report: RecoveryReport) -> None:
    report.misfits += 1
    db.execute(
        "INSERT OR IGNORE INTO misfit (tap_id, body, reason, found_at) VALUES (?, ?, ?, ?)",
        (tap_id, body, reason, report.recovered_at),
    )


def _bring_in_journals(store: Store, report: RecoveryReport) -> None:
    """Insert what only journals know, and give each dead epoch back a whole journal."""
    purged = {row[0] for row in store.rows("SELECT epoch FROM purged_epoch")}
    deadline = time.monotonic() + SEAL_BUDGET_SECONDS
    contents: list[JournalContents] = []
    for path in journal_files(store.folder):
        if is_alive(path):
            continue
        if epoch_of(path) in purged:
            path.unlink()
        elif not _is_as_sealed(store, path, deadline, report):
            contents.append(read_journal(path))
    voids = {tap_id for content in contents for tap_id in content.voids}
    voids |= {str(row[0]) for row in store.rows("SELECT tap_id FROM void_tap")}
    for content in contents:
        _bring_in(store, content, voids, report)
        _make_whole(store, content, voids, report)
    _rebuild_missing_journals(store)
    report.holes = _holes(store)


def _is_as_sealed(store: Store, path: Path, deadline: float, report: RecoveryReport) -> bool:
    """Say whether a journal is the file whose frames were all found in the database; past the deadline, by size."""
    seals = store.rows("SELECT size_bytes, crc FROM journal_seal WHERE epoch = ?", epoch_of(path))
    if not seals or seals[0][0] != path.stat().st_size:
        return False
    if time.monotonic() > deadline:
        report.check_finished = False
        return True
    return seals[0][1] == zlib.crc32(path.read_bytes())


def _bring_in(store: Store, content: JournalContents, voids: set[str], report: RecoveryReport) -> None:
    known = set(store.rows("SELECT seq, tap_id FROM tap WHERE epoch = ?", epoch_of(content.path)))
    missing = [one for one in content.taps if (one.seq, one.tap_id) not in known and one.tap_id not in voids]
    report.journals_damaged += content.is_damaged
    report.torn_tails += bool(content.torn_tail_bytes)
    if not missing and not voids:
        return
    with store.transaction() as db:
        for frame in missing:
            _bring_in_frame(db, frame, report)
        Store.void_with(db, voids)


def _bring_in_frame(db: sqlite3.Connection, frame: TapFrame, report: RecoveryReport) -> None:
    tap = StoredTap.read(frame.body)
    if tap is None:
        _set_aside(db, frame.tap_id, frame.body, "unreadable", report)
    elif _place(db, tap, report.recovered_at, report):
        report.taps_from_journals += 1


def _make_whole(store: Store, content: JournalContents, voids: set[str], report: RecoveryReport) -> None:
    """Keep two copies of every tap: rewrite a journal that misses some, then seal it."""
    epoch = epoch_of(content.path)
    in_journal = {frame.tap_id for frame in content.taps}
    in_store = {str(row[0]) for row in store.rows("SELECT tap_id FROM tap WHERE epoch = ?", epoch)}
    if not in_store and not in_journal and not content.is_damaged and not content.voids:
        content.path.unlink()  # a process that started and stopped without a tap
        return
    if content.is_damaged or in_store - in_journal:
        moved = move_aside(store.folder, [content.path.name], report.recovered_at)
        report.moved_aside += tuple(str(one.relative_to(store.folder)) for one in moved)
        rewrite(store.folder, epoch, _taps_of_epoch(store, epoch), voids)
    seal(store, epoch)


def _rebuild_missing_journals(store: Store) -> None:
    """Give unsent taps whose journal file is gone their second copy back."""
    for (epoch,) in store.rows("SELECT DISTINCT epoch FROM tap WHERE state IN ('pending', 'parked')"):
        if not journal_path(store.folder, str(epoch)).exists():
            rewrite(store.folder, str(epoch), _taps_of_epoch(store, str(epoch)), ())
            seal(store, str(epoch))


def seal(store: Store, epoch: str) -> None:
    """Remember that every frame of this journal, as it is now, is in the database."""
    data = journal_path(store.folder, epoch).read_bytes()
    with store.transaction() as db:
        db.execute("INSERT OR REPLACE INTO journal_seal VALUES (?, ?, ?)", (epoch, len(data), zlib.crc32(data)))


def _taps_of_epoch(store: Store, epoch: str) -> list[StoredTap]:
    sql = "SELECT body, crc FROM tap WHERE epoch = ? AND state <> 'void' ORDER BY seq"
    return [tap for body, crc in store.rows(sql, epoch) if (tap := read_body(body, crc)) is not None]


def _holes(store: Store) -> int:
    """Count sequence numbers missing below each epoch's last: taps that were green and are nowhere."""
    rows = store.rows("SELECT max(seq) - count(*) FROM tap GROUP BY epoch HAVING max(seq) > count(*)")
    return sum(int(str(row[0])) for row in rows)
