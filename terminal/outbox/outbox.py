"""The outbox of a screen process: a tap is kept in two places or it is not kept (P1, P2, P4).

Identity comes first: `tap_id`, then the process's epoch and a dense `seq`. One tap is: insert in SQLite, append to
the journal with fsync, commit. Only after all three does `keep` return, and only then may a screen turn green.

An epoch ends with its first failure. The failed tap's `seq` is never given to other content: it was the last of its
epoch, so a lost one leaves no hole and a late ghost of it (a write the disk denied, yet made) takes no number.
The failed tap is cut off the journal at once, and its id is written as *void* into the next journal, so that
recovery leaves a ghost out: a screen that said red stays right. Only a ghost that appears after a power cut, before
the disk takes writes again, is offered: then a red screen was too pessimistic, never a green one too kind.
"""

from __future__ import annotations

import errno
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from domain.taps import new_identity
from domain.time import MICROS_PER_SECOND, Clock
from domain.wire.v1 import TapV1
from terminal.outbox.drafts import Counts, KeptTap, OutboxError, StoreDamaged, StoredTap, TapDraft, TapNotKept
from terminal.outbox.journal import Journal, is_alive, journal_path
from terminal.outbox.locks import FileLock
from terminal.outbox.recovery import RecoveryReport, bad_files, recover, seal
from terminal.outbox.store import Store, store_path
from terminal.outbox.suspicion import note_check

_DAY_MICROS = 24 * 3600 * MICROS_PER_SECOND
_RECOVERY_WAIT_SECONDS = 60.0
_ALONE_WAIT_SECONDS = 0.3  # the sync process holds the lock for milliseconds, another screen for life


@dataclass(frozen=True, slots=True)
class OutboxLimits:
    """Sizes and delays of an outbox (reliability notes, P4); parameters of the installation."""

    taps_max: int = 200_000
    warn_percent: int = 80
    acked_days_min: int = 90
    journal_taps_max: int = 10_000  # a new epoch begins beyond, so that a file can be emptied one day


_DEFAULT_LIMITS = OutboxLimits()


class Outbox:
    """Where one screen process keeps its taps; several may share a folder (house rule 11)."""

    def __init__(
        self,
        folder: Path,
        clock: Clock,
        limits: OutboxLimits = _DEFAULT_LIMITS,
        identity: Callable[[], str] = new_identity,
    ) -> None:
        """Open and recover. Never raises for a disk that refuses: `fault` says why, and each `keep` tries again."""
        self.folder = folder
        self.limits = limits
        self.recovery = RecoveryReport()
        self.fault: OutboxError | None = None
        self._clock = clock
        self._identity = identity
        self._mutex = threading.RLock()
        self._store: Store | None = None
        self._journal: Journal | None = None
        self._epoch = ""
        self._next_seq = 1
        self._voids: set[str] = set()
        with suppress(OutboxError), self._mutex:
            self._open()

    # -- keeping --------------------------------------------------------------------------------------------

    def keep(self, draft: TapDraft) -> KeptTap:
        """Give a tap its identity and make it durable in both places; raises TapNotKept, and then show red."""
        return self.keep_all([draft])[0]

    def keep_all(self, drafts: Sequence[TapDraft]) -> list[KeptTap]:
        """Keep several taps together: all of them or none. Raises TapNotKept."""
        with self._mutex:
            store = self._open()
            journal = self._journal_for(len(drafts))
            taps = self._identify(drafts)
            stored = [StoredTap.of(tap) for tap in taps]
            positions = self._write(store, journal, stored)
            self._next_seq += len(taps)
            return [KeptTap(tap, position) for tap, position in zip(taps, positions, strict=True)]

    @property
    def store(self) -> Store:
        """The shared database; raises OutboxError while it cannot be opened."""
        with self._mutex:
            return self._open()

    def counts(self) -> Counts:
        """Return how many taps are held, by state."""
        return self.store.counts()

    def room(self) -> str:
        """Say how full the outbox is: "free", "scarce" (over the warning level) or "full"."""
        return room_of(self.counts(), self.limits)

    def verify(self) -> bool:
        """Run the full check, in the background; False means that the next `keep` or start repairs."""
        store = self.store
        bad: list[str] | None = None
        with suppress(OSError, sqlite3.Error, OutboxError):
            bad = bad_files(self.folder, store)
        with self._mutex, suppress(OSError):
            note_check(self.folder, bad)
        if bad != []:
            with self._mutex:
                self._leave_journal()
                self._let_go(StoreDamaged("La mémoire de la borne est abîmée."))
        return bad == []

    def close(self) -> None:
        """End the epoch cleanly and let other processes recover. Idempotent; `keep` would open again."""
        with self._mutex:
            if self._leave_journal() and self._store is not None:
                with suppress(OutboxError, OSError, sqlite3.Error):
                    seal(self._store, self._epoch)
            self._let_go(None)

    # -- opening and failing ----------------------------------------------------------------------------------

    def _open(self) -> Store:
        if self._store is None:
            try:
                self._store, self.recovery = self._recover()
                self.fault = None
            except (OSError, sqlite3.Error, OutboxError) as error:
                self.fault = _not_kept(error)
                raise self.fault from error
        return self._store

    def _recover(self) -> tuple[Store, RecoveryReport]:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._users = FileLock(self.folder / "users.lock")
        with FileLock(self.folder / "recovery.lock") as turn:
            if not turn.exclusive(_RECOVERY_WAIT_SECONDS):
                raise TapNotKept("M-15", "Une autre fenêtre de la borne occupe sa mémoire.")
            alone = self._users.exclusive(_ALONE_WAIT_SECONDS)
            try:
                opened = recover(self.folder, self._clock(), alone)
                if not self._users.shared(_RECOVERY_WAIT_SECONDS):
                    raise TapNotKept("M-15", "Une autre fenêtre de la borne occupe sa mémoire.")
            except BaseException:
                self._users.release()
                raise
            return opened

    def _identify(self, drafts: Sequence[TapDraft]) -> list[TapV1]:
        try:
            return [
                draft.with_identity(self._identity(), self._epoch, self._next_seq + index)
                for index, draft in enumerate(drafts)
            ]
        except ValidationError as error:
            raise TapNotKept("M-17", "La borne n’a pas compris ce geste.") from error

    def _journal_for(self, taps: int) -> Journal:
        """Return the journal to write to; a new epoch begins when there is none or when it has grown enough."""
        if self._journal is not None and self._journal.tap_count + taps > self.limits.journal_taps_max:
            self._journal.close()
            self._journal = None
        if self._journal is None:
            epoch = self._identity()
            try:
                self._journal = Journal(self.folder, epoch, self._voids)
            except OSError as error:
                raise _not_kept(error) from error
            self._epoch, self._next_seq = epoch, 1
        return self._journal

    def _write(self, store: Store, journal: Journal, taps: list[StoredTap]) -> list[int]:
        length = journal.size_bytes
        has_begun = False
        try:
            with store.transaction() as db:
                self._require_room(db, len(taps))
                has_begun = True
                Store.void_with(db, self._voids)
                positions = store.insert_with(db, taps, self._clock())
                journal.append(taps)
        except BaseException as error:
            if has_begun:  # whatever the disk said, it may have kept what it denied
                self._end_epoch(journal, length, taps)
            if isinstance(error, StoreDamaged):
                self._let_go(error)
            if isinstance(error, OSError | sqlite3.Error | OutboxError):
                raise _not_kept(error) from error
            raise
        return positions

    def _require_room(self, db: sqlite3.Connection, taps: int) -> None:
        held = db.execute("SELECT sum(taps) FROM tally").fetchone()[0]
        if held + taps > self.limits.taps_max:
            raise TapNotKept("M-13", "La mémoire de la borne est pleine.")

    def _end_epoch(self, journal: Journal, length: int, taps: list[StoredTap]) -> None:
        """Cut the failed taps off and let their epoch end; see the module's contract."""
        self._voids |= {tap.tap_id for tap in taps}
        with suppress(OSError):
            journal.retract(length)
        self._journal = None
        if self._next_seq == 1:
            with suppress(OSError):
                journal.discard()
        else:
            journal.close()

    def _leave_journal(self) -> bool:
        """End the epoch; return whether it leaves a journal behind."""
        journal, self._journal = self._journal, None
        if journal is None:
            return False
        if journal.tap_count == 0 and not self._voids:
            journal.discard()
            return False
        journal.close()
        return True

    def _let_go(self, fault: OutboxError | None) -> None:
        """Close the database and hold no lock, so that whoever is alone can repair it."""
        self.fault = fault
        if self._store is not None:
            self._store.close()
            self._store = None
            self._users.release()


def room_of(counts: Counts, limits: OutboxLimits = _DEFAULT_LIMITS) -> str:
    """Say how full an outbox is: "free", "scarce" (over the warning level) or "full"."""
    if counts.held >= limits.taps_max:
        return "full"
    return "scarce" if counts.held * 100 >= limits.taps_max * limits.warn_percent else "free"


@contextmanager
def borrowed_store(folder: Path) -> Iterator[Store]:
    """Open the database for a moment, for the sync process: recovery may take its turn between two loans.

    Raises OutboxError when there is no outbox yet or when it is being repaired.
    """
    if not store_path(folder).exists():
        raise OutboxError("La mémoire de la borne n’existe pas encore.")
    with FileLock(folder / "users.lock") as users:
        if not users.shared(_RECOVERY_WAIT_SECONDS):
            raise OutboxError("La mémoire de la borne est en cours de réparation.")
        with closing(Store(folder)) as store:
            yield store


def purge(store: Store, at: int, limits: OutboxLimits = _DEFAULT_LIMITS) -> int:
    """Empty the epochs whose every tap the server has held for long enough, rows and journal; return the taps.

    Unsent and parked taps have no expiry (P4). A dead epoch goes as a whole, so that no journal can bring back
    what the database forgot.
    """
    before = at - limits.acked_days_min * _DAY_MICROS
    emptied = 0
    ripe = store.rows(
        "SELECT epoch FROM tap GROUP BY epoch"
        " HAVING min(state IN ('acked', 'void')) = 1 AND max(coalesce(settled_at, kept_at)) < ?",
        before,
    )
    for epoch in (str(row[0]) for row in ripe):
        path = journal_path(store.folder, epoch)
        if is_alive(path):
            continue
        with store.transaction() as db:
            emptied += db.execute("DELETE FROM tap WHERE epoch = ?", (epoch,)).rowcount
            db.execute("DELETE FROM journal_seal WHERE epoch = ?", (epoch,))
            db.execute("INSERT OR REPLACE INTO purged_epoch VALUES (?, ?)", (epoch, at))
        path.unlink(missing_ok=True)
    return emptied


def _not_kept(error: BaseException) -> TapNotKept:
    """Put a failure into words a person can read out (look notes §7)."""
    if isinstance(error, TapNotKept):
        return error
    if isinstance(error, StoreDamaged):
        return TapNotKept("M-14", "La mémoire de la borne est abîmée.")
    if isinstance(error, OutboxError):
        return TapNotKept(error.support_code, error.message)
    full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    if full or getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_FULL:
        return TapNotKept("M-11", "La mémoire de la borne n’a plus de place.")
    if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY:
        return TapNotKept("M-15", "Une autre fenêtre de la borne occupe sa mémoire.")
    return TapNotKept("M-12", "La borne ne peut plus écrire dans sa mémoire.")
