"""Late pick-ups: proposed by what was tapped, accepted or waived by a person, billed once accepted (notes §6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from domain.french import medium_date
from records.actors import Actor, Right
from records.database import Records
from records.models import Structure
from records.operations.attendance import Decision, write_decisions
from records.operations.attendance_days import LateChild, attended_days
from records.operations.lookup import by_ref, invalid
from records.operations.registry import Scope, operation


@dataclass(frozen=True, slots=True)
class LatePickup:
    """A proposal: the child left `minutes` after the slot. `answer`: late_accepted, late_waived or None."""

    day: date
    child_ref: str
    first_name: str
    last_name: str
    service_ref: str
    service_label: str
    slot_end_minute: int
    left_minute: int
    minutes: int
    answer: str | None


@dataclass(frozen=True, slots=True)
class LateAnswer:
    """What a coordinator or director answers to a proposal, and why."""

    day: date
    child_ref: str
    service_ref: str
    is_accepted: bool
    reason: str


@operation(Right.DECIDE_ATTENDANCE, Scope.PLACE)
def late_pickups(
    records: Records, actor: Actor, structure_ref: str, first_day: date, last_day: date
) -> list[LatePickup]:
    """Return the late pick-ups of a place over days, both included, answered or not."""
    with records.read() as session:
        place = by_ref(session, Structure, structure_ref)
        actor.require(Right.DECIDE_ATTENDANCE, place.id)
        days = attended_days(session, place, (first_day, last_day), records.clock())
        return [_pickup(late) for day in days for late in day.late()]


@operation(Right.DECIDE_ATTENDANCE, Scope.PLACE)
def answer_late_pickups(
    records: Records, actor: Actor, structure_ref: str, answers: Sequence[LateAnswer]
) -> list[int]:
    """Accept or waive late pick-ups, all or nothing; returns the decisions' ids. A later answer stands."""
    if not answers:
        return []
    with records.write(actor, "answer_late_pickups") as write:
        place = by_ref(write.session, Structure, structure_ref)
        actor.require(Right.DECIDE_ATTENDANCE, place.id)
        proposed = set()
        for day in sorted({each.day for each in answers}):
            for attended in attended_days(write.session, place, (day, day), write.now):
                proposed |= {
                    (day, late.seen.child.child_ref, late.seen.service.service_ref) for late in attended.late()
                }
        for each in answers:
            if (each.day, each.child_ref, each.service_ref) not in proposed:
                raise invalid(
                    f"Il n'y a pas de dépassement d'horaire le {medium_date(each.day)} pour cet enfant : "
                    "l'heure de départ a peut-être été corrigée. Rechargez la liste.",
                    day=each.day,
                    child_ref=each.child_ref,
                )
        return write_decisions(write, [_decision(each, structure_ref) for each in answers])


def _decision(answer: LateAnswer, structure_ref: str) -> Decision:
    kind = "late_accepted" if answer.is_accepted else "late_waived"
    return Decision(answer.child_ref, answer.service_ref, structure_ref, answer.day, kind, answer.reason)


def _pickup(late: LateChild) -> LatePickup:
    child, service = late.seen.child, late.seen.service
    assert child.left_minute is not None  # AttendedDay.late yields no other
    return LatePickup(
        late.seen.day,
        child.child_ref,
        child.first_name,
        child.last_name,
        service.service_ref,
        service.service_label,
        service.slot_end_minute,
        child.left_minute,
        late.minutes,
        late.answer,
    )
