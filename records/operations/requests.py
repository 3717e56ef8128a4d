"""What a family asks on the portal: nothing of it touches the record before somebody has looked (domain notes §9).

Each kind is in `records.requests`; staff answer by `request_desk`.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from domain.errors import Conflict, NotFound
from domain.evidence import MICROS_PER_DAY
from domain.french import medium_date, typeset
from domain.time import local_day
from records.actors import SETUP, Actor, Right
from records.database import Records, Write
from records.joined import JoinedRecords
from records.models import Collectivity, Family, FamilyMember, Request, RequestDecision
from records.operations.lookup import add, in_force_on, invalid
from records.operations.merged import ids_with_merged, kept_by_ref
from records.operations.registry import operation
from records.requests.catalogue import KINDS, kind_of
from records.requests.kind import Asked, RequestKind, Subject
from records.requests.standing import PENDING, STATES, asker_of, standing_of, version_of

DECIDED_DAYS = 31  # how long what was decided stays in the lists (notes §9: « the last month »)


@dataclass(frozen=True, slots=True)
class NewRequest:
    """What is asked for a file. `payload` is what the kind's newest model takes, by field.

    `row_version` is that of the row on the screen where it was written; needed where the kind is about a row.
    """

    kind: str
    family_ref: str
    payload: Mapping[str, object] = field(repr=False)
    row_version: int | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a request: pending, or accepted at once by the service's rule; `messages` are to be shown."""

    ref: str
    state: str
    messages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OwnRequest:
    """A request in a family's own list. Instants are µs UTC; `is_mine`: the reader asked it."""

    ref: str
    kind: str
    kind_label: str
    state: str
    received_on: date
    reason: str | None
    decided_at: int | None
    is_automatic: bool
    is_mine: bool


@dataclass(frozen=True, slots=True)
class OwnRequestView:
    """A request as the family reads it again: each thing wanted, with its label."""

    line: OwnRequest
    wanted: tuple[tuple[str, str | None], ...] = field(repr=False)


@operation(Right.ASK_FOR_OWN_FAMILY)
def submit_request(records: Records, actor: Actor, new: NewRequest) -> Receipt:
    """Ask something for the actor's own file. It waits for staff, unless the service accepts by its own rule.

    Raises NotFound for anybody else's file or people, InvalidData for what could not be accepted even today,
    Conflict when the row changed since `row_version`.
    """
    kind = kind_of(new.kind)
    payload = kind.read_given(new.payload)
    with records.write(actor, "submit_request") as write:
        family = _own_family(write, new.family_ref)
        asked: Asked[Any] = Asked(
            session=write.session,
            ref=f"demande-{secrets.token_hex(8)}",
            family=family,
            payload=payload,
            asker=asker_of(write.session, actor.account_id),
            channel="portal",
            received_on=today_of_town(write.session, write.now),
            received_at=write.now,
        )
        kind.check_sender(write, asked)
        subject = kind.look(asked)
        check_subject(subject, new.row_version)
        row = request_row(kind, asked, subject, (actor.account_id, actor.signature))
        add(write, row)
        return _received(JoinedRecords(records, write), write, kind, (row, asked))


@operation(Right.ASK_FOR_OWN_FAMILY)
def withdraw_request(records: Records, actor: Actor, ref: str, reason: str | None = None) -> None:
    """Take back a request of the actor's own that nobody has answered. Raises NotFound, Conflict once answered."""
    with records.write(actor, "withdraw_request") as write:
        row = write.session.scalar(_own(actor).where(Request.ref == ref))
        if row is None:
            raise _not_yours()
        refuse_answered(write.session, row)
        decide(write, row, "withdraw", reason)


@operation(Right.ASK_FOR_OWN_FAMILY)
def my_requests(records: Records, actor: Actor, family_ref: str) -> list[OwnRequest]:
    """Return what is pending in a file of the actor's and what was decided in the last month, the newest first.

    What is between the other guardian and the town is not told. Raises NotFound for anybody else's file.
    """
    with records.read() as session:
        now = records.clock()
        family = _family_of(session, actor, family_ref, today_of_town(session, now))
        ids = ids_with_merged(session, Family, family.id)
        rows = session.execute(
            select(Request, RequestDecision)
            .outerjoin(RequestDecision, RequestDecision.request_id == Request.id)
            .where(
                Request.family_id.in_(ids),
                RequestDecision.id.is_(None) | (RequestDecision.recorded_at >= now - DECIDED_DAYS * MICROS_PER_DAY),
            )
            .order_by(Request.received_at.desc(), Request.id.desc())
        )
        return [
            _own_line(row, decision, actor)
            for row, decision in rows
            if not KINDS[row.kind].is_personal or row.account_id == actor.account_id
        ]


@operation(Right.ASK_FOR_OWN_FAMILY)
def my_request(records: Records, actor: Actor, ref: str) -> OwnRequestView:
    """Return what was asked, in words: never what the record holds. Raises NotFound for anybody else's request.

    What is between the other guardian and the town is anybody else's.
    """
    with records.read() as session:
        found = session.execute(
            select(Request, RequestDecision)
            .outerjoin(RequestDecision, RequestDecision.request_id == Request.id)
            .where(Request.ref == ref)
        ).first()
        if found is None or not _may_read(session, found[0], actor, today_of_town(session, records.clock())):
            raise _not_yours()
        changes = standing_of(session, found[0]).changes
        wanted = tuple((each.label, each.new) for each in changes if not each.is_context)
        return OwnRequestView(_own_line(*found, actor), wanted)


def decide(write: Write, row: Request, decision: str, reason: str | None, *, is_automatic: bool = False) -> None:
    """Write what became of a request, once: its `change_seq` is that of all that was written with it."""
    add(
        write,
        RequestDecision(
            request_id=row.id,
            decision=decision,
            reason=reason.strip() if reason and reason.strip() else None,
            is_automatic=is_automatic,
            change_seq=write.change_seq,
            recorded_at=write.now,
            recorded_by=write.actor.signature,
        ),
    )


def refuse_answered(session: Session, row: Request) -> None:
    """Raise Conflict when a request has been answered or withdrawn: that is said once."""
    decision = session.scalar(select(RequestDecision).where(RequestDecision.request_id == row.id))
    if decision is not None:
        words = {"accept": "a déjà été acceptée", "refuse": "a déjà été refusée", "withdraw": "a été retirée"}
        raise Conflict(
            f"Cette demande {words[decision.decision]} par {decision.recorded_by}. Rien n'a été enregistré.",
            request=row.ref,
            state=STATES[decision.decision],
        )


def _received(
    inside: JoinedRecords, write: Write, kind: RequestKind[Any], filed: tuple[Request, Asked[Any]]
) -> Receipt:
    """Accept a request at once where the service's rule says so; else make sure that it could be accepted."""
    row, asked = filed
    said = kind.apply_alone(inside, write, asked)
    if said is not None:
        decide(write, row, "accept", None, is_automatic=True)
        return Receipt(row.ref, "accepted", said)
    return wait_for_staff(inside, write, kind, filed)


def wait_for_staff(
    inside: JoinedRecords, write: Write, kind: RequestKind[Any], filed: tuple[Request, Asked[Any]]
) -> Receipt:
    """Leave a request to staff, once it is sure that it could be accepted today."""
    row, asked = filed
    if kind.is_rehearsed:
        _rehearse(inside, write, kind, asked)
    waits = (
        f"{kind.label} : votre demande du {medium_date(row.received_on)} est transmise. Elle attend une réponse."
    )
    return Receipt(row.ref, PENDING, (typeset(waits),))


def _rehearse(inside: JoinedRecords, write: Write, kind: RequestKind[Any], asked: Asked[Any]) -> None:
    """Write as an acceptance would, then take it back: what is impossible is said at once, in the same words."""
    savepoint = write.session.begin_nested()
    try:
        kind.apply(inside, SETUP, asked, kind.rehearsal)
    finally:
        savepoint.rollback()


def request_row(
    kind: RequestKind[Any], asked: Asked[Any], subject: Subject, author: tuple[int | None, str]
) -> Request:
    """Return the row of a request; `author` is the account that asks, and who signs it."""
    entity, entity_id, row_version = version_of(subject)
    return Request(
        ref=asked.ref,
        kind=kind.code,
        payload_version=kind.version,
        family_id=asked.family.id,
        person_id=subject.person_id,
        structure_id=subject.structure_id,
        service_id=subject.service_id,
        entity=entity,
        entity_id=entity_id,
        row_version=row_version,
        payload=asked.payload.model_dump_json(exclude_unset=True),
        seen=json.dumps({each.key: each.now for each in subject.fields}, ensure_ascii=False),
        channel=asked.channel,
        received_on=asked.received_on,
        received_at=asked.received_at,
        account_id=author[0],
        asked_by=author[1],
    )


def check_subject(subject: Subject, row_version: int | None) -> None:
    """Raise Conflict when the row changed since `row_version`, InvalidData when the request changes nothing."""
    if subject.row is not None and subject.row.row_version != row_version:
        raise Conflict(
            "Ces informations ont changé depuis que vous les avez ouvertes. Rien n'a été enregistré. "
            "Rechargez la page puis refaites votre demande."
        )
    if all(each.now == each.new for each in subject.fields):
        raise invalid("Votre demande ne change rien : modifiez au moins une information.")


def _own_family(write: Write, family_ref: str) -> Family:
    return _family_of(write.session, write.actor, family_ref, today_of_town(write.session, write.now))


def _family_of(session: Session, reader: Actor, family_ref: str, today: date) -> Family:
    """Return a file of which somebody is a guardian today; raises NotFound, the same for all others."""
    refusal = NotFound("Ce dossier n'est pas le vôtre. Rien n'a été enregistré.")
    try:
        family = kept_by_ref(session, Family, family_ref)
    except NotFound:
        raise refusal from None
    asker = asker_of(session, reader.account_id)
    guardian = select(FamilyMember.id).where(
        FamilyMember.family_id == family.id,
        FamilyMember.person_id == (None if asker is None else asker.id),
        FamilyMember.role == "guardian",
        *in_force_on(today, FamilyMember.valid_from, FamilyMember.valid_to),
    )
    if session.scalar(guardian.limit(1)) is None:
        raise refusal
    return family


def _may_read(session: Session, row: Request, reader: Actor, today: date) -> bool:
    """Return whether a request is the reader's, or of their file and not between the other adult and the town."""
    if row.account_id is not None and row.account_id == reader.account_id:
        return True
    if KINDS[row.kind].is_personal or row.family_id is None:
        return False
    try:
        _family_of(session, reader, session.get_one(Family, row.family_id).ref, today)
    except NotFound:
        return False
    return True


def _own(reader: Actor) -> Select[Any]:
    """Return the requests of an account: who has no account has none."""
    return select(Request).where(Request.account_id.is_not(None), Request.account_id == reader.account_id)


def _own_line(row: Request, decision: RequestDecision | None, reader: Actor) -> OwnRequest:
    return OwnRequest(
        ref=row.ref,
        kind=row.kind,
        kind_label=KINDS[row.kind].label,
        state=PENDING if decision is None else STATES[decision.decision],
        received_on=row.received_on,
        reason=None if decision is None else decision.reason,
        decided_at=None if decision is None else decision.recorded_at,
        is_automatic=decision is not None and decision.is_automatic,
        is_mine=row.account_id == reader.account_id,
    )


def _not_yours() -> NotFound:
    return NotFound("Cette demande n'est pas la vôtre. Rien n'a été enregistré.")


def today_of_town(session: Session, now: int) -> date:
    """Return the day it is in the town."""
    return local_day(now, session.scalars(select(Collectivity.timezone)).one())
