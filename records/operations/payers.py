"""Payers of an existing file: a representative, a contact or a body (domain notes §3)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from domain.notices import CHANNELS
from records.actors import Actor, Right
from records.database import Records, Write
from records.models import Family, FamilyMember, Payer, Person
from records.operations.families import NewPayer, body_ids
from records.operations.family_search import local_day_of
from records.operations.lookup import add, invalid, refuse_known
from records.operations.merged import kept_by_ref
from records.operations.registry import Scope, operation


@operation(Right.EDIT_FAMILIES, Scope.ANYWHERE)
def add_payer(records: Records, actor: Actor, family_ref: str, payer: NewPayer) -> int:
    """Add a payer to a file; returns its id. They pay once they are named on an enrolment too.

    Raises InvalidData for somebody who is not in the file, or who is its payer already; NotFound.
    """
    with records.write(actor, "add_payer") as write:
        family = kept_by_ref(write.session, Family, family_ref)
        return payer_of(write, family.id, payer, local_day_of(write.session, write.now)).id


def payer_of(write: Write, family_id: int, payer: NewPayer, day: date) -> Payer:
    """Add a payer inside an open write; returns its row. A body of an unknown name is made from that day on."""
    session = write.session
    if (payer.person_ref is None) == (payer.body_name is None):
        raise invalid(f"Le payeur « {payer.ref} » est soit une personne, soit un organisme.", payer=payer.ref)
    if payer.notice_channel not in CHANNELS:
        raise invalid("Avis de facture inconnu : choisissez SMS, courriel ou aucun.")
    refuse_known(session, Payer, [payer.ref])
    person_id = None if payer.person_ref is None else _member(write, family_id, payer.person_ref)
    body_id = None if payer.body_name is None else body_ids(write, [(payer.body_name, day)])[payer.body_name]
    known = session.scalar(
        select(Payer).where(
            Payer.family_id == family_id,
            Payer.merged_into_id.is_(None),
            Payer.person_id.is_not_distinct_from(person_id),
            Payer.body_id.is_not_distinct_from(body_id),
        )
    )
    if known is not None:
        raise invalid(f"Ce dossier a déjà ce payeur : « {known.ref} ». Utilisez-le.", payer=known.ref)
    row = Payer(
        ref=payer.ref,
        family_id=family_id,
        person_id=person_id,
        body_id=body_id,
        notice_channel=payer.notice_channel,
        wants_paper=payer.wants_paper,
    )
    add(write, row)
    return row


def _member(write: Write, family_id: int, person_ref: str) -> int:
    person = kept_by_ref(write.session, Person, person_ref)
    known = select(FamilyMember.id).where(
        FamilyMember.family_id == family_id, FamilyMember.person_id == person.id, FamilyMember.role != "child"
    )
    if write.session.scalar(known.limit(1)) is None:
        raise invalid(
            f"{person.first_name} {person.last_name} n'est ni représentant ni contact de ce dossier : "
            "ajoutez d'abord cette personne au dossier.",
            person=person.ref,
        )
    return person.id
