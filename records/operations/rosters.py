"""What a terminal needs to work alone: names, badges, services and who is expected; nothing more travels.

No birth date, address, phone, income or legal reason (data minimisation, domain notes §7). Everything is ordered,
so that the same records give the same bytes and a terminal downloads them once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from domain.errors import MarelleError
from domain.french import typeset
from domain.time import local_day
from domain.wire.v1 import AgentV1, ChildV1, ClassV1, ExpectedV1, RosterV1, ServiceV1, SlotV1
from records.actors import Right, program
from records.database import Records
from records.models import (
    Account,
    AgentCode,
    BadgeAssignment,
    BadgeChild,
    ClassMembership,
    Collectivity,
    Diet,
    Enrolment,
    HealthNote,
    Person,
    SchoolClass,
    Service,
    ServicePlace,
    ServiceRule,
    Structure,
)
from records.models.health import SERVING_KINDS
from records.operations.attendance import expected
from records.operations.devices import KnownDevice
from records.operations.lookup import chunks
from records.operations.merged import kept_ids, unmerged
from records.operations.schedule import service_days
from records.operations.staff import staff_of

TERMINAL = program("terminal", Right.SEND_TAPS)
EXPECTED_DAYS = 8  # today and the seven days that follow
# Opening days go further: a terminal cut off for weeks must still know which days are school days.
OPEN_DAYS = 62
WEEK = 7


class DeviceRevoked(MarelleError):
    """A revoked terminal is told no name; what it sends is still received (reliability notes, P8)."""

    code = "device_revoked"
    words = typeset(
        "Ce terminal est révoqué : il ne reçoit plus la liste des enfants. "
        "Ses pointages sont encore reçus et seront vérifiés."
    )

    def __init__(self) -> None:
        super().__init__(self.words)


def local_today(records: Records, device: KnownDevice, now: int) -> date:
    """Return the civil day of an instant (µs UTC) where the terminal stands."""
    with records.read() as session:
        return local_day(now, session.get_one(Structure, device.structure_id).timezone)


def roster(records: Records, device: KnownDevice, today: date) -> RosterV1:
    """Return the roster of the terminal's structure on a day; raises DeviceRevoked.

    `version` is a hash of everything else in it.
    """
    TERMINAL.require(Right.SEND_TAPS)
    if device.is_revoked:
        raise DeviceRevoked
    return addressed(roster_of_place(records, device.structure_id, today), device)


def roster_of_place(records: Records, structure_id: int, today: date) -> RosterV1:
    """Return what every terminal of a structure is told of a day; `addressed` says to which."""
    with records.read() as session:
        structure = session.get_one(Structure, structure_id)
        town = session.get_one(Collectivity, 1)
        people = _people(session, structure.id, today)
        return RosterV1(
            version="",
            device_ref="",
            device_label="",
            structure_ref=structure.ref,
            structure_label=structure.name,
            town_label=town.name,
            is_training=town.is_training,
            timezone=structure.timezone,
            open_days=_open_days(session, structure.id, today),
            services=_services(session, structure.id, today),
            classes=_classes(session, structure.id, today),
            children=_children(session, structure.id, people, today),
            expected=_expected(session, structure.id, today),
            agents=_agents(session, structure.id, today),
        )


def addressed(found: RosterV1, device: KnownDevice) -> RosterV1:
    """Return a structure's roster as one of its terminals gets it, with the version of these bytes."""
    named = found.model_copy(update={"device_ref": device.device_ref, "device_label": device.label})
    version = hashlib.sha256(named.model_dump_json().encode()).hexdigest()[:32]
    return named.model_copy(update={"version": version})


def _overlaps(model: Any, first: date, end: date) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Return the conditions that a row's [valid_from, valid_to) meets [first, end)."""
    return model.valid_from < end, or_(model.valid_to.is_(None), model.valid_to > first)


def _on(model: Any, day: date) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return _overlaps(model, day, day + timedelta(days=1))


def _open_days(session: Session, structure_id: int, today: date) -> list[str]:
    opened = service_days(session, today, today + timedelta(days=OPEN_DAYS - 1))
    return sorted({each.day.isoformat() for each in opened if each.structure_id == structure_id})


def _services(session: Session, structure_id: int, today: date) -> list[ServiceV1]:
    offered = session.scalars(
        select(Service)
        .join(ServicePlace, ServicePlace.service_id == Service.id)
        .where(ServicePlace.structure_id == structure_id, *_on(ServicePlace, today))
        .distinct()
        .order_by(Service.ref)
    ).all()
    rules = session.scalars(
        select(ServiceRule).where(
            ServiceRule.valid_from <= today,
            or_(ServiceRule.structure_id.is_(None), ServiceRule.structure_id == structure_id),
        )
    ).all()
    found = []
    for service in offered:
        own = [rule for rule in rules if rule.service_id == service.id]
        # The place's own rule before the general one, then the latest (domain.schedule).
        rule = max(own, key=lambda r: (r.structure_id is not None, r.valid_from), default=None)
        if rule is not None:
            found.append(_service(service, rule))
    return found


def _service(service: Service, rule: ServiceRule) -> ServiceV1:
    return ServiceV1(
        service_ref=service.ref,
        label=service.label,
        kind=service.kind,
        slots=[
            SlotV1(weekday=day, start_minute=rule.slot_start_minute, end_minute=rule.slot_end_minute)
            for day in range(WEEK)
            if rule.weekday_mask >> day & 1
        ],
        grace_minutes=rule.grace_minutes,
        anti_bounce_seconds=rule.anti_bounce_seconds,
        needs_departure=rule.needs_departure,
    )


def _classes(session: Session, structure_id: int, today: date) -> list[ClassV1]:
    """Return the classes that have, or will have within the days covered, a child."""
    end = today + timedelta(days=EXPECTED_DAYS)
    rows = session.execute(
        select(SchoolClass.ref, SchoolClass.name)
        .join(ClassMembership, ClassMembership.class_id == SchoolClass.id)
        .where(
            SchoolClass.structure_id == structure_id,
            unmerged(ClassMembership.person_id),
            *_overlaps(ClassMembership, today, end),
        )
        .distinct()
        .order_by(SchoolClass.name, SchoolClass.ref)
    )
    return [ClassV1(class_ref=ref, label=name) for ref, name in rows]


def _people(session: Session, structure_id: int, today: date) -> list[Person]:
    """Return who is in a class of the structure or enrolled there, now or within the days covered; each once."""
    end = today + timedelta(days=EXPECTED_DAYS)
    in_class = (
        select(ClassMembership.person_id)
        .join(SchoolClass, SchoolClass.id == ClassMembership.class_id)
        .where(SchoolClass.structure_id == structure_id, *_overlaps(ClassMembership, today, end))
    )
    enrolled = select(Enrolment.person_id).where(
        Enrolment.structure_id == structure_id, *_overlaps(Enrolment, today, end)
    )
    either = or_(Person.id.in_(in_class), Person.id.in_(enrolled))
    return list(
        session.scalars(
            select(Person).where(either, Person.merged_into_id.is_(None)).order_by(Person.search_key, Person.ref)
        )
    )


def _children(session: Session, structure_id: int, people: Sequence[Person], today: date) -> list[ChildV1]:
    ids = [person.id for person in people]
    classes = _class_of(session, structure_id, ids, today)
    badges = _badges(session, ids, today)
    notes = _notes(session, ids, today)
    return [
        ChildV1(
            child_ref=person.ref,
            first_name=person.first_name,
            last_name=person.used_name or person.last_name,
            class_ref=classes.get(person.id, (None, None))[0],
            class_label=classes.get(person.id, (None, None))[1],
            badges=badges.get(person.id, []),
            notes=notes.get(person.id, []),
        )
        for person in people
    ]


def _class_of(
    session: Session, structure_id: int, people: Sequence[int], today: date
) -> dict[int, tuple[str | None, str]]:
    """Return each person's class: its ref when it is one of the structure's, and its name in any case.

    A class of the structure wins over another school's, today's over one that begins within the days covered.
    """
    end = today + timedelta(days=EXPECTED_DAYS)
    found: dict[int, tuple[str | None, str]] = {}
    best: dict[int, tuple[bool, date, str]] = {}
    for part in chunks(people):
        rows = session.execute(
            select(ClassMembership.person_id, ClassMembership.valid_from, SchoolClass)
            .join(SchoolClass, SchoolClass.id == ClassMembership.class_id)
            .where(ClassMembership.person_id.in_(part), *_overlaps(ClassMembership, today, end))
        )
        for person_id, valid_from, school_class in rows:
            is_here = school_class.structure_id == structure_id
            rank = (not is_here, max(valid_from, today), school_class.ref)
            if person_id not in best or rank < best[person_id]:
                best[person_id] = rank
                found[person_id] = (school_class.ref if is_here else None, school_class.name)
    return found


def _badges(session: Session, people: Sequence[int], today: date) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    kept = kept_ids(session, Person)
    for part in chunks(sorted(kept.with_merged(people))):
        rows = session.execute(
            select(BadgeChild.child_id, BadgeAssignment.badge_uid)
            .join(BadgeAssignment, BadgeAssignment.id == BadgeChild.assignment_id)
            .where(BadgeChild.child_id.in_(part), *_on(BadgeAssignment, today))
            .distinct()
            .order_by(BadgeAssignment.badge_uid)
        )
        for child_id, badge_uid in rows:
            found.setdefault(kept.of(child_id), []).append(badge_uid)
    return {child_id: sorted(set(badges)) for child_id, badges in found.items()}


def _notes(session: Session, people: Sequence[int], today: date) -> dict[int, list[str]]:
    """Return what serving staff must see: PAI and allergies with their sign, then diets."""
    found: dict[int, list[str]] = {}
    for part in chunks(people):
        health = session.execute(
            select(HealthNote.person_id, HealthNote.kind, HealthNote.label).where(
                HealthNote.person_id.in_(part), HealthNote.kind.in_(SERVING_KINDS), *_on(HealthNote, today)
            )
        )
        by_label = sorted(health, key=lambda row: row.label)  # encrypted: the database cannot sort it
        for person_id, kind, label in sorted(by_label, key=lambda row: row.kind, reverse=True):
            _add_once(found, person_id, _warning(kind, label))
        diets = session.execute(
            select(Diet.person_id, Diet.label)
            .where(Diet.person_id.in_(part), *_on(Diet, today))
            .order_by(Diet.label)
        )
        for person_id, label in diets:
            _add_once(found, person_id, label)
    return found


def _warning(kind: str, label: str) -> str:
    if kind == "pai":
        return f"▲ {label}" if label.upper().startswith("PAI") else f"▲ PAI {label}"
    return typeset(f"▲ Allergie : {label}")


def _add_once(found: dict[int, list[str]], person_id: int, note: str) -> None:
    notes = found.setdefault(person_id, [])
    if note not in notes:
        notes.append(note)


def _expected(session: Session, structure_id: int, today: date) -> list[ExpectedV1]:
    groups: dict[tuple[str, str], set[str]] = {}
    for each in expected(session, structure_id, today, today + timedelta(days=EXPECTED_DAYS - 1)):
        groups.setdefault((each.day.isoformat(), each.service_ref), set()).add(each.child_ref)
    return [
        ExpectedV1(day=day, service_ref=service_ref, child_refs=sorted(groups[day, service_ref]))
        for day, service_ref in sorted(groups)
    ]


def _agents(session: Session, structure_id: int, today: date) -> list[AgentV1]:
    rows = session.execute(
        select(AgentCode.ref, Account.display_name, AgentCode.code_hash)
        .join(Account, Account.id == AgentCode.account_id)
        .where(AgentCode.structure_id == structure_id, Account.disabled_at.is_(None), *_on(AgentCode, today))
        .where(Account.id.in_(staff_of(structure_id, today)))
        .order_by(AgentCode.ref)
    )
    return [AgentV1(agent_ref=ref, display_name=name, code_hash=code_hash) for ref, name, code_hash in rows]
