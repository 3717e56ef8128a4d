"""Making files durable.

A failed fsync is the kernel's last word: what it was about counts as clean from then on and no later fsync writes
it, though every process still reads it from memory. A drive that lies about an fsync lies about a repeated one too:
one is made, and a tap outlives such a drive when either of its two copies does.
"""

from __future__ import annotations

import os
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """Make a creation, rename or removal in the folder durable."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def write_again(path: Path) -> bytes:
    """Write a file's own bytes over themselves, durably, and return them; nobody else may be writing to it.

    After this, what is read from it is on disk, whatever became of earlier fsyncs. A power cut in the middle
    changes nothing: old and new bytes are the same.
    """
    fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        data = path.read_bytes()
        view = memoryview(data)
        while view:
            view = view[os.pwrite(fd, view, len(data) - len(view)) :]
        os.fsync(fd)
    finally:
        os.close(fd)
    return data


def write_whole(path: Path, data: bytes) -> None:
    """Create or replace a file at once (temporary file, fsync, rename); its old content stays until then."""
    temporary = path.with_suffix(".tmp")
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.rename(path)
    sync_folder(path.parent)
