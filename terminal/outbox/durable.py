"""Making files durable on disks that are not quite honest.

Some drives drop a flush now and then, and a failed fsync is the kernel's last word: what it was about counts as
clean from then on and no later fsync writes it, though every process still reads it from memory.
"""

from __future__ import annotations

import os
from pathlib import Path

# A drive that drops one flush in twenty must drop three in a row to lose a tap. The later ones find nothing to
# write: measured at a fifth of the first one's time.
_FLUSHES = 3


def make_durable(fd: int) -> None:
    """Return once what was written to this file or folder is on disk; raises OSError when the disk refuses."""
    for _ in range(_FLUSHES):
        os.fsync(fd)


def sync_folder(folder: Path) -> None:
    """Make a creation, rename or removal in the folder durable."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        make_durable(fd)
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
        make_durable(fd)
    finally:
        os.close(fd)
    return data


def write_whole(path: Path, data: bytes) -> None:
    """Create or replace a file at once (temporary file, fsync, rename); its old content stays until then."""
    temporary = path.with_suffix(".tmp")
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        make_durable(file.fileno())
    temporary.rename(path)
    sync_folder(path.parent)
