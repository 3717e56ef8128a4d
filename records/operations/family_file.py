"""Opening a family file: one operation, one snapshot, everything that a screen of the office shows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from domain.french import staff_name, typeset
from records.actors import Actor, Right
from records.database import Records
from records.models import (
    Address,
    ClassMembership,
    Diet,
    Enrolment,
    Family,
    FamilyMember,
    HealthAccess,
    HealthNote,
    Note,
    Payer,
    PayingBody,
    Person,
    PersonPhone,
    Regime,
    SchoolClass,
    Service,
    Signature,
    Structure,
)
from records.operations.family_file_views import (
    AddressView,
    EnrolmentLine,
    FamilyFile,
    HealthView,
    MemberView,
    NoteLine,
    PayerLine,
    PhoneView,
    QfLine,
    RegimeLine,
)
from records.operations.family_search import local_day_of
from records.operations.lookup import in_force_on
from records.operations.merged import ids_with_merged, kept_by_ref
from records.operations.qf_lines import qf_differences, qf_lines
from records.operations.registry import Scope, operation


@dataclass(slots=True)
class _OfPeople:
    """What belongs to each person of the file, by id."""

    phones: dict[int, list[PhoneView]] = field(default_factory=lambda: defaultdict(list))
    addresses: dict[int, AddressView] = field(default_factory=dict)
    classes: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    diets: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    health: dict[int, list[HealthView]] | None = None


@operation(Right.SEE_FAMILIES, Scope.ANYWHERE, also=frozenset({Right.SEE_HEALTH}))
def open_family_file(records: Records, actor: Actor, family_ref: str) -> FamilyFile:
    """Return a file as it is today; the reference of a merged file opens the one that was kept. Raises NotFound.

    Health is read only by who has the right to, and each child's reading leaves a row.
    """
    sees_health = actor.may_somewhere(Right.SEE_HEALTH)
    with records.read() as session:
        today = local_day_of(session, records.clock())
        family = kept_by_ref(session, Family, family_ref)
        ids = ids_with_merged(session, Family, family.id)
        members = _member_rows(session, family.id, today)
        people = {person.id for _, person in members}
        of_people = _of_people(session, people, today)
        if sees_health:
            of_people.health = _health(session, people, today)
        opened = _file(session, (family, family_ref), ids, _members(members, of_people), today)
        people_read = sorted(of_people.health or ())
    if people_read:
        log_health_reading(records, actor, people_read, "open_family_file")
    return opened


def log_health_reading(records: Records, reader: Actor, person_ids: Collection[int], operation_name: str) -> None:
    """Write who read whose health, and by which operation."""
    with records.upkeep() as session:
        session.add_all(
            HealthAccess(
                person_id=person_id,
                account_id=reader.account_id,
                reader=reader.signature,
                read_at=records.clock(),
                operation=operation_name,
            )
            for person_id in person_ids
        )


def _member_rows(session: Session, family_id: int, today: date) -> list[tuple[FamilyMember, Person]]:
    """Return the members of the day: forbidden ones first, then representatives, children, contacts by rank."""
    rows = session.execute(
        select(FamilyMember, Person)
        .join(Person, Person.id == FamilyMember.person_id)
        .where(
            FamilyMember.family_id == family_id,
            Person.merged_into_id.is_(None),
            *in_force_on(today, FamilyMember.valid_from, FamilyMember.valid_to),
        )
    ).all()
    order = {"guardian": 1, "child": 2, "contact": 3}
    return sorted(
        ((member, person) for member, person in rows),
        key=lambda each: (
            each[0].pickup != "forbidden",
            order[each[0].role],
            each[0].emergency_rank or 99,
            each[1].birth_date or date.min,
            each[1].id,
        ),
    )


def _of_people(session: Session, people: Collection[int], today: date) -> _OfPeople:
    found = _OfPeople()
    for phone in session.scalars(
        select(PersonPhone).where(PersonPhone.person_id.in_(people)).order_by(PersonPhone.rank, PersonPhone.id)
    ):
        found.phones[phone.person_id].append(PhoneView(phone.id, phone.number, phone.kind, phone.note))
    own = select(Address).where(
        Address.person_id.in_(people), *in_force_on(today, Address.valid_from, Address.valid_to)
    )
    for address in session.scalars(own):
        if address.person_id is not None:
            found.addresses[address.person_id] = _address(address)
    for person_id, name in session.execute(
        select(ClassMembership.person_id, SchoolClass.name)
        .join(SchoolClass, SchoolClass.id == ClassMembership.class_id)
        .where(
            ClassMembership.person_id.in_(people),
            *in_force_on(today, ClassMembership.valid_from, ClassMembership.valid_to),
        )
        .order_by(ClassMembership.id)
    ):
        found.classes[person_id].append(name)
    for person_id, label in session.execute(
        select(Diet.person_id, Diet.label)
        .where(Diet.person_id.in_(people), *in_force_on(today, Diet.valid_from, Diet.valid_to))
        .order_by(Diet.label)
    ):
        found.diets[person_id].append(label)
    return found


def _health(session: Session, people: Collection[int], today: date) -> dict[int, list[HealthView]]:
    """Return the health notes of the day by person; only people who have one are there, and are logged."""
    found: dict[int, list[HealthView]] = defaultdict(list)
    for note in session.scalars(
        select(HealthNote)
        .where(HealthNote.person_id.in_(people), *in_force_on(today, HealthNote.valid_from, HealthNote.valid_to))
        .order_by(HealthNote.kind, HealthNote.id)
    ):
        found[note.person_id].append(HealthView(note.kind, note.label, note.detail))
    return found


def _members(rows: Sequence[tuple[FamilyMember, Person]], of: _OfPeople) -> tuple[MemberView, ...]:
    return tuple(
        MemberView(
            member.id,
            person.ref,
            member.role,
            person.civility,
            person.first_name,
            person.last_name,
            person.used_name,
            person.birth_date,
            person.email,
            person.occupation,
            member.kinship,
            member.pickup,
            member.emergency_rank,
            tuple(of.phones.get(person.id, ())),
            of.addresses.get(person.id),
            tuple(of.classes.get(person.id, ())),
            tuple(of.diets.get(person.id, ())),
            None if of.health is None else tuple(of.health.get(person.id, ())),
            person.row_version,
            member.row_version,
        )
        for member, person in rows
    )


def _file(
    session: Session,
    asked: tuple[Family, str],
    ids: Sequence[int],
    members: tuple[MemberView, ...],
    today: date,
) -> FamilyFile:
    family, asked_ref = asked
    address = session.scalar(
        select(Address).where(
            Address.family_id == family.id, *in_force_on(today, Address.valid_from, Address.valid_to)
        )
    )
    notes = _notes(session, ids, today)
    qfs = qf_lines(session, ids)
    missing = _to_complete(session, ids, None if address is None else address.is_reliable)
    return FamilyFile(
        family.ref,
        asked_ref,
        family.name,
        family.letter_name,
        family.row_version,
        _warnings(members, notes),
        (*_qf_to_complete(qfs, today), *missing),
        None if address is None else _address(address),
        members,
        _payers(session, family.id),
        qfs,
        qf_differences(qfs),
        _regimes(session, ids),
        notes,
        _enrolments(session, [member.person_ref for member in members], today),
    )


def _warnings(members: Sequence[MemberView], notes: Sequence[NoteLine]) -> tuple[str, ...]:
    forbidden = [
        typeset(f"NE PEUT PAS VENIR CHERCHER L'ENFANT : {staff_name(member.last_name, member.first_name)}.")
        for member in members
        if member.pickup == "forbidden"
    ]
    return (*forbidden, *(note.text for note in notes if note.opens_with_file))


def _qf_to_complete(qfs: Sequence[QfLine], today: date) -> Iterator[str]:
    """Yield what is missing of the QF in force: without any a line waits, with 9999 it has the top band."""
    begun = [qf for qf in qfs if qf.is_standing and qf.effective_from <= today]
    latest = {qf.payer_ref: qf for qf in sorted(begun, key=lambda each: (each.effective_from, each.qf_id))}
    if not latest:
        yield typeset("Aucun QF aujourd'hui : les prix qui en dépendent attendent. Saisissez-le, à défaut 9999.")
    for payer_ref, qf in latest.items():
        if qf.is_unknown:
            whose = "" if payer_ref is None else f" du payeur « {payer_ref} »"
            yield typeset(
                f"QF{whose} pas encore connu (9999) : la tranche la plus haute s'applique. "
                "Demandez-le à la famille."
            )


def _to_complete(session: Session, ids: Sequence[int], is_reliable: bool | None) -> tuple[str, ...]:
    """Return what else is missing, as the list « à compléter » says it."""
    found = []
    if is_reliable is None:
        found.append("Adresse manquante : demandez-la à la famille.")
    elif not is_reliable:
        found.append("Adresse non fiable : vérifiez-la avant d'écrire.")
    signed = select(Signature.id).where(Signature.family_id.in_(ids), Signature.paper == "family_file")
    replaced = select(Signature.replaces_id).where(Signature.replaces_id.is_not(None))
    if (
        session.scalar(signed.where(Signature.is_withdrawn.is_(False), Signature.id.not_in(replaced)).limit(1))
        is None
    ):
        found.append("Dossier non signé : faites-le signer.")
    return tuple(typeset(each) for each in found)


def _address(row: Address) -> AddressView:
    return AddressView(
        row.id,
        row.street,
        row.extra,
        row.postcode,
        row.commune,
        row.former_commune,
        row.is_reliable,
        row.row_version,
    )


def _notes(session: Session, ids: Sequence[int], today: date) -> tuple[NoteLine, ...]:
    rows = session.scalars(
        select(Note)
        .where(Note.family_id.in_(ids), *in_force_on(today, Note.valid_from, Note.valid_to))
        .order_by(Note.opens_with_file.desc(), Note.id)
    )
    return tuple(NoteLine(row.id, row.kind, row.text, row.opens_with_file, row.row_version) for row in rows)


def _payers(session: Session, family_id: int) -> tuple[PayerLine, ...]:
    rows = session.execute(
        select(Payer, Person.ref, PayingBody.ref)
        .outerjoin(Person, Person.id == Payer.person_id)
        .outerjoin(PayingBody, PayingBody.id == Payer.body_id)
        .where(Payer.family_id == family_id, Payer.merged_into_id.is_(None))
        .order_by(Payer.id)
    )
    return tuple(
        PayerLine(row.ref, person, body, row.notice_channel, row.wants_paper, row.row_version)
        for row, person, body in rows
    )


def _regimes(session: Session, ids: Sequence[int]) -> tuple[RegimeLine, ...]:
    rows = session.scalars(
        select(Regime)
        .where(Regime.family_id.in_(ids))
        .order_by(Regime.effective_from.desc(), Regime.recorded_at.desc(), Regime.id.desc())
    )
    return tuple(RegimeLine(row.code, row.caf_group, row.effective_from, row.allocataire_number) for row in rows)


def _enrolments(session: Session, person_refs: Collection[str], today: date) -> tuple[EnrolmentLine, ...]:
    rows = session.execute(
        select(Enrolment, Person.ref, Service.ref, Structure.ref)
        .join(Person, Person.id == Enrolment.person_id)
        .join(Service, Service.id == Enrolment.service_id)
        .join(Structure, Structure.id == Enrolment.structure_id)
        .where(Person.ref.in_(person_refs), or_(Enrolment.valid_to.is_(None), Enrolment.valid_to > today))
        .order_by(Person.ref, Enrolment.valid_from, Enrolment.id)
    )
    return tuple(
        EnrolmentLine(row.ref, person, service, structure, row.valid_from, row.valid_to)
        for row, person, service, structure in rows
    )
