"""What a family books by itself on the portal, where the service takes requests before anybody looks (notes §9)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from domain.deadlines import Moment, Timing, is_accepted_alone
from domain.errors import NotFound
from domain.french import medium_date
from domain.time import local_day
from records.actors import Actor, Right
from records.database import Records, Write
from records.models import Collectivity, Family, FamilyMember, Person
from records.operations.booking_facts import BookingFacts, NewBooking, facts_of
from records.operations.booking_terms import TermsBook
from records.operations.bookings import ABSENCE, BOOK, CANCEL, BookingAnswer, answer_all
from records.operations.lookup import in_force_on, invalid
from records.operations.merged import unmerged
from records.operations.registry import operation

_OWN_ACTIONS = (BOOK, CANCEL, ABSENCE)


@operation(Right.ASK_FOR_OWN_FAMILY)
def book_own(records: Records, actor: Actor, bookings: Sequence[NewBooking]) -> list[BookingAnswer]:
    """Book, cancel or declare absent the children of the actor's families, received now; all or nothing.

    Only where the service accepts by itself and in time: else InvalidData says who has to look. Raises NotFound for
    anybody else's child: whether they exist is none of the reader's business.
    """
    if not bookings:
        return []
    with records.write(actor, "book_own") as write:
        _check_own(write, bookings)
        terms = TermsBook(write.session, write.now)
        facts = facts_of(write, bookings, is_own=True)
        received = [_received_now(terms, each, facts.keys[number][2]) for number, each in enumerate(bookings)]
        for number, each in enumerate(received):
            _refuse_unless_alone(terms, facts, number, each)
        return answer_all(facts, received)


def is_alone(terms: TermsBook, key: tuple[int, int, int], each: NewBooking) -> bool:
    """Return whether a request of (person, service, place) is taken before anybody has looked at it.

    A declared absence has no deadline: it leaves the day billed.
    """
    _, service_id, structure_id = key
    asked = Moment(each.received_on, each.received_minute or 0)
    when = Timing.IN_TIME
    if each.action != ABSENCE:
        when = terms.timing(service_id, structure_id, each.day, asked)
    return is_accepted_alone(terms.terms(service_id, structure_id, each.day), when)


def own_children(session: Session, person_id: int, today: date) -> set[str]:
    """Return the refs of the children of the families of which somebody is a guardian on a day."""
    guardian, child = aliased(FamilyMember), aliased(FamilyMember)
    return set(
        session.scalars(
            select(Person.ref)
            .join(child, child.person_id == Person.id)
            .join(guardian, guardian.family_id == child.family_id)
            .join(Family, Family.id == child.family_id)
            .where(
                guardian.person_id == person_id,
                guardian.role == "guardian",
                child.role == "child",
                Family.merged_into_id.is_(None),
                unmerged(child.person_id),
                Person.merged_into_id.is_(None),
                *in_force_on(today, guardian.valid_from, guardian.valid_to),
                *in_force_on(today, child.valid_from, child.valid_to),
            )
        )
    )


def _check_own(write: Write, bookings: Sequence[NewBooking]) -> None:
    today = local_day(write.now, write.session.scalars(select(Collectivity.timezone)).one())
    person_id = write.actor.person_id
    mine = set() if person_id is None else own_children(write.session, person_id, today)
    if any(each.person_ref not in mine for each in bookings):
        raise NotFound("Cet enfant n'est pas dans votre dossier famille. Rien n'a été enregistré.")
    if any(each.action not in _OWN_ACTIONS for each in bookings):
        raise invalid("Vous pouvez réserver, annuler ou déclarer une absence.")


def _received_now(terms: TermsBook, each: NewBooking, structure_id: int) -> NewBooking:
    now = terms.now(structure_id)
    return replace(each, channel="portal", received_on=now.day, received_minute=now.minute, despite=None)


def _refuse_unless_alone(terms: TermsBook, facts: BookingFacts, number: int, each: NewBooking) -> None:
    _, service_id, structure_id = facts.keys[number]
    of_day = terms.terms(service_id, structure_id, each.day)
    if is_alone(terms, facts.keys[number], each):
        return
    service = facts.labels[service_id]
    if of_day.portal_mode != "automatic":
        raise invalid(
            f"{service} : le service regarde chaque demande avant de l'accepter. Écrivez-lui ou passez le voir.",
            service=each.service_ref,
        )
    if of_day.after_deadline != "refused":
        limit = terms.limit(service_id, structure_id, each.day)
        raise invalid(
            f"{service} : le délai pour le {medium_date(each.day)} est passé depuis {limit}. "
            "Le service peut encore accepter votre demande : appelez-le.",
            day=each.day,
        )
