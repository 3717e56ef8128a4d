"""PN532 frames on a serial line (high speed UART), as NXP's user manual UM0701-02 draws them.

``00 00 FF LEN LCS data DCS 00``; acknowledgement ``00 00 FF 00 FF 00``; extended
``00 00 FF FF FF LENM LENL LCS data DCS 00``. nfcpy checks the data; this file finds the frames, past
whatever noise surrounds them.
"""

from __future__ import annotations

import errno
import os
import time

from device_drivers.transports.serial_line import SerialLine

START = b"\x00\x00\xff"
ACK = b"\x00\x00\xff\x00\xff\x00"
# Wakes a sleeping chip: it drops the first bytes that reach it.
WAKE_UP = bytes(10)

_ACK_SECONDS_MIN = 0.05


def take_frame(buffer: bytearray) -> bytes | None:
    """Cut the first whole frame out of ``buffer`` (and drop what precedes it); None while there is none."""
    while True:
        start = buffer.find(START)
        if start < 0:
            del buffer[: max(0, len(buffer) - len(START) + 1)]  # the end may be the beginning of a start
            return None
        del buffer[:start]
        size = _frame_size(buffer)
        if size is None:
            return None
        if size > 0:
            if len(buffer) < size:
                return None
            frame = bytes(buffer[:size])
            del buffer[:size]
            return frame
        del buffer[0]  # not a frame after all: look for the next start


def _frame_size(buffer: bytearray) -> int | None:
    """Size of the frame ``buffer`` starts with; None when too short to tell, 0 when its length is garbled."""
    if len(buffer) < 5:
        return None
    if buffer[3] == 0 and buffer[4] == 0xFF:
        return len(ACK)
    if buffer[3] == 0xFF and buffer[4] == 0xFF:
        if len(buffer) < 8:
            return None
        sound = sum(buffer[5:8]) & 0xFF == 0
        return (buffer[5] << 8 | buffer[6]) + 10 if sound else 0
    return buffer[3] + 7 if (buffer[3] + buffer[4]) & 0xFF == 0 else 0


def frame_of(data: bytes) -> bytes:
    """Return the frame that carries ``data`` (D4… from the host, D5… from the chip)."""
    if len(data) < 255:
        head = bytes((len(data), -len(data) & 0xFF))
    else:
        size = len(data).to_bytes(2, "big")
        head = b"\xff\xff" + size + bytes((-sum(size) & 0xFF,))
    return START + head + data + bytes((-sum(data) & 0xFF, 0))


class HsuTransport:
    """The transport nfcpy's PN53x drivers ask for, over a SerialLine.

    nfcpy's own TTY transport refuses by-id names, trusts any length byte and lets termios.error through.
    """

    TYPE = "TTY"
    manufacturer_name: str | None = None
    product_name: str | None = None

    def __init__(self, line: SerialLine, baudrate: int) -> None:
        self._line = line
        self._baudrate = baudrate
        self._buffer = bytearray()

    @property
    def port(self) -> str:
        """The device file, for nfcpy's own decisions about a Raspberry Pi's ports."""
        return self._line.device_file

    @property
    def baudrate(self) -> int:
        """The speed of the line."""
        return self._baudrate

    @baudrate.setter
    def baudrate(self, baudrate: int) -> None:
        self._line.set_baudrate(baudrate)
        self._baudrate = baudrate

    def open(self, port: str, baudrate: int) -> None:
        """Take up the line at ``baudrate``; nfcpy calls this with our own port only."""
        self.baudrate = baudrate

    def write(self, frame: bytes) -> None:
        """Send ``frame``; what was received before it answers something else and is dropped."""
        self._buffer.clear()
        self._line.drop_input()
        self._line.write(bytes(frame))

    def read(self, timeout: int) -> bytearray:
        """Return the next frame; raises OSError ETIMEDOUT after ``timeout`` milliseconds."""
        deadline = time.monotonic() + max(timeout / 1000, _ACK_SECONDS_MIN)
        while True:
            frame = take_frame(self._buffer)
            if frame is not None:
                return bytearray(frame)
            received = self._line.read(deadline - time.monotonic())
            if not received:
                raise OSError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))
            self._buffer += received

    def close(self) -> None:
        """Free the line."""
        self._line.close()
