"""Trays of whoever has a PAI, an allergy or a basket, for those who serve; and each tray that was served."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from records.actors import Actor, Right
from records.database import Records
from records.models import HealthNote, Person, Service, Structure, TrayMark
from records.models.health import SERVING_KINDS
from records.operations.family_file import log_health_reading
from records.operations.kitchen_today import Told, meal_services
from records.operations.lookup import add, by_ref, in_force_on, invalid
from records.operations.merged import kept_by_ref, kept_ids
from records.operations.presence import DayBoard
from records.operations.presence_board import Whereabouts
from records.operations.registry import Scope, operation


@dataclass(frozen=True, slots=True)
class MealAsked:
    """A meal: a service at a place on a day."""

    structure_ref: str
    service_ref: str
    day: date


@dataclass(frozen=True, slots=True)
class Tray:
    """The tray of somebody expected at a meal: what they eat, and what whoever serves must know."""

    person_ref: str
    first_name: str
    last_name: str
    class_label: str | None
    diet: str
    is_basket: bool
    notes: tuple[str, ...]
    is_served: bool


@operation(Right.SEE_HEALTH, Scope.PLACE)
def trays_of_day(records: Records, actor: Actor, meal: MealAsked) -> list[Tray]:
    """Return the trays of a meal, by name: of whoever has a PAI, an allergy or a basket. The reading is logged."""
    with records.read() as session:
        place = by_ref(session, Structure, meal.structure_ref)
        actor.require(Right.SEE_HEALTH, place.id)
        service = by_ref(session, Service, meal.service_ref)
        found = _trays(session, place, service, (meal.day, records.clock()))
    log_health_reading(records, actor, [person_id for person_id, _ in found], "trays_of_day")
    return [tray for _, tray in found]


@operation(Right.SEE_HEALTH, Scope.PLACE)
def mark_tray(records: Records, actor: Actor, meal: MealAsked, person_ref: str, is_served: bool) -> bool:
    """Note that a tray was served, or not after all; False when that is what stands."""
    with records.write(actor, "mark_tray") as write:
        session = write.session
        place = by_ref(session, Structure, meal.structure_ref)
        actor.require(Right.SEE_HEALTH, place.id)
        service = by_ref(session, Service, meal.service_ref)
        if (place.id, service.ref) not in meal_services(session, {place.id: place}, meal.day):
            raise invalid(f"{service.label} ne sert pas de repas à {place.name} ce jour-là.")
        person = kept_by_ref(session, Person, person_ref)
        key = {"person_id": person.id, "service_id": service.id, "day": meal.day}
        known = session.scalars(select(TrayMark).filter_by(**key).order_by(TrayMark.seq)).all()
        if is_served == (bool(known) and known[-1].is_served):
            return False
        row = TrayMark(
            **key,
            structure_id=place.id,
            seq=len(known) + 1,
            is_served=is_served,
            recorded_at=write.now,
            recorded_by=actor.signature,
        )
        add(write, row)
    return True


def _trays(
    session: Session, place: Structure, service: Service, at: tuple[date, int]
) -> Sequence[tuple[int, Tray]]:
    day, now = at
    board = DayBoard(session, day, now, {place.id: place}).build().services
    meals = meal_services(session, {place.id: place}, day)
    children = {
        child.child_id: child
        for meal in board
        if meal.service_ref == service.ref and (place.id, meal.service_ref) in meals
        for child in meal.children
        if child.whereabouts is not Whereabouts.ABSENT
    }
    told = Told(session, children, day)
    notes = _notes(session, set(children), day)
    served = _served(session, service.id, day)
    found = []
    for person_id, child in children.items():
        diet, is_basket = told.diet(person_id)
        if is_basket or person_id in notes:
            tray = Tray(
                child.child_ref,
                child.first_name,
                child.last_name,
                child.class_label,
                diet,
                is_basket,
                tuple(notes.get(person_id, ())),
                served.get(person_id, False),
            )
            found.append((person_id, tray))
    return found


def _notes(session: Session, people: set[int], day: date) -> dict[int, list[str]]:
    rows = session.scalars(
        select(HealthNote)
        .where(
            HealthNote.person_id.in_(people),
            HealthNote.kind.in_(SERVING_KINDS),
            *in_force_on(day, HealthNote.valid_from, HealthNote.valid_to),
        )
        .order_by(HealthNote.id)
    )
    found: dict[int, list[str]] = {}
    for row in rows:
        found.setdefault(row.person_id, []).append(row.label)
    return found


def _served(session: Session, service_id: int, day: date) -> dict[int, bool]:
    kept = kept_ids(session, Person)
    rows = session.scalars(
        select(TrayMark).where(TrayMark.service_id == service_id, TrayMark.day == day).order_by(TrayMark.id)
    )
    return {kept.of(row.person_id): row.is_served for row in rows}
