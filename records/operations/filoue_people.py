"""Who may be in the Filoué file of a place: its children of the year, their family's agreement and fund."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from records.actors import Actor, Right
from records.database import Records
from records.models import (
    Address,
    Enrolment,
    EnrolmentPayer,
    Family,
    FamilyMember,
    Payer,
    Person,
    Regime,
    Service,
    Structure,
)
from records.operations.caf_settings import caf_setting_on
from records.operations.family_search import local_day_of
from records.operations.filoue_consents import families_that_agree
from records.operations.lookup import by_ref, in_force_on
from records.operations.merged import KeptIds, kept_ids
from records.operations.registry import Scope, operation

_EAJE = "eaje"


@dataclass(frozen=True, slots=True)
class FilouePerson:
    """A child enrolled in the year, as its family's file tells it on its last day there.

    `agrees` to be told: what the family says on the day on which the file is made. What is None is not in the
    file: it must be completed before the child can be told.
    """

    child_ref: str
    family_ref: str | None
    agrees: bool
    birth_date: date | None
    allocataire_number: str | None
    postcode: str | None
    commune: str | None
    first_day: date
    last_day: date


@dataclass(frozen=True, slots=True)
class FilouePlace:
    """The place, with the numbers that the CAF gave it."""

    structure_ref: str
    caf_office_code: str | None
    caf_file_number: str | None
    idequ: str | None
    people: tuple[FilouePerson, ...]


@operation(Right.DECLARE_CAF, Scope.PLACE, also=frozenset({Right.SEE_FAMILIES}))
def filoue_people(records: Records, actor: Actor, structure_ref: str, year: int) -> FilouePlace:
    """Return the children of a place's year for its Filoué file; that they were taken out is audited.

    Raises NotFound, ParameterMissing without a convention, NotAllowed.
    """
    first, last = date(year, 1, 1), date(year, 12, 31)
    with records.write(actor, "filoue_people") as write:
        session = write.session
        structure = by_ref(session, Structure, structure_ref)
        for right in (Right.DECLARE_CAF, Right.SEE_FAMILIES):
            actor.require(right, structure.id)
        setting = caf_setting_on(session, structure, last)
        kept_people = kept_ids(session, Person)
        spans = _spans(session, structure.id, (first, last), kept_people)
        today = local_day_of(session, write.now)
        people = tuple(_person(session, child_id, days, today) for child_id, days in sorted(spans.items()))
        write.audit("structure", structure.ref, old=None, new={"filoue": year, "children": len(people)})
        return FilouePlace(structure.ref, setting.caf_office_code, setting.caf_file_number, setting.idequ, people)


def _spans(
    session: Session, structure_id: int, year: tuple[date, date], kept: KeptIds
) -> dict[int, tuple[date, date]]:
    """Return the first and last day of the year on which each child was enrolled in early childhood there."""
    rows = session.execute(
        select(Enrolment.person_id, Enrolment.valid_from, Enrolment.valid_to)
        .join(Service, Service.id == Enrolment.service_id)
        .where(
            Enrolment.structure_id == structure_id,
            Service.caf_kind == _EAJE,
            Enrolment.valid_from <= year[1],
            or_(Enrolment.valid_to.is_(None), Enrolment.valid_to > year[0]),
        )
    )
    found: dict[int, tuple[date, date]] = {}
    for person_id, valid_from, valid_to in rows:
        child_id = kept.of(person_id)
        begins = max(valid_from, year[0])
        ends = year[1] if valid_to is None else min(valid_to - timedelta(days=1), year[1])
        known = found.get(child_id, (begins, ends))
        found[child_id] = (min(known[0], begins), max(known[1], ends))
    return found


def _person(session: Session, child_id: int, days: tuple[date, date], today: date) -> FilouePerson:
    child = session.get_one(Person, child_id)
    family = _family(session, child_id, days[1])
    regime = None if family is None else _regime(session, family.id, days[1])
    address = None if family is None else _address(session, (child_id, family.id), days[1])
    return FilouePerson(
        child.ref,
        None if family is None else family.ref,
        family is not None and bool(families_that_agree(session, [family.id], today)),
        child.birth_date,
        None if regime is None else regime.allocataire_number,
        None if address is None else address.postcode,
        None if address is None else address.commune,
        *days,
    )


def _family(session: Session, child_id: int, day: date) -> Family | None:
    """Return the file that pays for the child, else the first one it is in, on a day."""
    payers = select(Payer.family_id).join(EnrolmentPayer, EnrolmentPayer.payer_id == Payer.id)
    paying = set(
        session.scalars(
            payers.join(Enrolment, Enrolment.id == EnrolmentPayer.enrolment_id).where(
                Enrolment.person_id == child_id,
                *in_force_on(day, EnrolmentPayer.valid_from, EnrolmentPayer.valid_to),
            )
        )
    )
    rows = session.scalars(
        select(Family)
        .join(FamilyMember, FamilyMember.family_id == Family.id)
        .where(
            FamilyMember.person_id == child_id,
            FamilyMember.role == "child",
            Family.merged_into_id.is_(None),
            *in_force_on(day, FamilyMember.valid_from, FamilyMember.valid_to),
        )
        .order_by(Family.id)
    ).all()
    return next(iter(sorted(rows, key=lambda row: row.id not in paying)), None)


def _regime(session: Session, family_id: int, day: date) -> Regime | None:
    order = (Regime.effective_from.desc(), Regime.recorded_at.desc(), Regime.id.desc())
    return session.scalars(
        select(Regime).where(Regime.family_id == family_id, Regime.effective_from <= day).order_by(*order)
    ).first()


def _address(session: Session, owners: tuple[int, int], day: date) -> Address | None:
    """Return the child's own address, else its file's."""
    rows = session.scalars(
        select(Address)
        .where(
            or_(Address.person_id == owners[0], Address.family_id == owners[1]),
            *in_force_on(day, Address.valid_from, Address.valid_to),
        )
        .order_by(Address.valid_from.desc())
    ).all()
    return next(iter(sorted(rows, key=lambda row: row.person_id is None)), None)
