"""Seeded randomness: one independent stream a topic, so that a change in one place moves nothing elsewhere."""

from __future__ import annotations

import random
from collections.abc import Callable


def stream(seed: int, *topic: object) -> random.Random:
    """Return the stream of a topic; the same seed and topic always give the same one."""
    return random.Random(":".join(str(part) for part in (seed, *topic)))


def identities(seed: int, *topic: object) -> Callable[[], str]:
    """Return a source of 128-bit identities (tap_id, epoch) that replays from the seed."""
    source = stream(seed, "identity", *topic)
    return lambda: f"{source.getrandbits(128):032x}"
