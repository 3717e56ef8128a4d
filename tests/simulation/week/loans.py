"""The outbox as a sync process borrows it, opened once where the engine borrows it several times in a row."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from terminal.outbox import Store, borrowed_store


class Loan:
    """One sync process's loan: shipped `borrowed_store`, given back before anything else can happen."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: tuple[AbstractContextManager[Store], Store] | None = None

    @contextmanager
    def lend(self) -> Iterator[Store]:
        """Lend the outbox; it stays open until `give_back`."""
        if self._open is None:
            loan = borrowed_store(self._folder)
            self._open = (loan, loan.__enter__())
        yield self._open[1]

    def give_back(self) -> None:
        """End the loan: the network is about to be waited for, or the step is over."""
        if self._open is not None:
            loan, self._open = self._open[0], None
            loan.__exit__(None, None, None)
