"""What surrounds the screens: the disk, the reader, the sync process, watched in threads that only report events.

Nothing here waits for the network: sending belongs to another process (house rule 11).
"""

from __future__ import annotations

import queue
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from device_drivers import BadgeReader, ReaderStatus, open_reader
from device_drivers.keyboard.reader import KeyboardReader
from device_drivers.simulated import SimulatedReader, present_badge
from terminal.clock import Timekeeper, installed_at, system_instruments
from terminal.config import NO_READER, TerminalConfig, TerminalFiles
from terminal.flows.events import (
    AskEnrolment,
    BadgeSeen,
    CheckCode,
    CodeChecked,
    Effect,
    Event,
    Keep,
    Kept,
    NotKept,
    OfferParked,
    OutboxSeen,
    PresentBadge,
    ReaderSeen,
    RosterSeen,
)
from terminal.outbox.drafts import OutboxError, TapNotKept
from terminal.outbox.outbox import Outbox
from terminal.outbox.recovery import last_report
from terminal.outbox.sync_state import ask_enrolment, enrolment_request, load_sync_state
from terminal.roster.agents import find_agent
from terminal.roster.book import RosterBook
from terminal.roster.store import RosterStore

_WATCH_SECONDS = 0.5
_POLL_SECONDS = 0.25
_RESTART_SECONDS_MAX = 30.0
_DAY_MICROS = 24 * 3600 * 1_000_000

Report = Callable[[Event], None]


class Surroundings:
    """Runs effects and reports events; every method may be called from the screens' thread."""

    def __init__(self, config: TerminalConfig, report: Report) -> None:
        self.config = config
        self.files = TerminalFiles(config.home)
        self.timekeeper = Timekeeper(system_instruments(), installed_at())
        self.roster: RosterBook | None = None
        self._report = report
        self._effects: queue.Queue[Effect | None] = queue.Queue()
        self._stopping = threading.Event()
        self._reader: BadgeReader | None = None
        self._outbox: Outbox | None = None
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Open the outbox, the reader and the sync process, each in its own thread."""
        self.config.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        work = [("keeper", self._keep_effects), ("sync", lambda: SyncProcess(self.config).watch(self._stopping))]
        if self.config.reader != NO_READER:
            work.append(("reader", self._read_badges))
        self._threads = [threading.Thread(target=run, name=name, daemon=True) for name, run in work]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End the threads; what was asked to be kept is kept first."""
        self._stopping.set()
        self._effects.put(None)
        for thread in self._threads:
            thread.join(timeout=5)

    def key_pressed(self, key: str) -> None:
        """Hand a key to a reader that types like a keyboard; other readers ignore keys."""
        if isinstance(self._reader, KeyboardReader):
            self._reader.press(key)

    def do(self, effect: Effect) -> None:
        """Ask for an effect; its outcome comes back as an event."""
        self._effects.put(effect)

    # -- the disk -------------------------------------------------------------------------------------------

    def _keep_effects(self) -> None:
        watch = _Watch(self.files.roster)
        outbox = self._outbox = Outbox(self.files.outbox, clock=lambda: self.timekeeper.moment().wall)
        # The start only checks what a second allows; what lies deeper is looked at while people use the terminal.
        threading.Thread(target=_verify, args=(outbox,), name="verify", daemon=True).start()
        if self.config.enrol_code and not self.files.token.exists():
            self._do(AskEnrolment(self.config.enrol_code))
        due = 0.0
        while True:
            try:
                effect = self._effects.get(timeout=max(0.0, due - time.monotonic()))
            except queue.Empty:
                self._look(watch)
                due = time.monotonic() + _WATCH_SECONDS
                continue
            if effect is None:
                break
            self._do(effect)
        self._outbox.close()

    def _do(self, effect: Effect) -> None:
        assert self._outbox is not None, "effects are done once the outbox was opened"
        match effect:
            case Keep(drafts, purpose):
                try:
                    kept = self._outbox.keep_all(drafts)
                except TapNotKept as refusal:
                    self._report(NotKept(refusal.support_code, refusal.message, purpose, drafts))
                else:
                    self._report(Kept(tuple(one.tap for one in kept), purpose))
            case CheckCode(code):
                agents = self.roster.roster.agents if self.roster else []
                self._report(CodeChecked(find_agent(agents, code)))
            case AskEnrolment(code):
                try:
                    ask_enrolment(self._outbox.store, code, self.timekeeper.moment().wall)
                except (OutboxError, sqlite3.Error, OSError):
                    self._report(ReaderSeen(False, "La borne ne peut pas écrire le code. Prévenez le service."))
            case PresentBadge(uid):
                self._present(uid)
            case OfferParked():
                with suppress(OutboxError, sqlite3.Error, OSError):  # the counters stay as they are
                    self._outbox.store.unpark_all()

    def _look(self, watch: _Watch) -> None:
        """Report what the outbox and the roster hold now."""
        book = watch.new_roster()
        if book is not None or (self.roster is not None and watch.is_wiped):
            self.roster = book
            self._report(RosterSeen(book))
        assert self._outbox is not None, "the watch begins once the outbox was opened"
        try:
            store = self._outbox.store
            sync = load_sync_state(store)
            self.timekeeper.learn(sync.anchor)
            if watch.position < 0:
                kept = store.taps_since(self.timekeeper.moment().wall - _DAY_MICROS)
            else:
                kept = store.taps_after(watch.position)
            watch.position = max([watch.position, 0, *(one.position for one in kept)])
            request = enrolment_request(store)
            report = last_report(store)
            seen = OutboxSeen(
                sync,
                self._outbox.counts(),
                tuple(one.tap for one in kept),
                report.sentences() if report else (),
                self._outbox.room(),
                request.message if request and request.outcome == "refused" else "",
            )
        except (OutboxError, sqlite3.Error, OSError):
            return  # each gesture tries again and says red by itself
        self._report(seen)

    # -- the reader -----------------------------------------------------------------------------------------

    def _read_badges(self) -> None:
        reader = self._reader = open_reader(self.config.reader)
        said: ReaderSeen | None = None
        while not self._stopping.is_set():
            read = reader.poll(_POLL_SECONDS)
            if read is not None:
                self._report(BadgeSeen(read.uid))
            state = reader.state()
            ready = state.status in (ReaderStatus.READY, ReaderStatus.STARTING)
            seen = ReaderSeen(ready, state.detail, isinstance(reader, SimulatedReader) or _is_remote(reader))
            if seen != said:
                self._report(seen)
                said = seen
        reader.close()

    def _present(self, uid: str) -> None:
        if isinstance(self._reader, SimulatedReader):
            self._reader.present(uid)
        elif self._reader is not None:
            threading.Thread(target=present_badge, args=(self._reader.address, uid), daemon=True).start()


def _verify(outbox: Outbox) -> None:
    with suppress(OutboxError):
        outbox.verify()


def _is_remote(reader: BadgeReader) -> bool:
    return reader.address.startswith("sim:")


@dataclass(slots=True)
class _Watch:
    """Remembers what was already reported."""

    roster_file: Path
    position: int = -1
    seen_at_ns: int = 0
    is_wiped: bool = False

    def new_roster(self) -> RosterBook | None:
        """Return the roster if its file changed since the last look; `is_wiped` when there is none."""
        try:
            changed_at_ns = self.roster_file.stat().st_mtime_ns
        except OSError:
            self.is_wiped, self.seen_at_ns = True, 0
            return None
        self.is_wiped = False
        if changed_at_ns == self.seen_at_ns:
            return None
        self.seen_at_ns = changed_at_ns
        found = RosterStore(self.roster_file).load()
        return None if found is None else RosterBook(found.roster)


class SyncProcess:
    """Keeps `python -m terminal.sync` running while the screen lives; it ends with our end of the pipe."""

    def __init__(self, config: TerminalConfig) -> None:
        self._command = [sys.executable, "-m", "terminal.sync", "--home", str(config.home), "--api", config.api]

    def watch(self, stopping: threading.Event) -> None:
        """Start it, start it again with longer waits when it ends, until told to stop."""
        wait = 1.0
        while not stopping.is_set():
            started = time.monotonic()
            process = subprocess.Popen(
                self._command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            while process.poll() is None and not stopping.wait(0.2):
                pass
            if process.stdin is not None:
                process.stdin.close()
            if process.poll() is None:
                _end(process)
            lived = time.monotonic() - started
            wait = 1.0 if lived > _RESTART_SECONDS_MAX else min(wait * 2, _RESTART_SECONDS_MAX)
            stopping.wait(wait)


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(timeout=3)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
