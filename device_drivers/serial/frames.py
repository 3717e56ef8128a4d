"""Frames of 125 kHz (EM4100) readers, out of a noisy stream of bytes. Pure.

A frame is STX, ten hexadecimal digits (version byte and 32-bit number), two digits of checksum (exclusive
or of the five bytes), a trailer that ends in ETX. RDM6300 data sheet: card 62E3086CED sends
``02 36 32 45 33 30 38 36 43 45 44 30 38 03``. ID-12LA data sheet: the same with CR LF before ETX.

The checksum catches every single wrong bit and all but one in 256 of the worse faults; the frame's exact
length, its hexadecimal digits and its trailer catch most of the rest.
"""

from __future__ import annotations

import functools
import operator
import re
from dataclasses import dataclass

from device_drivers.link import LinkEvent, Refusal, Sighting

STX = 0x02
ETX = 0x03
_DIGITS = 12  # ten of the badge, two of the checksum
_BODY = re.compile(rb"[0-9A-Fa-f]{0,12}")

# A frame lasts 15 ms at 9600 baud. What is older than this belongs to a badge that was taken away.
_GAP_NS_MAX = 500_000_000

_BAD_CHECKSUM = "badge mal lu (somme de contrôle fausse). Présentez-le à nouveau."
_BAD_FRAME = "badge mal lu (message abîmé). Présentez-le à nouveau."


@dataclass(frozen=True, slots=True)
class FrameProtocol:
    """What differs between the readers."""

    name: str
    trailer: bytes
    baudrate: int
    repeats: bool  # sends again and again while the badge is held


RDM6300 = FrameProtocol("rdm6300", trailer=b"\x03", baudrate=9600, repeats=True)
ID12LA = FrameProtocol("id12la", trailer=b"\r\n\x03", baudrate=9600, repeats=False)
PROTOCOLS = {protocol.name: protocol for protocol in (RDM6300, ID12LA)}


def checksum(number: bytes) -> int:
    """Exclusive or of the bytes of a badge number."""
    return functools.reduce(operator.xor, number, 0)


def encode_frame(protocol: FrameProtocol, number: bytes) -> bytes:
    """Return the frame a reader sends for the five bytes of a badge number."""
    if len(number) != 5:
        raise ValueError(f"an EM4100 number has 5 bytes, not {len(number)}")
    digits = (number + bytes((checksum(number),))).hex().upper().encode()
    return bytes((STX,)) + digits + protocol.trailer


class FrameParser:
    """Incremental and resynchronising: a broken frame costs itself, never its neighbours."""

    def __init__(self, protocol: FrameProtocol) -> None:
        self._protocol = protocol
        self._size = 1 + _DIGITS + len(protocol.trailer)
        self._buffer = bytearray()  # never longer than one frame between two calls
        self._fed_ns = 0

    def feed(self, data: bytes, now_ns: int) -> list[LinkEvent]:
        """Add what arrived at ``now_ns`` (monotonic) and return the badges and refusals it completes."""
        events: list[LinkEvent] = []
        if self._buffer and now_ns - self._fed_ns > _GAP_NS_MAX:
            self._buffer.clear()
            events.append(Refusal(_BAD_FRAME))
        self._fed_ns = now_ns
        self._buffer += data
        while (event := self._take()) is not None:
            events.append(event)
        return events

    def reset(self) -> None:
        """Forget a frame begun."""
        self._buffer.clear()

    def _take(self) -> LinkEvent | None:
        start = self._buffer.find(STX)
        del self._buffer[: start if start >= 0 else len(self._buffer)]
        if not self._could_be_frame():
            del self._buffer[0]  # a lost beginning: the true one may follow inside
            return Refusal(_BAD_FRAME)
        if len(self._buffer) < self._size:
            return None
        number = bytes.fromhex(self._buffer[1 : 1 + _DIGITS].decode("ascii"))
        if checksum(number):
            del self._buffer[0]
            return Refusal(_BAD_CHECKSUM)
        del self._buffer[: self._size]
        return Sighting(number[:-1].hex().upper())

    def _could_be_frame(self) -> bool:
        """Say whether the buffer, as far as it goes, is a frame (an empty one may become one)."""
        digits = bytes(self._buffer[1 : 1 + _DIGITS])
        trailer = bytes(self._buffer[1 + _DIGITS : self._size])
        return _BODY.fullmatch(digits) is not None and self._protocol.trailer.startswith(trailer)
