"""Where the simulator takes hold of the shipped terminal: the journal's disk, and the time that locks wait.

Nothing else is replaced. A journal that is told to fail does so as a disk would: before, in the middle of or
after the
bytes. A terminal that is told to lose its power in the middle of keeping a tap leaves the files of that instant.
"""

import errno
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Any

import terminal.outbox.locks
import terminal.outbox.outbox
import terminal.outbox.recovery
import terminal.outbox.salvage
from terminal.outbox import Outbox, StoredTap
from terminal.outbox.journal import Journal, tap_frame


class Upset(StrEnum):
    """What goes wrong while a tap is being kept."""

    FULL = "full"  # no room: not a byte
    TORN = "torn"  # half of the bytes, then an error
    UNSYNCED = "unsynced"  # all of the bytes, then the fsync fails
    CUT_BEFORE = "cut_before"  # the power goes before the journal is written
    CUT_AFTER = "cut_after"  # … after it, before the commit


class PowerCut(BaseException):
    """The machine is off: nothing catches this on its way out."""


_upsets: dict[Path, Upset] = {}
_on_cut: dict[Path, Callable[[], None]] = {}


def upset_next(folder: Path, upset: Upset, on_cut: Callable[[], None]) -> None:
    """Let the next tap kept in an outbox meet this; `on_cut` is called at the instant the power goes."""
    _upsets[folder], _on_cut[folder] = upset, on_cut


def calm(folder: Path) -> None:
    """Let nothing more go wrong there."""
    _upsets.pop(folder, None)


class UpsetJournal(Journal):
    """The shipped journal on a disk that can be told to fail."""

    def append(self, taps: Sequence[StoredTap]) -> None:
        """Append as shipped, or fail as told."""
        folder = self.path.parent
        upset = _upsets.pop(folder, None)
        if upset is Upset.CUT_BEFORE:
            self._cut(folder)
        if upset is Upset.FULL:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        if upset is Upset.TORN:
            frames = b"".join(tap_frame(tap) for tap in taps)
            self._write(frames[: len(frames) // 2])
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        if upset is Upset.UNSYNCED:
            self._write(b"".join(tap_frame(tap) for tap in taps))
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        super().append(taps)
        if upset is Upset.CUT_AFTER:
            self._cut(folder)

    @staticmethod
    def _cut(folder: Path) -> None:
        _on_cut[folder]()
        raise PowerCut


class _StillTime:
    """The module `time`, when nobody else runs meanwhile: waiting for a lock is waiting for nothing."""

    def __init__(self) -> None:
        self._seconds = 0.0

    def monotonic(self) -> float:
        """Seconds that only sleep moves."""
        return self._seconds

    def sleep(self, seconds: float) -> None:
        """Pass the time."""
        self._seconds += seconds


@contextmanager
def shipped_seams() -> Iterator[None]:
    """Take hold for one seed."""
    still: Any = _StillTime()
    places: list[tuple[Any, str, Any]] = [
        (terminal.outbox.outbox, "Journal", UpsetJournal),
        (terminal.outbox.locks, "time", still),
        (terminal.outbox.recovery, "time", still),
        (terminal.outbox.salvage, "time", still),
    ]
    before = [(module, name, getattr(module, name)) for module, name, _ in places]
    for module, name, value in places:
        setattr(module, name, value)
    try:
        yield
    finally:
        _upsets.clear()
        _on_cut.clear()
        for module, name, value in before:
            setattr(module, name, value)


def abandon(outbox: Outbox) -> None:
    """End a screen process as `kill -9` does: the system closes its files, and nothing is written."""
    journal, store = outbox._journal, outbox._store
    if journal is not None:
        os.close(journal._fd)
    if store is None:
        return
    database = outbox.folder / "outbox.sqlite3"
    wal = outbox.folder / "outbox.sqlite3-wal"
    before = (database.read_bytes(), wal.read_bytes()) if wal.exists() else None
    store._connection.close()
    if (
        before is not None and not wal.exists()
    ):  # the last to close moves the log into the database: a kill does not
        database.write_bytes(before[0])
        wal.write_bytes(before[1])
    outbox._users.release()
