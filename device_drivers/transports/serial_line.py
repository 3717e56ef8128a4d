"""A serial line: opened for us alone, read as it comes, every failure an OSError."""

from __future__ import annotations

import contextlib
import errno
import os
import termios

import serial

_READ_BYTES_MAX = 4096


class SerialLine:
    """Bytes to and from one device file (8 data bits, no parity, 1 stop bit).

    Raises OSError for every fault, also where pyserial lets a termios.error through (a line that was
    unplugged between two calls).
    """

    def __init__(self, device_file: str, baudrate: int) -> None:
        self.device_file = device_file
        try:
            # Exclusive: two programs reading one line would each get half of the frames.
            self._port = serial.Serial(device_file, baudrate, timeout=0, write_timeout=1.0, exclusive=True)
        except termios.error as error:
            raise _as_os_error(error) from error

    def read(self, timeout_seconds: float) -> bytes:
        """Return what has arrived, waiting up to ``timeout_seconds`` for the first byte; b"" when nothing came."""
        try:
            self._port.timeout = max(0.0, timeout_seconds)
            data: bytes = self._port.read(1)
            if data:
                self._port.timeout = 0
                data += self._port.read(_READ_BYTES_MAX)
        except termios.error as error:
            raise _as_os_error(error) from error
        return data

    def write(self, data: bytes) -> None:
        """Send ``data``."""
        try:
            self._port.write(data)
        except termios.error as error:
            raise _as_os_error(error) from error

    def drop_input(self) -> None:
        """Forget what has arrived and was not read."""
        try:
            self._port.reset_input_buffer()
        except termios.error as error:
            raise _as_os_error(error) from error

    def set_baudrate(self, baudrate: int) -> None:
        """Change the speed of the line."""
        try:
            self._port.baudrate = baudrate
        except termios.error as error:
            raise _as_os_error(error) from error

    def close(self) -> None:
        """Free the device file, dead or alive."""
        with contextlib.suppress(OSError, termios.error):  # a line that is gone has nothing left to free
            self._port.close()


def _as_os_error(error: termios.error) -> OSError:
    code = error.args[0] if error.args and isinstance(error.args[0], int) else errno.EIO
    return OSError(code, os.strerror(code))
