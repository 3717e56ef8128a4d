"""What offices do once in the months of the demo, each at its instant."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from records.database import Records


@dataclass(frozen=True, slots=True)
class Backstage:
    """What a scene works with: the records at its instant, and a folder where figures are made."""

    records: Records
    url: str
    figures: Path


@dataclass(frozen=True, slots=True)
class Scene:
    """Something done at `at` (µs UTC); it reads in the records what came before it."""

    at: int
    do: Callable[[Backstage], None]
