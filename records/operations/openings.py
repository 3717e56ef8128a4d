"""When a place opens its doors, by period and weekday, from a day on (domain notes §4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.french import clock, medium_date
from domain.schedule import SCHOOL_HOLIDAY
from records.actors import Actor, Right
from records.database import Records
from records.models import Structure, StructureOpening
from records.models.places import MINUTES_A_DAY, OPENING_PERIODS
from records.operations.lookup import by_ref, invalid
from records.operations.registry import Scope, operation
from records.operations.schedule import load_calendar
from records.operations.versions import add_version, version_on

_WEEKDAYS = range(7)
_MINUTES = ("open_minute", "close_minute", "shut_from_minute", "shut_until_minute")


@dataclass(frozen=True, slots=True)
class NewOpening:
    """Hours of a weekday (0 = Monday) from a day on, in local minutes; without them the place is closed.

    It may shut once inside them, as at midday.
    """

    structure_ref: str
    period: str
    weekday: int
    valid_from: date
    open_minute: int | None = None
    close_minute: int | None = None
    shut_from_minute: int | None = None
    shut_until_minute: int | None = None


@dataclass(frozen=True, slots=True)
class OpeningSeen:
    """The hours of a weekday in force, in local minutes: None when closed; `valid_from` None = never said."""

    period: str
    weekday: int
    open_minute: int | None
    close_minute: int | None
    valid_from: date | None
    shut_from_minute: int | None = None
    shut_until_minute: int | None = None


@operation(Right.EDIT_REFERENCE)
def add_opening(records: Records, actor: Actor, opening: NewOpening) -> int:
    """Say the hours of a weekday from a day on; earlier versions stay. Returns the id. Raises InvalidData."""
    _check(opening)
    with records.write(actor, "add_opening") as write:
        structure_id = by_ref(write.session, Structure, opening.structure_ref).id
        key = {"structure_id": structure_id, "period": opening.period, "weekday": opening.weekday}
        values = {name: getattr(opening, name) for name in ("valid_from", *_MINUTES)}
        return add_version(write, StructureOpening, key, values).id


@operation(Right.SEE_FAMILIES, Scope.ANYWHERE)
def opening_hours(records: Records, actor: Actor, structure_ref: str, day: date) -> list[OpeningSeen]:
    """Return the hours in force on a day of every weekday, in school weeks then in holidays. Raises NotFound."""
    with records.read() as session:
        structure_id = by_ref(session, Structure, structure_ref).id
        found = []
        for period in OPENING_PERIODS:
            for weekday in _WEEKDAYS:
                key = {"structure_id": structure_id, "period": period, "weekday": weekday}
                row = version_on(session, StructureOpening, key, day)
                found.append(_seen(period, weekday, row))
        return found


def _seen(period: str, weekday: int, row: StructureOpening | None) -> OpeningSeen:
    if row is None:
        return OpeningSeen(period, weekday, None, None, None)
    shut = (row.shut_from_minute, row.shut_until_minute)
    return OpeningSeen(period, weekday, row.open_minute, row.close_minute, row.valid_from, *shut)


class OpeningBook:
    """The opening hours of every place over some days, both included, read once by who judges many bookings."""

    def __init__(self, session: Session, first_day: date, last_day: date) -> None:
        self._calendar = load_calendar(session, first_day, last_day)
        self._said: dict[tuple[int, str, int], list[StructureOpening]] = {}
        begun = select(StructureOpening).where(StructureOpening.valid_from <= last_day)
        for row in session.scalars(begun.order_by(StructureOpening.valid_from, StructureOpening.seq)):
            self._said.setdefault((row.structure_id, row.period, row.weekday), []).append(row)

    def refuse_shut(self, structure_id: int, day: date, minutes: tuple[int, int]) -> None:
        """Raise InvalidData for local minutes out of a place's hours; one that never said its hours takes any."""
        period = "holiday" if SCHOOL_HOLIDAY in self._calendar.kinds(structure_id, day) else "school"
        said = self._said.get((structure_id, period, day.weekday()), ())
        row = next((each for each in reversed(said) if each.valid_from <= day), None)
        if row is None:
            return
        if row.open_minute is None or row.close_minute is None:
            raise invalid(f"Ce lieu est fermé le {medium_date(day)}. Choisissez un autre jour.", day=day)
        if minutes[0] < row.open_minute or minutes[1] > row.close_minute:
            raise invalid(
                f"Le {medium_date(day)}, ce lieu ouvre de {clock(row.open_minute)} à {clock(row.close_minute)} : "
                "choisissez des heures dans cet horaire.",
                day=day,
            )
        if row.shut_from_minute is None or row.shut_until_minute is None:
            return
        if row.shut_from_minute <= minutes[0] and minutes[1] <= row.shut_until_minute:
            raise invalid(
                f"Le {medium_date(day)}, ce lieu ferme de {clock(row.shut_from_minute)} à "
                f"{clock(row.shut_until_minute)} : choisissez des heures avant ou après.",
                day=day,
            )


def _check(opening: NewOpening) -> None:
    start, end = opening.open_minute, opening.close_minute
    if opening.period not in OPENING_PERIODS or opening.weekday not in _WEEKDAYS:
        raise invalid("Période ou jour de semaine inconnu : choisissez dans la liste.", period=opening.period)
    if (start is None) != (end is None):
        raise invalid("Donnez l'heure d'ouverture et l'heure de fermeture, ou aucune des deux.")
    if start is not None and end is not None and not 0 <= start < end <= MINUTES_A_DAY:
        raise invalid("La fermeture doit venir après l'ouverture, dans la même journée.")
    pause = (opening.shut_from_minute, opening.shut_until_minute)
    if pause == (None, None):
        return
    if None in (*pause, start, end):
        raise invalid("Donnez le début et la fin de la pause, dans une journée ouverte, ou aucun des deux.")
    in_order = [each for each in (start, *pause, end) if each is not None]
    if in_order != sorted(set(in_order)):
        raise invalid("La pause commence après l'ouverture et finit avant la fermeture.")
