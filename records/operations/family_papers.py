"""Papers of a file: what was received, what is still missing for each service, and what was signed or allowed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from domain.time import months_after
from records.actors import Actor, Right
from records.database import Records
from records.models import (
    Authorisation,
    AuthorisationKind,
    Delegation,
    Document,
    DocumentKind,
    DocumentRequirement,
    Enrolment,
    Family,
    FamilyMember,
    Payer,
    Person,
    Service,
    Signature,
)
from records.operations.family_file import log_health_reading
from records.operations.family_search import local_day_of
from records.operations.lookup import add, by_ref, in_force_on, invalid
from records.operations.merged import ids_with_merged, kept_by_ref, payer_of
from records.operations.paper_files import attach_pages
from records.operations.registry import Scope, operation
from records.operations.versions import check_range, close, overlap

ROLE_WORDS = {"child": "un enfant", "guardian": "représentant légal"}


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A paper received: whose it is as its kind says (`person_ref` or `payer_ref`, neither for the whole file)."""

    kind_ref: str
    title: str
    received_on: date
    person_ref: str | None = None
    payer_ref: str | None = None
    issued_on: date | None = None
    expires_on: date | None = None
    pages: tuple[str, ...] = ()  # SHA-256 of the scans that were kept, in order


@dataclass(frozen=True, slots=True)
class MissingDocument:
    """A paper that a service asks for and that is not there, or has expired."""

    kind_ref: str
    label: str
    service_ref: str
    person_ref: str | None
    payer_ref: str | None
    is_mandatory: bool
    expired_on: date | None


@dataclass(frozen=True, slots=True)
class NewAuthorisation:
    """What an adult allows or refuses for a child from a day on."""

    child_ref: str
    kind_ref: str
    given_by_ref: str
    is_allowed: bool
    valid_from: date
    signed_on: date | None = None
    valid_to: date | None = None
    detail: str | None = None


@operation(Right.EDIT_FAMILIES, Scope.ANYWHERE, also=frozenset({Right.EDIT_HEALTH}))
def receive_document(records: Records, actor: Actor, family_ref: str, document: NewDocument) -> int:
    """Record a paper received; it serves every service at once. Returns its id. Raises InvalidData, NotFound.

    A paper about health takes the right to write health.
    """
    with records.write(actor, "receive_document") as write:
        session = write.session
        kind = by_ref(session, DocumentKind, document.kind_ref)
        if kind.is_health:
            actor.require_somewhere(Right.EDIT_HEALTH)
        family = kept_by_ref(session, Family, family_ref)
        person = kept_by_ref(session, Person, document.person_ref) if document.person_ref else None
        payer = payer_of(session, family, document.payer_ref)
        if (kind.about in ("adult", "child", "enrolment")) != (person is not None):
            raise invalid("Dites de quelle personne est ce document, et d'elle seule si son type le demande.")
        if (kind.about == "payer") != (payer is not None):
            raise invalid("Dites de quel payeur est ce document, et de lui seul si son type le demande.")
        if person is not None:
            # Adults who eat are enrolled too.
            roles = {"adult": ("guardian",), "child": ("child",)}.get(kind.about, ("child", "guardian"))
            _require_member(session, family.id, person, *roles)
        expires_on = document.expires_on
        if expires_on is None and kind.months_valid is not None:
            expires_on = months_after(document.issued_on or document.received_on, kind.months_valid)
        if document.issued_on is not None and expires_on is not None:
            check_range(document.issued_on, expires_on)
        document_id = add(
            write,
            Document(
                kind_id=kind.id,
                family_id=family.id,
                person_id=None if person is None else person.id,
                payer_id=None if payer is None else payer.id,
                title=document.title,
                received_on=document.received_on,
                issued_on=document.issued_on,
                expires_on=expires_on,
                state="received",
                recorded_at=write.now,
                recorded_by=actor.signature,
            ),
        )
        attach_pages(write, document_id, document.pages)
        return document_id


@operation(Right.SEE_FAMILIES, Scope.ANYWHERE, also=frozenset({Right.SEE_HEALTH}))
def missing_documents(records: Records, actor: Actor, family_ref: str) -> list[MissingDocument]:
    """Return what each service of the file's children still asks for today, expired papers included.

    Papers about health are told to who may read health alone, and each reading is logged.
    """
    sees_health = actor.may_somewhere(Right.SEE_HEALTH)
    with records.read() as session:
        family = kept_by_ref(session, Family, family_ref)
        found = [
            (missing, is_health, person_id)
            for missing, is_health, person_id in _missing(session, family, local_day_of(session, records.clock()))
            if sees_health or not is_health
        ]
    if read := sorted({person_id for _, is_health, person_id in found if is_health and person_id is not None}):
        log_health_reading(records, actor, read, "missing_documents")
    return [missing for missing, _, _ in found]


@operation(Right.EDIT_FAMILIES, Scope.ANYWHERE)
def authorise(records: Records, actor: Actor, given: NewAuthorisation) -> int:
    """Record what an adult allows or refuses; their earlier word on it ends that day. Returns its id."""
    check_range(given.valid_from, given.valid_to)
    with records.write(actor, "authorise") as write:
        session = write.session
        child = kept_by_ref(session, Person, given.child_ref)
        adult = kept_by_ref(session, Person, given.given_by_ref)
        _require_signer(session, child, adult, given.valid_from)
        kind = by_ref(session, AuthorisationKind, given.kind_ref)
        same = select(Authorisation).where(
            Authorisation.person_id == child.id,
            Authorisation.kind_id == kind.id,
            Authorisation.given_by_id == adult.id,
        )
        for earlier in session.scalars(same).all():
            if overlap((given.valid_from, given.valid_to), (earlier.valid_from, earlier.valid_to)):
                if earlier.valid_from >= given.valid_from:
                    raise invalid(
                        "Une réponse commence déjà ce jour-là ou après : choisissez une date plus tardive."
                    )
                close(write, earlier, given.valid_from)
        return add(
            write,
            Authorisation(
                person_id=child.id,
                kind_id=kind.id,
                given_by_id=adult.id,
                is_allowed=given.is_allowed,
                valid_from=given.valid_from,
                valid_to=given.valid_to,
                signed_on=given.signed_on,
                detail=given.detail,
            ),
        )


@operation(Right.EDIT_FAMILIES, Scope.ANYWHERE)
def sign_family_file(records: Records, actor: Actor, family_ref: str, signer_ref: str, signed_on: date) -> int:
    """Record who signed the file on paper, and when; returns the id of the signature. It is never edited."""
    with records.write(actor, "sign_family_file") as write:
        family_id = kept_by_ref(write.session, Family, family_ref).id
        signer = kept_by_ref(write.session, Person, signer_ref)
        delegation = _delegation_in(write.session, family_id, signer, signed_on)
        if delegation is None:
            _require_member(write.session, family_id, signer, "guardian")
        signature = Signature(
            family_id=family_id,
            signer_id=signer.id,
            delegation_id=None if delegation is None else delegation.id,
            paper="family_file",
            signed_on=signed_on,
            channel="paper",
            is_withdrawn=False,
            recorded_at=write.now,
            recorded_by=actor.signature,
        )
        return add(write, signature)


def _require_member(session: Session, family_id: int, person: Person, *roles: str) -> None:
    """Raise InvalidData unless somebody is, or was, in a file with one of the roles."""
    known = select(FamilyMember.id).where(
        FamilyMember.family_id == family_id, FamilyMember.person_id == person.id, FamilyMember.role.in_(roles)
    )
    if session.scalar(known.limit(1)) is None:
        raise invalid(
            f"{person.first_name} {person.last_name} n'est pas {ROLE_WORDS[roles[0]]} de ce dossier. "
            "Choisissez parmi ses membres.",
            person=person.ref,
        )


def _require_signer(session: Session, child: Person, adult: Person, day: date) -> None:
    """Raise InvalidData unless an adult may speak for a child: a guardian of a file of the child, or a delegate."""
    with_child = select(FamilyMember.family_id).where(
        FamilyMember.person_id == child.id, FamilyMember.role == "child"
    )
    guardian = select(FamilyMember.id).where(
        FamilyMember.family_id.in_(with_child),
        FamilyMember.person_id == adult.id,
        FamilyMember.role == "guardian",
        *in_force_on(day, FamilyMember.valid_from, FamilyMember.valid_to),
    )
    delegated = _delegations([child.id], adult, day)
    if session.scalar(guardian.limit(1)) is None and session.scalar(delegated.limit(1)) is None:
        raise invalid(
            f"{adult.first_name} {adult.last_name} ne peut pas signer pour {child.first_name} : seul un "
            "représentant légal le peut, ou la personne qui a une délégation écrite. Enregistrez d'abord la "
            "délégation.",
            person=adult.ref,
        )


def _delegations(children: Collection[int], carer: Person, day: date) -> Select[Delegation]:
    return select(Delegation).where(
        Delegation.child_id.in_(children),
        Delegation.carer_id == carer.id,
        *in_force_on(day, Delegation.valid_from, Delegation.valid_to),
    )


def _delegation_in(session: Session, family_id: int, carer: Person, day: date) -> Delegation | None:
    """Return the written paper by which a carer signs for a child of a file on a day."""
    children = session.scalars(
        select(FamilyMember.person_id).where(FamilyMember.family_id == family_id, FamilyMember.role == "child")
    ).all()
    return session.scalar(_delegations(children, carer, day).order_by(Delegation.id).limit(1))


def _missing(session: Session, family: Family, today: date) -> Iterator[tuple[MissingDocument, bool, int | None]]:
    """Yield what is missing, whether it is about health, and whose it is."""
    members = session.execute(
        select(FamilyMember.role, Person.id, Person.ref)
        .join(Person, Person.id == FamilyMember.person_id)
        .where(
            FamilyMember.family_id == family.id,
            Person.merged_into_id.is_(None),
            *in_force_on(today, FamilyMember.valid_from, FamilyMember.valid_to),
        )
        .order_by(Person.id)
    ).all()
    paying = select(Payer.id, Payer.ref).where(Payer.family_id == family.id, Payer.merged_into_id.is_(None))
    payers = session.execute(paying).all()
    ends = _last_days(session, family, [each.id for each in members])
    for requirement, kind, service, child_id in _asked(session, [each.id for each in members], today):
        owners: list[tuple[int | None, int | None, str | None, str | None]] = [(None, None, None, None)]
        if kind.about in ("child", "enrolment"):
            owners = [(each.id, None, each.ref, None) for each in members if each.id == child_id]
        elif kind.about == "adult":
            owners = [(each.id, None, each.ref, None) for each in members if each.role == "guardian"]
        elif kind.about == "payer":
            owners = [(None, payer_id, None, ref) for payer_id, ref in payers]
        for person_id, payer_id, person_ref, payer_ref in owners:
            known = ends[kind.id, person_id, payer_id]
            if not any(end is None or end > today for end in known):
                expired = max((end for end in known if end is not None), default=None)
                missing = MissingDocument(
                    kind.ref, kind.label, service.ref, person_ref, payer_ref, requirement.is_mandatory, expired
                )
                yield missing, kind.is_health, child_id if person_id is None else person_id


def _asked(
    session: Session, people: list[int], today: date
) -> Iterator[tuple[DocumentRequirement, DocumentKind, Service, int]]:
    """Yield what is asked for, once for each service and child enrolled there today or later."""
    rows = session.execute(
        select(DocumentRequirement, DocumentKind, Service, Enrolment.person_id)
        .join(DocumentKind, DocumentKind.id == DocumentRequirement.kind_id)
        .join(
            Service,
            or_(DocumentRequirement.service_id.is_(None), DocumentRequirement.service_id == Service.id),
        )
        .join(Enrolment, Enrolment.service_id == Service.id)
        .where(
            Enrolment.person_id.in_(people),
            or_(Enrolment.valid_to.is_(None), Enrolment.valid_to > today),
            *in_force_on(today, DocumentRequirement.valid_from, DocumentRequirement.valid_to),
        )
        .order_by(DocumentKind.label, Service.ref, Enrolment.person_id)
        .distinct()
    ).all()
    yield from ((asked[0], asked[1], asked[2], asked[3]) for asked in rows)


def _last_days(
    session: Session, family: Family, people: Collection[int]
) -> dict[tuple[int, int | None, int | None], list[date | None]]:
    """Return the ends of the papers that are there, by kind and owner; a refused one does not count.

    A child of two homes brings the papers that the other home gave.
    """
    ends: dict[tuple[int, int | None, int | None], list[date | None]] = defaultdict(list)
    for row in session.scalars(
        select(Document).where(
            or_(
                Document.family_id.in_(ids_with_merged(session, Family, family.id)),
                Document.person_id.in_(people),
            ),
            Document.state != "refused",
        )
    ):
        ends[row.kind_id, row.person_id, row.payer_id].append(row.expires_on)
    return ends
