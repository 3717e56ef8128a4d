"""What departs from a custody calendar: the halves of holidays, and single days (domain notes §3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.custody import Custody, CustodyCycle, DayException, HolidayHalves, SchoolHoliday, school_holidays
from domain.french import long_date, short_date
from records.actors import Actor, Right
from records.database import Records
from records.models import (
    CalendarDay,
    Collectivity,
    CustodyCalendar,
    CustodyException,
    CustodyHoliday,
    Payer,
    Person,
)
from records.models.collectivity import WHOLE_COUNTRY
from records.models.custody import HOLIDAYS
from records.operations.lookup import add, by_ref, ids_by_ref, invalid
from records.operations.registry import Scope, operation
from records.operations.versions import add_version, version_on


@dataclass(frozen=True, slots=True)
class NewCustodyHoliday:
    """From a day on, who has each half of a holiday; with `alternates`, halves swap when the year's parity does."""

    child_ref: str
    holiday: str
    valid_from: date
    anchor_year: int
    alternates: bool
    first_payer_ref: str
    second_payer_ref: str


@dataclass(frozen=True, slots=True)
class NewCustodyException:
    """Who has the child on one day whatever the calendar says; no payer takes an earlier exception back."""

    child_ref: str
    day: date
    payer_ref: str | None
    reason: str


@operation(Right.EDIT_FAMILIES, Scope.ANYWHERE)
def add_custody_holiday(records: Records, actor: Actor, halves: NewCustodyHoliday) -> int:
    """Add the rule of one holiday from a day on; returns its id. Refused without a calendar of the same payers."""
    if halves.holiday not in HOLIDAYS:
        raise invalid(f"Vacances inconnues : « {halves.holiday} ».", holiday=halves.holiday)
    if halves.first_payer_ref == halves.second_payer_ref:
        raise invalid("Les deux moitiés des vacances vont à deux payeurs différents.")
    with records.write(actor, "add_custody_holiday") as write:
        child = by_ref(write.session, Person, halves.child_ref)
        refs = (halves.first_payer_ref, halves.second_payer_ref)
        payers = ids_by_ref(write.session, Payer, refs)
        _require_calendar(write.session, child, halves.valid_from, set(payers.values()))
        row = add_version(
            write,
            CustodyHoliday,
            {"child_id": child.id, "holiday": halves.holiday},
            {
                "valid_from": halves.valid_from,
                "anchor_year": halves.anchor_year,
                "alternates": halves.alternates,
                "first_payer_id": payers[halves.first_payer_ref],
                "second_payer_id": payers[halves.second_payer_ref],
            },
        )
        return row.id


@operation(Right.EDIT_FAMILIES, Scope.ANYWHERE)
def add_custody_exceptions(records: Records, actor: Actor, exceptions: Sequence[NewCustodyException]) -> list[int]:
    """Add exceptions of single days in one transaction; returns their ids. The last one of a day stands."""
    if any(not each.reason.strip() for each in exceptions):
        raise invalid("Dites pourquoi ce jour échappe au calendrier de garde.")
    with records.write(actor, "add_custody_exceptions") as write:
        session = write.session
        payers = ids_by_ref(session, Payer, [each.payer_ref for each in exceptions if each.payer_ref])
        found = []
        for each in exceptions:
            child = by_ref(session, Person, each.child_ref)
            payer_id = payers[each.payer_ref] if each.payer_ref else None
            _require_calendar(session, child, each.day, set() if payer_id is None else {payer_id})
            of_day = (CustodyException.child_id == child.id, CustodyException.day == each.day)
            row = CustodyException(
                child_id=child.id,
                day=each.day,
                seq=(session.scalar(select(func.max(CustodyException.seq)).where(*of_day)) or 0) + 1,
                payer_id=payer_id,
                reason=each.reason,
                recorded_at=write.now,
                recorded_by=write.actor.signature,
            )
            found.append(add(write, row))
        return found


def _require_calendar(session: Session, child: Person, day: date, payers: set[int]) -> None:
    """Raise InvalidData unless a calendar shares the child between these payers on that day."""
    calendar = version_on(session, CustodyCalendar, {"child_id": child.id}, day)
    if calendar is None:
        raise invalid(
            f"{child.first_name} n'a pas de calendrier de garde le {short_date(day)}. "
            "Ajoutez d'abord le calendrier.",
            child=child.ref,
        )
    if not payers <= {calendar.payer_1_id, calendar.payer_2_id}:
        raise invalid(
            f"Le {long_date(day)}, le calendrier de garde partage {child.first_name} entre d'autres payeurs. "
            "Choisissez l'un d'eux, ou ajoutez un calendrier.",
            child=child.ref,
        )


def custody_of(session: Session, child_id: int) -> Custody:
    """Return everything that says who has a child, for `domain.custody.payer_on`."""
    cycles = session.scalars(select(CustodyCalendar).where(CustodyCalendar.child_id == child_id))
    halves = session.scalars(select(CustodyHoliday).where(CustodyHoliday.child_id == child_id))
    exceptions = session.scalars(select(CustodyException).where(CustodyException.child_id == child_id))
    return Custody(
        tuple(CustodyCycle(c.valid_from, c.anchor_on, c.pattern, c.payer_1_id, c.payer_2_id) for c in cycles),
        tuple(
            HolidayHalves(h.holiday, h.valid_from, h.anchor_year, h.alternates, h.first_payer_id, h.second_payer_id)
            for h in halves
        ),
        tuple(DayException(e.day, e.seq, e.payer_id) for e in exceptions),
    )


def recorded_holidays(session: Session) -> list[SchoolHoliday]:
    """Return the school holidays of the collectivity's zone, as its editable calendar has them."""
    zone = session.scalar(select(Collectivity.school_zone))
    return school_holidays(
        session.scalars(
            select(CalendarDay.day).where(
                CalendarDay.kind == "school_holiday", CalendarDay.zone.in_((WHOLE_COUNTRY, zone))
            )
        )
    )
