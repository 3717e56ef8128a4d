"""From a finished build to what readers see: a new read-only file, then the pointer. Readers never wait."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from warehouse.project import DATABASE
from warehouse.snapshot import Snapshot, published_folder, read_pointer, sync_folder, write_pointer

KEPT_SNAPSHOTS = 3
_READ_ONLY = 0o444
_CHUNK = 1 << 20


def seal(path: Path) -> None:
    """Make a new file durable, and nobody's to write."""
    with path.open("rb") as handle:
        os.fsync(handle.fileno())
    path.chmod(_READ_ONLY)


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as handle:
        while chunk := handle.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def publish(home: Path, new_file: Path, snapshot: Snapshot) -> None:
    """Give the file its name, then make it current; a crash between the two leaves the former one current."""
    new_file.replace(snapshot.path)
    sync_folder(snapshot.path.parent)
    write_pointer(home, snapshot)


def prune(home: Path, kept: int = KEPT_SNAPSHOTS) -> None:
    """Remove all but the last `kept` snapshots; the current one always stays, open ones stay readable."""
    current = read_pointer(home).path
    files = sorted(published_folder(home).glob(f"{DATABASE}-*.duckdb"), key=lambda path: path.stat().st_mtime_ns)
    others = [path for path in files if path != current]
    for path in others[: len(others) - (kept - 1)]:
        path.unlink(missing_ok=True)
