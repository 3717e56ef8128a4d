"""Memberships by month or school year, and trips, slowly (domain notes §5); imports nothing of Marelle."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

from tests.oracles.attendance import stays_on
from tests.oracles.pricing import Line, order
from tests.oracles.spans import Due, span_lines
from tests.oracles.tariffs import MODIFIERS, in_force
from tests.oracles.world import Enrolment, PriceList, Sejour, Service, Town

PERIODS = ("month", "school_year")
Span = tuple[date, date]


def package_lines(town: Town, first: date, last: date) -> list[Line]:
    """Return the lines of memberships and trips whose day is asked for."""
    found: list[Line] = []
    for view in town.views():
        due = [
            each
            for service in view.services
            for period in PERIODS
            for each in _memberships(view, service, period, (first, last))
        ]
        due += [each for enrolment in view.child.enrolments for each in _trips(view, enrolment)]
        found += [line for each in due if first <= each.day <= last for line in span_lines(view, each)]
    return sorted(found, key=order)


def _memberships(town: Town, service: Service, period: str, asked: Span) -> list[Due]:
    spans = [town.school_year] if period == "school_year" else _months(*asked)
    found = []
    for span in spans:
        standing = [each for each in town.child.enrolments if each.service == service.ref and _meets(each, span)]
        standing = [each for each in standing if each.sejour is None]
        if standing:
            enrolment = min(standing, key=lambda each: (each.since, town.child.enrolments.index(each)))
            found += _membership(town, service, enrolment, (period, *span))
    return found


def _membership(town: Town, service: Service, enrolment: Enrolment, period: tuple[str, date, date]) -> list[Due]:
    unit, start, end = period
    day = max(start, enrolment.since)
    until = end if enrolment.until is None else min(end, enrolment.until)
    prices = in_force(service.price_lists, day)
    priced = _periods_priced(prices)
    if prices is None or unit not in priced:
        return []
    days = [day + timedelta(days=offset) for offset in range((until - day).days)]
    if prices.package_basis == "attended" and not any(stays_on(town, service, each) for each in days):
        return []
    # A list that prices both makes two lines, which need two names.
    kind = "membership_year" if unit == "school_year" and len(priced) > 1 else "membership"
    return [Due(service, enrolment, kind, "membership", day, until, prices, lambda *_: Fraction(1), unit)]


def _periods_priced(prices: PriceList | None) -> set[str]:
    rows = prices.prices if prices is not None else ()
    return {row.unit for row in rows if row.kind == "membership" and row.form not in MODIFIERS} & set(PERIODS)


def _trips(town: Town, enrolment: Enrolment) -> list[Due]:
    found = [each for each in town.sejours if each.ref == enrolment.sejour and not each.cancelled]
    return [_trip(town, enrolment, trip) for trip in found if _meets(enrolment, (trip.start, trip.end))]


def _trip(town: Town, enrolment: Enrolment, trip: Sejour) -> Due:
    """A trip is owed for the days on which the child is enrolled."""
    service = town.service(trip.service)
    start = max(trip.start, enrolment.since)
    end = trip.end if enrolment.until is None else min(trip.end, enrolment.until)
    prices = in_force(trip.price_lists or service.price_lists, start)
    days = (end - start).days

    def count(unit: str, _: int | None) -> Fraction:
        return Fraction({"day": days, "night": days - 1}.get(unit, 1))

    return Due(service, enrolment, "sejour", "sejour", start, end, prices, count)


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
