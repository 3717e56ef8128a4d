"""Where a town is made before it stands in MARELLE_HOME: in memory when there is room, then one rename."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

# Linux keeps this folder in memory. A half-made town need not survive a power cut, and every tap is fsynced
# twice: on a memory card that alone would take minutes.
MEMORY_FOLDER = Path("/dev/shm")  # noqa: S108 - private folders are made inside
MEMORY_BYTES_MIN = 512_000_000
OWNER_FILE = "owner.lock"


def fast_folder() -> Path:
    """Return a folder for short-lived files: in memory when there is room."""
    with suppress(OSError):
        if os.access(MEMORY_FOLDER, os.W_OK) and shutil.disk_usage(MEMORY_FOLDER).free >= MEMORY_BYTES_MIN:
            return MEMORY_FOLDER
    return Path(tempfile.gettempdir())


@contextmanager
def room_aside(home: Path) -> Iterator[tuple[Path, Path]]:
    """Yield a folder to build in and one beside MARELLE_HOME to rename from; both are gone at the end."""
    with _owned(fast_folder(), "marelle-demo-") as workshop, _owned(home.parent, f".{home.name}-demo-") as aside:
        yield workshop, aside


def bring(workshop: Path, aside: Path) -> None:
    """Copy what was made beside MARELLE_HOME, durably."""
    for path in sorted(path for path in workshop.rglob("*") if path.name != OWNER_FILE):
        target = aside / path.relative_to(workshop)
        if path.is_dir():
            target.mkdir()
        else:
            shutil.copy2(path, target)
            _sync(target)
    _sync(aside)


def put_in_place(aside: Path, home: Path) -> None:
    """Make the finished folder MARELLE_HOME. One that cannot be replaced (a mount) gets its files one by one."""
    (aside / OWNER_FILE).unlink()
    aside.chmod(0o755)
    try:
        if home.exists():
            home.rmdir()
        aside.rename(home)
    except OSError:
        home.mkdir(exist_ok=True)
        # The database goes last: without it, the folder holds no town.
        for path in sorted(aside.iterdir(), key=lambda each: each.name == "records.db"):
            path.replace(home / path.name)
    _sync(home.parent)


@contextmanager
def _owned(parent: Path, prefix: str) -> Iterator[Path]:
    """Yield a new folder that is ours while we live; what the dead left is removed first."""
    _forget_dead(parent, prefix)
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
    try:
        with (folder / OWNER_FILE).open("w") as owner:
            fcntl.flock(owner, fcntl.LOCK_EX)
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _forget_dead(folder: Path, prefix: str) -> None:
    """Remove what a killed creation left: its lock is free."""
    for path in folder.glob(f"{prefix}*"):
        with suppress(OSError), (path / OWNER_FILE).open("r+") as owner:
            fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(path, ignore_errors=True)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
