"""Who may be asked of API Particulier: the possible allocataires of each file, and nothing that is not needed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from domain.allocataires import EAJE, QUOTIENT, Identity
from records.models import Enrolment, Family, FamilyMember, Payer, Person, Service
from records.operations.lookup import in_force_on
from records.operations.merged import unmerged

FIRST_NAMES_MAX = 3  # API Particulier takes no more


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody who may be the allocataire of a file."""

    person_id: int
    identity: Identity


@dataclass(frozen=True, slots=True)
class Question:
    """One thing to ask about a file, for one payer or the whole of it, of each person until one is known."""

    family_id: int
    family_ref: str
    payer_id: int | None
    endpoint: str
    people: tuple[Asked, ...]


def questions(session: Session, today: date) -> list[Question]:
    """Return what may be asked, by file: a QF for every file, an income where a child goes to an EAJE.

    Only files with a child enrolled today or later: nothing else is needed. Two people who both pay have a QF each;
    otherwise the file has one, and its payer is asked before the other guardian (only one is the allocataire).
    """
    endpoints = _endpoints(session, today)
    guardians = _guardians(session, today)
    payers = _payers(session)
    found: list[Question] = []
    for (family_id, family_ref), wanted in endpoints.items():
        for payer_id, people in _groups(guardians[family_id], payers[family_id]):
            found += [Question(family_id, family_ref, payer_id, endpoint, people) for endpoint in wanted]
    return found


def _endpoints(session: Session, today: date) -> dict[tuple[int, str], list[str]]:
    """Return which questions each file needs, in the order of their refs."""
    rows = session.execute(
        select(Family.id, Family.ref, Service.caf_kind)
        .join(FamilyMember, FamilyMember.family_id == Family.id)
        .join(Enrolment, Enrolment.person_id == FamilyMember.person_id)
        .join(Service, Service.id == Enrolment.service_id)
        .where(
            FamilyMember.role == "child",
            *in_force_on(today, FamilyMember.valid_from, FamilyMember.valid_to),
            or_(Enrolment.valid_to.is_(None), Enrolment.valid_to > today),
            Family.merged_into_id.is_(None),
            Family.anonymised_at.is_(None),
            unmerged(Enrolment.person_id),
        )
        .order_by(Family.ref)
        .distinct()
    )
    wanted: dict[tuple[int, str], list[str]] = {}
    for family_id, ref, caf_kind in rows:
        endpoints = wanted.setdefault((family_id, ref), [QUOTIENT])
        if caf_kind == "eaje":
            endpoints.append(EAJE)
    return wanted


def _guardians(session: Session, today: date) -> dict[int, list[Asked]]:
    rows = session.execute(
        select(FamilyMember.family_id, Person)
        .join(Person, Person.id == FamilyMember.person_id)
        .where(
            FamilyMember.role == "guardian",
            *in_force_on(today, FamilyMember.valid_from, FamilyMember.valid_to),
            Person.anonymised_at.is_(None),
            Person.merged_into_id.is_(None),
        )
        .order_by(FamilyMember.family_id, FamilyMember.id)
    )
    found: dict[int, list[Asked]] = defaultdict(list)
    for family_id, person in rows:
        found[family_id].append(Asked(person.id, _identity(person)))
    return found


def _payers(session: Session) -> dict[int, dict[int, int]]:
    """Return the payer of each person, by file."""
    rows = session.execute(
        select(Payer.family_id, Payer.person_id, Payer.id)
        .where(Payer.person_id.is_not(None), Payer.merged_into_id.is_(None))
        .order_by(Payer.id)
    )
    found: dict[int, dict[int, int]] = defaultdict(dict)
    for family_id, person_id, payer_id in rows:
        assert person_id is not None
        found[family_id].setdefault(person_id, payer_id)
    return found


def _groups(guardians: list[Asked], payers: dict[int, int]) -> Iterator[tuple[int | None, tuple[Asked, ...]]]:
    paying = [person for person in guardians if person.person_id in payers]
    if len(paying) > 1:
        for person in paying:
            yield payers[person.person_id], (person,)
    elif guardians:
        others = [person for person in guardians if person not in paying]
        yield None, tuple(paying + others)


def _identity(person: Person) -> Identity:
    return Identity(
        last_name=person.last_name,
        first_names=tuple(person.first_name.split()[:FIRST_NAMES_MAX]),
        used_name=person.used_name,
        sex=person.sex,
        birth_date=person.birth_date,
        birth_commune_code=person.birth_commune_code,
        birth_country_code=person.birth_country_code,
    )
