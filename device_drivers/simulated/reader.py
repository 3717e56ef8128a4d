"""The readers behind ``sim:`` and ``sim:udp:``: no hardware, the same supervision as the real ones.

=====================  =======  =========================================================
feature                support  remarks
=====================  =======  =========================================================
tap, hold, remove      yes      ``present``, ``place``, ``remove``
refusals               yes      random UIDs, unreadable answers, as on a real reader
unplug, replug         yes      what was presented and not polled is lost, as in reality
from another process   yes      ``sim:udp:``, datagrams ``TAP <hex>`` on loopback only
=====================  =======  =========================================================
"""

from __future__ import annotations

import queue
import select
import socket
import time
from collections.abc import Sequence

from device_drivers.addresses import ReaderAddress, parse_address
from device_drivers.link import LinkDownError, LinkEvent, Refusal
from device_drivers.reader import MonotonicClock, ReaderStatus
from device_drivers.simulated.uids import judge_uid
from device_drivers.supervisor import SupervisedReader
from device_drivers.transports.faults import lost, unplugged
from device_drivers.transports.loopback import loopback_socket

_NAME = "la prise simulée"
_DATAGRAM_BYTES_MAX = 256
_UNREADABLE = Refusal("réponse illisible du lecteur. Présentez le badge à nouveau.")


def tap_datagram(uid: str) -> bytes:
    """Return the datagram that presents ``uid`` to a ``sim:udp:`` reader."""
    return f"TAP {uid}".encode("ascii")


def judge_datagram(datagram: bytes) -> LinkEvent:
    """Return what a received datagram means; anything but a tap is a refusal."""
    try:
        word, uid = datagram.decode("ascii").split()
    except ValueError:
        return _UNREADABLE
    return judge_uid(uid) if word == "TAP" else _UNREADABLE


class SimulatedLink:
    """A socket that can be pulled and a field in which a badge can lie."""

    technology = "simulated"
    pause_seconds = 0.0

    def __init__(self) -> None:
        self._events: queue.SimpleQueue[LinkEvent | None] = queue.SimpleQueue()  # None only wakes the waiter
        self._plugged = True
        self._badge: str | None = None

    def place(self, uid: str) -> None:
        """Lay a badge on the reader; it stays until removed."""
        if self._badge != uid:
            self._badge = uid
            self.emit(judge_uid(uid))

    def remove(self) -> None:
        """Take the badge away."""
        self._badge = None

    def emit(self, event: LinkEvent) -> None:
        """Let the hardware see ``event``; unseen while unplugged."""
        if self._plugged:
            self._events.put(event)

    def unplug(self) -> None:
        """Pull the plug."""
        self._plugged = False
        self._events.put(None)

    def replug(self) -> None:
        """Put the plug back."""
        self._plugged = True

    def connect(self) -> None:
        """Find the reader, and the badge that lies on it."""
        if not self._plugged:
            raise unplugged(_NAME)
        self._events = queue.SimpleQueue()
        if self._badge is not None:
            self.emit(judge_uid(self._badge))

    def wait_events(self, timeout_seconds: float) -> Sequence[LinkEvent]:
        """Wait for the next event."""
        try:
            event = self._events.get(timeout=timeout_seconds) if timeout_seconds > 0 else self._events.get_nowait()
        except queue.Empty:
            event = None
        if not self._plugged:
            raise lost(_NAME)
        return [] if event is None else [event]

    def disconnect(self) -> None:
        """Nothing to free."""


class RemoteControlledLink(SimulatedLink):
    """A simulated link to which other processes of this machine present badges by datagram."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self._port = port
        self._socket: socket.socket | None = None

    def connect(self) -> None:
        """Listen on loopback."""
        super().connect()
        try:
            self._socket = loopback_socket(self._port)
        except OSError as error:
            raise LinkDownError(
                ReaderStatus.FAILED,
                f"Le port local {self._port} est déjà pris par un autre programme. "
                "Fermez-le\u00a0: le lecteur simulé repartira seul.",
            ) from error

    def wait_events(self, timeout_seconds: float) -> Sequence[LinkEvent]:
        """Wait for the next datagram, or take an event made in this process."""
        events = super().wait_events(0)
        if events or self._socket is None:
            return events
        if not select.select([self._socket], [], [], timeout_seconds)[0]:
            return []
        return [judge_datagram(self._socket.recv(_DATAGRAM_BYTES_MAX))]

    def disconnect(self) -> None:
        """Free the port."""
        bound, self._socket = self._socket, None
        if bound is not None:
            bound.close()


class SimulatedReader(SupervisedReader):
    """A BadgeReader with hands: badges are presented by calling it. Thread-safe."""

    def __init__(self, address: ReaderAddress | None = None, clock: MonotonicClock = time.monotonic_ns) -> None:
        address = address or parse_address("sim:")
        self._hands = RemoteControlledLink(address.udp_port) if address.udp_port else SimulatedLink()
        super().__init__(address, self._hands, clock)

    def present(self, uid: str) -> None:
        """Tap a badge (hexadecimal) and take it away at once: one gesture, whoever tapped before."""
        self._hands.remove()
        self._hands.place(uid)
        self._hands.remove()

    def place(self, uid: str) -> None:
        """Lay a badge on the reader; it stays until ``remove``."""
        self._hands.place(uid)

    def remove(self) -> None:
        """Take the badge away."""
        self._hands.remove()

    def garble(self) -> None:
        """Let the reader give one unreadable answer."""
        self._hands.emit(_UNREADABLE)

    def unplug(self) -> None:
        """Pull the reader's plug; noticed at the next poll."""
        self._hands.unplug()

    def replug(self) -> None:
        """Put the plug back; the reader is found again within its back-off (2 s at most)."""
        self._hands.replug()
