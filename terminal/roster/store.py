"""The last roster, on disk: replaced as a whole, used offline for weeks, wiped when the terminal is revoked."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from domain.wire.v1 import RosterV1


@dataclass(frozen=True, slots=True)
class StoredRoster:
    """A roster and the ETag it came with."""

    roster: RosterV1
    etag: str


class RosterStore:
    """The roster file of one terminal."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> StoredRoster | None:
        """Return the stored roster; None when there is none or when it cannot be read: it will come again."""
        try:
            found = json.loads(self._path.read_bytes())
            return StoredRoster(RosterV1.model_validate(found["roster"]), str(found["etag"]))
        except (OSError, ValueError, KeyError, TypeError, ValidationError):
            return None

    def save(self, roster: RosterV1, etag: str) -> None:
        """Replace the roster at once: temporary file, fsync, rename. Raises OSError."""
        content = {"etag": etag, "roster": roster.model_dump(mode="json")}
        write_durably(self._path, json.dumps(content, ensure_ascii=False).encode())

    def wipe(self) -> None:
        """Forget every name (P8)."""
        self._path.unlink(missing_ok=True)


def write_durably(path: Path, content: bytes) -> None:
    """Write a file that its owner alone can read, whole or not at all."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(fd, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(fd)
    temporary.rename(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
