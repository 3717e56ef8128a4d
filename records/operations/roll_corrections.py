"""What agents and teachers put right themselves, until the service closes that day (domain notes §6).

Afterwards corrections belong to coordinators and directors (`attendance.decide`). Taps stay as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select

from domain.attendance import DayService
from domain.french import clock
from domain.time import local_day, local_minute
from records.actors import Actor, Right
from records.database import Records, Write
from records.models import AttendanceDecision, Person, Service, Structure
from records.operations.attendance import Decision, write_decisions
from records.operations.lookup import by_ref, invalid
from records.operations.merged import ids_with_merged, kept_by_ref
from records.operations.presence import pupils_of
from records.operations.presence_rows import offered_services
from records.operations.registry import Scope, operation

_KINDS = ("arrival", "departure", "clear")


@operation(Right.CALL_ROLL, Scope.CLASS)
def correct_roll(records: Records, actor: Actor, corrections: Sequence[Decision]) -> list[int]:
    """Correct today's arrivals and departures, or take one's own corrections back; returns the decisions' ids.

    At the actor's places, or for the pupils of their own classes, until a tap would be the service's no more.
    """
    with records.write(actor, "correct_roll") as write:
        offered: dict[tuple[int, date], dict[str, DayService]] = {}
        for each in corrections:
            place = by_ref(write.session, Structure, each.structure_ref)
            _require(write, each, place.id)
            if each.kind not in _KINDS:
                raise invalid("À l'appel, seuls une arrivée et un départ se corrigent.", kind=each.kind)
            key = (place.id, each.day)
            if key not in offered:
                offered[key] = offered_services(write.session, {place.id: place}, each.day)[place.id]
            _refuse_closed_service(write, each, place, offered[key].get(each.service_ref))
            if each.kind == "clear":
                _refuse_others_decisions(write, each)
        return write_decisions(write, corrections)


def _require(write: Write, each: Decision, structure_id: int) -> None:
    actor = write.actor
    if actor.may(Right.CALL_ROLL, structure_id):
        return
    own = [taught for taught in actor.classes_with(Right.CALL_ROLL) if taught.structure_id == structure_id]
    if not own or kept_by_ref(write.session, Person, each.child_ref).id not in pupils_of(
        write.session, own, each.day
    ):
        actor.require(Right.CALL_ROLL, structure_id)


def _refuse_closed_service(write: Write, each: Decision, place: Structure, offer: DayService | None) -> None:
    if offer is None or not offer.is_open:
        raise invalid(f"Ce service n'est pas ouvert ce jour-là à {place.name}.", day=each.day)
    until = offer.slot.end_minute + offer.slot.grace_minutes
    if local_day(write.now, place.timezone) != each.day or local_minute(write.now, place.timezone) >= until:
        raise invalid(
            f"Les corrections à l'appel se font le jour même, jusqu'à {clock(until)}. "
            "Demandez celle-ci à la coordination ou à la direction.",
            day=each.day,
        )


def _refuse_others_decisions(write: Write, each: Decision) -> None:
    """Taking back clears everything decided of a child's day: what others decided is not an agent's to clear."""
    child = kept_by_ref(write.session, Person, each.child_ref)
    of_day = select(AttendanceDecision).where(
        AttendanceDecision.child_id.in_(ids_with_merged(write.session, Person, child.id)),
        AttendanceDecision.service_id == by_ref(write.session, Service, each.service_ref).id,
        AttendanceDecision.day == each.day,
    )
    for row in write.session.scalars(of_day.order_by(AttendanceDecision.id.desc())):
        if row.kind == "clear":
            return
        if row.recorded_by != write.actor.signature:
            raise invalid(
                f"{row.recorded_by} a déjà décidé pour cet enfant : "
                "vous ne pouvez annuler que vos propres corrections.",
                recorded_by=row.recorded_by,
            )
