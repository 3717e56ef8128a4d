"""Placed children: the carer pays and the representatives do not; written delegations (domain notes §3)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select

from domain.french import short_date
from records.actors import Actor, Right
from records.database import Records, Write
from records.models import (
    Address,
    Collectivity,
    Delegation,
    Enrolment,
    EnrolmentPayer,
    Family,
    FamilyMember,
    Note,
    Payer,
    Person,
    Placement,
    Structure,
)
from records.operations.families import NewPayer, body_ids
from records.operations.family_mail import tell_placement
from records.operations.lookup import add, change, in_force_on, invalid
from records.operations.merged import kept_by_ref, kept_ids
from records.operations.payers import payer_of
from records.operations.registry import Scope, operation
from records.operations.versions import check_range, close, overlap

UNRELIABLE = "Adresse non fiable : joindre d'abord la personne qui accueille l'enfant."


@dataclass(frozen=True, slots=True)
class NewPlacement:
    """A child placed from a day on with a person or a body (one of the two), who pays as `payer_ref` from then.

    `payer_ref` names the payer to be made, unless the carer is one of the file already. With `is_address_unknown`
    the representatives without an address get the collectivity's, which is not reliable.
    """

    family_ref: str
    child_ref: str
    valid_from: date
    payer_ref: str
    carer_ref: str | None = None
    carer_body: str | None = None
    authority: str | None = None
    referent: str | None = None
    valid_to: date | None = None
    is_address_unknown: bool = False


@dataclass(frozen=True, slots=True)
class NewDelegation:
    """The written paper that lets a carer sign for a child; `given_by` is parents or ase."""

    child_ref: str
    carer_ref: str
    given_by: str
    signed_on: date
    covers: str
    valid_from: date
    valid_to: date | None = None


@operation(Right.EDIT_FAMILIES, Scope.ANYWHERE)
def place_child(records: Records, actor: Actor, placement: NewPlacement) -> int:
    """Record a placement; returns its id. From its first day the carer alone pays the child's enrolments.

    Who runs the child's places is mailed, so that they look at the file (notes §3).
    Raises InvalidData when the child is not in the file, is placed already on those days, or is enrolled later with
    several payers; NotFound.
    """
    check_range(placement.valid_from, placement.valid_to)
    if (placement.carer_ref is None) == (placement.carer_body is None):
        raise invalid("L'enfant est accueilli soit par une personne, soit par un établissement.")
    with records.write(actor, "place_child") as write:
        family = kept_by_ref(write.session, Family, placement.family_ref)
        child = kept_by_ref(write.session, Person, placement.child_ref)
        _check_child(write, family, child, placement)
        placement_id = add(write, _placement_row(write, child, placement))
        carer = None if placement.carer_ref is None else kept_by_ref(write.session, Person, placement.carer_ref)
        if carer is not None:
            _add_contact(write, family.id, carer, placement.valid_from)
        payer_id = _carer_payer(write, family.id, carer, placement)
        _let_pay(write, child.id, payer_id, placement)
        if placement.is_address_unknown:
            _write_to_the_collectivity(write, family.id, placement.valid_from)
        tell_placement(write, placement_id, family, child.id, placement.valid_from)
        return placement_id


@operation(Right.EDIT_FAMILIES, Scope.ANYWHERE)
def add_delegation(records: Records, actor: Actor, delegation: NewDelegation) -> int:
    """Record the written delegation that lets a carer sign for a child; returns its id. Raises InvalidData."""
    check_range(delegation.valid_from, delegation.valid_to)
    if delegation.given_by not in ("parents", "ase") or not delegation.covers.strip():
        raise invalid("Dites qui a donné la délégation (les parents ou l'ASE) et ce qu'elle permet.")
    with records.write(actor, "add_delegation") as write:
        child = kept_by_ref(write.session, Person, delegation.child_ref)
        carer = kept_by_ref(write.session, Person, delegation.carer_ref)
        placed = select(Placement.id).where(Placement.child_id == child.id, Placement.carer_id == carer.id)
        with_child = select(FamilyMember.family_id).where(
            FamilyMember.person_id == child.id, FamilyMember.role == "child"
        )
        in_file = select(FamilyMember.id).where(
            FamilyMember.family_id.in_(with_child), FamilyMember.person_id == carer.id
        )
        if all(write.session.scalar(each.limit(1)) is None for each in (placed, in_file)):
            raise invalid(
                f"{carer.first_name} {carer.last_name} n'accueille pas {child.first_name} : enregistrez d'abord le "
                "placement, ou ajoutez cette personne au dossier."
            )
        return add(
            write,
            Delegation(
                child_id=child.id,
                carer_id=carer.id,
                given_by=delegation.given_by,
                signed_on=delegation.signed_on,
                covers=delegation.covers.strip(),
                valid_from=delegation.valid_from,
                valid_to=delegation.valid_to,
            ),
        )


def _check_child(write: Write, family: Family, child: Person, placement: NewPlacement) -> None:
    known = select(FamilyMember.id).where(
        FamilyMember.family_id == family.id, FamilyMember.person_id == child.id, FamilyMember.role == "child"
    )
    if write.session.scalar(known.limit(1)) is None:
        raise invalid(f"{child.first_name} {child.last_name} n'est pas un enfant de ce dossier.", child=child.ref)
    days = (placement.valid_from, placement.valid_to)
    for each in write.session.scalars(select(Placement).where(Placement.child_id == child.id)):
        if overlap(days, (each.valid_from, each.valid_to)):
            raise invalid(
                f"{child.first_name} est déjà placé depuis le {short_date(each.valid_from)}. Mettez fin à ce "
                "placement d'abord.",
                child=child.ref,
            )


def _placement_row(write: Write, child: Person, placement: NewPlacement) -> Placement:
    names = [name for name in (placement.carer_body, placement.authority) if name is not None]
    bodies = body_ids(write, [(name, placement.valid_from) for name in names])
    carer_id = None
    if placement.carer_ref is not None:
        carer_id = kept_by_ref(write.session, Person, placement.carer_ref).id
    return Placement(
        child_id=child.id,
        carer_id=carer_id,
        carer_body_id=None if placement.carer_body is None else bodies[placement.carer_body],
        authority_id=None if placement.authority is None else bodies[placement.authority],
        referent=placement.referent,
        valid_from=placement.valid_from,
        valid_to=placement.valid_to,
    )


def _add_contact(write: Write, family_id: int, carer: Person, day: date) -> None:
    """Make a carer a contact of the file: they may collect the child and are called first."""
    rows = write.session.scalars(
        select(FamilyMember).where(
            FamilyMember.family_id == family_id,
            FamilyMember.person_id == carer.id,
            *in_force_on(day, FamilyMember.valid_from, FamilyMember.valid_to),
        )
    ).all()
    if any(each.pickup == "forbidden" or each.role == "guardian" for each in rows):
        raise invalid(
            f"{carer.first_name} {carer.last_name} est représentant dans ce dossier, ou ne peut pas venir chercher "
            "l'enfant : cette personne ne peut pas l'accueillir.",
            person=carer.ref,
        )
    if not rows:
        add(
            write,
            FamilyMember(
                family_id=family_id,
                person_id=carer.id,
                role="contact",
                kinship="accueil",
                pickup="yes",
                emergency_rank=1,
                valid_from=day,
            ),
        )


def _carer_payer(write: Write, family_id: int, carer: Person | None, placement: NewPlacement) -> int:
    """Return the carer's payer in the file, made when there is none."""
    own = Payer.person_id == carer.id if carer is not None else Payer.ref == placement.payer_ref
    known = write.session.scalar(
        select(Payer).where(Payer.family_id == family_id, Payer.merged_into_id.is_(None), own)
    )
    if known is not None:
        return known.id
    carer_ref, channel = (None, "none") if carer is None else (carer.ref, "email")
    new = NewPayer(placement.payer_ref, carer_ref, placement.carer_body, channel)
    return payer_of(write, family_id, new, placement.valid_from).id


def _let_pay(write: Write, child_id: int, payer_id: int, placement: NewPlacement) -> None:
    """Make the carer the one payer of the child's enrolments during the placement; others stop, and come back."""
    day, end = placement.valid_from, placement.valid_to
    for enrolment, payers in _paid(write, child_id, day):
        start = max(day, enrolment.valid_from)
        last = [each for each in (end, enrolment.valid_to) if each is not None]
        if any(each.valid_from >= start for each in payers) and len(payers) > 1:
            raise invalid(
                f"L'inscription « {enrolment.ref} » commence le {short_date(enrolment.valid_from)} avec plusieurs "
                "payeurs : terminez-la, puis inscrivez l'enfant avec le payeur du placement.",
                enrolment=enrolment.ref,
            )
        for each in payers:
            _give_back(write, each, end)
            if each.valid_from >= start:
                change(write, each, {"payer_id": payer_id, "rule": "all", "valid_to": min(last, default=None)})
            else:
                close(write, each, start)
        if all(each.valid_from < start for each in payers):
            add(
                write,
                EnrolmentPayer(
                    enrolment_id=enrolment.id,
                    payer_id=payer_id,
                    rule="all",
                    valid_from=start,
                    valid_to=min(last, default=None),
                ),
            )


def _paid(write: Write, child_id: int, day: date) -> Iterator[tuple[Enrolment, list[EnrolmentPayer]]]:
    """Yield the enrolments of a child that are not over on a day, with their payers of that day or later."""
    ongoing = or_(Enrolment.valid_to.is_(None), Enrolment.valid_to > day)
    for enrolment in write.session.scalars(
        select(Enrolment).where(Enrolment.person_id == child_id, ongoing).order_by(Enrolment.id)
    ).all():
        rows = write.session.scalars(
            select(EnrolmentPayer)
            .where(
                EnrolmentPayer.enrolment_id == enrolment.id,
                or_(EnrolmentPayer.valid_to.is_(None), EnrolmentPayer.valid_to > day),
            )
            .order_by(EnrolmentPayer.id)
        ).all()
        yield enrolment, list(rows)


def _give_back(write: Write, payer: EnrolmentPayer, end: date | None) -> None:
    """Let a payer pay again after a placement whose end is known."""
    if end is not None and (payer.valid_to is None or payer.valid_to > end):
        add(
            write,
            EnrolmentPayer(
                enrolment_id=payer.enrolment_id,
                payer_id=kept_ids(write.session, Payer).of(payer.payer_id),
                rule=payer.rule,
                valid_from=max(end, payer.valid_from),
                valid_to=payer.valid_to,
            ),
        )


def _write_to_the_collectivity(write: Write, family_id: int, day: date) -> None:
    """Give representatives of unknown address the collectivity's, and a note that opens with the file."""
    session = write.session
    town = session.get_one(Collectivity, 1)
    commune = session.scalar(select(Structure.commune).where(Structure.kind == "office").limit(1)) or town.name
    guardians = session.scalars(
        select(FamilyMember.person_id).where(
            FamilyMember.family_id == family_id,
            FamilyMember.role == "guardian",
            *in_force_on(day, FamilyMember.valid_from, FamilyMember.valid_to),
        )
    ).all()
    for person_id in sorted(set(guardians)):
        own = select(Address.id).where(
            Address.person_id == person_id, or_(Address.valid_to.is_(None), Address.valid_to > day)
        )
        if session.scalar(own.limit(1)) is None:
            row = Address(person_id=person_id, street=town.name, commune=commune, is_reliable=False, valid_from=day)
            add(write, row)
    note = Note(
        family_id=family_id,
        kind="address",
        text=UNRELIABLE,
        opens_with_file=True,
        valid_from=day,
        recorded_at=write.now,
        recorded_by=write.actor.signature,
    )
    add(write, note)
