"""Requests that come at the counter, by post, by mail or by telephone: staff record them for the family (notes §5).

They wait as those of the portal do. Their deadline is judged on the day of receipt, whenever they are typed in.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.french import short_date
from records.actors import Actor, Right
from records.database import Records
from records.joined import JoinedRecords
from records.models import Account, Family, FamilyMember, Person
from records.models.requests import REQUEST_CHANNELS
from records.operations.lookup import add, in_force_on, invalid
from records.operations.merged import kept_by_ref
from records.operations.registry import Scope, operation
from records.operations.requests import (
    NewRequest,
    Receipt,
    check_subject,
    request_row,
    today_of_town,
    wait_for_staff,
)
from records.requests.catalogue import kind_of
from records.requests.kind import Asked

COUNTER_CHANNELS = tuple(channel for channel in REQUEST_CHANNELS if channel != "portal")


@dataclass(frozen=True, slots=True)
class ReceivedRequest:
    """What a guardian asked otherwise than on the portal, how it came (COUNTER_CHANNELS) and which day."""

    request: NewRequest = field(repr=False)
    guardian_ref: str
    channel: str
    received_on: date


@operation(Right.EDIT_FAMILIES, Scope.ANYWHERE, also=frozenset({Right.SEE_HEALTH, Right.SEE_BANK}))
def record_request(records: Records, actor: Actor, received: ReceivedRequest) -> Receipt:
    """Record a request in the name of a guardian of the file; it waits, whatever the service accepts by itself.

    A guardian who has an account finds it among theirs; without one, the decision goes to the address in the file.
    Raises NotFound, InvalidData for a day to come or for what could not be accepted even today, Conflict when the
    row changed since `row_version`.
    """
    new = received.request
    kind = kind_of(new.kind)
    actor.require_somewhere(kind.reading)
    if received.channel not in COUNTER_CHANNELS:
        raise invalid("Dites comment la demande est arrivée : guichet, courrier, courriel ou téléphone.")
    payload = kind.read_given(new.payload)
    with records.write(actor, "record_request") as write:
        session = write.session
        if received.received_on > today_of_town(session, write.now):
            raise invalid(f"Le {short_date(received.received_on)} est à venir : donnez le jour de réception.")
        family = kept_by_ref(session, Family, new.family_ref)
        guardian = _guardian(session, family, received)
        account_id = _account_of(session, guardian)
        asked: Asked[Any] = Asked(
            session=session,
            ref=f"demande-{secrets.token_hex(8)}",
            family=family,
            payload=payload,
            asker=guardian,
            channel=received.channel,
            received_on=received.received_on,
            received_at=write.now,
        )
        subject = kind.look(asked)
        check_subject(subject, new.row_version)
        row = request_row(kind, asked, subject, (account_id, actor.signature))
        row.asker_id = guardian.id
        add(write, row)
        return wait_for_staff(JoinedRecords(records, write), write, kind, (row, asked))


def _guardian(session: Session, family: Family, received: ReceivedRequest) -> Person:
    """Return who asks. Raises InvalidData for nobody's guardian."""
    person = kept_by_ref(session, Person, received.guardian_ref)
    guardian = select(FamilyMember.id).where(
        FamilyMember.family_id == family.id,
        FamilyMember.person_id == person.id,
        FamilyMember.role == "guardian",
        *in_force_on(received.received_on, FamilyMember.valid_from, FamilyMember.valid_to),
    )
    if session.scalar(guardian.limit(1)) is None:
        raise invalid(
            f"{person.first_name} {person.last_name} n'est pas représentant légal dans ce dossier à cette date.",
            person=person.ref,
        )
    return person


def _account_of(session: Session, person: Person) -> int | None:
    """Return the open account of who asks, None without one."""
    account = select(Account.id).where(Account.person_id == person.id, Account.disabled_at.is_(None))
    return session.scalar(account.order_by(Account.id).limit(1))
