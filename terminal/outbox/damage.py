"""What tells that the outbox's database is corrupt, and not merely busy, full or unreadable."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from terminal.outbox.drafts import StoreDamaged

_CORRUPT_CODES = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
# Text that is no UTF-8 is Python's finding, not SQLite's: it comes without a code.
_NO_UTF_8 = "Could not decode to UTF-8"


@contextmanager
def named_damage() -> Iterator[None]:
    """Give SQLite's corruption errors our own name."""
    try:
        yield
    except UnicodeDecodeError as error:  # it quotes the bytes of a damaged schema in its message
        raise StoreDamaged("La mémoire de la borne est abîmée.") from error
    except sqlite3.DatabaseError as error:
        if _is_damage(error):
            raise StoreDamaged("La mémoire de la borne est abîmée.") from error
        raise


def _is_damage(error: sqlite3.Error) -> bool:
    return (getattr(error, "sqlite_errorcode", 0) & 0xFF) in _CORRUPT_CODES or str(error).startswith(_NO_UTF_8)
