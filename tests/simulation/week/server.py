"""The shipped server in this process: the real FastAPI application and TapStore over real SQLite records.

One application serves all seeds of a process, over one file that each seed copies anew; a restart forgets what
a dead
process forgets. Batches reach the store through the application's own `submit`: usually a door that writes at
once in this
thread, so that a seed says which requests share a transaction and where the server dies; for some seeds the
shipped writer thread.
"""

import asyncio
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any
from unittest.mock import patch

import anyio.to_thread
from sqlalchemy import Connection, event

from domain.wire.v1 import BatchAnswerV1, RosterV1
from ingest_api import device_routes
from ingest_api.app import IngestApp, create_app
from records.database import Records, open_records
from records.operations import rosters
from records.operations.devices import KnownDevice
from records.operations.rosters import roster, roster_of_place
from records.operations.tap_rows import TapBatch
from records.operations.taps import Outcome, TapStore
from tests.simulation.week.world import World

COPIES = ("", "-wal", "-shm")
FORBIDDEN = 403


class Death(StrEnum):
    """Where the server dies during its next transaction of taps."""

    BEFORE = "before"  # nothing was written
    WITHIN = "within"  # written, not committed
    AFTER = "after"  # committed, not answered


class ServerDied(BaseException):
    """The process is gone: nothing catches this on its way out."""


@dataclass(frozen=True, slots=True)
class Request:
    """What travels to the server; `is_cut` when the sender hung up before the end, `is_slow` when it never ends."""

    method: str
    path: str
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    is_cut: bool = False
    is_slow: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What travels back."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


class Server:
    """The server of one process of the simulator; `begin` gives it to the next seed."""

    def __init__(self, template: Path, folder: Path) -> None:
        self._template, self._folder = template, folder
        self.file = folder / "records.db"
        self.world: World | None = None
        self.death: Death | None = None
        self.refusals = 0  # transactions that the disk will still refuse
        self.is_threaded = False
        self.records = open_records(f"sqlite:///{self.file}", self.clock)
        event.listen(self.records.engine, "commit", self._on_commit)
        self._loop = asyncio.new_event_loop()
        self._door = _Door(self)
        self._app: IngestApp | None = None
        self._read_seconds_max = 0.0
        self._has_refused = False
        self._of_places: dict[tuple[int, date], RosterV1] = {}
        self._lists: dict[tuple[KnownDevice, date], RosterV1] = {}
        self._jobs: asyncio.Queue[tuple[Sequence[Request], asyncio.Future[list[Answer | None]]]] = asyncio.Queue()
        # One task for ever: the library of the routes' threads keeps them as long as the task that asked for them.
        self._worker = self._loop.create_task(self._work())
        self._lifespan: Any = None
        self._raw: sqlite3.Connection | None = None
        self._own_thread = threading.get_ident()  # where administrators act: their errors are not the subject here

    def clock(self) -> int:
        """Return the server's clock: right."""
        assert self.world is not None, "begin was not called"
        return self.world.now

    # -- life ---------------------------------------------------------------------------------------------------

    def begin(self, world: World, *, is_threaded: bool) -> None:
        """Start on a fresh copy of the town."""
        self._stop()
        self.world, self.death, self.refusals, self.is_threaded = world, None, 0, is_threaded
        _put(self._template, self.file)
        if self._has_refused or self.is_threaded:
            self._app = None  # with what it remembers of wrong codes
        self._start()

    def restart(self) -> None:
        """Let the process die, and start another on what is on the disk."""
        self._stop()
        self._start()

    def backup(self) -> Path:
        """Return a copy of the records as they are now, as `sqlite3 .backup` makes it."""
        copy = self._folder / f"backup-{self.clock()}.db"
        with closing(sqlite3.connect(self.file)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
        return copy

    def restore(self, backup: Path) -> None:
        """Put an older copy in the place of the records, the server stopped meanwhile."""
        self._stop()
        _put(backup, self.file)
        self._start()

    def close(self) -> None:
        """End the process's server."""
        self._stop()
        self._worker.cancel()
        with suppress(asyncio.CancelledError):
            self._loop.run_until_complete(self._worker)
        self._loop.close()

    def _start(self) -> None:
        if self._app is None or self.is_threaded:
            self._app, self._has_refused = create_app(self.records, self.clock), False
            self._read_seconds_max = self._app.tap_door.read_seconds_max
        self._door.store = TapStore(self.records)
        self._app.tap_door.senders.clear()
        if self.is_threaded:
            self._lifespan = self._app.router.lifespan_context(self._app)
            self._loop.run_until_complete(self._lifespan.__aenter__())
        else:
            self._app.tap_door.submit = self._door.submit

    def _stop(self) -> None:
        if self._lifespan is not None:
            self._loop.run_until_complete(self._lifespan.__aexit__(None, None, None))
            self._lifespan = None
        if self._raw is not None:
            self._raw.close()
            self._raw = None
        self.records.engine.dispose()

    def _on_commit(self, connection: Connection) -> None:
        if self._door.is_writing and self.death is Death.WITHIN:
            raise ServerDied
        if self.refusals and (self._door.is_writing or threading.get_ident() != self._own_thread):
            self.refusals -= 1
            connection.connection.rollback()  # as SQLite does by itself when it cannot commit
            raise sqlite3.OperationalError("database or disk is full")

    # -- requests -----------------------------------------------------------------------------------------------

    def ask(self, *requests: Request) -> list[Answer | None]:
        """Answer requests that arrive together, in their order; None where nobody was left to answer.

        Raises ServerDied after having started again.
        """
        try:
            outcome: asyncio.Future[list[Answer | None]] = self._loop.create_future()
            self._jobs.put_nowait((requests, outcome))
            with self._known_lists(), nullcontext() if self.is_threaded else _one_thread():
                return self._loop.run_until_complete(outcome)
        except ServerDied:
            self.death = None
            self.restart()
            raise

    @contextmanager
    def _known_lists(self) -> Iterator[None]:
        """Let the list of a place be made once for a day: nothing in a week changes what stands in it."""

        def of_place(records: Records, structure_id: int, today: date) -> RosterV1:
            place = (structure_id, today)
            if place not in self._of_places:
                self._of_places[place] = roster_of_place(records, structure_id, today)
            return self._of_places[place]

        def list_of(records: Records, device: KnownDevice, today: date) -> RosterV1:
            key = (device, today)
            if key not in self._lists:
                self._lists[key] = roster(records, device, today)
            return self._lists[key]

        with patch.object(device_routes, "roster", list_of), patch.object(rosters, "roster_of_place", of_place):
            yield

    async def _work(self) -> None:
        while True:
            requests, outcome = await self._jobs.get()
            try:
                outcome.set_result(await self._together(requests))
            except (Exception, ServerDied) as failure:
                outcome.set_exception(failure)

    async def _together(self, requests: Sequence[Request]) -> list[Answer | None]:
        self._door.expected = len(requests)
        if len(requests) == 1:
            return [await self._one(requests[0])]
        tasks = [self._loop.create_task(self._one(request)) for request in requests]
        try:
            while not all(task.done() for task in tasks):
                if len(self._door.waiting) + sum(task.done() for task in tasks) == len(tasks):
                    self._door.write()
                await asyncio.sleep(0)
            return [task.result() for task in tasks]
        finally:
            self._door.waiting.clear()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _one(self, request: Request) -> Answer | None:
        assert self._app is not None, "begin was not called"
        call = _Call(request)
        door = self._app.tap_door
        door.read_seconds_max = 0.0 if request.is_slow else self._read_seconds_max
        await self._app(call.scope(), call.receive, call.send)
        answer = call.answer()
        self._has_refused |= answer is not None and answer.status == FORBIDDEN
        return answer

    # -- looking from outside -----------------------------------------------------------------------------------

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Read the file by a connection of our own: what is not durable is not seen."""
        if self._raw is None:
            self._raw = sqlite3.connect(self.file, isolation_level=None)
        return self._raw.execute(query, values).fetchall()


async def _here(work: Callable[..., Any], *values: object, **options: Any) -> Any:
    """Do at once, in this thread, what a route would hand to a thread of the pool."""
    for name in ("abandon_on_cancel", "cancellable", "limiter"):
        options.pop(name, None)
    return work(*values, **options)


@contextmanager
def _one_thread() -> Iterator[None]:
    """Let the routes run in this thread: requests of one seed come one after another anyway."""
    with patch.object(anyio.to_thread, "run_sync", _here), patch.object(asyncio, "to_thread", _here):
        yield


class _Door:
    """Stands where the writer thread's `submit` stands; writes when told, in this thread."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.store: TapStore | None = None
        self.expected = 1
        self.waiting: list[tuple[TapBatch, asyncio.Future[BatchAnswerV1]]] = []
        self.is_writing = False

    async def submit(self, batch: TapBatch) -> BatchAnswerV1:
        """Wait for the transaction that this batch shares with those that came with it."""
        outcome: asyncio.Future[BatchAnswerV1] = asyncio.get_running_loop().create_future()
        assert self.store is not None, "begin was not called"
        self.waiting.append((self.store.draft(batch), outcome))
        if self.expected == 1:
            self.write()
        return await outcome

    def write(self) -> None:
        """Write what waits as one group; the server may die here."""
        group, self.waiting = self.waiting, []
        if not group:
            return
        assert self.store is not None, "begin was not called"
        death = self._server.death
        if death is Death.BEFORE:
            raise ServerDied
        with self._writing():
            outcomes: Sequence[Outcome] = self.store.keep_all([batch for batch, _ in group])
        if death is Death.AFTER:
            raise ServerDied
        for (_, future), outcome in zip(group, outcomes, strict=True):
            if isinstance(outcome, Exception):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        self.is_writing = True
        try:
            yield
        finally:
            self.is_writing = False


class _Call:
    """One request as an ASGI application sees it."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._sent: list[Any] = []
        self._parts = [request.body[: len(request.body) // 2]] if request.is_cut or request.is_slow else []

    def scope(self) -> dict[str, Any]:
        """Return the connection's facts."""
        request = self._request
        return {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": request.method,
            "scheme": "http",
            "path": request.path,
            "raw_path": request.path.encode(),
            "query_string": b"",
            "root_path": "",
            "headers": list(request.headers),
            "client": ("terminal", 1),
            "server": ("server", 80),
        }

    async def receive(self) -> dict[str, Any]:
        """Give the body, whole or not."""
        if self._parts:
            return {"type": "http.request", "body": self._parts.pop(), "more_body": True}
        if self._request.is_cut:
            return {"type": "http.disconnect"}
        if self._request.is_slow:
            await asyncio.get_running_loop().create_future()
        return {"type": "http.request", "body": self._request.body, "more_body": False}

    async def send(self, message: Any) -> None:
        """Take a part of the answer."""
        self._sent.append(message)

    def answer(self) -> Answer | None:
        """Return the whole answer, None when there was none."""
        if not self._sent:
            return None
        start, *parts = self._sent
        body = b"".join(part.get("body", b"") for part in parts)
        return Answer(start["status"], tuple((bytes(key), bytes(value)) for key, value in start["headers"]), body)


def _put(source: Path, target: Path) -> None:
    for suffix in COPIES:
        Path(f"{target}{suffix}").unlink(missing_ok=True)
    shutil.copyfile(source, target)
