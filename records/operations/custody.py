"""What departs from a custody calendar: the halves of holidays, and single days (domain notes §3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.french import long_date, short_date
from records.actors import Actor, Right
from records.database import Records
from records.models import CustodyCalendar, CustodyException, CustodyHoliday, Payer, Person
from records.models.custody import HOLIDAYS
from records.operations.lookup import add, invalid
from records.operations.merged import ids_with_merged, kept_by_ref, kept_ids, kept_ids_by_ref
from records.operations.registry import Scope, operation
from records.operations.versions import add_version


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
    with records.write(actor, "add_custody_holiday") as write:
        child = kept_by_ref(write.session, Person, halves.child_ref)
        refs = (halves.first_payer_ref, halves.second_payer_ref)
        payers = kept_ids_by_ref(write.session, Payer, refs)
        if len(set(payers.values())) == 1:
            raise invalid("Les deux moitiés des vacances vont à deux payeurs différents.")
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
        payers = kept_ids_by_ref(session, Payer, [each.payer_ref for each in exceptions if each.payer_ref])
        found = []
        for each in exceptions:
            child = kept_by_ref(session, Person, each.child_ref)
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
    sharing = payers_sharing(session, child.id, day)
    if sharing is None:
        raise invalid(
            f"{child.first_name} n'a pas de calendrier de garde le {short_date(day)}. "
            "Ajoutez d'abord le calendrier.",
            child=child.ref,
        )
    if not payers <= sharing:
        raise invalid(
            f"Le {long_date(day)}, le calendrier de garde partage {child.first_name} entre d'autres payeurs. "
            "Choisissez l'un d'eux, ou ajoutez un calendrier.",
            child=child.ref,
        )


def payers_sharing(session: Session, child_id: int, day: date) -> frozenset[int] | None:
    """Return the two payers between whom a calendar shares a child on a day, None without one.

    Of two calendars that begin on one day, those of two merged people, the one recorded last.
    """
    calendar = session.scalar(
        select(CustodyCalendar)
        .where(
            CustodyCalendar.child_id.in_(ids_with_merged(session, Person, child_id)),
            CustodyCalendar.valid_from <= day,
        )
        .order_by(CustodyCalendar.valid_from.desc(), CustodyCalendar.id.desc())
        .limit(1)
    )
    if calendar is None:
        return None
    kept = kept_ids(session, Payer)
    return frozenset({kept.of(calendar.payer_1_id), kept.of(calendar.payer_2_id)})
