"""Bodies that pay, what they take over, the trip and the crèche scale, read from `data/aids.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class SejourData:
    """The town's trip and its price a day; ages in years, half-open."""

    service: str
    label: str
    structure: str
    decision: str
    name: str
    number: str
    place: str
    places: int
    enrolled: int
    ages: tuple[int, int]
    euros_a_day: Decimal


@dataclass(frozen=True, slots=True)
class PsuData:
    """The service that the national scale prices, the council's decision, and how many families sign a contract."""

    service: str
    decision: str
    contracts: int


@dataclass(frozen=True, slots=True)
class RecapsData:
    """The days on which vouchers are passed on."""

    decision: str
    days: tuple[tuple[int, int], ...]
    reminder_days: int


@dataclass(frozen=True, slots=True)
class AidData:
    """What a body takes over, for whom (see the file), and how far its paper went."""

    ref: str
    body: str
    kind: str
    service: str
    terms: Mapping[str, Any]
    state: str
    child: str | None = None
    decision: str = ""
    quoted_cents: int | None = None
    reason: str = ""
    is_late: bool = False


@dataclass(frozen=True, slots=True)
class AidsData:
    """All of it; bodies as `NewBody` names their fields."""

    sejour: SejourData
    psu: PsuData
    recaps: RecapsData
    bodies: tuple[Mapping[str, str], ...]
    aids: tuple[AidData, ...]


@lru_cache(maxsize=1)
def aids_data() -> AidsData:
    """Read the packaged file."""
    raw = tomllib.loads((files("demo") / "data" / "aids.toml").read_text(encoding="utf-8"))
    trip = raw["sejour"]
    return AidsData(
        sejour=SejourData(**{**trip, "ages": tuple(trip["ages"]), "euros_a_day": Decimal(trip["euros_a_day"])}),
        psu=PsuData(**raw["psu"]),
        recaps=RecapsData(**{**raw["recaps"], "days": tuple(map(tuple, raw["recaps"]["days"]))}),
        bodies=tuple(raw["bodies"]),
        aids=tuple(AidData(**row) for row in raw["aids"]),
    )
