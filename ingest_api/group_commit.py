"""One writer thread, many requests: batches that arrive while a transaction commits share the next one.

A durable commit costs nearly the same for one tap and for a hundred. While the disk works, the requests that arrive
queue up and become the next group, in the order of arrival; each request awaits its own outcome. A lone terminal
never waits; when the last group had company and was small, the writer pauses for a moment, a share of what a commit
takes, so that those it has just answered can join again (house rule 8; docs/adr/0007).
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue

from domain.wire.v1 import BatchAnswerV1
from ingest_api.refusals import Refusal
from records.operations.tap_rows import TapBatch
from records.operations.taps import Outcome

KeepAll = Callable[[Sequence[TapBatch]], Sequence[Outcome]]


@dataclass(frozen=True, slots=True)
class GroupLimits:
    """How much one transaction takes, how much may wait (10 and 100 full batches), and the longest pause.

    A group of `pause_below_taps` or more is worth its commit: while it is written, the next one is read.
    """

    taps_a_transaction_max: int = 2_000
    taps_waiting_max: int = 20_000
    pause_share: float = 0.25
    pause_seconds_max: float = 0.001
    pause_below_taps: int = 200


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A batch and the request that waits for its outcome."""

    batch: TapBatch
    outcome: asyncio.Future[BatchAnswerV1]
    loop: asyncio.AbstractEventLoop


DEFAULT_GROUP_LIMITS = GroupLimits()


class GroupCommit:
    """Hands batches to one writer thread. `submit` belongs to event loops, `close` to whoever made it."""

    def __init__(self, keep_all: KeepAll, limits: GroupLimits = DEFAULT_GROUP_LIMITS) -> None:
        self._keep_all = keep_all
        self._limits = limits
        self._queue: SimpleQueue[_Waiting | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._waiting_taps = 0
        self._closed = False
        self._thread: threading.Thread | None = None
        self._pause_seconds = 0.0

    async def submit(self, batch: TapBatch) -> BatchAnswerV1:
        """Return the answer once the batch is durable. Raises why it could not be kept, a Refusal when busy."""
        loop = asyncio.get_running_loop()
        waiting = _Waiting(batch, loop.create_future(), loop)
        with self._lock:
            if self._closed or self._waiting_taps + len(batch.items) > self._limits.taps_waiting_max:
                raise Refusal("server_busy")
            self._waiting_taps += len(batch.items)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="tap-writer", daemon=True)
                self._thread.start()
            self._queue.put(waiting)
        return await waiting.outcome

    def close(self) -> None:
        """Take no more batches, write those that wait, and return when they are durable."""
        with self._lock:
            self._closed = True
            self._queue.put(None)
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        is_open = True
        while is_open:
            group, is_open = self._next_group()
            if group:
                self._write(group)

    def _next_group(self) -> tuple[list[_Waiting], bool]:
        """Wait for one batch and take those already behind it; False when told to stop."""
        group: list[_Waiting] = []
        taps = 0
        try:
            while taps < self._limits.taps_a_transaction_max:
                waiting = self._queue.get(block=not group)
                if waiting is None:
                    return group, False
                if not group and self._pause_seconds:
                    time.sleep(self._pause_seconds)
                group.append(waiting)
                taps += len(waiting.batch.items)
        except Empty:
            pass
        return group, True

    def _write(self, group: list[_Waiting]) -> None:
        started = time.monotonic()
        try:
            outcomes: Sequence[Outcome] = self._keep_all([waiting.batch for waiting in group])
        except Exception as error:
            outcomes = [error] * len(group)
        taps = sum(len(waiting.batch.items) for waiting in group)
        share = self._limits.pause_share * (time.monotonic() - started)
        is_small = len(group) > 1 and taps < self._limits.pause_below_taps
        self._pause_seconds = min(share, self._limits.pause_seconds_max) if is_small else 0.0
        with self._lock:
            self._waiting_taps -= taps
        for loop in {waiting.loop for waiting in group}:
            mine = [pair for pair in zip(group, outcomes, strict=True) if pair[0].loop is loop]
            with contextlib.suppress(RuntimeError):  # the loop is closed: its requests are gone, the taps are kept
                loop.call_soon_threadsafe(_deliver, mine)


def _deliver(outcomes: Iterable[tuple[_Waiting, Outcome]]) -> None:
    for waiting, outcome in outcomes:
        if waiting.outcome.done():  # the client hung up
            continue
        if isinstance(outcome, Exception):
            waiting.outcome.set_exception(outcome)
        else:
            waiting.outcome.set_result(outcome)
