"""What the check in the background found bad, kept for the next start to repair."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from terminal.outbox.durable import write_whole


def suspicion(folder: Path) -> Path:
    """Return the mark of the background check: the names of bad files, nothing when it could not finish.

    A start repairs the files that are named, and looks at the rest as ever: people wait at the door. The mark of a
    check that could not finish stays until one finds everything whole.
    """
    return folder / "suspect"


def found_bad(folder: Path) -> frozenset[str]:
    """Return the names of the files that the background check found bad."""
    mark = suspicion(folder)
    return frozenset(mark.read_text(errors="replace").split() if mark.exists() else ())


def note_check(folder: Path, bad: Iterable[str] | None) -> None:
    """Keep for the next start what the background check found bad; None when it could not finish."""
    mark = suspicion(folder)
    if bad is None:
        mark.touch()
    elif names := " ".join(bad):
        write_whole(mark, names.encode())
    elif mark.exists() and not found_bad(folder):  # another process may have found something
        mark.unlink(missing_ok=True)
