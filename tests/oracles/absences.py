"""Which days count although the child did not come (CAF notes §1.2); imports nothing of Marelle."""

from __future__ import annotations

from datetime import date, timedelta

from tests.oracles.attendance import absence_on, planned_on, rule_on, situation_of, stays_on
from tests.oracles.world import Service, Town

LONGEST = 60


def is_billed(town: Town, service: Service, day: date, situation: str) -> bool:
    """Say whether the day counts: a justified absence does not, unless its reason has days of waiting."""
    if situation == "absent_justified":
        return _is_in_carence(town, service, day)
    return situation != "absent_undecided" or rule_on(service, day).undecided == "billed"


def _is_in_carence(town: Town, service: Service, day: date) -> bool:
    """Say whether the day is one of the first calendar days of an absence that stay billed."""
    absence = absence_on(town.child, service.ref, day)
    days = town.reasons.get(absence.reason) if absence is not None and absence.reason is not None else None
    if days is None or absence is None:
        return False
    first = walk = day
    before_today = 0
    for _ in range(LONGEST):
        walk -= timedelta(days=1)
        planned, stays = planned_on(town, service, walk), stays_on(town, service, walk)
        situation = situation_of(town, service, walk, planned, stays)
        before = absence_on(town.child, service.ref, walk)
        if situation == "absent_justified" and before is not None and before.reason == absence.reason:
            first, before_today = walk, before_today + 1
        elif situation is not None:
            break
    is_in_service_days = absence.reason in town.in_service_days
    return (before_today if is_in_service_days else (day - first).days) < days
