"""Advisory file locks between the processes of one terminal (flock: freed by the system when a process dies)."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path
from typing import Self

_RETRY_SECONDS = 0.02


class FileLock:
    """A lock on one file. One holder for `exclusive`, any number for `shared`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fd: int | None = None

    @property
    def held(self) -> bool:
        """True while this object holds the lock."""
        return self._fd is not None

    def exclusive(self, wait_seconds: float = 0.0) -> bool:
        """Take the lock alone; False when somebody else still holds it after `wait_seconds`."""
        return self._take(fcntl.LOCK_EX, wait_seconds)

    def shared(self, wait_seconds: float = 0.0) -> bool:
        """Take or keep the lock together with others; turns an exclusive lock into a shared one."""
        return self._take(fcntl.LOCK_SH, wait_seconds)

    def release(self) -> None:
        """Give the lock back. Idempotent."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def _take(self, kind: int, wait_seconds: float) -> bool:
        fd = self._fd if self._fd is not None else os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        deadline = time.monotonic() + wait_seconds
        while True:
            try:
                fcntl.flock(fd, kind | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    os.close(fd)  # a failed conversion may already have lost the old lock: hold nothing
                    self._fd = None
                    return False
                time.sleep(_RETRY_SECONDS)
            else:
                self._fd = fd
                return True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()
