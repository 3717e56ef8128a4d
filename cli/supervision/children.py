"""One child of `marelle run`: its command, its log, and how it is stopped without leaving anything behind."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from domain.errors import MarelleError

LOG_BYTES_MAX = 5_000_000
STOP_SECONDS = 10.0


class ChildFailed(MarelleError):
    """A child of `marelle run` cannot start; the message says which and where its log is."""

    code = "child_failed"


@dataclass(frozen=True)
class ChildSpec:
    """What to run: `is_healthy` asks the running service itself; `address` is what people open.

    `stop_seconds` is what it may take to end by itself before its whole group is killed.
    """

    name: str
    label: str
    command: Sequence[str]
    env: Mapping[str, str]
    is_healthy: Callable[[], bool]
    address: str = ""
    stop_seconds: float = STOP_SECONDS


class Child:
    """A started child: head of a process group of its own, so that its own children end with it.

    Its standard input is a pipe of ours that nobody writes to: when we die, even by SIGKILL, it closes and the
    child ends itself (`marelle serve --stop-with-parent`).
    """

    def __init__(self, spec: ChildSpec, log_path: Path) -> None:
        self.spec = spec
        self.log_path = log_path
        log_path.parent.mkdir(parents=True, exist_ok=True)
        mode = "ab" if not log_path.exists() or log_path.stat().st_size < LOG_BYTES_MAX else "wb"
        with log_path.open(mode) as log:
            self._popen = subprocess.Popen(
                list(spec.command),
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **spec.env},
                process_group=0,
            )

    @property
    def pid(self) -> int:
        """Return the process id, which is also its group's."""
        return self._popen.pid

    def exit_code(self) -> int | None:
        """Return how it ended, None while it runs."""
        return self._popen.poll()

    def ask_to_stop(self) -> None:
        """Ask it to end cleanly."""
        with contextlib.suppress(ProcessLookupError):
            self._popen.terminate()

    def finish(self, timeout_seconds: float) -> bool:
        """Wait for its end, then end whatever is left of its group; False when it had to be killed."""
        stopped = True
        try:
            self._popen.wait(timeout_seconds)
        except subprocess.TimeoutExpired:
            stopped = False
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._popen.pid, signal.SIGKILL)
        self._popen.wait()
        if self._popen.stdin is not None:
            self._popen.stdin.close()
        return stopped

    def last_line(self) -> str:
        """Return the last line of its log, for a message."""
        with contextlib.suppress(OSError):
            lines = self.log_path.read_text(encoding="utf-8", errors="replace").strip().splitlines()
            return lines[-1].strip() if lines else ""
        return ""
