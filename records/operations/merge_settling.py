"""What must hold once a merge, or its taking back, has moved its rows: payers, prohibitions, guardians, facts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from records.models import (
    AttendanceDecision,
    Base,
    Booking,
    CustodyCalendar,
    CustodyException,
    CustodyHoliday,
    Family,
    FamilyMember,
    Payer,
    Person,
    Qf,
    Regime,
)
from records.operations.families import GUARDIANS_MAX
from records.operations.lookup import chunks
from records.operations.merge_rows import MergeConflict, Moves
from records.operations.merged import kept_ids
from records.operations.versions import overlap

# Facts of which one stands by slot, the one recorded last: whose they are, and the rest of the slot.
_SLOTS: dict[str, tuple[tuple[type[Base], str, tuple[str, ...]], ...]] = {
    "person": (
        (AttendanceDecision, "child_id", ("service_id", "day")),
        (Booking, "person_id", ("service_id", "day")),
        (CustodyCalendar, "child_id", ("valid_from",)),
        (CustodyException, "child_id", ("day",)),
        (CustodyHoliday, "child_id", ("holiday", "valid_from")),
    ),
    "family": ((Qf, "family_id", ("payer_id", "effective_from")), (Regime, "family_id", ("effective_from",))),
}

_NOT_SAID = ("id", "seq", "recorded_at", "recorded_by", "replaces_id", "received_on", "channel", "batch_ref")


def doubled_facts(
    session: Session, entity: str, kept: Collection[int], merged: Collection[int]
) -> list[MergeConflict]:
    """Return the facts that stand no more because the other side has a later one of the same slot."""
    found = []
    for model, owner, slot in _SLOTS[entity]:
        ones, others = (_last_by_slot(session, model, owner, slot, ids) for ids in (kept, merged))
        for key in sorted(ones.keys() & others.keys(), key=str):
            last, earlier = max(ones[key], others[key]), min(ones[key], others[key])
            if _said(session.get_one(model, last), owner) == _said(session.get_one(model, earlier), owner):
                continue
            found.append(MergeConflict("slot", str(last), str(earlier), model.__tablename__, earlier))
    return found


def _said(fact: Base, owner: str) -> dict[str, Any]:
    """Return what a fact says, whoever it is about and whenever it was written."""
    names = (column.name for column in fact.__table__.columns)
    return {name: getattr(fact, name) for name in names if name not in (owner, *_NOT_SAID)}


def _last_by_slot(
    session: Session, model: type[Base], owner: str, slot: tuple[str, ...], ids: Collection[int]
) -> dict[tuple[Any, ...], int]:
    columns = model.__table__.c
    keys = [columns[name] for name in slot]
    found: dict[tuple[Any, ...], int] = {}
    for part in chunks(sorted(ids)):
        rows = session.execute(select(*keys, func.max(columns.id)).where(columns[owner].in_(part)).group_by(*keys))
        for row in rows:
            key, row_id = tuple(row)[:-1], int(row[-1])
            found[key] = max(found.get(key, 0), row_id)
    return found


def join_payers(moves: Moves) -> list[MergeConflict]:
    """Make one of two payers who are now the same person or body in the same file: the kept side's stands."""
    session, moved = moves.write.session, moves.touched("payer")
    found = []
    for payer_id in sorted(moved):
        payer = session.get_one(Payer, payer_id)
        same = session.scalars(
            select(Payer)
            .where(
                Payer.id != payer.id,
                Payer.merged_into_id.is_(None),
                Payer.family_id == payer.family_id,
                Payer.person_id.is_not_distinct_from(payer.person_id),
                Payer.body_id.is_not_distinct_from(payer.body_id),
            )
            .order_by(Payer.id)
        ).all()
        standing = [each for each in same if each.id not in moved] or [each for each in same if each.id < payer.id]
        if payer.merged_into_id is None and standing:
            moves.put(payer, "merged_into_id", standing[0].id)
            found.append(MergeConflict("payer", standing[0].ref, payer.ref, "payer", payer.id))
    return found


def part_payers(moves: Moves) -> None:
    """Let payers who are no more the same, in the same file, be two again."""
    kept = aliased(Payer)
    rows = moves.write.session.execute(select(Payer, kept).join(kept, kept.id == Payer.merged_into_id)).all()
    for payer, one in rows:
        if (payer.family_id, payer.person_id, payer.body_id) != (one.family_id, one.person_id, one.body_id):
            moves.put(payer, "merged_into_id", None)


def keep_forbidden(moves: Moves, stayed: Iterable[Base]) -> list[MergeConflict]:
    """Forbid on the kept side whoever a row that stayed forbids to collect, for as long as it said.

    Where the days differ the prohibition holds over both: it must be impossible to miss (domain notes §3).
    """
    session, found = moves.write.session, []
    for row in stayed:
        if not isinstance(row, FamilyMember) or row.pickup != "forbidden":
            continue
        for each in _standing(session, row):
            if each.pickup != "forbidden":
                found.append(MergeConflict("pickup", each.pickup, row.pickup, "family_member", row.id))
                moves.put(each, "pickup", "forbidden")
            moves.put(each, "valid_from", min(each.valid_from, row.valid_from))
            if each.valid_to is not None and (row.valid_to is None or row.valid_to > each.valid_to):
                moves.put(each, "valid_to", row.valid_to)
    return found


def stayed_members(session: Session, entity: str, kept_id: int) -> Sequence[FamilyMember]:
    """Return the members' rows that stayed with something merged into what is kept."""
    model: type[Family] | type[Person] = Family if entity == "family" else Person
    column = FamilyMember.family_id if entity == "family" else FamilyMember.person_id
    own = kept_ids(session, model).with_merged([kept_id])
    merged = select(Person.id).where(Person.merged_into_id.is_not(None))
    files = select(Family.id).where(Family.merged_into_id.is_not(None))
    return session.scalars(
        select(FamilyMember)
        .where(column.in_(own), or_(FamilyMember.person_id.in_(merged), FamilyMember.family_id.in_(files)))
        .order_by(FamilyMember.id)
    ).all()


def _standing(session: Session, stayed: FamilyMember) -> Sequence[FamilyMember]:
    """Return the kept row for which a row stayed: of the same role and days when there is one."""
    family_id = kept_ids(session, Family).of(stayed.family_id)
    person_id = kept_ids(session, Person).of(stayed.person_id)
    rows = session.scalars(
        select(FamilyMember)
        .where(FamilyMember.family_id == family_id, FamilyMember.person_id == person_id)
        .order_by(FamilyMember.id)
    ).all()
    rows = [row for row in rows if row.role == stayed.role] or list(rows)
    at_once = [row for row in rows if overlap(_range(row), _range(stayed))]
    return at_once or rows[:1]


def extra_guardians(session: Session, families: Iterable[int]) -> Iterator[MergeConflict]:
    """Yield the guardians beyond the second of a file on some day: staff say who the representatives are."""
    for family_id in sorted(families):
        rows = session.scalars(
            select(FamilyMember)
            .join(Person, Person.id == FamilyMember.person_id)
            .where(
                FamilyMember.family_id == family_id,
                FamilyMember.role == "guardian",
                Person.merged_into_id.is_(None),
            )
            .order_by(FamilyMember.id)
        ).all()
        for place, row in enumerate(rows):
            before = [each for each in rows[:place] if overlap(_range(each), _range(row))]
            if len(before) >= GUARDIANS_MAX:
                yield MergeConflict("guardian", str(GUARDIANS_MAX), None, "family_member", row.id)


def _range(row: FamilyMember) -> tuple[date, date | None]:
    return row.valid_from, row.valid_to
