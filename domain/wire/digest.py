"""One value for the contents kept of an epoch, so that a terminal sees whether they are its own (docs/adr/0007)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

_HEX_DIGITS = 32


def mark_of(payload_hash: str) -> int:
    """Return what one tap adds to the digest of its epoch: the first 128 bits of its SHA-256 (hexadecimal)."""
    return int(payload_hash[:_HEX_DIGITS], 16)


def mark_of_body(body: bytes) -> int:
    """Return what a tap adds, from the bytes it travels as."""
    return mark_of(hashlib.sha256(body).hexdigest())


def joined(marks: Iterable[int]) -> int:
    """Return the digest of a set of taps, in any order: their marks added bit by bit, without carry."""
    found = 0
    for mark in marks:
        found ^= mark
    return found


def written(digest: int) -> str:
    """Return a digest as it travels and as the records keep it: 32 hexadecimal digits."""
    return f"{digest:0{_HEX_DIGITS}x}"


def read(text: str) -> int:
    """Return the digest that `written` wrote."""
    return int(text, 16)
