"""What waits because taps are missing, slowly and obviously (domain notes §6); imports nothing of Marelle."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from tests.oracles.attendance import absence_on, formula_of, is_open, is_over, planned_on, rule_on, stays_on
from tests.oracles.world import Service, Town


def missing_on(town: Town, service: Service, day: date) -> str | None:
    """Say whether taps of that service may be missing that day, and why."""
    if not is_open(town, service, day):
        return None
    rule = rule_on(service, day)
    midnight = datetime.combine(day, datetime.min.time())
    found = set()
    for hole in town.holes:
        late = 0 if hole.silent else rule.grace
        start = midnight + timedelta(minutes=rule.slot[0] - late)
        end = midnight + timedelta(minutes=rule.slot[1] + late)
        if hole.since < end and start < hole.until:
            found.add("silent_terminal" if hole.silent else "hole")
    return min(found, default=None)


def nobody_knows_who_came(town: Town, service: Service, day: date) -> bool:
    """Say whether a child who was awaited, and whom nobody settled, may have come without a tap."""
    planned = planned_on(town, service, day)
    return (
        missing_on(town, service, day) is not None
        and planned is not None
        and not planned.absence_declared
        and absence_on(town.child, service.ref, day) is None
        and not stays_on(town, service, day)
        and is_over(town, service, day)
    )


def an_end_is_unknown(town: Town, service: Service, day: date) -> bool:
    """Say whether an arrival or a departure of a child who came may be missing."""
    return (
        missing_on(town, service, day) is not None
        and is_over(town, service, day)
        and any(stay.arrival_derived or stay.departure_derived for stay in stays_on(town, service, day))
    )


def line_waits(town: Town, service: Service, day: date) -> str | None:
    """Say why the line waits: only when it would change with the missing taps."""
    rule = rule_on(service, day)
    is_care = service.kind not in ("canteen", "leisure_wednesday")
    if nobody_knows_who_came(town, service, day):
        waits = is_care or rule.basis == "presence" or rule.undecided != "billed"
    else:
        waits = an_end_is_unknown(town, service, day) and (is_care or _is_formula_guessed(town, service, day))
    return missing_on(town, service, day) if waits else None


def hours_wait(town: Town, service: Service, day: date) -> str | None:
    """Say why the CAF minutes of a child who came wait."""
    rule = rule_on(service, day)
    guessed = rule.caf == "formula_capped" and _is_formula_guessed(town, service, day)
    waits = an_end_is_unknown(town, service, day) and (rule.caf == "real" or guessed)
    return missing_on(town, service, day) if waits else None


def _is_formula_guessed(town: Town, service: Service, day: date) -> bool:
    planned, stays = planned_on(town, service, day), stays_on(town, service, day)
    if planned is not None and planned.formula is not None:
        return False
    return formula_of(town, service, day, planned, stays) is not None
