"""What was left of a service, as it was weighed: a correction is a new row, the last one stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from domain.french import short_date
from domain.kitchen import WASTE_WORDS
from domain.time import local_day
from records.actors import Actor, Right
from records.database import Records
from records.models import MealWaste, Service, Structure
from records.models.kitchen import GRAMS_MAX
from records.operations.kept_lists import refs_by_id
from records.operations.lookup import add, by_ref, invalid
from records.operations.registry import Scope, operation


@dataclass(frozen=True, slots=True)
class Weighed:
    """Grams that were left of a service on a day; `kind` is a code of WASTE_WORDS."""

    structure_ref: str
    service_ref: str
    day: date
    kind: str
    grams: int


@operation(Right.ORDER_MEALS, Scope.PLACE)
def weigh_waste(records: Records, actor: Actor, weighed: Weighed) -> bool:
    """Write what was weighed, in the place of what stood; False when the same weight stands. Raises InvalidData."""
    if weighed.kind not in WASTE_WORDS:
        raise invalid(f"Dites ce qui est pesé : {' ou '.join(WASTE_WORDS.values())}.")
    if not 0 <= weighed.grams <= GRAMS_MAX:
        raise invalid(f"{weighed.grams} grammes : un poids va de 0 à {GRAMS_MAX} grammes.")
    with records.write(actor, "weigh_waste") as write:
        session = write.session
        place = by_ref(session, Structure, weighed.structure_ref)
        service = by_ref(session, Service, weighed.service_ref)
        actor.require(Right.ORDER_MEALS, place.id)
        if weighed.day > local_day(write.now, place.timezone):
            raise invalid(f"Le {short_date(weighed.day)} n'est pas encore servi : pesez les restes du jour.")
        key = {"structure_id": place.id, "service_id": service.id, "day": weighed.day, "kind": weighed.kind}
        known = session.scalars(select(MealWaste).filter_by(**key).order_by(MealWaste.seq)).all()
        if known and known[-1].grams == weighed.grams:
            return False
        row = MealWaste(
            **key, seq=len(known) + 1, grams=weighed.grams, recorded_at=write.now, recorded_by=actor.signature
        )
        add(write, row)
    return True


@operation(Right.SEE_MEALS, Scope.PLACE)
def weighed_wastes(records: Records, actor: Actor, first: date, end: date) -> list[Weighed]:
    """Return the weights that stand of the days `[first, end)` at the actor's places, by day and place."""
    places = actor.structures_with(Right.SEE_MEALS)
    with records.read() as session:
        rows = session.scalars(
            select(MealWaste)
            .where(MealWaste.day >= first, MealWaste.day < end)
            .order_by(MealWaste.day, MealWaste.structure_id, MealWaste.service_id, MealWaste.kind, MealWaste.seq)
        )
        structures, services = refs_by_id(session, Structure), refs_by_id(session, Service)
        standing: dict[tuple[int, int, date, str], Weighed] = {}
        for row in rows:
            if places is None or row.structure_id in places:
                place, service = structures[row.structure_id], services[row.service_id]
                assert place is not None
                assert service is not None
                key = (row.structure_id, row.service_id, row.day, row.kind)
                standing[key] = Weighed(place, service, row.day, row.kind, row.grams)
        return list(standing.values())
