"""What a family pays, slowly and obviously, from the domain notes (§3, §5, §6); imports nothing of Marelle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from tests.oracles.absences import is_billed
from tests.oracles.attendance import (
    Planned,
    Stay,
    decisions_on,
    enrolment_on,
    formula_of,
    has_begun,
    is_over,
    planned_on,
    rule_on,
    situation_of,
    stays_on,
)
from tests.oracles.circumstances import booking_of, known_of, lead_of
from tests.oracles.payers import payer_of
from tests.oracles.rounding import begun_units, counted_minutes, minutes_there, rounded_ends, units
from tests.oracles.tariffs import MODIFIERS, Found, Known, Step, find, in_force, line_amount, refused
from tests.oracles.waiting import line_waits
from tests.oracles.world import Decision, Enrolment, PriceList, Rule, Service, Town

PRICE_PLACES = 12  # what is kept of a unit price that is not rounded; the line rests on all of it
MIDNIGHT = 1440
KINDS = {"canteen": "meal", "leisure_wednesday": "formula"}


@dataclass(frozen=True)
class Line:
    """One priced line; `amount` None with a `fault`, or when it is held back."""

    service: str
    day: date
    kind: str
    payer: str | None
    situation: str | None
    units: Decimal
    unit_price: Decimal | None
    amount: Decimal | None
    fault: str | None
    billed_minutes: int | None
    formula: str | None
    arrived: int | None
    left: int | None
    departure_derived: bool
    provisional: bool
    held_back: str | None = None
    child: str = "enfant"
    steps: tuple[Step, ...] = ()
    faults: frozenset[str] = frozenset()
    unit: str | None = None
    days: int | None = None
    unit_minutes: int | None = None


@dataclass(frozen=True)
class Day:
    """A child, a service and a day, with all that was planned and that happened."""

    town: Town
    service: Service
    day: date
    rule: Rule
    planned: Planned | None
    stays: list[Stay]
    situation: str
    enrolment: Enrolment | None
    payer: str | None
    fault: str | None

    @property
    def is_billed(self) -> bool:
        """Whether the day counts."""
        return is_billed(self.town, self.service, self.day, self.situation)

    @property
    def prices(self) -> PriceList | None:
        """The price list of that day."""
        return in_force(self.service.price_lists, self.day)


def lines(town: Town, first: date, last: date) -> list[Line]:
    """Return every ordinary and late line of the children of the town, by child, day and service."""
    found: list[Line] = []
    for view in town.views():
        for offset in range((last - first).days + 1):
            day = first + timedelta(days=offset)
            for service in view.services:
                found += _lines_of(view, service, day) if has_begun(service, day) else []
    return sorted(found, key=order)


def order(line: Line) -> tuple[str, ...]:
    """Return what lines are sorted by."""
    return line.child, str(line.day), line.service, line.kind, line.payer or ""


def _lines_of(town: Town, service: Service, day: date) -> list[Line]:
    rule = rule_on(service, day)
    planned, stays = planned_on(town, service, day), stays_on(town, service, day)
    situation = situation_of(town, service, day, planned, stays)
    if situation is None or not rule.priced:
        return []
    if not stays and (rule.basis != "booking" or (situation == "absent_undecided" and rule.undecided == "no_line")):
        return []
    enrolment = planned.enrolment if planned else enrolment_on(town.child, service.ref, day)
    payer, fault = payer_of(town, enrolment, day)
    of_day = Day(town, service, day, rule, planned, stays, situation, enrolment, payer, fault)
    ordinary = _ordinary(of_day)
    found = [] if is_paid_whole(service, enrolment, day) else [ordinary]
    late = late_minutes(of_day)
    return [*found, _late(of_day, ordinary, late)] if late else found


def is_paid_whole(service: Service, enrolment: Enrolment | None, day: date) -> bool:
    """Say whether coming that day adds nothing: a contract, a trip, or a town that prices packages alone."""
    kinds = _kinds_priced(in_force(service.price_lists, day))
    if kinds & {"membership", "sejour"} and None not in kinds:
        return True
    if enrolment is None:
        return False
    is_on_contract = any(contract.since <= day < contract.until for contract in enrolment.contracts)
    return is_on_contract or enrolment.sejour is not None


def _ordinary(of: Day) -> Line:
    kind = KINDS.get(of.service.kind, "care")
    formula = formula_of(of.town, of.service, of.day, of.planned, of.stays)
    minutes = _minutes(of) if kind == "care" else None
    code = formula.code if formula else None
    found = _find(of, None, code)
    unit = found.unit or {"care": "unit_begun"}.get(kind)
    halves = formula.half_days if formula else 1
    count = _count(of, (unit, found.unit_minutes), minutes, halves) if of.is_billed else Fraction(0)
    open_stays = any(stay.left is None for stay in of.stays)
    line = Line(
        of.service.ref,
        of.day,
        kind,
        of.payer,
        of.situation,
        Decimal(0),
        None,
        None,
        of.fault or (_unknown_length(of) if kind == "care" else None),
        minutes,
        None if kind == "meal" else code,
        min((stay.arrived for stay in of.stays), default=None),
        None if open_stays or not of.stays else max(stay.left for stay in of.stays if stay.left is not None),
        any(stay.departure_derived for stay in of.stays),
        not is_over(of.town, of.service, of.day),
        line_waits(of.town, of.service, of.day),
        of.town.child.ref,
    )
    return priced(line, found, count)


def _unknown_length(of: Day) -> str | None:
    """A price by time cannot be said of a stay that ends before it begins."""
    return "hours_backwards" if any(stay.backwards for stay in of.stays) else None


def priced(line: Line, found: Found, count: Fraction) -> Line:
    """Return the line with its units, its price and its amount, or with its fault."""
    fault = line.fault or (found.fault if count > 0 else None)
    amount, steps = Decimal("0.00"), found.steps
    if fault is None and count > 0:
        amount, steps = line_amount(found, count)
    return replace(
        line,
        units=decimal(count, 4),
        unit_price=None if found.fault else decimal(found.unit_price, PRICE_PLACES),
        amount=None if fault or line.held_back else amount,
        fault=fault,
        steps=steps,
        faults=frozenset([line.fault]) if line.fault else found.faults,
        unit=found.unit,
        unit_minutes=found.unit_minutes,
    )


def _find(of: Day, kind: str | None, formula: str | None) -> Found:
    prices = of.prices
    if prices is None:
        needs_formula = KINDS.get(of.service.kind) == "formula" and formula is None
        return refused(["tariff_missing", *(["formula_missing"] if needs_formula else [])])
    return find(prices, _known(of, prices, kind, formula))


def _known(of: Day, prices: PriceList, kind: str | None, formula: str | None) -> Known:
    booking = booking_of(of.town.child, of.service.ref, of.day) if of.planned else None
    origin = None if of.planned is None else "single" if booking else "pattern"
    return replace(
        known_of(of.town, of.service, of.day, of.payer, prices.rank_basis),
        kind=kind,
        category=of.enrolment.category if of.enrolment else None,
        formula=formula,
        has_formula=kind is None and KINDS.get(of.service.kind) == "formula",
        situation=of.situation,
        booked_late=booking is not None and booking.late,
        origin=origin,
        lead=lead_of(of.town, of.service, booking) if kind is None else None,
    )


def has_late_price(prices: PriceList | None) -> bool:
    """Say whether the town prices late pick-up on its own."""
    return "late_pickup" in _kinds_priced(prices)


def _kinds_priced(prices: PriceList | None) -> set[str | None]:
    return {row.kind for row in prices.prices if row.form not in MODIFIERS} if prices is not None else set()


def is_late_accepted(of: Day) -> bool:
    """Say whether somebody answered for the lateness, and said yes."""
    return is_late_accepted_on(decisions_on(of.town.child, of.service.ref, of.day))


def is_late_accepted_on(decisions: Sequence[Decision]) -> bool:
    """Say whether the last word about lateness accepts it."""
    return [each.kind for each in decisions if each.kind.startswith("late")][-1:] == ["late_accepted"]


def late_minutes(of: Day) -> int:
    """Return the minutes after the end of the slot that are billed on their own."""
    if not is_late_accepted(of) or not has_late_price(of.prices):
        return 0
    end = of.rule.slot[1]
    return len({minute for stay in of.stays for minute in range(max(stay.arrived, end), stay.until)})


def _late(of: Day, ordinary: Line, minutes: int) -> Line:
    line = replace(ordinary, kind="late_pickup", fault=of.fault, billed_minutes=minutes, formula=None)
    found = _find(of, "late_pickup", None)
    unit = found.unit or "occurrence"
    if unit == "hour":
        return priced(line, found, Fraction(minutes, 60))
    count = {"minute": minutes, "unit_begun": _late_units(of, minutes, found.unit_minutes)}.get(unit, 1)
    return priced(line, found, Fraction(count))


def _late_units(of: Day, minutes: int, own_minutes: int | None) -> int:
    """Count the units of a lateness as the service counts a departure, where it rounds departures."""
    if of.rule.rounding_on not in ("ends", "departure"):
        spared = minutes - of.rule.tolerance
        return units(minutes, of.rule) if own_minutes is None else begun_units(spared, own_minutes)
    end = of.rule.slot[1]
    stays = [rounded_ends((stay.arrived, stay.until), of.rule) for stay in of.stays if stay.until > end]
    late = {minute for stay in stays for minute in range(max(stay[0], end), stay[1])}
    return begun_units(len(late), own_minutes or of.rule.rounding)


def _count(of: Day, counted_in: tuple[str | None, int | None], minutes: int | None, half_days: int) -> Fraction:
    """Return how many of the row's units a day makes; a unit begun may have minutes of its own."""
    unit, own_minutes = counted_in
    if unit == "half_day":
        return Fraction(half_days)
    if minutes is None or unit not in ("unit_begun", "hour", "minute"):
        return Fraction(1)
    if own_minutes is not None:
        spared = of.rule.tolerance if of.rule.rounding_on == "duration" else 0
        return Fraction(begun_units(minutes - spared, own_minutes))
    counted = counted_minutes(minutes, of.rule)
    if unit == "unit_begun":
        return Fraction(begun_units(counted, of.rule.rounding))
    return Fraction(counted, 60) if unit == "hour" else Fraction(counted)


def _is_late_inside(of: Day) -> bool:
    """A town without a price of its own for lateness bills it as more of the same."""
    return is_late_accepted(of) and not has_late_price(of.prices)


def _minutes(of: Day) -> int:
    """Return the minutes that are billed; a day that is due without the child is the hours agreed, or the slot."""
    slot = of.rule.slot
    if not of.stays:
        agreed = of.planned.span if of.planned is not None and of.planned.span is not None else slot
        return minutes_there([agreed], of.rule, slot)
    stays = [(stay.arrived, stay.until) for stay in of.stays]
    return minutes_there(stays, of.rule, (slot[0], MIDNIGHT if _is_late_inside(of) else slot[1]))


def decimal(value: Fraction, places: int) -> Decimal:
    """Return a fraction with so many decimals, half up."""
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
