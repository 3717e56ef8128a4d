"""Plans for the tests, made once a size: the real zone-A calendar, no database."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import holidays

from demo.calendar import SchoolCalendar, period
from demo.plan import TownPlan, make_plan
from demo.scope import Scope
from demo.source import town_data

TODAY = date(2026, 11, 21)  # a Saturday in school time


@lru_cache(maxsize=1)
def zone_a() -> SchoolCalendar:
    """Return the calendar of zone A around TODAY, as the import makes it."""
    years = range(2024, 2030)
    off: dict[date, frozenset[str]] = {}
    for kind, found in (
        ("public_holiday", holidays.country_holidays("FR", years=years)),
        ("school_holiday", holidays.country_holidays("FR", subdiv="Zone A", years=years, categories=("school",))),
    ):
        for day in found:
            off[day] = off.get(day, frozenset()) | {kind}
    return SchoolCalendar(off)


@lru_cache(maxsize=8)
def plan(children: int = 300, seed: int = 1, today: date = TODAY, months: int = 3) -> TownPlan:
    """Return a plan, made once for all tests of this process."""
    return make_plan(Scope(town_data(), period(zone_a(), today, months), seed, children))
