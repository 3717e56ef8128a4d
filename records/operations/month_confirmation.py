"""Confirming a structure's month: nothing of its attendance is undecided afterwards (domain notes §6, §7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.orm import Session

from domain.french import long_date, month_name, plural, short_date
from domain.time import instant_at, local_day
from records.actors import Actor, Right
from records.database import Records
from records.models import Structure
from records.operations.attendance import Decision, write_decisions
from records.operations.attendance_days import AttendedDay, SeenChild, attended_days
from records.operations.holes import find_holes
from records.operations.lookup import by_ref, invalid
from records.operations.month_states import CONFIRMED, LOCKED, month_state, say_month
from records.operations.registry import Scope, operation

_DEFAULTS = {"billed": "absent_unjustified", "not_billed": "absent_justified"}


@dataclass(frozen=True, slots=True)
class UndecidedAbsence:
    """A child expected and not seen; `default` is what confirming the month would decide: A or AJ as recorded."""

    day: date
    child_ref: str
    first_name: str
    last_name: str
    service_ref: str
    service_label: str
    default: str


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What confirming a month decided by default, and how many presences of open days still have no child.

    Those change nothing that is billed: a name can be attached once the month is reopened.
    """

    absences_billed: int
    absences_not_billed: int
    late_waived: int
    unknown_presences: int


@operation(Right.DECIDE_ATTENDANCE, Scope.PLACE)
def undecided_absences(
    records: Records, actor: Actor, structure_ref: str, first_day: date, last_day: date
) -> list[UndecidedAbsence]:
    """Return who was expected and not seen over days, both included, and of whom nobody has decided yet."""
    with records.read() as session:
        place = by_ref(session, Structure, structure_ref)
        actor.require(Right.DECIDE_ATTENDANCE, place.id)
        days = attended_days(session, place, (first_day, last_day), records.clock())
        return [_absence(seen) for day in days for seen in day.undecided()]


@operation(Right.DECIDE_ATTENDANCE, Scope.PLACE)
def confirm_month(records: Records, actor: Actor, structure_ref: str, month: date) -> Confirmation:
    """Confirm a structure's month once it is over; what is left follows its service's default, signed by the actor.

    Absences become A or AJ, late pick-ups nobody answered are waived. Refused while a hole of a terminal is open.
    """
    first, end = month.replace(day=1), _next_month(month)
    seen = records.change_seq()
    with records.read() as session:  # the slow part keeps nobody waiting
        place = by_ref(session, Structure, structure_ref)
        actor.require(Right.DECIDE_ATTENDANCE, place.id)
        left = find_left(session, place, (first, end), records.clock())
    with records.write(actor, "confirm_month") as write:
        if month_state(write.session, place.id, first) in (CONFIRMED, LOCKED):
            raise invalid(f"{month_name(first).capitalize()} est déjà confirmé pour {place.name}.", month=first)
        if local_day(write.now, place.timezone) < end:
            raise invalid(
                f"{month_name(first).capitalize()} n'est pas terminé : confirmez-le à partir du {long_date(end)}.",
                month=first,
            )
        _refuse_open_holes(write.session, place, (first, end), write.now)
        if write.change_seq != seen + 1:  # somebody wrote meanwhile, a terminal perhaps
            left = find_left(write.session, place, (first, end), write.now)
        write_decisions(write, left.decisions)
        say_month(write, place.id, first, (CONFIRMED, None))
        kinds = [each.kind for each in left.decisions]
        return Confirmation(
            kinds.count("absent_unjustified"),
            kinds.count("absent_justified"),
            kinds.count("late_waived"),
            left.unknown_presences,
        )


@dataclass(frozen=True, slots=True)
class Left:
    """What nobody decided of a month, as the services' rules decide it, and the presences without a child."""

    decisions: tuple[Decision, ...]
    unknown_presences: int


def find_left(session: Session, place: Structure, month: tuple[date, date], now: int) -> Left:
    """Return what is left of a place's month `[first, end)` as known at `now` (µs UTC)."""
    first, end = month
    days = list(attended_days(session, place, (first, end - timedelta(days=1)), now))
    decisions = tuple(each for day in days for each in _defaults(day, place.ref, month_name(first)))
    return Left(decisions, sum(len(day.board.unknown) for day in days))


def _refuse_open_holes(session: Session, place: Structure, month: tuple[date, date], now: int) -> None:
    start, end = (instant_at(day, 0, place.timezone) for day in month)
    found = [
        hole
        for hole in find_holes(session, now)
        if hole.structure_id == place.id and hole.from_at < end and start < hole.until_at
    ]
    if found:
        named = ", ".join(
            f"{hole.device_label} ({short_date(local_day(hole.from_at, place.timezone))})" for hole in found[:3]
        )
        more = f" et {len(found) - 3} de plus" if len(found) > 3 else ""
        raise invalid(
            f"{plural(len(found), 'trou')} dans les passages de {month_name(month[0])} à {place.name} : {named}"
            f"{more}. Réglez d'abord chacun sur la page Terminaux, par la liste papier ou en disant pourquoi rien "
            "n'est attendu.",
            holes=len(found),
        )


def _defaults(day: AttendedDay, structure_ref: str, month: str) -> list[Decision]:
    """Return the decisions that the service's rule makes of what nobody decided."""
    reason = f"Confirmation de {month} : règle du service"
    absences = [(seen, _DEFAULTS[seen.rule.undecided_default]) for seen in day.undecided()]
    late = [(each.seen, "late_waived") for each in day.late() if each.answer is None]
    return [
        Decision(seen.child.child_ref, seen.service.service_ref, structure_ref, seen.day, kind, reason)
        for seen, kind in absences + late
    ]


def _absence(seen: SeenChild) -> UndecidedAbsence:
    return UndecidedAbsence(
        seen.day,
        seen.child.child_ref,
        seen.child.first_name,
        seen.child.last_name,
        seen.service.service_ref,
        seen.service.service_label,
        _DEFAULTS[seen.rule.undecided_default],
    )


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
