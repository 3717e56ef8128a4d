"""What happens when a terminal starts: the outbox becomes the union of the database and all journals (P7).

A screen shows green only when a tap is in both places, so a tap found in one of them is either a green one whose
other copy was damaged, or one cut off before the screen could say anything. Both are gestures that happened: both
are offered. Only a tap that a screen showed red (`void`) is left out.

Damaged files are kept in `corrupt/`, never deleted, and what could be read of them is kept. Power may fail during a
repair too: at every moment each tap that this start could read is durable in a place where the next start looks.
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
from terminal.outbox.durable import sync_folder, write_again
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
from terminal.outbox.salvage import (
    SalvagedRow,
    check_store,
    copy_aside,
    has_known_format,
    move_aside,
    salvage,
    taps_of_epoch,
)
from terminal.outbox.store import STORE_NAME, Store, row_of, store_path
from terminal.outbox.suspicion import found_bad, suspicion

# People wait at the door: what these leave unchecked is checked in the background (`bad_files`).
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
        return self.lacked_store or bool(self.journals_damaged or self.misfits)

    @property
    def lacked_store(self) -> bool:
        """True when the database was damaged, or gone from beside journals that hold taps."""
        return self.store_was == "damaged" or (self.store_was == "new" and self.taps_from_journals > 0)

    def sentences(self) -> tuple[str, ...]:
        """Say it to a town officer: what happened, what is recorded, what to do."""
        if not self.is_worth_telling:
            return ("La mémoire de la borne est en bon état.",)
        told = ["La mémoire de la borne était abîmée. Elle a été réparée au démarrage."]
        if self.lacked_store:
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
    known_bad = found_bad(folder)
    if alone and (log := folder / f"{STORE_NAME}-wal").exists():
        write_again(log)  # a failed fsync left some in memory only; the first connection to close removes it
    if not store_path(folder).exists():
        report.store_was = "new"
    elif alone and STORE_NAME in known_bad:
        report.store_was = "damaged"
    elif alone:
        sound, report.check_finished = check_store(folder, CHECK_BUDGET_SECONDS)
        report.store_was = "sound" if sound and has_known_format(store_path(folder)) else "damaged"
    try:
        store = _open_and_unite(folder, report)
    except StoreDamaged:  # beyond what the bounded check had time to see
        if not alone or report.store_was == "damaged":
            raise
        report.store_was = "damaged"
        store = _open_and_unite(folder, report)
    if alone and known_bad:
        suspicion(folder).unlink(missing_ok=True)
        sync_folder(folder)  # a mark that came back would have a sound database replaced
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


def last_report(store: Store) -> RecoveryReport | None:
    """Return what the latest recovery worth keeping told."""
    rows = store.rows("SELECT report FROM recovery ORDER BY recovered_at DESC LIMIT 1")
    if not rows:
        return None
    found = json.loads(str(rows[0][0]))
    return RecoveryReport(**{**found, "moved_aside": tuple(found["moved_aside"])})


def bad_files(folder: Path, store: Store) -> list[str]:
    """The full check, for the background: every page, index and checksum, and every journal; name the bad ones.

    Read-only, so that screens and sync go on meanwhile; repairs wait for the next start.
    """
    sound, _ = check_store(folder, None)
    if not sound:
        return [STORE_NAME]
    settled = {str(row[0]) for row in store.rows("SELECT tap_id FROM void_tap UNION SELECT tap_id FROM misfit")}
    return [path.name for path in journal_files(folder) if not _agrees(store, path, settled)]


def _agrees(store: Store, path: Path, settled: set[str]) -> bool:
    """Say whether a journal is sound and the database holds all of it, or emptied its epoch meanwhile."""
    epoch = epoch_of(path)
    try:
        contents = read_journal(path)
    except FileNotFoundError:
        return True
    kept = {str(row[0]) for row in store.rows("SELECT tap_id FROM tap WHERE epoch = ?", epoch)}
    kept |= contents.voids | settled
    lacks = not is_alive(path) and any(frame.tap_id not in kept for frame in contents.taps)
    if not lacks and not contents.is_damaged:
        return True
    return bool(store.rows("SELECT 1 FROM purged_epoch WHERE epoch = ?", epoch))


def _replace(folder: Path, report: RecoveryReport) -> list[SalvagedRow]:
    """Move the damaged database aside and return what can still be read of it, by then in the journals too."""
    rows, report.rows_unreadable = salvage(store_path(folder))
    _write_to_journals(folder, rows, report)
    moved = move_aside(folder, [STORE_NAME, f"{STORE_NAME}-wal", f"{STORE_NAME}-shm"], report.recovered_at)
    report.moved_aside += tuple(str(path.relative_to(folder)) for path in moved)
    return rows


def _write_to_journals(folder: Path, rows: list[SalvagedRow], report: RecoveryReport) -> None:
    """Make each journal hold what it held and every salvaged tap of its epoch."""
    salvaged: dict[str, dict[str, StoredTap]] = {}
    voids: set[str] = set()
    for row in rows:
        if row.state == "void":
            voids.add(row.tap.tap_id)
        else:
            salvaged.setdefault(row.tap.epoch, {})[row.tap.tap_id] = row.tap
    for epoch, taps in salvaged.items():
        path = journal_path(folder, epoch)
        found = read_journal(path) if path.exists() else JournalContents(path, 0)
        held = found.readable_taps()
        if taps.keys() <= held.keys():
            continue
        if found.is_damaged:
            report.journals_damaged += 1
            _keep_copy(path, report)
        both = sorted((held | taps).values(), key=lambda tap: tap.seq)
        rewrite(folder, epoch, both, found.voids | voids)


def _keep_copy(path: Path, report: RecoveryReport) -> None:
    copy = copy_aside(path, report.recovered_at)
    report.moved_aside += (str(copy.relative_to(path.parent)),)


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
    sealed = _seals_that_hold(store)
    deadline = time.monotonic() + SEAL_BUDGET_SECONDS
    contents: list[JournalContents] = []
    for path in journal_files(store.folder):
        if is_alive(path):
            continue
        if epoch_of(path) in purged:
            path.unlink()
        elif not _is_as_sealed(sealed.get(epoch_of(path)), path, deadline, report):
            contents.append(read_journal(path))
    voids = {tap_id for content in contents for tap_id in content.voids}
    voids |= {str(row[0]) for row in store.rows("SELECT tap_id FROM void_tap")}
    for content in contents:
        _bring_in(store, content, voids, report)
        _make_whole(store, content, voids, report)
    _rebuild_missing_journals(store)
    report.holes = _holes(store)


def _seals_that_hold(store: Store) -> dict[str, tuple[int, int]]:
    """Return (size, checksum) by epoch where the database still has the rows that were there at the sealing.

    A journal that the background check found bad is read again.
    """
    bad = found_bad(store.folder)
    found = store.rows(
        "SELECT epoch, size_bytes, crc FROM journal_seal"
        " JOIN (SELECT epoch, count(*) AS found FROM tap GROUP BY epoch) USING (epoch) WHERE found >= taps"
    )
    return {
        str(epoch): (int(str(size)), int(str(crc)))
        for epoch, size, crc in found
        if journal_path(store.folder, str(epoch)).name not in bad
    }


def _is_as_sealed(seal: tuple[int, int] | None, path: Path, deadline: float, report: RecoveryReport) -> bool:
    """Say whether a journal is the file whose frames were all found in the database; past the deadline, by size."""
    if seal is None or seal[0] != path.stat().st_size:
        return False
    if time.monotonic() > deadline:
        report.check_finished = False
        return True
    return seal[1] == zlib.crc32(path.read_bytes())


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
    in_store = {str(row[0]): row[1] for row in store.rows("SELECT tap_id, state FROM tap WHERE epoch = ?", epoch)}
    if not in_store and not in_journal and not content.is_damaged and not content.voids:
        content.path.unlink()  # a process that started and stopped without a tap
        return
    if content.is_damaged or in_store.keys() - in_journal:
        _keep_copy(content.path, report)
        kept = {tap_id for tap_id, state in in_store.items() if state != "void"} - voids
        both = {tap_id: tap for tap_id, tap in content.readable_taps().items() if tap_id in kept}
        both |= {tap.tap_id: tap for tap in taps_of_epoch(store, epoch)}  # lacks a tap whose row has rotted
        rewrite(store.folder, epoch, sorted(both.values(), key=lambda tap: tap.seq), voids)
    seal(store, epoch)


def _rebuild_missing_journals(store: Store) -> None:
    """Give unsent taps whose journal file is gone their second copy back."""
    for (epoch,) in store.rows("SELECT DISTINCT epoch FROM tap WHERE state IN ('pending', 'parked')"):
        if not journal_path(store.folder, str(epoch)).exists():
            taps = taps_of_epoch(store, str(epoch))
            if not taps:  # an index that rotted names an epoch that no tap has
                raise StoreDamaged("La mémoire de la borne est abîmée.")
            rewrite(store.folder, str(epoch), taps, ())
            seal(store, str(epoch))


def seal(store: Store, epoch: str) -> None:
    """Remember that every frame of this journal, as it is now and stays on disk, is in the database."""
    data = write_again(journal_path(store.folder, epoch))
    with store.transaction() as db:
        ((taps, last),) = db.execute("SELECT count(*), coalesce(max(seq), 0) FROM tap WHERE epoch = ?", (epoch,))
        db.execute(
            "INSERT INTO journal_seal VALUES (?, ?, ?, ?, ?) ON CONFLICT (epoch) DO UPDATE"
            " SET size_bytes = excluded.size_bytes, crc = excluded.crc, taps = excluded.taps,"
            " last_seq = max(last_seq, excluded.last_seq)",
            (epoch, len(data), zlib.crc32(data), taps, last),
        )


def _holes(store: Store) -> int:
    """Count sequence numbers missing below each epoch's last known one: taps that were green and are nowhere."""
    ((holes,),) = store.rows(
        "SELECT coalesce(sum(max(coalesce(last, 0), coalesce(seal.last_seq, 0)) - coalesce(found.taps, 0)), 0)"
        " FROM (SELECT epoch, max(seq) AS last, count(*) AS taps FROM tap GROUP BY epoch) AS found"
        " FULL JOIN journal_seal AS seal USING (epoch)"
    )
    return int(str(holes))
