"""Who is in a file: a request only ever speaks of the people of its own (reliability notes, S8)."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.errors import NotFound
from records.models import Address, Family, FamilyMember, Payer, Person, PersonPhone
from records.operations.lookup import in_force_on
from records.operations.merged import kept_by_ref
from records.requests.kind import Asked
from records.requests.words import joined


def member_of(asked: Asked[Any], person_ref: str, role: str) -> tuple[FamilyMember, Person]:
    """Return somebody who holds a role in the file today. Raises NotFound, the same whether they exist or not."""
    found = asked.session.execute(
        select(FamilyMember, Person)
        .join(Person, Person.id == FamilyMember.person_id)
        .where(
            FamilyMember.family_id == asked.family.id,
            FamilyMember.role == role,
            Person.id == _kept_person_id(asked.session, person_ref),
            *in_force_on(asked.received_on, FamilyMember.valid_from, FamilyMember.valid_to),
        )
        .limit(1)
    ).first()
    if found is None:
        raise NotFound("Cette personne n'est pas dans ce dossier famille. Rien n'a été enregistré.")
    return found[0], found[1]


def child_of(asked: Asked[Any], child_ref: str) -> Person:
    """Return a child of the file. Raises NotFound."""
    return member_of(asked, child_ref, "child")[1]


def payer_of(asked: Asked[Any], payer_ref: str | None) -> Payer | None:
    """Return a payer of the file, None for the whole file. Raises NotFound."""
    if payer_ref is None:
        return None
    try:
        payer = kept_by_ref(asked.session, Payer, payer_ref)
    except NotFound:
        payer = None
    if payer is None or payer.family_id != asked.family.id:
        raise NotFound("Ce payeur n'est pas dans ce dossier famille. Rien n'a été enregistré.")
    return payer


def require_own_payer(asked: Asked[Any], payer: Payer | None) -> None:
    """Raise NotFound unless the payer is who asks: the other one's account is none of their business."""
    if payer is not None and (asked.asker is None or payer.person_id != asked.asker.id):
        raise NotFound("Ce payeur n'est pas dans ce dossier famille. Rien n'a été enregistré.")


def phones_of(session: Session, person: Person) -> str | None:
    """Return the telephones of somebody in the order of call, in words."""
    rows = session.scalars(
        select(PersonPhone).where(PersonPhone.person_id == person.id).order_by(PersonPhone.rank, PersonPhone.id)
    )
    return joined(row.number for row in rows)


def address_of(session: Session, owner: Family | Person, day: date) -> str | None:
    """Return the address of a file, or of one person, on a day, in words."""
    column = Address.family_id if isinstance(owner, Family) else Address.person_id
    row = session.scalar(
        select(Address).where(column == owner.id, *in_force_on(day, Address.valid_from, Address.valid_to))
    )
    return None if row is None else address_words(row)


def address_words(row: Any) -> str | None:
    """Return an address on one line, from its row or from a payload."""
    town = joined((row.postcode, row.commune), " ")
    return joined((row.street, row.extra, town, row.former_commune and f"({row.former_commune})"))


def _kept_person_id(session: Session, person_ref: str) -> int | None:
    try:
        return kept_by_ref(session, Person, person_ref).id
    except NotFound:
        return None
