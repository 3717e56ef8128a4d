"""Until when a family file was used: its last day, or still in use."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from records.models import (
    Address,
    AttendanceDecision,
    Booking,
    Document,
    Enrolment,
    Family,
    FamilyMember,
    LedgerEntry,
    Payer,
    Qf,
    Request,
    RequestDecision,
    WaitingEntry,
)

IN_USE = date.max


def last_uses(session: Session) -> dict[int, date]:
    """Return the last day on which each kept, named file was used, `IN_USE` for one that still is.

    In use: somebody is enrolled without an end or waits for a place, a request waits, an account is not settled.
    """
    kept = _kept_families(session)
    uses: dict[int, date] = dict.fromkeys(set(kept.values()), date.min)
    people: dict[int, set[int]] = defaultdict(set)
    for family_id, person_id in session.execute(select(FamilyMember.family_id, FamilyMember.person_id)):
        if family_id in kept:
            people[person_id].add(kept[family_id])
    payers = {row.id: kept[row.family_id] for row in session.scalars(select(Payer)) if row.family_id in kept}

    def use(families: set[int], day: date | None) -> None:
        for family_id in families:
            uses[family_id] = max(uses[family_id], day or date.min)

    for person_id, day in _by_person(session):
        use(people[person_id], day)
    for payer_id, day, cents in session.execute(
        select(
            LedgerEntry.payer_id, func.max(LedgerEntry.occurred_on), func.sum(LedgerEntry.amount_cents)
        ).group_by(LedgerEntry.payer_id)
    ):
        if payer_id in payers:
            use({payers[payer_id]}, IN_USE if cents else day)
    for family_id, day in _by_family(session):
        if family_id in kept:
            use({kept[family_id]}, day)
    return {family_id: day for family_id, day in uses.items() if day != date.min}


def _kept_families(session: Session) -> dict[int, int]:
    """Return the file that each file is now part of; erased ones are left out."""
    rows = session.execute(select(Family.id, Family.merged_into_id, Family.anonymised_at)).all()
    into = {row.id: row.merged_into_id for row in rows}
    erased = {row.id for row in rows if row.anonymised_at is not None}
    found: dict[int, int] = {}
    for family_id in into:
        last = family_id
        while (above := into[last]) is not None:
            last = above
        if last not in erased:
            found[family_id] = last
    return found


def _by_person(session: Session) -> list[tuple[int, date]]:
    rows: list[tuple[int, date]] = [
        (person_id, IN_USE if valid_to is None else valid_to - timedelta(days=1))
        for person_id, valid_to in session.execute(select(Enrolment.person_id, Enrolment.valid_to))
    ]
    waits = WaitingEntry.state.in_(("waiting", "offered"))
    rows += [(person_id, IN_USE) for person_id in session.scalars(select(WaitingEntry.person_id).where(waits))]
    for query in (
        _latest(Booking.person_id, Booking.day),
        _latest(AttendanceDecision.child_id, AttendanceDecision.day),
    ):
        rows += [(person_id, day) for person_id, day in session.execute(query)]
    return rows


def _by_family(session: Session) -> list[tuple[int, date]]:
    rows: list[tuple[int, date]] = []
    for query in (
        _latest(Document.family_id, Document.received_on),
        _latest(Address.family_id, Address.valid_from),
        _latest(Qf.family_id, Qf.effective_from),
        _latest(FamilyMember.family_id, FamilyMember.valid_from),
        _latest(Request.family_id, Request.received_on),
    ):
        rows += [(family_id, day) for family_id, day in session.execute(query) if family_id is not None]
    undecided = (
        select(Request.family_id)
        .outerjoin(RequestDecision, RequestDecision.request_id == Request.id)
        .where(RequestDecision.id.is_(None), Request.family_id.is_not(None))
    )
    rows += [(family_id, IN_USE) for family_id in session.scalars(undecided) if family_id is not None]
    return rows


def _latest(key: Any, day: Any) -> Select[int, date]:
    return select(key, func.max(day)).group_by(key)
