"""The price of one thing by a town's grid, row by row, in exact fractions; imports nothing of Marelle.

A grid is read aloud: the first base row whose conditions all hold gives the price of a unit; then every
modifier that holds is applied, in the order of the grid (domain notes §5, CAF notes §1.1 and §4.3).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from tests.oracles.psu import hourly_fee
from tests.oracles.world import Income, Price, PriceList

MODIFIERS = ("add", "percent", "replace", "minimum", "maximum")
MOST_MODIFIERS = 8
CENT = Fraction(1, 100)


@dataclass(frozen=True)
class Known:
    """What is known of a line when its price is looked for; None = unknown, or none. `period` is a membership's."""

    day: date
    day_kind: str
    kind: str | None = None
    category: str | None = None
    formula: str | None = None
    has_formula: bool = False
    qf: Decimal | None = None
    income: Income | None = None
    residence: str | None = None
    level: str | None = None
    rank: int | None = None
    siblings: int | None = None
    age: int | None = None
    situation: str | None = None
    booked_late: bool = False
    origin: str | None = None
    lead: int | None = None
    period: str | None = None

    @property
    def monthly(self) -> Fraction | None:
        """The income of a month, exactly."""
        return None if self.income is None else Fraction(self.income.annual) / 12


@dataclass(frozen=True)
class Step:
    """One row of the grid at work: its place, its form, the price before and after."""

    place: int
    form: str
    before: Fraction
    after: Fraction


@dataclass(frozen=True)
class Found:
    """The row that gave the price of a unit and the modifiers that hold, or why there is no price.

    `faults` are all the reasons that stand: which of them is told first changes no price.
    """

    fault: str | None = None
    place: int = 0
    row: Price | None = None
    unit_price: Fraction = Fraction(0)
    modifiers: tuple[tuple[int, Price], ...] = ()
    steps: tuple[Step, ...] = ()
    faults: frozenset[str] = frozenset()
    unit: str | None = None
    unit_minutes: int | None = None


def refused(faults: Sequence[str], unit: str | None = None, minutes: int | None = None) -> Found:
    """Return a price that cannot be found, all that is missing, and the unit of the row that asks for it."""
    return Found(faults[0], faults=frozenset(faults), unit=unit, unit_minutes=minutes)


def find(prices: PriceList, known: Known) -> Found:
    """Return the price of a unit with the modifiers of a unit applied, or the name of what is missing."""
    modifiers, missing = _modifiers(prices, known)
    for place, row in enumerate(prices.prices, 1):
        asked = None if row.form in MODIFIERS else lacks(row, known)
        if asked is not None and [*asked, *missing]:
            return refused([*asked, *missing], row.unit, row.unit_minutes)
        if asked is not None:
            return _modified(prices, known, (place, row), modifiers)
    if known.has_formula and known.formula is None:
        missing.append("formula_missing")
    return refused(["tariff_gap", *missing])


def _modifiers(prices: PriceList, known: Known) -> tuple[list[tuple[int, Price]], list[str]]:
    """Return the modifiers that hold, with their places, and what must be known to tell of the others."""
    holding, missing = [], []
    for number, modifier in enumerate(prices.prices, 1):
        asked = lacks(modifier, known) if modifier.form in MODIFIERS else None
        missing += asked or []
        if asked is not None and not asked:
            holding.append((number, modifier))
    if len(holding) > MOST_MODIFIERS:
        missing.append("too_many_modifiers")
    return holding, missing


def _modified(
    prices: PriceList, known: Known, base: tuple[int, Price], modifiers: list[tuple[int, Price]]
) -> Found:
    place, row = base
    price = base_price(row, known)
    steps = [Step(place, row.form, Fraction(0), price)]
    for number, modifier in modifiers:
        if modifier.applies_to == "unit":
            after = apply(modifier, price)
            steps.append(Step(number, modifier.form, price, after))
            price = after
    price = to_step(price, prices.step, prices.step_mode)
    told = tuple(modifiers), tuple(steps)
    return Found(None, place, row, price, *told, unit=row.unit, unit_minutes=row.unit_minutes)


def line_amount(found: Found, units: Fraction) -> tuple[Decimal, tuple[Step, ...]]:
    """Return what so many units cost, modifiers of the line applied, rounded once to the cent."""
    amount, steps = units * found.unit_price, list(found.steps)
    for number, modifier in found.modifiers:
        if modifier.applies_to == "line" and units > 0:
            after = apply(modifier, amount)
            steps.append(Step(number, modifier.form, amount, after))
            amount = after
    return to_the_cent(amount), tuple(steps)


def apply(modifier: Price, before: Fraction) -> Fraction:
    """Return the price after one modifier."""
    amount = Fraction(modifier.price)
    if modifier.form == "add":
        return max(before + amount, Fraction(0))  # what is taken off leaves nothing at the least
    if modifier.form == "percent":
        return before + before * Fraction(modifier.rate or 0)
    if modifier.form == "replace":
        return amount
    return max(before, amount) if modifier.form == "minimum" else min(before, amount)


def base_price(row: Price, known: Known) -> Fraction:
    """Return the exact price of a unit by a base row whose conditions hold."""
    if row.form == "flat":
        return Fraction(row.price)
    if row.form == "psu":
        income, monthly = known.income, known.monthly
        assert income is not None
        assert monthly is not None
        children = income.children + income.aeeh
        fee = hourly_fee(
            monthly, children, known.day, family=row.basis == "family", above_ceiling=row.above_ceiling
        )
        return half_up(fee, CENT)
    if row.form == "linear":
        low, high = Fraction(row.qf_from or 0), Fraction(row.qf_to or 0)
        way = (Fraction(known.qf or 0) - low) / (high - low)
        return Fraction(row.price) + way * (Fraction(row.price_to or 0) - Fraction(row.price))
    basis = known.monthly if row.basis == "income" else known.qf
    assert basis is not None
    price = Fraction(row.price) + Fraction(row.rate or 0) * Fraction(basis)
    if row.floor is not None:
        price = max(price, Fraction(row.floor))
    return price if row.ceiling is None else min(price, Fraction(row.ceiling))


def holds(row: Price, known: Known) -> bool:
    """Say whether everything is known and all conditions hold."""
    return lacks(row, known) == []


def lacks(row: Price, known: Known) -> list[str] | None:
    """Return what must still be known to tell whether a row holds; None when it does not hold, whatever it is."""
    if row.kind != known.kind:
        return None
    if row.kind == "membership" and row.form not in MODIFIERS and row.unit != known.period:
        return None  # a price by the month says nothing of a year
    certain = [
        row.category in (None, known.category),
        row.situation in (None, known.situation),
        row.booked_late in (None, known.booked_late),
        row.origin in (None, known.origin),
        row.day_kind in (None, known.day_kind),
        (row.lead_from is None and row.lead_to is None)
        or (known.lead is not None and within(known.lead, row.lead_from, row.lead_to)),
    ]
    if not all(certain):
        return None
    questions = _questions(row, known)
    if any(is_asked and is_known and not fits for _, is_asked, is_known, fits in questions):
        return None
    return [name for name, is_asked, is_known, _ in questions if is_asked and not is_known]


def _questions(row: Price, known: Known) -> list[tuple[str, bool, bool, bool]]:
    """For each thing that may be unknown: the fault's name, is it asked, is it known, does it fit."""
    asks_qf = bool(row.qf_from) or row.qf_to is not None or row.form == "linear"
    asks_qf = asks_qf or (row.form == "rate" and row.basis == "qf")
    income = known.income
    asks_income = row.form == "psu" or (row.form == "rate" and row.basis == "income")
    needs_formula = row.unit in ("formula", "half_day") and row.form not in MODIFIERS
    return [
        (
            "formula_missing",
            row.formula is not None or needs_formula,
            known.formula is not None or not known.has_formula,
            row.formula in (None, known.formula),
        ),
        ("qf_missing", asks_qf, known.qf is not None, within(known.qf, row.qf_from, row.qf_to)),
        (
            "income_missing",
            asks_income or bool(row.income_from) or row.income_to is not None,
            income is not None,
            within(known.monthly, row.income_from, row.income_to),
        ),
        (
            "income_missing",
            row.children_from is not None or row.children_to is not None,
            income is not None,
            income is None or inclusive(income.children, row.children_from, row.children_to),
        ),
        (
            "residence_missing",
            row.residence is not None,
            known.residence is not None,
            row.residence == known.residence,
        ),
        (
            "birth_date_missing",
            row.age_from is not None or row.age_to is not None,
            known.age is not None,
            within(known.age, row.age_from, row.age_to),
        ),
        (
            "birth_date_missing",
            row.rank_from is not None or row.rank_to is not None,
            known.rank is not None,
            known.rank is None or inclusive(known.rank, row.rank_from, row.rank_to),
        ),
        (
            "siblings_missing",
            row.siblings_from is not None or row.siblings_to is not None,
            known.siblings is not None,
            known.siblings is None or inclusive(known.siblings, row.siblings_from, row.siblings_to),
        ),
        ("level_missing", row.level is not None, known.level is not None, row.level == known.level),
    ]


def within(value: Decimal | Fraction | int | None, low: Decimal | int | None, high: Decimal | int | None) -> bool:
    """Say whether a value is in the half-open range; an unknown one is not judged here."""
    if value is None:
        return True
    exact = Fraction(value)
    return (low is None or exact >= Fraction(low)) and (high is None or exact < Fraction(high))


def inclusive(value: int, low: int | None, high: int | None) -> bool:
    """Say whether a number is between two bounds, both included."""
    return (low is None or value >= low) and (high is None or value <= high)


def to_step(price: Fraction, step: Decimal | None, mode: str | None) -> Fraction:
    """Round to the step of the grid, half up unless it says up or down; None = not rounded."""
    if step is None:
        return price
    if mode is None:
        return half_up(price, Fraction(step))
    below = (price / Fraction(step)).__floor__() * Fraction(step)
    return below + Fraction(step) if mode == "up" and below < price else below


def half_up(value: Fraction, step: Fraction) -> Fraction:
    """Round to the nearest multiple of the step, the half away from zero."""
    sign = -1 if value < 0 else 1
    return sign * ((abs(value) / step + Fraction(1, 2)).__floor__()) * step


def to_the_cent(amount: Fraction) -> Decimal:
    """Round half up to the cent."""
    cents = half_up(amount, CENT) * 100
    return Decimal(int(cents)) / 100


def in_force(lists: Sequence[PriceList], day: date) -> PriceList | None:
    """Return the price list begun last."""
    return max((each for each in lists if each.since <= day), key=lambda each: each.since, default=None)
