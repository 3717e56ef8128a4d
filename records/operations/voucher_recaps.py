"""The quarterly recap of MSA vouchers: director → sector manager → finance, by dated days (domain notes §8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.coverages import recap_period, recaps_due
from domain.errors import NotFound
from domain.french import long_date, typeset
from records.actors import Actor, Right
from records.database import Records, Write
from records.models import Coverage, CoverageEnrolment, Enrolment, RecapCalendar, Structure, VoucherRecap
from records.operations.family_search import local_day_of
from records.operations.lookup import add, by_ref, invalid
from records.operations.registry import Scope, operation
from records.operations.versions import add_version, version_on

SENT, RELAYED, RECEIVED, RETURNED, TO_SEND = "sent", "relayed", "received", "returned", "to_send"
STEP_WORDS = {
    TO_SEND: "à envoyer",
    SENT: "envoyé au responsable de secteur",
    RELAYED: "transmis aux finances",
    RECEIVED: "reçu par les finances",
    RETURNED: "renvoyé à la structure",
}
# From which step each one may follow; a recap that was never sent, or came back, begins again.
RECAP_AFTER = {SENT: (TO_SEND, RETURNED), RELAYED: (SENT,), RECEIVED: (RELAYED,), RETURNED: (SENT, RELAYED)}
REMINDER_DAYS_MAX = 60


@dataclass(frozen=True, slots=True)
class NewRecapCalendar:
    """The days (month, day) on which vouchers are passed on, from a day on, and how long before one is reminded."""

    valid_from: date
    decision: str
    days: tuple[tuple[int, int], ...]
    reminder_days: int


@dataclass(frozen=True, slots=True)
class RecapState:
    """Where a structure's recap stands: for the days `[first_day, end)`, due on `due_on`.

    `is_reminded`: it is still to be sent, and its day is near or past.
    """

    structure_ref: str
    structure_label: str
    due_on: date
    first_day: date
    end: date
    step: str
    comment: str | None
    is_reminded: bool


@operation(Right.EDIT_REFERENCE)
def set_recap_calendar(records: Records, actor: Actor, calendar: NewRecapCalendar) -> int:
    """Set the days of the recaps from a day on; returns the row's id. Raises InvalidData."""
    if not calendar.days or not calendar.decision.strip():
        raise invalid("Donnez les jours des récapitulatifs, et la décision qui les fixe.")
    if not 0 <= calendar.reminder_days <= REMINDER_DAYS_MAX:
        raise invalid(f"Le rappel part de 0 à {REMINDER_DAYS_MAX} jours avant.")
    for month, day in calendar.days:
        _check_day(month, day)
    with records.write(actor, "set_recap_calendar") as write:
        values = {
            "valid_from": calendar.valid_from,
            "decision": calendar.decision.strip(),
            "days": " ".join(f"{month:02}-{day:02}" for month, day in sorted(set(calendar.days))),
            "reminder_days": calendar.reminder_days,
        }
        return add_version(write, RecapCalendar, {}, values).id


@operation(Right.EDIT_COVERAGES, Scope.PLACE)
def send_recap(records: Records, actor: Actor, structure_ref: str, due_on: date) -> int:
    """Send a structure's recap of the vouchers collected to its sector manager; returns the row's id."""
    with records.write(actor, "send_recap") as write:
        place = by_ref(write.session, Structure, structure_ref)
        actor.require(Right.EDIT_COVERAGES, place.id)
        return _say(write, place, due_on, (SENT, None))


@operation(Right.RELAY_VOUCHERS, Scope.PLACE)
def relay_recap(records: Records, actor: Actor, structure_ref: str, due_on: date) -> int:
    """Pass a recap that was sent on to finance; returns the row's id."""
    with records.write(actor, "relay_recap") as write:
        place = by_ref(write.session, Structure, structure_ref)
        actor.require(Right.RELAY_VOUCHERS, place.id)
        return _say(write, place, due_on, (RELAYED, None))


@operation(Right.CLAIM_COVERAGES)
def receive_recap(records: Records, actor: Actor, structure_ref: str, due_on: date) -> int:
    """Record that finance holds a recap and its vouchers; returns the row's id."""
    with records.write(actor, "receive_recap") as write:
        return _say(write, by_ref(write.session, Structure, structure_ref), due_on, (RECEIVED, None))


@operation(Right.EDIT_COVERAGES, Scope.PLACE, also=frozenset({Right.RELAY_VOUCHERS, Right.CLAIM_COVERAGES}))
def return_recap(records: Records, actor: Actor, structure_ref: str, due_on: date, reason: str) -> int:
    """Send a recap back to its structure, with the reason: the sector manager, or finance once it was relayed."""
    if not reason.strip():
        raise invalid("Dites ce qui manque : la structure doit pouvoir le corriger.")
    with records.write(actor, "return_recap") as write:
        place = by_ref(write.session, Structure, structure_ref)
        actor.require(Right.EDIT_COVERAGES, place.id)
        row = _last(write.session, place.id, due_on)
        if row is not None and row.step == RELAYED:
            actor.require(Right.CLAIM_COVERAGES)
        elif row is not None:
            actor.require(Right.RELAY_VOUCHERS, place.id)
        return _say(write, place, due_on, (RETURNED, reason.strip()))


@operation(Right.EDIT_COVERAGES, Scope.PLACE)
def recap_states(records: Records, actor: Actor, due_on: date | None = None) -> list[RecapState]:
    """Return where each structure of the reader with vouchers stands: on a due day, or the last one and the next.

    A recap that is over and received is not told again without its day. Raises NotFound without a calendar.
    """
    allowed = actor.structures_with(Right.EDIT_COVERAGES)
    with records.read() as session:
        today = local_day_of(session, records.clock())
        calendar = recap_calendar_on(session, due_on or today)
        dues = (due_on,) if due_on is not None else recaps_due(recap_days(calendar), today)
        found = []
        for due in dues:
            period = _period(calendar, due)
            remind_from = due - timedelta(days=calendar.reminder_days)
            for place in _with_vouchers(session, period):
                if allowed is None or place.id in allowed:
                    row = _last(session, place.id, due)
                    step = TO_SEND if row is None else row.step
                    is_reminded = step in (TO_SEND, RETURNED) and today >= remind_from
                    if due_on is not None or step != RECEIVED:
                        comment = None if row is None else row.comment
                        found.append(RecapState(place.ref, place.name, due, *period, step, comment, is_reminded))
        return found


def recaps_to_send(session: Session, calendar: RecapCalendar, due_on: date) -> list[Structure]:
    """Return the structures with vouchers whose recap of a due day was never sent, or came back."""
    found = []
    for place in _with_vouchers(session, _period(calendar, due_on)):
        row = _last(session, place.id, due_on)
        if row is None or row.step == RETURNED:
            found.append(place)
    return found


def recap_calendar_on(session: Session, day: date) -> RecapCalendar:
    """Return the calendar in force on a day; raises NotFound saying which is missing."""
    calendar = version_on(session, RecapCalendar, {}, day)
    if calendar is None:
        raise NotFound(
            typeset(
                f"Les jours des récapitulatifs de bons MSA ne sont pas fixés au {long_date(day)} : à "
                "l'administration de les enregistrer, avec la décision."
            ),
            parameter="recap_calendar",
            day=day,
        )
    return calendar


def recap_days(calendar: RecapCalendar) -> list[tuple[int, int]]:
    """Return the (month, day) of a calendar."""
    return [(int(each[:2]), int(each[3:])) for each in calendar.days.split()]


def _check_day(month: int, day: int) -> None:
    try:
        date(2027, month, day)  # an ordinary year: 29 February is not a day of every year
    except ValueError:
        raise invalid(f"Le {day}/{month} n'est pas un jour de chaque année.") from None


def _period(calendar: RecapCalendar, due_on: date) -> tuple[date, date]:
    period = recap_period(recap_days(calendar), due_on)
    if period is None:
        raise invalid(f"Aucun récapitulatif n'est attendu le {long_date(due_on)}.", due_on=due_on)
    return period


def _say(write: Write, place: Structure, due_on: date, said: tuple[str, str | None]) -> int:
    _period(recap_calendar_on(write.session, due_on), due_on)
    last = _last(write.session, place.id, due_on)
    step = TO_SEND if last is None else last.step
    if step not in RECAP_AFTER[said[0]]:
        raise invalid(
            f"Le récapitulatif de {place.name} est {STEP_WORDS[step]} : il ne peut pas être "
            f"« {STEP_WORDS[said[0]]} ».",
            step=step,
        )
    row = VoucherRecap(
        structure_id=place.id,
        due_on=due_on,
        seq=1 if last is None else last.seq + 1,
        step=said[0],
        comment=said[1],
        recorded_at=write.now,
        recorded_by=write.actor.signature,
    )
    return add(write, row)


def _last(session: Session, structure_id: int, due_on: date) -> VoucherRecap | None:
    of_recap = (VoucherRecap.structure_id == structure_id, VoucherRecap.due_on == due_on)
    return session.scalar(select(VoucherRecap).where(*of_recap).order_by(VoucherRecap.seq.desc()).limit(1))


def _with_vouchers(session: Session, period: tuple[date, date]) -> Sequence[Structure]:
    """Return the structures where a voucher is applied to an enrolment on days of the period."""
    first, end = period
    places = (
        select(Enrolment.structure_id)
        .join(CoverageEnrolment, CoverageEnrolment.enrolment_id == Enrolment.id)
        .join(Coverage, Coverage.id == CoverageEnrolment.coverage_id)
        .where(
            Coverage.kind == "msa_voucher",
            Coverage.valid_from < end,
            Coverage.valid_to.is_(None) | (Coverage.valid_to > first),
        )
    )
    return session.scalars(select(Structure).where(Structure.id.in_(places)).order_by(Structure.ref)).all()
