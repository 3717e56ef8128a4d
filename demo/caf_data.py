"""What the demo town agreed with its CAF, read from `data/caf.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class ConventionData:
    """The convention of a place; places are its busiest moment, rounded up to a multiple of `places_step`."""

    structure: str
    file_number: str
    places_step: int
    activity: str
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
class AccountData:
    """A line of each place's accounts, in percent of its charges; without an activity, all of them share it."""

    account: str
    label: str
    percent: int
    activity: str | None = None


@dataclass(frozen=True, slots=True)
class PriceData:
    """A price of the year, as the imaginary CAF of the town published it."""

    parameter: str
    value: str


@dataclass(frozen=True, slots=True)
class CafData:
    """All of it."""

    decision: str
    office_code: str
    filoue_agreed_share: float
    unsigned_files: int
    forecast_step: int
    price_source: str
    cost_per_hour: dict[str, Decimal]
    short_day: ShortDayData
    prices: tuple[PriceData, ...]
    accounts: tuple[AccountData, ...]
    conventions: tuple[ConventionData, ...]


@lru_cache(maxsize=1)
def caf_data() -> CafData:
    """Read the packaged file."""
    text = (files("demo") / "data" / "caf.toml").read_text(encoding="utf-8")
    raw = tomllib.loads(text)
    raw["cost_per_hour"] = {activity: Decimal(euros) for activity, euros in raw["cost_per_hour"].items()}
    raw["short_day"] = ShortDayData(**raw["short_day"])
    for name, made in (("conventions", ConventionData), ("accounts", AccountData), ("prices", PriceData)):
        raw[name] = tuple(made(**row) for row in raw[name])
    return CafData(**raw)
