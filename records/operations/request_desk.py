"""Where staff answer what families ask: counted by kind, old and new side by side, accepted or refused, in bulk.

Accepting writes by the operations that staff use themselves, under the rights of whoever accepts and in the same
transaction as the decision (docs/adr/0019). A request whose record has moved since is a conflict, never applied
unless somebody who has seen what is there now says why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Select, and_, func, or_, select

from domain.errors import Conflict, MarelleError
from domain.evidence import MICROS_PER_DAY
from domain.french import staff_name
from records.actors import Actor, Right
from records.database import Records, Write
from records.joined import JoinedRecords
from records.models import Family, Person, Request, RequestDecision
from records.operations.family_file import log_health_reading
from records.operations.family_mail import tell_decision
from records.operations.lookup import by_ref, invalid
from records.operations.paging import FIRST_PAGE, Page, PageAsked, paged
from records.operations.registry import Scope, operation
from records.operations.requests import DECIDED_DAYS, decide, refuse_answered
from records.requests.catalogue import KINDS, kind_of
from records.requests.standing import PENDING, STATES, Change, outdated_words, standing_of, state_of

_ALSO = frozenset({Right.SEE_HEALTH, Right.EDIT_HEALTH, Right.SEE_BANK, Right.EDIT_BANK, Right.EDIT_FAMILIES})
_REASON_MAX = 400
_IS_PENDING = RequestDecision.id.is_(None)  # of an outer join


@dataclass(frozen=True, slots=True)
class PendingKind:
    """How many requests of a kind wait for the reader, and since when."""

    kind: str
    label: str
    count: int
    oldest_on: date | None


@dataclass(frozen=True, slots=True)
class RequestLine:
    """A request in a list, without what it says. Instants are µs UTC; `decided_at` is None while it waits."""

    ref: str
    kind: str
    kind_label: str
    state: str
    family_ref: str
    family_name: str
    person_name: str | None
    channel: str
    received_on: date
    received_at: int
    asked_by: str | None
    decided_at: int | None = None
    decided_by: str | None = None
    reason: str | None = None
    is_automatic: bool = False


@dataclass(frozen=True, slots=True)
class RequestView:
    """A request opened: each value as it was seen, as it is now and as it is wanted.

    `is_conflict`: the record has moved since; `mark` names what is there now and is given back to accept over it.
    """

    line: RequestLine
    changes: tuple[Change, ...] = field(repr=False)
    is_conflict: bool
    mark: str
    problem: str | None


@dataclass(frozen=True, slots=True)
class RequestAnswer:
    """An answer to one request: accept or refuse. A refusal says why; so does accepting over a conflict (`over`).

    `completion` is what only staff know (the tariff category, the class), for the kinds that ask for it.
    """

    ref: str
    decision: str
    reason: str | None = None
    over: str | None = None
    completion: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of one answer; `error` says why nothing was written, and the request then still waits."""

    ref: str
    state: str
    messages: tuple[str, ...] = ()
    error: str | None = None


@operation(Right.DECIDE_REQUESTS, Scope.PLACE, also=_ALSO)
def pending_counts(records: Records, actor: Actor) -> list[PendingKind]:
    """Return what waits for the actor, by kind in the order of the portal; kinds they may not decide are absent."""
    with records.read() as session:
        rows = session.execute(
            select(Request.kind, func.count(), func.min(Request.received_on))
            .outerjoin(RequestDecision, RequestDecision.request_id == Request.id)
            .where(_IS_PENDING, _decided_by(actor))
            .group_by(Request.kind)
        ).all()
    found = {kind: (count, oldest) for kind, count, oldest in rows}
    return [
        PendingKind(kind.code, kind.label, *found.get(kind.code, (0, None)))
        for kind in KINDS.values()
        if kind.may_be_decided_by(actor) or kind.code in found
    ]


@operation(Right.DECIDE_REQUESTS, Scope.PLACE, also=_ALSO)
def pending_requests(records: Records, actor: Actor, kind: str, asked: PageAsked = FIRST_PAGE) -> Page[RequestLine]:
    """Return what waits for the actor of one kind, the oldest first. Raises InvalidData, NotAllowed."""
    for right in kind_of(kind).needed():
        actor.require_somewhere(right)
    with records.read() as session:
        statement = _lines().where(Request.kind == kind, _IS_PENDING, _decided_by(actor))
        return paged(session, statement.order_by(Request.received_at, Request.id), asked, _line)


@operation(Right.DECIDE_REQUESTS, Scope.PLACE, also=_ALSO)
def decided_requests(records: Records, actor: Actor, asked: PageAsked = FIRST_PAGE) -> Page[RequestLine]:
    """Return what was decided or withdrawn in the last month, of what the actor may decide, the newest first."""
    since = records.clock() - DECIDED_DAYS * MICROS_PER_DAY
    with records.read() as session:
        statement = _lines().where(RequestDecision.recorded_at >= since, _decided_by(actor))
        newest = (RequestDecision.recorded_at.desc(), RequestDecision.id.desc())
        return paged(session, statement.order_by(*newest), asked, _line)


@operation(Right.DECIDE_REQUESTS, Scope.PLACE, also=_ALSO)
def read_request(records: Records, actor: Actor, ref: str) -> RequestView:
    """Open a request, old and new side by side; a reading of health is logged. Raises NotFound, NotAllowed."""
    with records.read() as session:
        row = by_ref(session, Request, ref)
        _require(actor, row)
        standing = standing_of(session, row)
        line = _line(session.execute(_lines().where(Request.id == row.id)).one())
    if standing.kind.reading is Right.SEE_HEALTH and row.person_id is not None:
        log_health_reading(records, actor, [row.person_id], "read_request")
    return RequestView(
        line,
        standing.changes,
        standing.is_conflict and line.state == PENDING,
        standing.mark,
        standing.problem,
    )


@operation(Right.DECIDE_REQUESTS, Scope.PLACE, also=_ALSO)
def answer_request(records: Records, actor: Actor, answer: RequestAnswer) -> Answered:
    """Accept or refuse a request; accepting writes what it asks.

    Raises InvalidData, NotAllowed, NotFound. Conflict: it was answered or withdrawn meanwhile, or the record moved
    since it was made and `over` does not name what is there now.
    """
    _check(answer)
    with records.write(actor, "answer_request") as write:
        row = by_ref(write.session, Request, answer.ref)
        _require(actor, row)
        refuse_answered(write.session, row)
        messages = _accept(records, write, row, answer) if answer.decision == "accept" else ()
        decide(write, row, answer.decision, answer.reason)
        tell_decision(write, row, answer.decision, answer.reason)
        return Answered(row.ref, STATES[answer.decision], messages)


@operation(Right.DECIDE_REQUESTS, Scope.PLACE, also=_ALSO)
def answer_requests(records: Records, actor: Actor, answers: Sequence[RequestAnswer]) -> list[Answered]:
    """Answer several requests, each on its own: one that cannot be answered stays as it is and says why."""
    return [_answered(records, actor, each) for each in answers]


def _answered(records: Records, actor: Actor, answer: RequestAnswer) -> Answered:
    try:
        return answer_request(records, actor, answer)
    except MarelleError as refusal:
        with records.read() as session:
            row = session.scalar(select(Request).where(Request.ref == answer.ref))
            state = "unknown" if row is None else state_of(session, row.id)
        return Answered(answer.ref, state, error=refusal.message)


def _accept(records: Records, write: Write, row: Request, answer: RequestAnswer) -> tuple[str, ...]:
    standing = standing_of(write.session, row)
    if standing.problem is not None or standing.asked is None:
        raise Conflict(
            f"{standing.problem} Cette demande ne peut plus être acceptée : refusez-la en disant pourquoi.",
            request=row.ref,
        )
    if standing.is_conflict and answer.over != standing.mark:
        raise Conflict(outdated_words(row.asked_by), request=row.ref)
    if standing.is_conflict and not (answer.reason or "").strip():
        raise invalid("Dites pourquoi vous acceptez alors que la fiche a changé : cela reste dans l'historique.")
    given = standing.kind.read_completion(answer.completion)
    return standing.kind.apply(JoinedRecords(records, write), write.actor, standing.asked, given)


def _check(answer: RequestAnswer) -> None:
    if answer.decision not in ("accept", "refuse"):
        raise invalid("Acceptez ou refusez la demande.", decision=answer.decision)
    if answer.decision == "refuse" and not (answer.reason or "").strip():
        raise invalid("Dites à la famille pourquoi sa demande est refusée.")
    if len(answer.reason or "") > _REASON_MAX:
        raise invalid(f"Le motif est trop long : {_REASON_MAX} caractères au plus.")


def _require(actor: Actor, row: Request) -> None:
    """Raise NotAllowed unless the actor may answer this request, there."""
    kind = kind_of(row.kind)
    for right in kind.needed():
        if row.structure_id is None:
            actor.require_somewhere(right)
        else:
            actor.require(right, row.structure_id)


def _decided_by(actor: Actor) -> Any:
    """Return the condition that an actor may decide a request: by its kind, and at its place if it has one."""
    of_file = [kind.code for kind in KINDS.values() if kind.may_be_decided_by(actor)]
    conditions = [and_(Request.kind.in_(of_file), Request.structure_id.is_(None))]
    for kind in KINDS.values():
        allowed = _places(actor, kind.needed())
        here = Request.structure_id.is_not(None) if allowed is None else Request.structure_id.in_(allowed)
        conditions.append(and_(Request.kind == kind.code, here))
    return or_(*conditions)


def _places(actor: Actor, rights: Sequence[Right]) -> frozenset[int] | None:
    """Return the places where an actor has all the rights, None for everywhere."""
    found: frozenset[int] | None = None
    for right in rights:
        places = actor.structures_with(right)
        if places is not None:
            found = places if found is None else found & places
    return found


def _lines() -> Select[Request, RequestDecision, Family, Person]:
    return (
        select(Request, RequestDecision, Family, Person)
        .outerjoin(RequestDecision, RequestDecision.request_id == Request.id)
        .outerjoin(Family, Family.id == Request.family_id)
        .outerjoin(Person, Person.id == Request.person_id)
    )


def _line(found: Any) -> RequestLine:
    row, decision, family, person = found
    return RequestLine(
        ref=row.ref,
        kind=row.kind,
        kind_label=kind_of(row.kind).label,
        state=PENDING if decision is None else STATES[decision.decision],
        family_ref=family.ref,
        family_name=family.name,
        person_name=None if person is None else staff_name(person.last_name, person.first_name),
        channel=row.channel,
        received_on=row.received_on,
        received_at=row.received_at,
        asked_by=row.asked_by,
        decided_at=None if decision is None else decision.recorded_at,
        decided_by=None if decision is None else decision.recorded_by,
        reason=None if decision is None else decision.reason,
        is_automatic=decision is not None and decision.is_automatic,
    )
