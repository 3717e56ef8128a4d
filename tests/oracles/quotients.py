"""Which QF and which income hold for a payer on a day, slowly (domain notes §3); imports nothing of Marelle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TypeVar

from tests.oracles.world import Child, Income, Qf, Rule

T = TypeVar("T", Qf, Income)
NOT_GIVEN = ("default", "none")  # a QF of 9999, an income of 0: entered because nobody knows
STARTS = {
    "on_day": None,
    "month_start": {(month, 1) for month in range(1, 13)},
    "school_year": {(9, 1)},
    "january": {(1, 1)},
    "january_september": {(9, 1), (1, 1)},
}


def qf_of(child: Child, payer: str | None, day: date, rule: Rule) -> Qf | None:
    """Return the payer's own QF in force by the service's rule, else the family's."""
    return _of(child.qfs, payer, day, rule)


def income_of(child: Child, payer: str | None, day: date, rule: Rule) -> Income | None:
    """Return the payer's own income in force by the service's rule, else the family's."""
    return _of(child.incomes, payer, day, rule)


def _of(given: Sequence[T], payer: str | None, day: date, rule: Rule) -> T | None:
    corrected = {each.corrects for each in given}
    given = [_counting(each, given, rule.qf_backdating) for each in given]
    standing = [each for number, each in enumerate(given) if number not in corrected and each.since <= day]
    for owner in (payer, None):
        own = [each for each in standing if each.payer == owner]
        if own:
            return _held(given, own, _reference(day, rule))
    return None


def _counting(one: T, given: Sequence[T], backdating: str) -> T:
    """Return it from the day on which it counts: its own, or not before its record; the first its own."""
    first = min(each.recorded for each in given if each.payer == one.payer)
    if backdating == "from_effect" or one.corrects is not None or one.recorded == first:
        return one
    recorded = (datetime(1970, 1, 1) + timedelta(microseconds=one.recorded)).date()  # noqa: DTZ001 (noons alone)
    if backdating == "from_record_month":
        recorded = recorded.replace(day=1)
    return replace(one, since=max(one.since, recorded))


def _reference(day: date, rule: Rule) -> date:
    """Walk back to the day that decides: itself, or the last first of a month, 1 September or 1 January.

    From there on, to the day of the year on which the town looks, when it names one.
    """
    starts = STARTS[rule.qf]
    while starts is not None and (day.month, day.day) not in starts:
        day -= timedelta(days=1)
    while rule.qf_known_on is not None and (day.month, day.day) != rule.qf_known_on:
        day -= timedelta(days=1)
    return day


def _held(given: Sequence[T], own: list[T], reference: date) -> T:
    """Return the one of the reference day when it is known, else the first known one that came after it."""

    def newest(many: list[T]) -> T:
        return max(many, key=lambda each: (each.since, each.recorded, given.index(each)))

    before = [each for each in own if each.since <= reference]
    if before and newest(before).source not in NOT_GIVEN:
        return newest(before)
    known = [each for each in own if each.since > reference and each.source not in NOT_GIVEN]
    if known:
        first = min(each.since for each in known)
        return newest([each for each in known if each.since == first])
    if before:
        return newest(before)
    first = min(each.since for each in own)
    return newest([each for each in own if each.since == first])
