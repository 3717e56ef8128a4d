"""How a request stands today: the row it was made against, then and now."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.errors import MarelleError
from domain.french import typeset
from records.models import Account, Family, Person, Request, RequestDecision
from records.operations.merged import kept_ids
from records.requests.catalogue import kind_of
from records.requests.kind import Asked, RequestKind, Subject

STATES = {"accept": "accepted", "refuse": "refused", "withdraw": "withdrawn"}
PENDING = "pending"
STATE_WORDS = {
    PENDING: "en attente",
    "accepted": "acceptée",
    "refused": "refusée",
    "withdrawn": "retirée par la famille",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One value side by side: as the person saw it, as it is now, as they want it. None: nothing there."""

    label: str
    seen: str | None
    now: str | None
    new: str | None
    is_context: bool = False

    @property
    def moved(self) -> bool:
        """True when the value is no longer the one that the person saw."""
        return self.seen != self.now


@dataclass(frozen=True, slots=True)
class Standing:
    """A request held against the record: `problem` says why it can no longer be read or placed.

    `mark` names exactly what is there now: who accepts over a conflict gives it back, so that nobody accepts over
    something they have not seen.
    """

    kind: RequestKind[Any]
    asked: Asked[Any] | None
    changes: tuple[Change, ...] = ()
    is_conflict: bool = False
    mark: str = ""
    problem: str | None = None
    subject: Subject | None = field(default=None, repr=False)


def standing_of(session: Session, row: Request) -> Standing:
    """Return how a request stands now."""
    kind = kind_of(row.kind)
    if row.payload is None:
        return Standing(kind, None, problem="Le contenu de cette demande a été effacé.")
    asked = asked_of(session, row, kind)
    try:
        subject = kind.look(asked)
    except MarelleError as refusal:
        return Standing(kind, asked, is_conflict=True, problem=refusal.message)
    seen: dict[str, str | None] = json.loads(row.seen or "{}")
    changes = tuple(
        Change(each.label, seen.get(each.key), each.now, each.new, each.is_context) for each in subject.fields
    )
    has_moved = any(change.moved for change in changes)
    return Standing(
        kind,
        asked,
        changes,
        has_moved or version_of(subject) != _version_then(row),
        mark_of(subject),
        None,
        subject,
    )


def asked_of(session: Session, row: Request, kind: RequestKind[Any]) -> Asked[Any]:
    """Return a stored request as its kind judges it."""
    assert row.payload is not None
    assert row.family_id is not None
    family = session.get_one(Family, kept_ids(session, Family).of(row.family_id))
    return Asked(
        session=session,
        ref=row.ref,
        family=family,
        payload=kind.payloads[row.payload_version - 1].model_validate_json(row.payload),
        asker=_asker(session, row),
        channel=row.channel,
        received_on=row.received_on,
        received_at=row.received_at,
    )


def asker_of(session: Session, account_id: int | None) -> Person | None:
    """Return the adult behind an account, None when it has none."""
    account = None if account_id is None else session.get(Account, account_id)
    if account is None or account.person_id is None:
        return None
    return session.get_one(Person, kept_ids(session, Person).of(account.person_id))


def _asker(session: Session, row: Request) -> Person | None:
    """Return the adult who asked, with or without an account."""
    if row.asker_id is None:
        return asker_of(session, row.account_id)
    return session.get_one(Person, kept_ids(session, Person).of(row.asker_id))


def state_of(session: Session, request_id: int) -> str:
    """Return where a request is in its life: pending, accepted, refused, withdrawn."""
    decision = session.scalar(select(RequestDecision.decision).where(RequestDecision.request_id == request_id))
    return PENDING if decision is None else STATES[decision]


def version_of(subject: Subject) -> tuple[str | None, int | None, int | None]:
    """Return which row a request is about now, and its version."""
    row = subject.row
    if row is None:
        return None, None, None
    return row.__tablename__, row.id, row.row_version  # type: ignore[attr-defined]


def mark_of(subject: Subject) -> str:
    """Return the name of what is there now: the row's version and every value."""
    told = [version_of(subject), [(each.key, each.now) for each in subject.fields]]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]


def _version_then(row: Request) -> tuple[str | None, int | None, int | None]:
    return row.entity, row.entity_id, row.row_version


def outdated_words(who: str | None) -> str:
    """Return what staff are told when the record has changed since a request was made."""
    return typeset(
        f"La fiche a changé depuis la demande{f' de {who}' if who else ''} : rien n'a été enregistré. "
        "Comparez les trois valeurs, puis acceptez en disant pourquoi, ou refusez."
    )
