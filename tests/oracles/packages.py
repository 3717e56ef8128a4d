"""Memberships by month or school year, and trips, slowly (domain notes §5); imports nothing of Marelle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from tests.oracles.attendance import stays_on
from tests.oracles.circumstances import known_of
from tests.oracles.payers import payer_of
from tests.oracles.pricing import PRICE_PLACES, Line, decimal, order
from tests.oracles.tariffs import CENT, Found, find, half_up, in_force, line_amount
from tests.oracles.world import Enrolment, PriceList, Sejour, Service, Town

PERIODS = ("month", "school_year")
Span = tuple[date, date]


def package_lines(town: Town, first: date, last: date) -> list[Line]:
    """Return the lines of memberships and trips whose day is asked for."""
    found: list[Line] = []
    for view in town.views():
        for service in view.services:
            found += [line for period in PERIODS for line in _memberships(view, service, period, (first, last))]
        found += [line for enrolment in view.child.enrolments for line in _trips(view, enrolment)]
    return sorted((line for line in found if first <= line.day <= last), key=order)


def _memberships(town: Town, service: Service, period: str, asked: Span) -> list[Line]:
    spans = [town.school_year] if period == "school_year" else _months(*asked)
    lines = []
    for span in spans:
        standing = [each for each in town.child.enrolments if each.service == service.ref and _meets(each, span)]
        if standing:
            enrolment = min(standing, key=lambda each: (each.since, town.child.enrolments.index(each)))
            lines += _membership(town, service, enrolment, (period, *span))
    return lines


def _membership(town: Town, service: Service, enrolment: Enrolment, period: tuple[str, date, date]) -> list[Line]:
    unit, start, end = period
    day = max(start, enrolment.since)
    until = end if enrolment.until is None else min(end, enrolment.until)
    prices = in_force(service.price_lists, day)
    if prices is None or not any(row.kind == "membership" and row.unit == unit for row in prices.prices):
        return []
    days = [day + timedelta(days=offset) for offset in range((until - day).days)]
    if prices.package_basis == "attended" and not any(stays_on(town, service, each) for each in days):
        return []
    shares, fault = _shares(town, enrolment, days)
    if fault is not None:
        return [_line(town, (service, day, "membership"), None, fault)]
    return _shared(town, (service, day, enrolment), prices, (unit, shares))


def _shares(town: Town, enrolment: Enrolment, days: Sequence[date]) -> tuple[dict[str, int], str | None]:
    """Count the days of each payer; a day that nobody pays is a fault of the whole."""
    shares: dict[str, int] = {}
    for day in days:
        payer, fault = payer_of(town.child, enrolment, day)
        if payer is None:
            return {}, fault
        shares[payer] = shares.get(payer, 0) + 1
    return shares, None


def _shared(
    town: Town, about: tuple[Service, date, Enrolment], prices: PriceList, shared: tuple[str, dict[str, int]]
) -> list[Line]:
    service, day, _ = about
    unit, shares = shared
    found = {payer: _price(town, about, prices, ("membership", payer)) for payer in sorted(shares)}
    found = {payer: each for payer, each in found.items() if each.row is None or each.row.unit == unit}
    if not found or any(each.fault for each in found.values()):
        return [_line(town, (service, day, "membership"), payer, each.fault) for payer, each in found.items()]
    days = sum(shares.values())
    exact = {
        payer: Fraction(line_amount(each, Fraction(1))[0]) * shares[payer] / days for payer, each in found.items()
    }
    amounts = largest_remainder(exact)
    return [
        replace(
            _line(town, (service, day, "membership"), payer, None),
            unit_price=decimal(each.unit_price, PRICE_PLACES),
            amount=amounts[payer],
        )
        for payer, each in found.items()
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


def _trips(town: Town, enrolment: Enrolment) -> list[Line]:
    found = [each for each in town.sejours if each.ref == enrolment.sejour and not each.cancelled]
    return [_trip(town, enrolment, trip) for trip in found if _meets(enrolment, (trip.start, trip.end))]


def _trip(town: Town, enrolment: Enrolment, trip: Sejour) -> Line:
    service = town.service(trip.service)
    payer, fault = payer_of(town.child, enrolment, trip.start)
    prices = in_force(trip.price_lists or service.price_lists, trip.start)
    line = _line(town, (service, trip.start, "sejour"), payer, fault)
    if prices is None:
        return replace(line, fault=fault or "tariff_missing")
    found = _price(town, (service, trip.start, enrolment), prices, ("sejour", payer))
    if found.row is None or fault is not None:
        return replace(line, fault=fault or found.fault)
    days = (trip.end - trip.start).days
    count = Fraction({"day": days, "night": days - 1}.get(found.row.unit, 1))
    amount, steps = line_amount(found, count)
    return replace(
        line,
        units=decimal(count, 4),
        unit_price=decimal(found.unit_price, PRICE_PLACES),
        amount=amount,
        steps=steps,
    )


def _price(
    town: Town, about: tuple[Service, date, Enrolment], prices: PriceList, asked: tuple[str, str | None]
) -> Found:
    service, day, enrolment = about
    kind, payer = asked
    known = known_of(town, service, day, payer, prices.rank_basis)
    return find(prices, replace(known, kind=kind, category=enrolment.category))


def _line(town: Town, about: tuple[Service, date, str], payer: str | None, fault: str | None) -> Line:
    service, day, kind = about
    is_provisional = town.now.date() <= day
    return Line(
        service.ref, day, kind, payer, None, Decimal(1), None, None, fault, None, None, None, None,
        departure_derived=False, provisional=is_provisional, child=town.child.ref,
    )  # fmt: skip


def _meets(enrolment: Enrolment, span: Span) -> bool:
    start, end = span
    return enrolment.since < end and (enrolment.until is None or start < enrolment.until)


def _months(first: date, last: date) -> list[Span]:
    spans, start = [], first.replace(day=1)
    while start <= last:
        after = (start + timedelta(days=32)).replace(day=1)
        spans.append((start, after))
        start = after
    return spans
