"""A serial port made of software: a pseudo-terminal that can be unplugged and plugged in again."""

from __future__ import annotations

import os
import select
import shutil
import tempfile
import termios
import threading
import tty
from collections.abc import Callable
from pathlib import Path

_READ_BYTES_MAX = 4096
_BAUDRATES = {
    termios.B9600: 9_600,
    termios.B115200: 115_200,
    termios.B230400: 230_400,
    termios.B460800: 460_800,
    termios.B921600: 921_600,
}


class PtyPort:
    """The device's end of a serial line; ``device_file`` is the end a driver opens.

    ``device_file`` is a symbolic link, as udev's by-id names are: it vanishes when the device is unplugged
    and points to a new terminal when it is plugged in again. ``on_bytes`` receives what the driver sends, in
    the port's own thread.
    """

    def __init__(self, on_bytes: Callable[[bytes], None] | None = None) -> None:
        self._on_bytes = on_bytes
        self._folder = Path(tempfile.mkdtemp(prefix="marelle-pty-"))
        self.device_file = str(self._folder / "reader")
        self._lock = threading.Lock()  # guards the descriptors against unplug in another thread
        self._master = self._slave = -1
        self._pump: threading.Thread | None = None
        self._stop_read, self._stop_write = -1, -1
        self.plug()

    def plug(self) -> None:
        """Plug the device in. Idempotent."""
        with self._lock:
            if self._master >= 0:
                return
            self._master, self._slave = os.openpty()
            tty.setraw(self._slave)
            os.set_blocking(self._master, False)
            os.symlink(os.ttyname(self._slave), self.device_file)
        if self._on_bytes is not None:
            self._stop_read, self._stop_write = os.pipe()
            self._pump = threading.Thread(
                target=self._pump_bytes, args=(self._master, self._on_bytes), name="pty-port", daemon=True
            )
            self._pump.start()

    def unplug(self) -> None:
        """Pull the plug: the driver's end hangs up and its device file vanishes. Idempotent."""
        if self._pump is not None:
            os.write(self._stop_write, b"x")
            self._pump.join()
            os.close(self._stop_read)
            os.close(self._stop_write)
            self._pump = None
        with self._lock:
            if self._master < 0:
                return
            os.unlink(self.device_file)
            os.close(self._master)
            os.close(self._slave)
            self._master = self._slave = -1

    def close(self) -> None:
        """Unplug for good."""
        self.unplug()
        shutil.rmtree(self._folder, ignore_errors=True)

    def send(self, data: bytes) -> None:
        """Send bytes to the driver; lost while unplugged or when nobody reads, as on a real line."""
        with self._lock:
            if self._master < 0:
                return
            try:
                os.write(self._master, data)
            except BlockingIOError:
                return

    def baudrate(self) -> int:
        """The speed the driver has set; 0 when unplugged or unusual."""
        with self._lock:
            if self._slave < 0:
                return 0
            speed: int = termios.tcgetattr(self._slave)[4]
            return _BAUDRATES.get(speed, 0)

    def _pump_bytes(self, master: int, on_bytes: Callable[[bytes], None]) -> None:
        while True:
            readable, _, _ = select.select([master, self._stop_read], [], [])
            if self._stop_read in readable:
                return
            on_bytes(os.read(master, _READ_BYTES_MAX))
