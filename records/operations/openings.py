"""When a place opens its doors, by period and weekday, from a day on (domain notes §4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from records.actors import Actor, Right
from records.database import Records
from records.models import Structure, StructureOpening
from records.models.places import MINUTES_A_DAY, OPENING_PERIODS
from records.operations.lookup import by_ref, invalid
from records.operations.registry import Scope, operation
from records.operations.versions import add_version, version_on

_WEEKDAYS = range(7)


@dataclass(frozen=True, slots=True)
class NewOpening:
    """Hours of a weekday (0 = Monday) from a day on, in local minutes; without them the place is closed."""

    structure_ref: str
    period: str
    weekday: int
    valid_from: date
    open_minute: int | None = None
    close_minute: int | None = None


@dataclass(frozen=True, slots=True)
class OpeningSeen:
    """The hours of a weekday in force, in local minutes: None when closed; `valid_from` None = never said."""

    period: str
    weekday: int
    open_minute: int | None
    close_minute: int | None
    valid_from: date | None


@operation(Right.EDIT_REFERENCE)
def add_opening(records: Records, actor: Actor, opening: NewOpening) -> int:
    """Say the hours of a weekday from a day on; earlier versions stay. Returns the id. Raises InvalidData."""
    _check(opening)
    with records.write(actor, "add_opening") as write:
        structure_id = by_ref(write.session, Structure, opening.structure_ref).id
        key = {"structure_id": structure_id, "period": opening.period, "weekday": opening.weekday}
        values = {name: getattr(opening, name) for name in ("valid_from", "open_minute", "close_minute")}
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
                hours = (None, None, None) if row is None else (row.open_minute, row.close_minute, row.valid_from)
                found.append(OpeningSeen(period, weekday, *hours))
        return found


def _check(opening: NewOpening) -> None:
    start, end = opening.open_minute, opening.close_minute
    if opening.period not in OPENING_PERIODS or opening.weekday not in _WEEKDAYS:
        raise invalid("Période ou jour de semaine inconnu : choisissez dans la liste.", period=opening.period)
    if (start is None) != (end is None):
        raise invalid("Donnez l'heure d'ouverture et l'heure de fermeture, ou aucune des deux.")
    if start is not None and end is not None and not 0 <= start < end <= MINUTES_A_DAY:
        raise invalid("La fermeture doit venir après l'ouverture, dans la même journée.")
