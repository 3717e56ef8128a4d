"""Do two enrolments of a person at a service expect them on the same day? Two places share a child by weekdays."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from domain.schedule import EnrolmentSchedule, WeekPattern


def expect_same_day(one: EnrolmentSchedule, other: EnrolmentSchedule) -> bool:
    """Return whether two enrolments of one person and service speak of the same day.

    Two places share a child by different weekdays, or by weeks A and B.
    """
    same_days = one.structure_id == other.structure_id or _clash(one.patterns, other.patterns)
    return same_days and _overlap(one, other)


def repeats_weekday(patterns: Sequence[WeekPattern]) -> bool:
    """Return whether an enrolment gives the same weekday twice at once."""
    return any(
        (one.weekday, one.week_cycle) == (other.weekday, other.week_cycle) and _overlap(one, other)
        for one, other in combinations(patterns, 2)
    )


def _clash(ones: Sequence[WeekPattern], others: Sequence[WeekPattern]) -> bool:
    return any(
        one.weekday == other.weekday
        and (one.week_cycle is None or other.week_cycle is None or one.week_cycle == other.week_cycle)
        and _overlap(one, other)
        for one in ones
        for other in others
    )


def _overlap(one: WeekPattern | EnrolmentSchedule, other: WeekPattern | EnrolmentSchedule) -> bool:
    first, second = sorted((one, other), key=lambda span: span.valid_from)
    return first.valid_to is None or second.valid_from < first.valid_to
