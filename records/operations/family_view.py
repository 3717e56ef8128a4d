"""A guardian's own family, for the portal: nothing of anybody else's (reliability notes, S8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.errors import NotFound
from domain.notices import MAILED, notice_of
from domain.time import local_day
from records.actors import Actor, Right
from records.database import Records
from records.models import (
    ClassMembership,
    Collectivity,
    Diet,
    Family,
    FamilyMember,
    Payer,
    Person,
    SchoolClass,
    Structure,
)
from records.operations.ledger import balance
from records.operations.lookup import in_force_on
from records.operations.presence import DayBoard
from records.operations.presence_board import ChildPresence, ServicePresence
from records.operations.registry import operation


@dataclass(frozen=True, slots=True)
class AdultView:
    """A representative of the family."""

    person_id: int
    person_ref: str
    civility: str | None
    first_name: str
    last_name: str
    used_name: str | None


@dataclass(frozen=True, slots=True)
class ChildView:
    """A child with the class and school of the day."""

    person_id: int
    child_ref: str
    first_name: str
    last_name: str
    birth_date: date | None
    class_label: str | None
    structure_ref: str | None
    structure_label: str | None
    diets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PayerView:
    """A payer that the reader is: `balance_cents` positive is owed; `notice` is how they are told of an invoice."""

    payer_id: int
    payer_ref: str
    balance_cents: int
    notice: str = MAILED


@dataclass(frozen=True, slots=True)
class FamilyView:
    """A family file as one of its guardians reads it; `payers` are those that the reader is, nobody else's."""

    family_id: int
    family_ref: str
    name: str
    me: AdultView
    adults: tuple[AdultView, ...]
    children: tuple[ChildView, ...]
    payers: tuple[PayerView, ...]


@dataclass(frozen=True, slots=True)
class ChildToday:
    """One child × place × service of today, as the staff's page knows it."""

    child: ChildPresence
    structure_ref: str
    structure_name: str
    service_ref: str
    service_label: str
    service_kind: str
    needs_departure: bool


@operation(Right.SEE_OWN_FAMILY)
def my_family(records: Records, actor: Actor) -> FamilyView:
    """Return the family of which the actor is a guardian; of several, the one that began last. Raises NotFound."""
    found = my_families(records, actor)
    if not found:
        raise NotFound(
            "Aucun dossier famille n'est rattaché à votre compte. Demandez à votre mairie de le rattacher.",
            account_id=actor.account_id,
        )
    return found[0]


@operation(Right.SEE_OWN_FAMILY)
def my_families(records: Records, actor: Actor) -> list[FamilyView]:
    """Return the families of which the actor is a guardian today, the one that began last first."""
    if actor.person_id is None:
        return []
    with records.read() as session:
        today = _today(session, records.clock())
        families = session.scalars(
            select(Family)
            .join(FamilyMember, FamilyMember.family_id == Family.id)
            .where(
                FamilyMember.person_id == actor.person_id,
                FamilyMember.role == "guardian",
                Family.merged_into_id.is_(None),
                *in_force_on(today, FamilyMember.valid_from, FamilyMember.valid_to),
            )
            .order_by(FamilyMember.valid_from.desc(), Family.id.desc())
        ).all()
        return [_view(session, family, actor.person_id, today) for family in families]


@operation(Right.SEE_OWN_FAMILY)
def my_children_today(records: Records, actor: Actor, now: int) -> list[ChildToday]:
    """Return where the children of the actor's families are today, as known at `now` (µs UTC)."""
    children = frozenset(child.person_id for family in my_families(records, actor) for child in family.children)
    if not children:
        return []
    with records.read() as session:
        places = {place.id: place for place in session.scalars(select(Structure))}
        board = DayBoard(session, _today(session, now), now, places, children).build()
    return [_child_today(service, child) for service in board.services for child in service.children]


def _child_today(service: ServicePresence, child: ChildPresence) -> ChildToday:
    return ChildToday(
        child,
        service.structure_ref,
        service.structure_name,
        service.service_ref,
        service.service_label,
        service.service_kind,
        service.needs_departure,
    )


def _today(session: Session, now: int) -> date:
    return local_day(now, session.scalars(select(Collectivity.timezone)).one())


def _view(session: Session, family: Family, person_id: int, today: date) -> FamilyView:
    members = session.execute(
        select(FamilyMember.role, Person)
        .join(Person, Person.id == FamilyMember.person_id)
        .where(
            FamilyMember.family_id == family.id,
            Person.merged_into_id.is_(None),
            *in_force_on(today, FamilyMember.valid_from, FamilyMember.valid_to),
        )
        .order_by(Person.birth_date, Person.search_key)
    ).all()
    adults = tuple(_adult(person) for role, person in members if role == "guardian")
    children = [person for role, person in members if role == "child"]
    return FamilyView(
        family.id,
        family.ref,
        family.name,
        next(adult for adult in adults if adult.person_id == person_id),
        adults,
        _children(session, children, today),
        _payers(session, family.id, person_id),
    )


def _adult(person: Person) -> AdultView:
    return AdultView(person.id, person.ref, person.civility, person.first_name, person.last_name, person.used_name)


def _children(session: Session, children: Sequence[Person], today: date) -> tuple[ChildView, ...]:
    ids = [child.id for child in children]
    classes = {
        person_id: (class_name, structure)
        for person_id, class_name, structure in session.execute(
            select(ClassMembership.person_id, SchoolClass.name, Structure)
            .join(SchoolClass, SchoolClass.id == ClassMembership.class_id)
            .join(Structure, Structure.id == SchoolClass.structure_id)
            .where(
                ClassMembership.person_id.in_(ids),
                *in_force_on(today, ClassMembership.valid_from, ClassMembership.valid_to),
            )
            .order_by(ClassMembership.valid_from)
        )
    }
    diets: dict[int, list[str]] = {}
    rows = session.execute(
        select(Diet.person_id, Diet.label)
        .where(Diet.person_id.in_(ids), *in_force_on(today, Diet.valid_from, Diet.valid_to))
        .order_by(Diet.label)
    )
    for person_id, label in rows:
        diets.setdefault(person_id, []).append(label)
    found: list[ChildView] = []
    for child in children:
        class_label, structure = classes.get(child.id, (None, None))
        found.append(
            ChildView(
                child.id,
                child.ref,
                child.first_name,
                child.last_name,
                child.birth_date,
                class_label,
                None if structure is None else structure.ref,
                None if structure is None else structure.name,
                tuple(diets.get(child.id, ())),
            )
        )
    return tuple(found)


def _payers(session: Session, family_id: int, person_id: int) -> tuple[PayerView, ...]:
    payers = session.execute(
        select(Payer.id, Payer.ref, Payer.notice_channel, Person.email)
        .join(Person, Person.id == Payer.person_id)
        .where(Payer.family_id == family_id, Payer.person_id == person_id, Payer.merged_into_id.is_(None))
        .order_by(Payer.id)
    ).all()
    owed = balance(session, [payer_id for payer_id, *_ in payers])
    return tuple(
        PayerView(payer_id, ref, owed[payer_id], notice_of(channel, email))
        for payer_id, ref, channel, email in payers
    )
