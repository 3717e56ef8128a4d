"""What is due for a span of days, shared between two parents by custody (domain notes §3, §5).

Imports nothing of Marelle. Without custody it is owed whole by the payer of its first day; with custody each parent
owes the part of their days, at their own price.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from tests.oracles.attendance import has_begun, rule_on
from tests.oracles.circumstances import known_of
from tests.oracles.payers import is_shared, payer_of
from tests.oracles.pricing import PRICE_PLACES, Line, decimal
from tests.oracles.tariffs import CENT, Found, find, half_up, line_amount, refused
from tests.oracles.world import Enrolment, PriceList, Service, Town


@dataclass(frozen=True)
class Due:
    """Something due over `[day, until)`: `kind` names the line, `row_kind` the rows of the list that price it.

    `count` says how many of a row's units it makes, those begun of the row's own minutes; `sign` is −1 for what is
    taken off a bill.
    """

    service: Service
    enrolment: Enrolment
    kind: str
    row_kind: str
    day: date
    until: date
    prices: PriceList | None
    count: Callable[[str, int | None], Fraction]
    period: str | None = None
    sign: int = 1
    fault: str | None = None


def span_lines(town: Town, due: Due) -> list[Line]:
    """Return one line, or one of each parent who has some of the days."""
    if not has_begun(due.service, due.day) or not rule_on(due.service, due.day).priced or due.day >= due.until:
        return []
    if not is_shared(due.enrolment, due.day):
        payer, fault = payer_of(town, due.enrolment, due.day)
        return [_line(town, due, payer, frozenset([fault] if fault else []))]
    shares: dict[str, int] = {}
    faults: set[str] = set()
    for offset in range((due.until - due.day).days):
        payer, fault = payer_of(town, due.enrolment, due.day + timedelta(days=offset))
        if payer is None:
            faults.add(fault or "payer_missing")
        else:
            shares[payer] = shares.get(payer, 0) + 1
    if faults:
        return [_line(town, due, None, frozenset(faults))]
    return _shared([_line(town, due, payer, frozenset()) for payer in sorted(shares)], shares)


def _shared(lines: list[Line], shares: dict[str, int]) -> list[Line]:
    """Give each parent their days of their own price; a price that is not known leaves the other's as it is."""
    if len(lines) == 1:
        return lines
    days = sum(shares.values())
    exact = {
        str(line.payer): abs(Fraction(line.amount)) * shares[str(line.payer)] / days
        for line in lines
        if line.amount is not None
    }
    amounts = largest_remainder(exact)
    return [
        line
        if line.amount is None
        else replace(line, amount=amounts[str(line.payer)] * (-1 if line.amount < 0 else 1))
        for line in lines
    ]


def largest_remainder(exact: dict[str, Fraction]) -> dict[str, Decimal]:
    """Share cents out so that they sum to the whole: those cut most get the cents left, then by name."""
    total = half_up(sum(exact.values(), Fraction(0)), CENT)
    cents = {name: (share / CENT).__floor__() for name, share in exact.items()}
    left = int(total / CENT) - sum(cents.values())
    cut_most = sorted(exact, key=lambda name: (-(exact[name] / CENT - cents[name]), name))
    for name in cut_most[:left]:
        cents[name] += 1
    return {name: Decimal(count) / 100 for name, count in cents.items()}


def _line(town: Town, due: Due, payer: str | None, payer_faults: frozenset[str]) -> Line:
    found = _price(town, due, payer)
    count = due.count(found.unit or "", found.unit_minutes)
    price_faults = found.faults if count else frozenset()
    faults = payer_faults or (frozenset([due.fault]) if due.fault else price_faults)
    amount, steps = (Decimal(0), found.steps) if faults else line_amount(found, count)
    opening = datetime.combine(due.day, datetime.min.time())
    opening += timedelta(minutes=rule_on(due.service, due.day).slot[0])
    return Line(
        due.service.ref, due.day, due.kind, payer, None, decimal(count * due.sign, 4),
        None if found.fault else decimal(found.unit_price, PRICE_PLACES),
        None if faults else amount * due.sign,
        min(faults, default=None), None, None, None, None,
        departure_derived=False, provisional=town.now < opening, child=town.child.ref, steps=steps, faults=faults,
        unit=found.unit, days=(due.until - due.day).days, unit_minutes=found.unit_minutes,
    )  # fmt: skip


def _price(town: Town, due: Due, payer: str | None) -> Found:
    if due.prices is None:
        return refused(["tariff_missing"])
    known = known_of(town, due.service, due.day, payer, due.prices.rank_basis)
    known = replace(known, kind=due.row_kind, category=due.enrolment.category, period=due.period)
    return find(due.prices, replace(known, situation="planned"))
