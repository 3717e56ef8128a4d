"""Keeps one link alive and gives it the face of a BadgeReader: retries, back-off, states, presentations.

The link knows bytes; this file alone knows what happens when they stop coming.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import replace

from device_drivers.addresses import ReaderAddress
from device_drivers.link import Link, LinkDownError, LinkEvent, Refusal, Sighting
from device_drivers.presentation import PresentationFilter
from device_drivers.reader import BadgeRead, MonotonicClock, ReaderState, ReaderStatus

_READY = "Le lecteur est prêt."
_STARTING = "Le lecteur démarre."
_CLOSED = "Le lecteur est arrêté."

_WAIT_SECONDS_MAX = 0.1  # so that close() never waits long for a poll() in progress
# A link that lived this long was sound: its next failure starts from the short delay again.
_SOUND_AFTER_SECONDS = 2.0


class BackOff:
    """Delays that double from ``first_seconds`` up to ``ceiling_seconds``. Pure."""

    def __init__(self, first_seconds: float = 0.2, ceiling_seconds: float = 2.0) -> None:
        self._first_seconds = first_seconds
        self._ceiling_seconds = ceiling_seconds
        self._next_seconds = first_seconds

    def next_delay_seconds(self) -> float:
        """Return how long to wait now; the following delay is twice as long."""
        delay_seconds = self._next_seconds
        self._next_seconds = min(self._ceiling_seconds, delay_seconds * 2)
        return delay_seconds

    def reset(self) -> None:
        """Start from the shortest delay again."""
        self._next_seconds = self._first_seconds


class SupervisedReader:
    """A BadgeReader made of any link (see reader.py for the contract of each method)."""

    def __init__(self, address: ReaderAddress, link: Link, clock: MonotonicClock) -> None:
        self.address = address.text
        self.simulated = address.simulated
        self._link = link
        self._clock = clock
        self._presentations = PresentationFilter(address.hold_seconds)
        self._back_off = BackOff()
        self._lock = threading.Lock()  # poll, open and close exclude each other; state() takes no lock
        self._closing = threading.Event()
        self._opened = False
        self._connected = False
        self._connected_ns = 0
        self._retry_ns = 0
        self._next_wait_monotonic = 0.0
        self._pending: deque[BadgeRead] = deque()  # bounded: filled by one wait, emptied before the next
        self._last_refusal = ""
        self._state = ReaderState(ReaderStatus.CLOSED, _CLOSED, 0, clock())

    def open(self) -> None:
        """Start reading; makes the first attempt to connect."""
        if self._opened and not self._closing.is_set():
            return  # without the lock: a poll in progress may hold it for long
        with self._lock:
            if self._opened:
                return
            self._opened = True
            self._closing.clear()
            self._back_off.reset()
            self._enter(ReaderStatus.STARTING, _STARTING)
            self._try_connect()

    def close(self) -> None:
        """Stop reading; a poll in progress in another thread returns None."""
        self._closing.set()
        with self._lock:
            if not self._opened:
                return
            self._opened = False
            self._let_go()
            self._pending.clear()
            self._enter(ReaderStatus.CLOSED, _CLOSED)

    def poll(self, timeout_seconds: float) -> BadgeRead | None:
        """Return the next presentation, or None when ``timeout_seconds`` have passed."""
        # Waiting is on real time: an injected clock dates reads and retries, it cannot make hardware faster.
        deadline = time.monotonic() + timeout_seconds
        with self._lock:
            while self._opened and not self._closing.is_set():
                if not self._pending:
                    self._step(deadline - time.monotonic())
                if self._pending:
                    return self._pending.popleft()
                if time.monotonic() >= deadline:
                    break
        return None

    def state(self) -> ReaderState:
        """What the reader is doing now."""
        return self._state

    def _step(self, remaining_seconds: float) -> None:
        wait_seconds = max(0.0, min(remaining_seconds, _WAIT_SECONDS_MAX))
        if not self._connected:
            retry_in_seconds = (self._retry_ns - self._clock()) / 1e9
            if retry_in_seconds > 0:
                self._closing.wait(min(wait_seconds, retry_in_seconds))
                return
            if not self._try_connect():
                return
        pause_seconds = self._next_wait_monotonic - time.monotonic()
        if pause_seconds > 0:
            self._closing.wait(min(pause_seconds, wait_seconds))
            if pause_seconds > wait_seconds:
                return
        self._next_wait_monotonic = time.monotonic() + self._link.pause_seconds
        try:
            events = self._link.wait_events(wait_seconds)
        except LinkDownError as down:
            self._lose(down)
            return
        for event in events:
            self._take(event)

    def _try_connect(self) -> bool:
        try:
            self._link.connect()
        except LinkDownError as down:
            self._lose(down)
            return False
        self._connected = True
        self._connected_ns = self._clock()
        self._enter(ReaderStatus.READY, self._ready_detail())
        return True

    def _lose(self, down: LinkDownError) -> None:
        # The delay shrinks only after a sound stretch: a loose plug must not become a busy loop.
        if self._connected and self._clock() - self._connected_ns >= _SOUND_AFTER_SECONDS * 1e9:
            self._back_off.reset()
        self._let_go()
        self._retry_ns = self._clock() + round(self._back_off.next_delay_seconds() * 1e9)
        self._enter(down.status, down.detail)

    def _let_go(self) -> None:
        self._connected = False
        self._link.disconnect()

    def _take(self, event: LinkEvent) -> None:
        now_ns = self._clock()
        if isinstance(event, Sighting):
            if self._presentations.is_new(f"badge {event.uid}", now_ns):
                self._pending.append(BadgeRead(event.uid, self._link.technology, now_ns))
        elif not event.hold_key or self._presentations.is_new(f"refusal {event.hold_key}", now_ns):
            self._refuse(event)

    def _refuse(self, refusal: Refusal) -> None:
        self._last_refusal = refusal.reason
        self._state = replace(self._state, refused=self._state.refused + 1)
        self._enter(self._state.status, self._ready_detail())

    def _ready_detail(self) -> str:
        if not self._state.refused:
            return _READY
        count = self._state.refused
        counted = "1 lecture refusée" if count == 1 else f"{count} lectures refusées"
        return f"{_READY} {counted} depuis le démarrage. La dernière\u00a0: {self._last_refusal}"

    def _enter(self, status: ReaderStatus, detail: str) -> None:
        # One assignment of a frozen value, so that state() needs no lock.
        since_ns = self._state.since_mono_ns if status is self._state.status else self._clock()
        self._state = ReaderState(status, detail, self._state.refused, since_ns)
