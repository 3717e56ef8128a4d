"""Reading one day's attendance rows for some places, as `domain.attendance` takes them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from domain.attendance import Attachment, ChildService, DayService, DayTap, DecisionLine
from domain.presence import PresenceRule, PresenceTap
from domain.schedule import OpeningRule, in_force, rule_in_force
from domain.slots import Slot
from domain.taps import Direction, TapKind, TimeConfidence
from domain.time import instant_at, local_day, local_minute
from records.models import (
    AttendanceDecision,
    BadgeAssignment,
    BadgeChild,
    Device,
    Person,
    Service,
    ServicePlace,
    ServiceRule,
    Structure,
    Tap,
    TapChild,
)
from records.operations.lookup import chunks, in_force_on
from records.operations.merged import kept_ids
from records.operations.schedule import opening_rules, service_days

Places = Mapping[int, Structure]
# Stands for the badge of a tap whose number was cut: whom it brought is in `tap_child`.
_CUT = "coupé "


def offered_services(session: Session, places: Places, day: date) -> dict[int, dict[str, DayService]]:
    """Return the services that each place offers on a day, open or not, by ref."""
    rules = {rule.id: rule for rule in session.scalars(select(ServiceRule).where(ServiceRule.valid_from <= day))}
    opening: dict[int, list[OpeningRule]] = {}
    for each in opening_rules(session, day):
        opening.setdefault(each.service_id, []).append(each)
    opened = {(each.service_id, each.structure_id) for each in service_days(session, day, day)}
    found: dict[int, dict[str, DayService]] = {place_id: {} for place_id in places}
    offers = session.execute(select(ServicePlace, Service.ref).join(Service, Service.id == ServicePlace.service_id))
    for offer, service_ref in offers:
        if offer.structure_id not in places or not in_force(day, offer.valid_from, offer.valid_to):
            continue
        held = rule_in_force(opening.get(offer.service_id, ()), offer.structure_id, day)
        if held is not None:
            rule = rules[held.rule_id]
            found[offer.structure_id][service_ref] = DayService(
                Slot(service_ref, rule.slot_start_minute, rule.slot_end_minute, rule.grace_minutes),
                (offer.service_id, offer.structure_id) in opened,
                PresenceRule(rule.anti_bounce_seconds, rule.needs_departure),
            )
    return found


@dataclass(frozen=True, slots=True)
class Subjects:
    """Whose taps to read: the badges that bring these people that day, their refs, and themselves for cut taps."""

    badge_uids: frozenset[str]
    child_refs: frozenset[str]
    people: frozenset[int]


def subjects_of(session: Session, people: Collection[int], day: date) -> Subjects:
    """Return what the taps of these people carry on a day."""
    people = kept_ids(session, Person).with_merged(people)
    refs = session.scalars(select(Person.ref).where(Person.id.in_(people)))
    uids = session.scalars(
        select(BadgeAssignment.badge_uid)
        .join(BadgeChild, BadgeChild.assignment_id == BadgeAssignment.id)
        .where(
            BadgeChild.child_id.in_(people), *in_force_on(day, BadgeAssignment.valid_from, BadgeAssignment.valid_to)
        )
    )
    return Subjects(frozenset(uids), frozenset(refs), frozenset(people))


def day_taps(
    session: Session, places: Places, day: date, attached: Collection[str], subjects: Subjects | None
) -> list[DayTap]:
    """Return the taps made at the places on their local day, and those attached to that day by hand.

    With subjects: theirs alone, and what was undone of them.
    """
    zones = {place.timezone for place in places.values()}
    if not zones:
        return []
    start = min(instant_at(day, 0, zone) for zone in zones)
    end = max(instant_at(day + timedelta(days=1), 0, zone) for zone in zones)
    devices = select(Device.id).where(Device.structure_id.in_(places))
    wanted = Tap.device_id.in_(devices) & (Tap.occurred_at_corrected >= start) & (Tap.occurred_at_corrected < end)
    if subjects is not None:
        cut = select(TapChild.tap_id).where(TapChild.child_id.in_(subjects.people))
        wanted &= or_(
            Tap.badge_uid.in_(subjects.badge_uids), Tap.child_ref.in_(subjects.child_refs), Tap.tap_id.in_(cut)
        )
    rows = _tap_rows(session, or_(wanted, Tap.tap_id.in_(attached)) if attached else wanted)
    if subjects is not None:
        rows += _tap_rows(session, Tap.undoes.in_([tap.tap_id for tap, *_ in rows]))
    found: list[DayTap] = []
    for tap, structure_id, revoked_at, child_id in rows:
        place = places.get(structure_id)
        if place is None:
            continue
        if tap.tap_id in attached or local_day(tap.occurred_at_corrected, place.timezone) == day:
            minute = local_minute(tap.occurred_at_corrected, place.timezone)
            found.append(_day_tap(tap, structure_id, minute, child_id, _distrust(tap, revoked_at)))
    return found


def _tap_rows(session: Session, condition: ColumnElement[bool]) -> list[tuple[Tap, int, int | None, int | None]]:
    rows = session.execute(
        select(Tap, Device.structure_id, Device.revoked_at, Person.id)
        .join(Device, Device.id == Tap.device_id)
        .outerjoin(Person, Person.ref == Tap.child_ref)
        .where(condition)
    )
    kept = kept_ids(session, Person)
    return [
        (tap, structure_id, revoked_at, None if child_id is None else kept.of(child_id))
        for tap, structure_id, revoked_at, child_id in rows
    ]


def _day_tap(tap: Tap, structure_id: int, minute: int, child_id: int | None, distrust: str | None) -> DayTap:
    return DayTap(
        PresenceTap(
            tap.tap_id,
            tap.epoch,
            tap.seq,
            TapKind(tap.kind),
            tap.occurred_at_corrected,
            None if tap.direction is None else Direction(tap.direction),
            tap.undoes,
        ),
        structure_id,
        minute,
        _CUT + tap.tap_id if _is_cut(tap) else tap.badge_uid,
        child_id,
        tap.typed_name,
        tap.service_ref,
        distrust,
    )


def _is_cut(tap: Tap) -> bool:
    """Return True for a gesture that names nobody any more: a purge cut its number (operations.erasure_taps)."""
    return tap.undoes is None and tap.badge_uid is None and tap.child_ref is None and tap.typed_name is None


def _distrust(tap: Tap, revoked_at: int | None) -> str | None:
    if tap.time_confidence == TimeConfidence.DOUBTFUL:
        return "doubtful_time"
    if revoked_at is not None and tap.occurred_at_corrected >= revoked_at:
        return "revoked_device"
    return None


def badge_children(session: Session, badge_uids: Collection[str], day: date) -> dict[str, list[int]]:
    """Return the children that each badge brings on a day, and those whom each cut tap brought."""
    found: dict[str, list[int]] = {}
    kept = kept_ids(session, Person)
    cut = sorted(uid.removeprefix(_CUT) for uid in badge_uids if uid.startswith(_CUT))
    for part in chunks(cut):
        brought = select(TapChild.tap_id, TapChild.child_id).where(TapChild.tap_id.in_(part))
        for tap_id, child_id in session.execute(brought):
            found.setdefault(_CUT + tap_id, []).append(kept.of(child_id))
    for part in chunks(sorted(badge_uids)):
        rows = session.execute(
            select(BadgeAssignment.badge_uid, BadgeChild.child_id)
            .join(BadgeChild, BadgeChild.assignment_id == BadgeAssignment.id)
            .where(
                BadgeAssignment.badge_uid.in_(part),
                *in_force_on(day, BadgeAssignment.valid_from, BadgeAssignment.valid_to),
            )
        )
        for badge_uid, child_id in rows:
            children = found.setdefault(badge_uid, [])
            if kept.of(child_id) not in children:
                children.append(kept.of(child_id))
    return found


class DayDecisions:
    """The decisions of one day at some places, of everybody or of some people."""

    def __init__(self, session: Session, places: Places, day: date, people: Collection[int] | None) -> None:
        kept = kept_ids(session, Person)
        conditions = [AttendanceDecision.day == day, AttendanceDecision.structure_id.in_(places)]
        if people is not None:
            conditions.append(AttendanceDecision.child_id.in_(kept.with_merged(people)))
        rows = session.execute(
            select(AttendanceDecision, Service.ref)
            .join(Service, Service.id == AttendanceDecision.service_id)
            .where(*conditions)
            .order_by(AttendanceDecision.id)
        ).all()
        replaced: set[int | None] = set()
        for part in chunks([row.id for row, _ in rows]):
            replaced.update(
                session.scalars(
                    select(AttendanceDecision.replaces_id).where(AttendanceDecision.replaces_id.in_(part))
                )
            )
        self.lines: dict[ChildService, list[DecisionLine]] = {}
        self.attached: dict[str, Attachment] = {}
        cleared: dict[ChildService, int] = {}
        for row, service_ref in rows:
            key = (kept.of(row.child_id), service_ref)
            line = DecisionLine(row.id, row.kind, row.structure_id, row.occurred_at, row.id in replaced)
            self.lines.setdefault(key, []).append(line)
            if row.kind == "clear":
                cleared[key] = row.id
        for row, service_ref in rows:
            key = (kept.of(row.child_id), service_ref)
            stands = row.id not in replaced and row.id > cleared.get(key, -1)
            if row.kind == "attach" and row.tap_id is not None and stands:
                self.attached[row.tap_id] = Attachment(key[0], service_ref, row.structure_id)
