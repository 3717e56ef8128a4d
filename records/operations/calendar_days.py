"""Holidays, bridges and closures as staff look at them and change them, several days at once (domain notes §4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from records.actors import Actor, Right
from records.database import Records
from records.models import CalendarDay, Collectivity, Structure
from records.models.collectivity import WHOLE_COUNTRY
from records.operations.collectivity import CalendarEdit, edit_day
from records.operations.lookup import by_ref, invalid
from records.operations.paging import FIRST_PAGE, Page, PageAsked, paged
from records.operations.registry import Scope, operation

EDITS_MAX = 400  # a whole year of one school


@dataclass(frozen=True, slots=True)
class DaysAsked:
    """Which special days: of `[first, last)`, of the town's zone and places, or of one place with its zone."""

    first: date
    last: date
    structure_ref: str | None = None
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A special day: in the whole country (« * »), in the school zone, or at one place."""

    day: date
    kind: str
    label: str
    zone: str | None
    structure_ref: str | None


@operation(Right.SEE_FAMILIES, Scope.ANYWHERE)
def calendar_days(
    records: Records, actor: Actor, wanted: DaysAsked, asked: PageAsked = FIRST_PAGE
) -> Page[SpecialDay]:
    """Return a page of the special days that concern the town, by day. Raises InvalidData, NotFound."""
    if wanted.first >= wanted.last:
        raise invalid("La fin du calendrier doit être après son début.", first=wanted.first, last=wanted.last)
    with records.read() as session:
        return paged(session, _days(session, wanted), asked, lambda row: SpecialDay(*row))


@operation(Right.EDIT_REFERENCE)
def edit_calendar_days(records: Records, actor: Actor, edits: Sequence[CalendarEdit]) -> int:
    """Set, rename or remove several special days, all or none; returns how many. Raises InvalidData, NotFound."""
    if len(edits) > EDITS_MAX:
        raise invalid(f"{len(edits)} jours à la fois : {EDITS_MAX} au plus.", days=len(edits))
    with records.write(actor, "edit_calendar_days") as write:
        for edit in edits:
            edit_day(write, edit)
    return len(edits)


def _days(session: Session, wanted: DaysAsked) -> Select[*tuple[Any, ...]]:
    zone = session.scalar(select(Collectivity.school_zone))
    place = None if wanted.structure_ref is None else by_ref(session, Structure, wanted.structure_ref).id
    own = CalendarDay.structure_id.is_not(None) if place is None else CalendarDay.structure_id == place
    statement: Select[*tuple[Any, ...]] = (
        select(CalendarDay.day, CalendarDay.kind, CalendarDay.label, CalendarDay.zone, Structure.ref)
        .outerjoin(Structure, Structure.id == CalendarDay.structure_id)
        .where(CalendarDay.day >= wanted.first, CalendarDay.day < wanted.last)
        .where(or_(CalendarDay.zone.in_((WHOLE_COUNTRY, zone)), own))
        .order_by(CalendarDay.day, CalendarDay.id)
    )
    return statement.where(CalendarDay.kind.in_(wanted.kinds)) if wanted.kinds else statement
