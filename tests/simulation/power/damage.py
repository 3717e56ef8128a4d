"""Hurt the files of an outbox as storage does: bits, zeros, missing ends, missing files, files of another day."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from tests.simulation.power.disk import Content, Image

PAGE = 4_096
SECTOR = 512
STORE = ("outbox.sqlite3", "outbox.sqlite3-wal")


@dataclass(frozen=True, slots=True)
class Damaged:
    """A hurt folder, in words what was done to it, and whether both copies of the taps were touched."""

    image: Image
    what: str
    both_copies: bool


def damaged(image: Image, older: Image, source: random.Random) -> Damaged:
    """Hurt one file, or one of each copy; `older` is the same folder some time before."""
    files: dict[str, Content] = {name: bytes(content) for name, content in image.files.items()}
    files.pop(f"{STORE[0]}-shm", None)
    of_store = [name for name in STORE if files.get(name)]
    journals = sorted(name for name in files if name.startswith("journal-") and files[name])
    copies = [names for names in (of_store, journals) if names]
    if len(copies) == 2 and source.random() < 0.75:
        copies = [source.choice(copies)]
    told = []
    for names in copies:
        name = source.choice(names)
        kind = source.choice(list(_KINDS))
        told.append(f"{kind} {name}")
        _hurt(files, older, name, kind, source)
    return Damaged(Image(files, image.folders), ", ".join(told) or "nothing", len(copies) == 2)


def _hurt(files: dict[str, Content], older: Image, name: str, kind: str, source: random.Random) -> None:
    if kind == "missing":
        del files[name]
    elif kind == "old":
        for one in STORE if name in STORE else (name,):
            files.pop(one, None)
            if one in older.files:
                files[one] = bytes(older.files[one])
    else:
        files[name] = _KINDS[kind](bytes(files[name]), source)


def _flip(content: bytes, source: random.Random) -> bytes:
    hurt = bytearray(content)
    for _ in range(source.choice((1, 1, 2, 8, 64))):
        hurt[source.randrange(len(hurt))] ^= 1 << source.randrange(8)
    return bytes(hurt)


def _zero(content: bytes, source: random.Random) -> bytes:
    return _overwrite(content, source, lambda length: bytes(length))


def _garbage(content: bytes, source: random.Random) -> bytes:
    return _overwrite(content, source, source.randbytes)


def _overwrite(content: bytes, source: random.Random, fill: Callable[[int], bytes]) -> bytes:
    size = source.choice((SECTOR, PAGE))
    at = source.randrange(0, len(content), size)
    length = len(content[at : at + size])
    return content[:at] + fill(length) + content[at + length :]


def _truncate(content: bytes, source: random.Random) -> bytes:
    return content[: source.randrange(len(content))]


def _repeat(content: bytes, source: random.Random) -> bytes:
    """Write some sectors where others belong."""
    sectors = [content[at : at + SECTOR] for at in range(0, len(content), SECTOR)]
    sectors[source.randrange(len(sectors))] = source.choice(sectors)
    return b"".join(sectors)


def _unchanged(content: bytes, _source: random.Random) -> bytes:
    raise AssertionError("done to the folder, not to the content")


_KINDS: dict[str, Callable[[bytes, random.Random], bytes]] = {
    "flip": _flip,
    "zero": _zero,
    "garbage": _garbage,
    "truncate": _truncate,
    "repeat": _repeat,
    "missing": _unchanged,
    "old": _unchanged,
}
