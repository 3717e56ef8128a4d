"""What a family pays, slowly and obviously, from the domain notes (§3, §5, §6); imports nothing of Marelle."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from tests.oracles.attendance import (
    Planned,
    Stay,
    absence_on,
    decisions_on,
    enrolment_on,
    formula_of,
    is_over,
    planned_on,
    rule_on,
    stays_on,
)
from tests.oracles.waiting import line_waits
from tests.oracles.world import Child, Enrolment, Price, Qf, Rule, Service, Town

KINDS = {"canteen": "meal", "leisure_wednesday": "formula"}


@dataclass(frozen=True)
class Line:
    """One priced line; `amount` None with a `fault`, or when it is held back."""

    service: str
    day: date
    kind: str
    payer: str | None
    situation: str
    units: int
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


def lines(town: Town, first: date, last: date) -> list[Line]:
    """Return every line of the town's child, by day then service."""
    found: list[Line] = []
    day = first
    while day <= last:
        for service in town.services:
            line = _line(town, service, day)
            if line is not None:
                found.append(line)
        day += timedelta(days=1)
    return sorted(found, key=lambda line: (line.day, line.service))


def situation_of(town: Town, service: Service, day: date, planned: Planned | None, stays: list[Stay]) -> str | None:
    """Name what happened; None when there is nothing to say."""
    absence = absence_on(town.child, service.ref, day)
    if stays:
        return "present" if planned else "present_unexpected"
    if planned is None:
        return None
    if absence is not None:
        return absence.kind
    if planned.absence_declared:
        return "absent_declared"
    return "absent_undecided" if is_over(town, service, day) else "planned"


def _line(town: Town, service: Service, day: date) -> Line | None:
    rule = rule_on(service, day)
    planned, stays = planned_on(town, service, day), stays_on(town, service, day)
    situation = situation_of(town, service, day, planned, stays)
    if situation is None or not rule.priced:
        return None
    if not stays and (rule.basis != "booking" or (situation == "absent_undecided" and rule.undecided == "no_line")):
        return None
    kind = KINDS.get(service.kind, "care")
    formula = formula_of(town, service, day, planned, stays)
    minutes = _minutes(town, service, day, stays) if kind == "care" else None
    units = 1 if minutes is None else units_begun(minutes, rule)
    if situation == "absent_justified" or (situation == "absent_undecided" and rule.undecided != "billed"):
        units = 0
    enrolment = planned.enrolment if planned else enrolment_on(town.child, service.ref, day)
    payer, fault = payer_of(town.child, enrolment, day)
    code = formula.code if formula else None
    price, price_fault = _price(town.child, service, day, (kind, code, enrolment, payer))
    if fault is None and units > 0:
        fault = price_fault
    amount, held_back = None, line_waits(town, service, day)
    if fault is None and held_back is None:
        amount = Decimal("0.00") if units == 0 else to_the_cent(units * (price or Decimal(0)))
    open_stays = any(stay.left is None for stay in stays)
    return Line(
        service.ref,
        day,
        kind,
        payer,
        situation,
        units,
        price,
        amount,
        fault,
        minutes,
        code if kind == "formula" else None,
        min((stay.arrived for stay in stays), default=None),
        None if open_stays or not stays else max(stay.left for stay in stays if stay.left is not None),
        any(stay.departure_derived for stay in stays),
        not is_over(town, service, day),
        held_back,
    )


def _minutes(town: Town, service: Service, day: date, stays: list[Stay]) -> int:
    rule = rule_on(service, day)
    if not stays:
        return rule.slot[1] - rule.slot[0]
    answers = [each.kind for each in decisions_on(town.child, service.ref, day) if each.kind.startswith("late")]
    is_late_billed = answers[-1:] == ["late_accepted"]
    total = 0
    for stay in stays:
        until = stay.until if is_late_billed else min(stay.until, rule.slot[1])
        total += len([minute for minute in range(stay.arrived, until) if minute >= rule.slot[0]])
    return total


def units_begun(minutes: int, rule: Rule) -> int:
    """Count the units begun one by one: a unit is due once more than the tolerance of it has passed."""
    units, left = 0, minutes - rule.tolerance
    while left > 0:
        units += 1
        left -= rule.rounding
    return units


def payer_of(child: Child, enrolment: Enrolment | None, day: date) -> tuple[str | None, str | None]:
    """Return who pays that day, or why nobody can be named."""
    if enrolment is None:
        return None, "enrolment_missing"
    named = [p for p in enrolment.payers if p.since <= day and (p.until is None or day < p.until)]
    names = sorted({p.payer for p in named})
    if not names:
        return None, "payer_missing"
    if len(names) == 1 and all(p.rule == "all" for p in named):
        return names[0], None
    calendars = [c for c in child.custody if c.since <= day]
    if not calendars:
        return None, "custody_missing"
    calendar = max(calendars, key=lambda c: c.since)
    place, walk = 0, calendar.anchor
    while walk < day:
        walk, place = walk + timedelta(days=1), (place + 1) % 14
    while walk > day:
        walk, place = walk - timedelta(days=1), (place - 1) % 14
    payer = calendar.payers[0] if calendar.pattern[place] == "1" else calendar.payers[1]
    return (payer, None) if payer in names else (None, "payer_missing")


def qf_of(child: Child, payer: str | None, day: date, rule: str) -> Qf | None:
    """Return the payer's own QF in force by the service's rule, else the family's."""
    corrected = {qf.corrects for qf in child.qfs}
    standing = [qf for number, qf in enumerate(child.qfs) if number not in corrected and qf.since <= day]
    for owner in (payer, None):
        own = [qf for qf in standing if qf.payer == owner]
        if own:
            return _held(child, own, _reference(day, rule))
    return None


def _reference(day: date, rule: str) -> date:
    """Walk back to the day that decides: itself, or the last 1 September (or 1 January)."""
    starts = {"on_day": None, "school_year": {(9, 1)}, "january_september": {(9, 1), (1, 1)}}[rule]
    while starts is not None and (day.month, day.day) not in starts:
        day -= timedelta(days=1)
    return day


def _held(child: Child, own: list[Qf], reference: date) -> Qf:
    """Return the one of the reference day when it is known, else the first known one that came after it."""

    def newest(qfs: list[Qf]) -> Qf:
        return max(qfs, key=lambda qf: (qf.since, qf.recorded, child.qfs.index(qf)))

    before = [qf for qf in own if qf.since <= reference]
    if before and newest(before).source != "default":
        return newest(before)
    known = [qf for qf in own if qf.since > reference and qf.source != "default"]
    if known:
        first = min(qf.since for qf in known)
        return newest([qf for qf in known if qf.since == first])
    if before:
        return newest(before)
    first = min(qf.since for qf in own)
    return newest([qf for qf in own if qf.since == first])


def _price(
    child: Child, service: Service, day: date, asked: tuple[str, str | None, Enrolment | None, str | None]
) -> tuple[Decimal | None, str | None]:
    """Return the price of a unit, or why there is none: the first row of the list that fits."""
    kind, formula, enrolment, payer = asked
    if kind == "formula" and formula is None:
        return None, "formula_missing"
    begun = [prices for prices in service.price_lists if prices.since <= day]
    if not begun:
        return None, "tariff_missing"
    qf = qf_of(child, payer, day, rule_on(service, day).qf) if payer is not None else None
    category = enrolment.category if enrolment else None
    unit = "unit_begun" if kind == "care" else kind
    for row in max(begun, key=lambda prices: prices.since).prices:
        if row.unit != unit or row.category not in (None, category) or row.formula not in (None, formula):
            continue
        if _asks_qf(row) and qf is None:
            return None, "qf_missing"
        if qf is None or _fits(row, qf.value):
            return row.price, None
    return None, "tariff_gap"


def _asks_qf(row: Price) -> bool:
    return bool(row.qf_from) or row.qf_to is not None


def _fits(row: Price, value: Decimal) -> bool:
    if row.qf_from is not None and value < row.qf_from:
        return False
    return row.qf_to is None or value < row.qf_to


def to_the_cent(amount: Decimal) -> Decimal:
    """Round half up."""
    return amount.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
