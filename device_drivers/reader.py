"""The one interface behind which every badge reader stands, whatever the hardware.

A badge number identifies, it never proves: NFC UIDs and EM4100 numbers can be copied onto another
badge with cheap tools. Nothing that needs security may rest on a ``BadgeRead`` alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable

from device_drivers.addresses import ReaderKind, parse_address

MonotonicClock = Callable[[], int]  # nanoseconds, like time.monotonic_ns


@dataclass(frozen=True, slots=True)
class BadgeRead:
    """One presentation of one badge."""

    uid: str  # upper-case hexadecimal for NFC ("04A1B2C3D4E5F6") and EM4100 ("0A000003E8"); as typed for keyboards
    technology: str  # "nfc-a", "em4100", "keyboard", "simulated"
    read_mono_ns: int  # the reader's monotonic clock when the badge was first seen


class ReaderStatus(StrEnum):
    """What the reader is doing."""

    STARTING = "starting"  # opened, not yet connected
    READY = "ready"  # badges are read
    UNPLUGGED = "unplugged"  # not there; it is looked for again and again
    FAILED = "failed"  # there, but a person must act; it is tried again and again
    CLOSED = "closed"  # not opened yet, or closed by the caller


@dataclass(frozen=True, slots=True)
class ReaderState:
    """A snapshot for staff."""

    status: ReaderStatus
    detail: str  # French, for staff: what happened and what to do
    refused: int  # frames and badges refused since the reader was made
    since_mono_ns: int  # when this status began


@runtime_checkable
class BadgeReader(Protocol):
    """A source of badge reads that survives its own hardware.

    One thread polls; ``state`` and ``close`` may be called from any other.
    """

    @property
    def address(self) -> str:
        """The address this reader was opened with."""
        ...

    @property
    def simulated(self) -> bool:
        """True when no real reader can stand behind this address."""
        ...

    def open(self) -> None:
        """Start reading. Idempotent; a missing device is a state, never an exception."""
        ...

    def close(self) -> None:
        """Stop reading and free the device. Idempotent; the reader may be opened again."""
        ...

    def poll(self, timeout_seconds: float) -> BadgeRead | None:
        """Wait up to ``timeout_seconds`` (plus at most one exchange with the chip) for the next presentation.

        A badge held on the reader is one read until it is taken away. Never raises for a hardware fault.
        On a closed reader returns None at once.
        """
        ...

    def state(self) -> ReaderState:
        """What the reader is doing now."""
        ...


def open_reader(address: str, *, clock: MonotonicClock = time.monotonic_ns) -> BadgeReader:
    """Return the reader behind ``address``, already opened.

    The first attempt to connect is made here and may take two seconds with a silent serial chip:
    call it from the thread that polls. ``parse_address`` checks an address without touching hardware.
    Raises ReaderAddressError for an address that cannot be understood.
    """
    parsed = parse_address(address)
    reader: BadgeReader
    # Each driver is imported when asked for: nfcpy loads libusb, which a keyboard reader must not need.
    if parsed.kind in (ReaderKind.NFC_USB, ReaderKind.NFC_TTY, ReaderKind.NFC_UDP):
        from device_drivers.nfc.reader import nfc_reader

        reader = nfc_reader(parsed, clock)
    elif parsed.kind is ReaderKind.SERIAL:
        from device_drivers.serial.reader import serial_reader

        reader = serial_reader(parsed, clock)
    elif parsed.kind is ReaderKind.KEYBOARD:
        from device_drivers.keyboard.reader import KeyboardReader

        reader = KeyboardReader(parsed, clock)
    else:
        from device_drivers.simulated.reader import SimulatedReader

        reader = SimulatedReader(parsed, clock)
    reader.open()
    return reader
