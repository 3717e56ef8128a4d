"""Mistakes planted in a watched process, never in the shipped files: the model must find each of them."""

import os
from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Any


class _OsWithoutFsync:
    """The module `os`, but its fsync says yes and does nothing."""

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)

    @staticmethod
    def fsync(_fd: int) -> None:
        """Do nothing."""


def store_normal() -> None:
    """The outbox in SQLite with `synchronous=NORMAL`: a commit is not on the disk when it returns."""
    store: Any = import_module("terminal.outbox.store")
    configure = store.Store._configure

    def careless(self: Any) -> None:
        configure(self)
        self._connection.execute("PRAGMA synchronous = NORMAL")

    store.Store._configure = careless


def journal_without_fsync() -> None:
    """The journal is written and not synced."""
    for name in ("durable", "journal"):
        module: Any = import_module(f"terminal.outbox.{name}")
        module.os = _OsWithoutFsync()


def folder_without_fsync() -> None:
    """Nobody syncs the folder after a creation, a rename or a removal."""
    for name in ("durable", "journal", "salvage", "store"):
        module: Any = import_module(f"terminal.outbox.{name}")
        if hasattr(module, "sync_folder"):
            module.sync_folder = lambda _folder: None


def no_journal() -> None:
    """One copy instead of two."""
    journal: Any = import_module("terminal.outbox.journal")
    journal.Journal.append = lambda self, taps: None


def records_normal() -> None:
    """The records in SQLite with `synchronous=NORMAL`."""
    database: Any = import_module("records.database")
    configure = database._configure_sqlite

    def careless(connection: Any, record: object) -> None:
        configure(connection, record)
        connection.execute("pragma synchronous = normal")

    database._configure_sqlite = careless


PLANTED: dict[str, Callable[[], None]] = {
    one.__name__: one
    for one in (store_normal, journal_without_fsync, folder_without_fsync, no_journal, records_normal)
}


def plant(names: Iterable[str]) -> None:
    """Apply the mistakes of these names to this process."""
    for name in names:
        PLANTED[name]()
