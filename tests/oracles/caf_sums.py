"""A year of a place as its declaration sums it up, from its child-days; imports nothing of Marelle."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import partial

from tests.oracles.caf_hours import ChildDay
from tests.oracles.caf_money import Psu, hours, inclusive, plan_mercredi, psu, rounded
from tests.oracles.caf_money import pso as owed_for_leisure
from tests.oracles.caf_world import CafPlace, Scale

KINDS = {"extrascolaire": "extrascolaire", "youth": "youth"}


@dataclass(frozen=True)
class LeisureYear:
    """Hours and euros of one kind of leisure centre."""

    hours: Decimal
    amount: Decimal | None
    limited_by: str | None
    plan: Decimal | None
    inclusive: Decimal | None
    refused: str | None = None


def kind_of(day: ChildDay) -> str:
    """Return the kind of funding of a day."""
    return "periscolaire" if day.kind.startswith("periscolaire") else day.kind


def cost_of(place: CafPlace, days: Sequence[ChildDay], activity: str, shared: Decimal | None) -> Decimal | None:
    """Return what an activity cost: its own charges, and its part by the hours of what all share."""
    if shared is None:
        return None
    part = _sum([day for day in days if kind_of(day) == activity])
    return place.own.get(activity, Decimal(0)) + rounded(Fraction(shared) * part / _sum(days), 2)


def until_september(place: CafPlace, days: Sequence[ChildDay]) -> tuple[CafPlace, list[ChildDay]]:
    """Return the place with the accounts of its nine first months, and their days."""
    return replace(place, charges=place.until_september, own={}), [day for day in days if day.day.month <= 9]


def cost_so_far(place: CafPlace, days: Sequence[ChildDay]) -> Decimal | None:
    """Return what the days so far cost, each billed hour as much as one of the nine first months."""
    before, first = until_september(place, days)
    cost = cost_of(before, first, "eaje", before.charges)
    return None if cost is None else rounded(Fraction(cost) * Fraction(_billed(days)) / Fraction(_billed(first)), 2)


def _billed(days: Sequence[ChildDay]) -> Decimal:
    return hours(sum((day.billed for day in days if day.kind == "eaje" and day.counts), Fraction(0)))


def eaje_year(place: CafPlace, days: Sequence[ChildDay], year: int, scale: Scale) -> Psu | None:
    """Return what is owed for early childhood; None where there was none."""
    if not any(day.kind == "eaje" for day in days):
        return None
    cost = cost_of(place, days, "eaje", place.charges)
    return eaje_with_fewer(place, days, (year, scale), Change(), cost)[2]


@dataclass(frozen=True)
class Change:
    """Minutes taken off what is billed and added to what is realised."""

    fewer: Fraction = Fraction(0)
    realised: int = 0


def eaje_with_fewer(
    place: CafPlace, days: Sequence[ChildDay], of: tuple[int, Scale], change: Change, cost: Decimal | None
) -> tuple[Decimal, Decimal, Psu]:
    """Return hours billed, contributions and what is owed after a change, families paying as much an hour."""
    year, scale = of
    mine = [day for day in days if day.kind == "eaje"]
    billed = sum((day.billed for day in mine if day.counts), Fraction(0))
    realised = sum(day.realised or 0 for day in mine if day.declared) + change.realised
    general = sum((day.billed for day in mine if day.counts and day.regime == "RG"), Fraction(0))
    contributions = sum((day.contribution for day in mine if day.counts), Fraction(0))
    convention = place.convention
    share = convention.general if convention is not None else None
    if share is None and billed > 0:
        share = rounded(general / billed, 4)
    left = hours(billed - change.fewer)
    paid = rounded(contributions, 2)
    if change.fewer:
        paid = rounded(Fraction(paid) * Fraction(left) / Fraction(hours(billed)), 2)
    owed = psu(
        year, left, hours(realised), contributions=paid,
        charges=cost, general=share, scale=scale,
    )  # fmt: skip
    return left, paid, owed


def kinds_of(days: Sequence[ChildDay]) -> list[str]:
    """Return the kinds of leisure centre of a place."""
    return sorted({kind_of(day) for day in days} - {"eaje"})


def leisure_years(
    place: CafPlace, days: Sequence[ChildDay], scale: Scale, kinds: Sequence[str]
) -> dict[str, LeisureYear]:
    """Return what is owed for each kind of leisure centre; a kind of the place without hours is refused."""
    found = {}
    for kind in kinds:
        mine = [day for day in days if kind_of(day) == kind]
        total, general = _sum(mine), _sum([day for day in mine if day.regime == "RG"])
        if not total:
            found[kind] = LeisureYear(hours(0), None, None, None, None, "realised_missing")
            continue
        convention = place.convention
        share = convention.general if convention is not None else None
        owed = owed_for_leisure(
            hours(total), charges=cost_of(place, days, kind, place.charges), cap=scale.pso,
            general=share if share is not None else rounded(Fraction(general, total), 4),
        )  # fmt: skip
        wednesdays = hours(_sum([day for day in mine if day.kind == "periscolaire_wednesday"]))
        aeeh = hours(_sum([day for day in mine if day.aeeh]))
        reference = convention.reference_wednesday_minutes if convention is not None else None
        plan = None
        if kind == "periscolaire" and convention is not None and convention.plan_mercredi and reference is not None:
            plan = plan_mercredi(wednesdays, hours(reference))
        extra = inclusive(aeeh, scale.inclusive) if aeeh and scale.inclusive is not None else None
        found[kind] = LeisureYear(hours(total), owed.amount, owed.limited_by, plan, extra)
    return found


BLOCKS = {"eaje": "eaje_activity", "periscolaire": "alsh_peri", "extrascolaire": "alsh_extra", "youth": "youth"}
_OF_ALL: dict[str, Callable[[ChildDay], bool]] = {
    "hours": lambda _: True,
    "hours_under_6": lambda day: day.age == "under_6",
    "hours_from_6": lambda day: day.age == "from_6",
    "hours_age_unknown": lambda day: day.age == "unknown",
    "hours_rg": lambda day: day.regime == "RG",
    "hours_msa": lambda day: day.regime == "MSA",
    "hours_other": lambda day: day.regime == "AUTRE",
    "hours_regime_unknown": lambda day: day.regime == "INCONNU",
    "hours_aeeh": lambda day: day.aeeh,
}
_SLOTS = ("morning", "midday", "evening", "wednesday")
_HOLIDAYS = {"hours_small_holidays": "small_holidays", "hours_summer": "summer", "hours_saturday": "saturday"}


def split_hours(place: CafPlace, days: Sequence[ChildDay]) -> dict[tuple[str, str], Decimal]:
    """Return each line of hours of a declaration, by block and code: every day asked whether it is of the line."""
    found = {}
    for kind, block in BLOCKS.items():
        mine = [day for day in days if kind_of(day) == kind]
        if not mine:
            continue
        asked = {**_OF_ALL, **_of_the_block(place, kind)}
        for code, is_of in asked.items():
            own = [day for day in mine if is_of(day)]
            if kind != "eaje":
                found[block, code] = hours(_sum(own))
            else:
                found[block, f"realised_{code}"] = hours(_sum(own))
                found[block, f"billed_{code}"] = hours(sum((day.billed for day in own if day.counts), Fraction(0)))
    return found


def _of_the_block(place: CafPlace, kind: str) -> dict[str, Callable[[ChildDay], bool]]:
    if kind == "periscolaire":
        return {f"hours_{slot}": partial(_is_of_slot, slot) for slot in _SLOTS}
    if kind == "eaje":
        born = {view.child.ref: view.child.born for view in place.town.views()}
        return {
            "hours_under_4": lambda day: _is_under_4(born[day.child], day.day),
            "hours_from_4": lambda day: not _is_under_4(born[day.child], day.day),
        }
    asked: dict[str, Callable[[ChildDay], bool]] = {
        code: partial(_is_of_period, (period,)) for code, period in _HOLIDAYS.items()
    }
    if kind == "youth":
        asked["hours_wednesday"] = partial(_is_of_period, ("wednesday",))
        return {**asked, "hours_other_days": partial(_is_of_period, ("periscolaire_day",))}
    return {**asked, "hours_other_days": partial(_is_of_period, ("wednesday", "periscolaire_day"))}


def _is_of_slot(slot: str, day: ChildDay) -> bool:
    return day.kind == f"periscolaire_{slot}"


def _is_of_period(periods: Sequence[str], day: ChildDay) -> bool:
    return day.period in periods


def _is_under_4(born: date | None, day: date) -> bool:
    return born is not None and (day.year, day.month, day.day) < (born.year + 4, born.month, born.day)


def _sum(days: Sequence[ChildDay]) -> int:
    return sum(day.realised or 0 for day in days if day.declared)
