"""Attendance: who is expected, who is here now, and what people decide about it (domain notes §6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.french import clock, long_date, medium_date
from domain.schedule import Opening, expectations
from domain.time import local_day, local_minute
from records.actors import Actor, Right
from records.database import Records, Write
from records.models import AbsenceReason, AttendanceDecision, Person, Service, Structure, Tap
from records.models.attendance import DECISION_KINDS
from records.operations.absence_reasons import check_reasons, reasons_of
from records.operations.lookup import chunks, ids_by_ref, invalid
from records.operations.merged import kept_ids, kept_ids_by_ref
from records.operations.month_states import refuse_closed
from records.operations.presence import presence_now
from records.operations.presence_board import PresenceBoard
from records.operations.registry import Scope, operation
from records.operations.schedule import Whose, booking_lines, enrolment_schedules, memberships_of, service_days

__all__ = [
    "Decision",
    "Expected",
    "Opening",
    "PresenceBoard",
    "decide",
    "decide_all",
    "expected",
    "presence_now",
    "service_days",
]

_TIMED = ("arrival", "departure")


@dataclass(frozen=True, slots=True, order=True)
class Expected:
    """A child expected at a service and place on a day, in a formula where one is chosen."""

    day: date
    structure_id: int
    service_ref: str
    child_ref: str
    child_id: int
    service_id: int
    formula: str | None


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person settles: A, AJ, a corrected instant (µs UTC), a tap attached to the child it was for.

    An absence may name its reason in the town's list; its words then stand for `reason` where that is empty.
    """

    child_ref: str
    service_ref: str
    structure_ref: str
    day: date
    kind: str
    reason: str
    occurred_at: int | None = None
    tap_id: str | None = None
    absence_reason_ref: str | None = None


def expected(session: Session, structure_id: int | None, first_day: date, last_day: date) -> list[Expected]:
    """Return who is expected from the first day to the last, both included; at one structure, or everywhere.

    The rule is `domain.schedule.expectations`.
    """
    whose = Whose(structure_id=structure_id)
    opened = service_days(session, first_day, last_day)
    found = expectations(
        enrolment_schedules(session, first_day, last_day, whose),
        booking_lines(session, first_day, last_day, whose),
        opened,
        memberships_of(session, opened),
    )
    wanted = [each for each in found if structure_id in (None, each.structure_id)]
    children = _refs(session, Person, {each.child_id for each in wanted})
    services = _refs(session, Service, {each.service_id for each in wanted})
    return sorted(
        Expected(
            each.day,
            each.structure_id,
            services[each.service_id],
            children[each.child_id],
            each.child_id,
            each.service_id,
            each.formula,
        )
        for each in wanted
    )


@operation(Right.DECIDE_ATTENDANCE, Scope.PLACE)
def decide(records: Records, actor: Actor, decision: Decision) -> int:
    """Record one decision; returns its id. Taps and earlier decisions stay as they are."""
    return decide_all(records, actor, [decision])[0]


@operation(Right.DECIDE_ATTENDANCE, Scope.PLACE)
def decide_all(records: Records, actor: Actor, decisions: Sequence[Decision]) -> list[int]:
    """Record decisions in one transaction, in order; returns their ids. Refused once the month is confirmed."""
    with records.write(actor, "decide") as write:
        places = ids_by_ref(write.session, Structure, [each.structure_ref for each in decisions])
        for structure_id in places.values():
            actor.require(Right.DECIDE_ATTENDANCE, structure_id)
        return write_decisions(write, decisions)


def write_decisions(write: Write, decisions: Sequence[Decision]) -> list[int]:
    """Check and write decisions inside an open write whose actor has the right to; returns their ids."""
    session = write.session
    reasons = reasons_of(session, decisions)
    decisions = [_in_words(each, reasons) for each in decisions]
    for each in decisions:
        _check(each)
    children = kept_ids_by_ref(session, Person, [each.child_ref for each in decisions])
    services = ids_by_ref(session, Service, [each.service_ref for each in decisions])
    structures = ids_by_ref(session, Structure, [each.structure_ref for each in decisions])
    refuse_closed(session, {(structures[each.structure_ref], each.day) for each in decisions})
    _check_instants(session, decisions)
    _check_taps(session, decisions)
    check_reasons(decisions, reasons, services)
    last = _last(session, sorted(children.values()))
    last.of_tap = _attached(session, [each.tap_id for each in decisions if each.tap_id is not None])
    last.reason_ids = {ref: reason.id for ref, reason in reasons.items()}
    rows = []
    for each in decisions:
        key = (children[each.child_ref], services[each.service_ref], each.day)
        rows.append(_row(write, each, key, structures[each.structure_ref], last))
    for each in decisions:
        if each.kind in _TIMED:
            _refuse_backwards(session, each, (children[each.child_ref], services[each.service_ref]))
    return [row.id for row in rows]


def _refuse_backwards(session: Session, decision: Decision, child_and_service: tuple[int, int]) -> None:
    """Refuse hours that would end before they begin: a stay of less than nothing would cost nothing, silently."""
    child_id, service_id = child_and_service
    hours: dict[str, int | None] = {}
    of_day = select(AttendanceDecision).where(
        AttendanceDecision.child_id == child_id,
        AttendanceDecision.service_id == service_id,
        AttendanceDecision.day == decision.day,
    )
    for row in session.scalars(of_day.order_by(AttendanceDecision.id)):
        if row.kind == "clear":
            hours.clear()
        elif row.kind in _TIMED:
            hours[row.kind] = row.occurred_at
    arrived, left = hours.get("arrival"), hours.get("departure")
    if arrived is not None and left is not None and left <= arrived:
        zone = session.scalars(select(Structure.timezone).where(Structure.ref == decision.structure_ref)).one()
        raise invalid(
            f"Le départ, {clock(local_minute(left, zone))}, n'est pas après l'arrivée, "
            f"{clock(local_minute(arrived, zone))}, le {medium_date(decision.day)}. "
            "Corrigez l'une des deux heures.",
            day=decision.day,
        )


class _Last:
    """The last `seq` of a child × service × day, and the last decision of each kind there."""

    def __init__(self) -> None:
        self.seq: dict[tuple[int, int, date], int] = {}
        self.of_kind: dict[tuple[int, int, date, str], int] = {}
        self.of_tap: dict[str, int] = {}
        self.reason_ids: dict[str, int] = {}

    def replaced_by(self, decision: Decision, key: tuple[int, int, date]) -> int | None:
        """Return the decision that a new one replaces: of the same kind, or for a tap of that tap."""
        if decision.tap_id is not None:
            return self.of_tap.get(decision.tap_id)
        return self.of_kind.get((*key, decision.kind))

    def note(self, decision: Decision, key: tuple[int, int, date], decision_id: int) -> None:
        """Take a new decision into account."""
        self.of_kind[*key, decision.kind] = decision_id
        if decision.tap_id is not None:
            self.of_tap[decision.tap_id] = decision_id


def _attached(session: Session, tap_ids: Sequence[str]) -> dict[str, int]:
    """Return the last decision that attached each tap, to whichever child."""
    found: dict[str, int] = {}
    for part in chunks(tap_ids):
        rows = session.execute(
            select(AttendanceDecision.tap_id, func.max(AttendanceDecision.id))
            .where(AttendanceDecision.kind == "attach", AttendanceDecision.tap_id.in_(part))
            .group_by(AttendanceDecision.tap_id)
        )
        found.update({tap_id: decision_id for tap_id, decision_id in rows if tap_id is not None})
    return found


def _last(session: Session, children: Sequence[int]) -> _Last:
    last = _Last()
    kept = kept_ids(session, Person)
    for part in chunks(sorted(kept.with_merged(children))):
        rows = session.execute(
            select(
                AttendanceDecision.child_id,
                AttendanceDecision.service_id,
                AttendanceDecision.day,
                AttendanceDecision.kind,
                func.max(AttendanceDecision.seq),
                func.max(AttendanceDecision.id),
            )
            .where(AttendanceDecision.child_id.in_(part))
            .group_by(
                AttendanceDecision.child_id,
                AttendanceDecision.service_id,
                AttendanceDecision.day,
                AttendanceDecision.kind,
            )
        )
        for child_id, service_id, day, kind, seq, decision_id in rows:
            key = (kept.of(child_id), service_id, day)
            last.seq[key] = max(last.seq.get(key, 0), seq)
            last.of_kind[*key, kind] = max(last.of_kind.get((*key, kind), 0), decision_id)
    return last


def _row(
    write: Write, decision: Decision, key: tuple[int, int, date], structure_id: int, last: _Last
) -> AttendanceDecision:
    last.seq[key] = last.seq.get(key, 0) + 1
    row = AttendanceDecision(
        child_id=key[0],
        service_id=key[1],
        structure_id=structure_id,
        day=decision.day,
        seq=last.seq[key],
        kind=decision.kind,
        occurred_at=decision.occurred_at,
        tap_id=decision.tap_id,
        reason=decision.reason,
        absence_reason_id=last.reason_ids.get(decision.absence_reason_ref or ""),
        recorded_at=write.now,
        recorded_by=write.actor.signature,
        replaces_id=last.replaced_by(decision, key),
    )
    write.session.add(row)
    write.session.flush()
    last.note(decision, key, row.id)
    write.audit("attendance_decision", row.id, old=None, new=asdict(decision))
    return row


def _in_words(decision: Decision, reasons: Mapping[str, AbsenceReason]) -> Decision:
    named = reasons.get(decision.absence_reason_ref or "")
    return replace(decision, reason=named.label) if named is not None and not decision.reason.strip() else decision


def _check(decision: Decision) -> None:
    if decision.kind not in DECISION_KINDS:
        raise invalid(f"Décision inconnue : « {decision.kind} ».", kind=decision.kind)
    if not decision.reason.strip():
        raise invalid("Indiquez le motif de la décision : il reste dans l'historique.", kind=decision.kind)
    if (decision.kind in _TIMED) != (decision.occurred_at is not None):
        raise invalid("Une heure corrigée demande une heure ; les autres décisions n'en ont pas.")
    if (decision.kind == "attach") != (decision.tap_id is not None):
        raise invalid("Pour rattacher une présence, choisissez le pointage concerné.", kind=decision.kind)


def _check_instants(session: Session, decisions: Sequence[Decision]) -> None:
    """Refuse a corrected time that is on another day at the place."""
    zones = {row.ref: row.timezone for row in session.execute(select(Structure.ref, Structure.timezone))}
    for each in decisions:
        if each.occurred_at is not None and local_day(each.occurred_at, zones[each.structure_ref]) != each.day:
            raise invalid(f"L'heure corrigée n'est pas du {long_date(each.day)}.", day=each.day)


def _check_taps(session: Session, decisions: Sequence[Decision]) -> None:
    wanted = sorted({each.tap_id for each in decisions if each.tap_id is not None})
    known: set[str] = set()
    for part in chunks(wanted):
        known.update(session.scalars(select(Tap.tap_id).where(Tap.tap_id.in_(part))))
    if missing := [tap_id for tap_id in wanted if tap_id not in known]:
        raise invalid("Le pointage à rattacher n'existe pas.", tap_ids=missing)


def _refs(session: Session, model: type[Person] | type[Service], ids: set[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for part in chunks(sorted(ids)):
        for row in session.execute(select(model.id, model.ref).where(model.id.in_(part))):
            found[row.id] = row.ref
    return found
