"""Cutting what names a child from taps: whom they brought is written first, so that hours and lines stay."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from domain.schedule import in_force
from domain.time import local_day
from records.models import BadgeAssignment, BadgeChild, Device, Person, Structure, Tap, TapChild
from records.operations.erasure import Eraser
from records.operations.lookup import chunks

Brings = dict[str, list[tuple[date, date | None, int]]]


def cut_taps(session: Session, eraser: Eraser, taps: Sequence[Tap]) -> None:
    """Write whom each tap brought, then blank its badge number, child and typed name; ids and hashes stay.

    A tap that says nobody we know keeps its subject: people must still look into it.
    """
    children = _children(session, taps)
    known = _written(session, taps)
    rows = [
        {"tap_id": tap.tap_id, "child_id": child_id, "row_version": 1}
        for tap in taps
        for child_id in sorted(children[tap.tap_id] - known[tap.tap_id])
    ]
    for part in chunks(rows):
        session.execute(insert(TapChild), list(part))
    cut = [tap.id for tap in taps if children[tap.tap_id]]
    eraser.blank("tap", "id", cut, ("badge_uid", "child_ref", "typed_name"))


def _children(session: Session, taps: Sequence[Tap]) -> dict[str, set[int]]:
    brings = _brings(session, {tap.badge_uid for tap in taps if tap.badge_uid})
    refs = _ids_of(session, {tap.child_ref for tap in taps if tap.child_ref})
    zones = {
        row[0]: row[1]
        for row in session.execute(
            select(Device.id, Structure.timezone).join(Structure, Structure.id == Device.structure_id)
        )
    }
    found: dict[str, set[int]] = defaultdict(set)
    for tap in taps:
        day = local_day(tap.occurred_at_corrected, zones[tap.device_id])
        if tap.badge_uid:
            found[tap.tap_id] |= {
                child for start, end, child in brings.get(tap.badge_uid, []) if in_force(day, start, end)
            }
        if tap.child_ref in refs:
            found[tap.tap_id].add(refs[tap.child_ref])
    return found


def _brings(session: Session, badge_uids: Collection[str]) -> Brings:
    found: Brings = defaultdict(list)
    for part in chunks(sorted(badge_uids)):
        rows = session.execute(
            select(
                BadgeAssignment.badge_uid, BadgeAssignment.valid_from, BadgeAssignment.valid_to, BadgeChild.child_id
            )
            .join(BadgeChild, BadgeChild.assignment_id == BadgeAssignment.id)
            .where(BadgeAssignment.badge_uid.in_(part))
        )
        for badge_uid, start, end, child_id in rows:
            found[badge_uid].append((start, end, child_id))
    return found


def _ids_of(session: Session, refs: Collection[str]) -> dict[str | None, int]:
    found: dict[str | None, int] = {}
    for part in chunks(sorted(refs)):
        found.update(dict(session.execute(select(Person.ref, Person.id).where(Person.ref.in_(part))).all()))
    return found


def _written(session: Session, taps: Sequence[Tap]) -> dict[str, set[int]]:
    found: dict[str, set[int]] = defaultdict(set)
    for part in chunks([tap.tap_id for tap in taps]):
        for tap_id, child_id in session.execute(
            select(TapChild.tap_id, TapChild.child_id).where(TapChild.tap_id.in_(part))
        ):
            found[tap_id].add(child_id)
    return found
