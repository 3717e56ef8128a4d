"""The sync process: holds the lock, drives the engine, ends with the screen that started it (house rule 11)."""

from __future__ import annotations

import logging
import random
import sqlite3
import threading
from importlib.metadata import PackageNotFoundError, version
from logging.handlers import RotatingFileHandler
from typing import BinaryIO

from terminal.clock import system_instruments
from terminal.config import TerminalFiles
from terminal.outbox.drafts import OutboxError
from terminal.outbox.locks import FileLock
from terminal.outbox.outbox import borrowed_store
from terminal.roster.store import RosterStore
from terminal.sync.client import ServerClient, new_http_client
from terminal.sync.engine import SyncChance, SyncEngine, SyncPlace
from terminal.sync.identity import IdentityStore
from terminal.sync.meetings import Meetings

# Another process holds the lock: not an error, and the supervisor need not hurry.
EXIT_LOCKED = 75
_AFTER_A_FAULT_SECONDS = 5.0
_LOG_BYTES_MAX = 1_000_000
_LOG = logging.getLogger(__name__)


def run(files: TerminalFiles, api: str, parent: BinaryIO) -> int:
    """Send until `parent` (the pipe from the screen process) closes; return the exit code."""
    with FileLock(files.sync_lock) as lock:
        if not lock.exclusive():
            return EXIT_LOCKED
        _log_to_file(files)
        orphaned = threading.Event()
        threading.Thread(target=_watch, args=(parent, orphaned), name="parent", daemon=True).start()
        with new_http_client(api) as http:
            _drive(files, ServerClient(http), orphaned)
    return 0


def _drive(files: TerminalFiles, server: ServerClient, orphaned: threading.Event) -> None:
    """Step until told to stop. A broken disk or an outbox in repair is waited out, never a reason to die."""
    engine: SyncEngine | None = None
    while not orphaned.is_set():
        try:
            engine = engine or _engine(files, server)
            wait = engine.step()
        except (OutboxError, sqlite3.Error, OSError) as error:
            _LOG.warning("the outbox could not be used: %s", error)
            wait = _AFTER_A_FAULT_SECONDS
        orphaned.wait(wait)


def _engine(files: TerminalFiles, server: ServerClient) -> SyncEngine:
    place = SyncPlace(
        outbox=lambda: borrowed_store(files.outbox),
        roster=RosterStore(files.roster),
        identity=IdentityStore(files.token),
        software_version=_software_version(),
        meetings=Meetings(files.meetings),
    )
    # Jitter, not secrets.
    chance = SyncChance(system_instruments(), random.Random())  # noqa: S311
    return SyncEngine(place, server, chance)


def _watch(parent: BinaryIO, orphaned: threading.Event) -> None:
    """Wait for the end of the pipe: the system closes it however the screen process ends."""
    while parent.read(1):
        pass
    orphaned.set()


def _log_to_file(files: TerminalFiles) -> None:
    handler = RotatingFileHandler(files.sync_log, maxBytes=_LOG_BYTES_MAX, backupCount=1, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])


def _software_version() -> str:
    try:
        return version("marelle")
    except PackageNotFoundError:
        return "unknown"
