"""The kitchen's day as it goes: meals expected, children arrived and served, by place and diet; never a name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.kitchen import BASKET
from domain.schedule import OpeningRule, rule_in_force
from records.actors import Actor, Right
from records.database import Records
from records.models import Diet, Enrolment, HealthNote, Service, ServiceFormula, ServiceRule, Structure
from records.models.health import SERVING_KINDS
from records.operations.lookup import chunks, in_force_on
from records.operations.merged import unmerged
from records.operations.presence import DayBoard
from records.operations.presence_board import ChildPresence, ServicePresence, Whereabouts
from records.operations.registry import Scope, operation
from records.operations.schedule import opening_rules

STANDARD = "Standard"
HERE = (Whereabouts.INSIDE, Whereabouts.LEFT)


@dataclass(frozen=True, slots=True)
class DietCount:
    """How many of a diet are expected, and how many of them were served."""

    label: str
    is_basket: bool
    expected: int
    served: int


@dataclass(frozen=True, slots=True)
class MealService:
    """One service that serves a meal at one place on the day. Minutes are local.

    `arrived`: of the expected, those seen at the place today, at the meal or before. `absent`: decided.
    `unexpected`: served without being expected. `allergies` and `pai` count the expected who have one.
    """

    structure_ref: str
    structure_name: str
    service_ref: str
    service_label: str
    start_minute: int
    end_minute: int
    is_open: bool
    has_begun: bool
    expected: int
    arrived: int
    served: int
    absent: int
    unexpected: int
    allergies: int
    pai: int
    diets: tuple[DietCount, ...]

    @property
    def to_order(self) -> int:
        """Meals to cook: the expected without those who bring a basket."""
        return sum(each.expected for each in self.diets if not each.is_basket)


@operation(Right.SEE_MEALS, Scope.PLACE)
def kitchen_today(records: Records, actor: Actor, day: date, now: int) -> list[MealService]:
    """Return the meals of a day at the actor's places as known at `now` (µs UTC), by place then by hour."""
    allowed = actor.structures_with(Right.SEE_MEALS)
    with records.read() as session:
        places = {
            place.id: place
            for place in session.scalars(select(Structure).order_by(Structure.name, Structure.ref))
            if allowed is None or place.id in allowed
        }
        board = DayBoard(session, day, now, places).build().services
        serving = meal_services(session, places, day)
        meals = [each for each in board if (each.structure_id, each.service_ref) in serving]
        people = {child.child_id for each in meals for child in each.children}
        told = Told(session, people, day)
        return [_meal(each, _seen_at(board, each.structure_id), told) for each in meals]


def meal_services(session: Session, places: Mapping[int, Structure], day: date) -> set[tuple[int, str]]:
    """Return the place and service of each meal: where the rule of the day serves one."""
    rules = {rule.id: rule for rule in session.scalars(select(ServiceRule).where(ServiceRule.valid_from <= day))}
    by_service: dict[int, list[OpeningRule]] = {}
    for each in opening_rules(session, day):
        by_service.setdefault(each.service_id, []).append(each)
    found = set()
    for service in session.scalars(select(Service)):
        for place_id in places:
            held = rule_in_force(by_service.get(service.id, ()), place_id, day)
            if held is not None and rules[held.rule_id].serves_meal:
                found.add((place_id, service.ref))
    return found


class Told:
    """Diets, health notes by kind, and formulas without a meal, of the people of a day."""

    def __init__(self, session: Session, people: Collection[int], day: date) -> None:
        self.diets: dict[int, list[tuple[str, str]]] = {}
        self.notes: dict[int, set[str]] = {}
        self.baskets: set[int] = set()
        for part in chunks(sorted(people)):
            rows = session.execute(
                select(Diet.person_id, Diet.code, Diet.label)
                .where(Diet.person_id.in_(part), *in_force_on(day, Diet.valid_from, Diet.valid_to))
                .order_by(Diet.label)
            )
            for person_id, code, label in rows:
                self.diets.setdefault(person_id, []).append((code, label))
            kinds = select(HealthNote.person_id, HealthNote.kind).where(
                HealthNote.person_id.in_(part),
                HealthNote.kind.in_(SERVING_KINDS),
                *in_force_on(day, HealthNote.valid_from, HealthNote.valid_to),
            )
            for person_id, kind in session.execute(kinds):
                self.notes.setdefault(person_id, set()).add(kind)
            self.baskets |= set(
                session.scalars(
                    select(Enrolment.person_id).where(
                        Enrolment.person_id.in_(part),
                        Enrolment.category == BASKET,
                        unmerged(Enrolment.person_id),
                        *in_force_on(day, Enrolment.valid_from, Enrolment.valid_to),
                    )
                )
            )
        formulas = session.execute(
            select(Service.ref, ServiceFormula.code)
            .join(Service, Service.id == ServiceFormula.service_id)
            .where(ServiceFormula.with_meal.is_(False))
        )
        self.without_meal = {(ref, code) for ref, code in formulas}

    def diet(self, person_id: int) -> tuple[str, bool]:
        """Return how the kitchen names what somebody eats, and whether they bring it."""
        found = self.diets.get(person_id, [])
        if person_id in self.baskets or any(code == BASKET for code, _ in found):
            return "Panier repas", True
        return ", ".join(dict.fromkeys(label for _, label in found)) or STANDARD, False


def _seen_at(board: Collection[ServicePresence], structure_id: int) -> set[int]:
    """Return who was seen at a place today, whatever the service."""
    return {
        child.child_id
        for each in board
        if each.structure_id == structure_id
        for child in each.children
        if child.whereabouts in HERE
    }


def _meal(meal: ServicePresence, seen: set[int], told: Told) -> MealService:
    eaters = [each for each in meal.children if (meal.service_ref, each.formula) not in told.without_meal]
    expected = [each for each in eaters if each.is_expected and each.whereabouts is not Whereabouts.ABSENT]
    served = [each for each in eaters if each.whereabouts in HERE]
    return MealService(
        structure_ref=meal.structure_ref,
        structure_name=meal.structure_name,
        service_ref=meal.service_ref,
        service_label=meal.service_label,
        start_minute=meal.slot_start_minute,
        end_minute=meal.slot_end_minute,
        is_open=meal.is_open,
        has_begun=meal.has_begun,
        expected=len(expected),
        arrived=sum(each.child_id in seen for each in expected),
        served=len(served),
        absent=sum(each.whereabouts is Whereabouts.ABSENT for each in eaters),
        unexpected=sum(each.is_unexpected for each in served),
        allergies=sum("allergy" in told.notes.get(each.child_id, ()) for each in expected),
        pai=sum("pai" in told.notes.get(each.child_id, ()) for each in expected),
        diets=_diets(expected, served, told),
    )


def _diets(
    expected: Collection[ChildPresence], served: Collection[ChildPresence], told: Told
) -> tuple[DietCount, ...]:
    """Return the diets, the most expected first; baskets, never ordered, come last."""
    wanted = Counter(told.diet(each.child_id) for each in expected)
    eaten = Counter(told.diet(each.child_id) for each in served)
    ordered = sorted({*wanted, *eaten}, key=lambda diet: (diet[1], -wanted[diet], diet[0]))
    return tuple(DietCount(*diet, wanted[diet], eaten[diet]) for diet in ordered)
