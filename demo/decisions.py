"""What the coordinator settled: absences of past months, forgotten departures, children typed by name.

The recent ones are left undecided, as on any real day: there is work on the list (domain notes §6, §7).
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from demo.gestures import Gestures
from demo.life import BOOKING_SERVICES, Absence, DayLife
from demo.scope import Scope
from domain.time import MICROS_PER_SECOND, instant_at

SETTLED_OF_PAST_MONTHS = 0.97
SETTLED_OF_THIS_MONTH = 0.55
UNTOUCHED_DAYS = 3  # nobody has looked at the last days yet
CORRECTED_DEPARTURES = 0.45


@dataclass(frozen=True, slots=True)
class PlannedDecision:
    """A decision about a child × service × day, taken at an instant (µs).

    `gesture_key` is the typed-name tap that is attached, `occurred_at` a corrected time.
    """

    at: int
    person_ref: str
    service: str
    structure: str
    day: date
    kind: str
    reason: str
    occurred_at: int | None = None
    gesture_key: str | None = None


def planned_decisions(scope: Scope, lives: Sequence[DayLife], gestures: Gestures) -> list[PlannedDecision]:
    """Return every decision of the period in the order in which they were taken."""
    source = scope.stream("decisions")
    found = [
        decision
        for life in lives
        for absence in life.absences
        if absence.service in BOOKING_SERVICES
        if (decision := _of_absence(scope, absence, source)) is not None
    ]
    for forgotten in gestures.forgotten:
        at = _moment(scope, forgotten.day, source)
        if source.random() < CORRECTED_DEPARTURES and at is not None:
            reason = "Heure donnée par l'agent présent"
            found.append(
                PlannedDecision(at, forgotten.person_ref, forgotten.service, forgotten.structure, forgotten.day,
                                "departure", reason, occurred_at=forgotten.left_at)
            )  # fmt: skip
    for typed in gestures.typed:
        at = _moment(scope, typed.day, source)
        if typed.child_ref is not None and at is not None:
            found.append(
                PlannedDecision(at, typed.child_ref, "cantine", typed.structure, typed.day, "attach",
                                "Nom saisi à la main : dossier retrouvé", gesture_key=typed.gesture_key)
            )  # fmt: skip
    return sorted(found, key=lambda decision: (decision.at, decision.person_ref, decision.service))


def _of_absence(scope: Scope, absence: Absence, source: random.Random) -> PlannedDecision | None:
    at = _moment(scope, absence.day, source)
    if at is None:
        return None
    kind, reason = _judgement(absence, source)
    return PlannedDecision(at, absence.person_ref, absence.service, absence.structure, absence.day, kind, reason)


def _judgement(absence: Absence, source: random.Random) -> tuple[str, str]:
    """A medical certificate or a school trip is justified; the rest is not (domain notes §6)."""
    if absence.cause == "trip":
        return "absent_justified", "Sortie scolaire"
    if absence.cause == "sick" and source.random() < (0.6 if absence.is_declared else 0.3):
        return "absent_justified", "Certificat médical reçu"
    if absence.cause == "sick":
        return "absent_unjustified", "Sans certificat médical"
    return "absent_unjustified", "Absence sans nouvelle de la famille"


def _moment(scope: Scope, day: date, source: random.Random) -> int | None:
    """Draw when the coordinator settled a day; None while it waits."""
    last_day = scope.period.last_day
    is_past_month = day < scope.period.decided_before()
    share = SETTLED_OF_PAST_MONTHS if is_past_month else SETTLED_OF_THIS_MONTH
    settled_on = day + timedelta(days=source.randrange(1, 6))
    minute, second = source.randrange(540, 700), source.randrange(60)
    if source.random() >= share or day > last_day - timedelta(days=UNTOUCHED_DAYS) or settled_on > last_day:
        return None
    return instant_at(settled_on, minute, scope.town.timezone) + second * MICROS_PER_SECOND
