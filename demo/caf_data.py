"""What the demo town agreed with its CAF, read from `data/caf.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class ConventionData:
    """The convention of a place; places are its busiest moment, rounded up to a multiple of `places_step`."""

    structure: str
    file_number: str
    places_step: int
    idequ: str | None = None
    has_pedt: bool = False
    has_plan_mercredi: bool = False
    reference_wednesday_minutes: int | None = None
    meals_provided: bool = False
    diapers_provided: bool = False


@dataclass(frozen=True, slots=True)
class ShortDayData:
    """A service of a place where one day fewer animators came than its children asked for."""

    structure: str
    service: str
    animators: int


@dataclass(frozen=True, slots=True)
class CafData:
    """All of it."""

    decision: str
    office_code: str
    filoue_agreed_share: float
    unsigned_files: int
    forecast_step: int
    short_day: ShortDayData
    conventions: tuple[ConventionData, ...]


@lru_cache(maxsize=1)
def caf_data() -> CafData:
    """Read the packaged file."""
    raw = tomllib.loads((files("demo") / "data" / "caf.toml").read_text(encoding="utf-8"))
    conventions = tuple(ConventionData(**row) for row in raw["conventions"])
    return CafData(**{**raw, "conventions": conventions, "short_day": ShortDayData(**raw["short_day"])})
