"""A command on a pseudo-terminal of 100×30 cells, with a screen model: what people see and touch."""

import codecs
import contextlib
import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyte

from tests.harness.processes import ProcessFailure

COLUMNS, ROWS = 100, 30
TERMINAL_ENVIRONMENT = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LC_ALL": "C.UTF-8"}
KEYS = {
    "enter": "\r",
    "escape": "\x1b",
    "tab": "\t",
    "backspace": "\x7f",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "ctrl+c": "\x03",
    "ctrl+q": "\x11",
}
# Private sequences that pyte 0.8 does not know: it would draw their last letter (kitty's « ESC [ < u »).
_UNKNOWN = re.compile(r"\x1b\[[<=][0-9;:]*[a-zA-Z]|\x1b[PX^_][^\x1b]*\x1b\\")
_UNFINISHED = re.compile(r"\x1b(\[[<=]?[0-9;:]*|[PX^_][^\x1b]*\x1b?)?$")


class ScreenModel:
    """The cells a terminal of `columns` × `rows` shows after the text it was fed."""

    def __init__(self, columns: int = COLUMNS, rows: int = ROWS) -> None:
        self.cells = pyte.Screen(columns, rows)
        self._stream = pyte.Stream(self.cells)
        self._decode = codecs.getincrementaldecoder("utf-8")(errors="replace").decode
        self._held = ""

    def feed(self, data: bytes) -> None:
        """Apply bytes as they come, cut anywhere."""
        text = self._held + self._decode(data)
        text = _UNKNOWN.sub("", text)
        unfinished = _UNFINISHED.search(text)
        cut = unfinished.start() if unfinished else len(text)
        self._held = text[cut:]
        self._stream.feed(text[:cut])

    def lines(self) -> list[str]:
        """Return the rows, right-stripped."""
        return [line.rstrip() for line in self.cells.display]


class PtyTerminal:
    """A running command that believes in a real terminal. Rows and columns count from 0."""

    def __init__(self, command: Sequence[str | Path], env: Mapping[str, str] | None = None) -> None:
        self._model = ScreenModel()
        self._changed = threading.Condition()
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        # setsid --ctty makes the pty the controlling terminal without a preexec_fn (unsafe beside threads).
        self.popen = subprocess.Popen(
            ["setsid", "--ctty", *(str(word) for word in command)],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env={**os.environ, **TERMINAL_ENVIRONMENT, **(env or {})},
        )
        os.close(slave)
        self._reader = threading.Thread(target=self._read, name="pty-reader", daemon=True)
        self._reader.start()

    def screen_text(self) -> str:
        """Return the 30 rows shown now, each right-stripped."""
        with self._changed:
            return "\n".join(self._model.lines())

    def cell(self, row: int, column: int) -> Any:
        """Return the pyte character at a cell: `.data`, `.fg`, `.bg` (hexadecimal RGB or a name), `.bold`…"""
        with self._changed:
            return self._model.cells.buffer[row][column]

    def wait_for(self, text: str, timeout: float = 20) -> str:
        """Wait until `text` is on one row of the screen; return the screen. Raises ProcessFailure."""
        return self.wait_until(lambda screen: text in screen, timeout, repr(text))

    def wait_until(self, seen: Callable[[str], bool], timeout: float = 20, what: str = "a condition") -> str:
        """Wait until `seen(screen_text)`; return that screen. Raises ProcessFailure with the last screen."""
        deadline = time.monotonic() + timeout
        with self._changed:
            while True:
                screen = "\n".join(self._model.lines())
                if seen(screen):
                    return screen
                left = deadline - time.monotonic()
                if left <= 0 or (self.popen.poll() is not None and not self._reader.is_alive()):
                    raise ProcessFailure(
                        f"the terminal never showed {what} (exit code {self.popen.poll()}):\n{screen}"
                    )
                self._changed.wait(min(left, 0.5))

    def type(self, keys: str) -> None:
        """Type characters as they are."""
        os.write(self._master, keys.encode())

    def press(self, *names: str) -> None:
        """Press named keys (`enter`, `escape`, `tab`, `backspace`, arrows, `ctrl+c`, `ctrl+q`)."""
        for name in names:
            self.type(KEYS[name])

    def click(self, row: int, column: int) -> None:
        """Touch one cell: SGR mouse press and release."""
        self.type(f"\x1b[<0;{column + 1};{row + 1}M\x1b[<0;{column + 1};{row + 1}m")

    def click_text(self, text: str, timeout: float = 20) -> None:
        """Wait for `text`, then touch the middle of where it first stands."""
        lines = self.wait_for(text, timeout).splitlines()
        row = next(index for index, line in enumerate(lines) if text in line)
        self.click(row, lines[row].index(text) + len(text) // 2)

    def close(self, timeout: float = 10) -> int:
        """End the command as closing the window would (SIGTERM, then SIGKILL); return its exit code."""
        if self.popen.poll() is None:
            self.popen.terminate()
        try:
            code = self.popen.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            code = self.popen.wait()
        self._reader.join(timeout)
        os.close(self._master)
        return code

    def kill(self) -> None:
        """End the command's whole session group at once, as a power cut would."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.popen.pid, signal.SIGKILL)

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self._master, 65536)
            except OSError:  # EIO: the last holder of the pty is gone
                data = b""
            with self._changed:
                if data:
                    self._model.feed(data)
                self._changed.notify_all()
            if not data:
                return
