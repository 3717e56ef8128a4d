"""The records as seen from inside an open write: an operation may rest on others and stay one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from records.actors import Actor
from records.database import Records, Write


class JoinedRecords(Records):
    """Operations called with these records join an open write: all of it is committed, or none.

    Each still checks the actor's right and audits under its own name; they share the instant and the `change_seq`.
    """

    def __init__(self, records: Records, write: Write) -> None:
        super().__init__(records.engine, lambda: write.now)
        self._open = write

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Yield the open write's session: what it has written so far is seen."""
        yield self._open.session

    @contextmanager
    def write(self, actor: Actor, operation: str) -> Iterator[Write]:
        """Yield the open write under another operation's name; whoever opened it commits."""
        yield Write(self._open.session, actor, operation, self._open.now, self._open.change_seq)
        self._open.session.flush()

    @contextmanager
    def upkeep(self) -> Iterator[Session]:
        """Yield the open write's session."""
        yield self._open.session
        self._open.session.flush()

    def change_seq(self) -> int:
        """Return the place of the open write in the order of changes."""
        return self._open.change_seq
