"""Meals ordered by place, service, day and diet, in versions; a later horizon takes the place of an earlier one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.french import short_date
from domain.kitchen import BASKET, HORIZON_WORDS
from domain.time import local_day
from records.actors import Actor, Right
from records.database import Records, Write
from records.models import MealOrder, Service, Structure
from records.models.kitchen import HORIZONS, PORTIONS_MAX
from records.operations.kept_lists import refs_by_id
from records.operations.lookup import add_all, invalid
from records.operations.registry import Scope, operation

# From how many portions over what the estimate proposes somebody must say why.
FAR_TIMES, FAR_PORTIONS = 2, 50
_RANK = {name: place for place, name in enumerate(HORIZONS)}
OrderKey = tuple[int, int, date, str]


@dataclass(frozen=True, slots=True)
class OrderLine:
    """Meals of one diet at a place on a day. `proposed` is what the estimate came to, None without one."""

    structure_ref: str
    service_ref: str
    day: date
    diet_code: str
    diet_label: str
    quantity: int
    proposed: int | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class OrderSeen:
    """A line that stands, the horizon it was written at, its version, when (µs UTC) and by whom."""

    line: OrderLine
    horizon: str
    seq: int
    recorded_at: int
    recorded_by: str


@operation(Right.ORDER_MEALS, Scope.PLACE)
def place_orders(records: Records, actor: Actor, horizon: str, lines: Sequence[OrderLine]) -> int:
    """Order meals at a horizon of HORIZON_WORDS; returns how many new versions were written, none for what stands.

    Raises InvalidData for a past day, a basket, a count that cannot be, one far over the estimate without a reason,
    or a horizon that a later one has already replaced.
    """
    if horizon not in _RANK:
        raise invalid(f"Échéance de commande inconnue : « {horizon} ». {', '.join(HORIZON_WORDS.values())}.")
    for line in lines:
        _check(line)
    keys = [(line.structure_ref, line.service_ref, line.day, line.diet_code) for line in lines]
    if len(set(keys)) < len(keys):
        raise invalid("Le même régime est commandé deux fois pour un lieu et un jour.")
    with records.write(actor, "place_orders") as write:
        places = _places(write.session, actor, {line.structure_ref for line in lines})
        services = {row.ref: row.id for row in write.session.scalars(select(Service))}
        known = _versions(write.session, {line.day for line in lines}, [place.id for place in places.values()])
        rows = []
        for line in lines:
            place = places[line.structure_ref]
            if line.service_ref not in services:
                raise invalid(f"Service inconnu : « {line.service_ref} ».")
            if line.day < local_day(write.now, place.timezone):
                raise invalid(f"Le {short_date(line.day)} est passé : une commande ne se change plus.")
            key = (place.id, services[line.service_ref], line.day, line.diet_code)
            row = _new_version(write, key, horizon, line, known.get(key, []))
            rows += [] if row is None else [row]
        add_all(write, rows)
    return len(rows)


@operation(Right.SEE_MEALS, Scope.PLACE)
def meal_orders(records: Records, actor: Actor, first: date, end: date) -> list[OrderSeen]:
    """Return the lines that stand of the days `[first, end)` at the actor's places, by day, place and diet."""
    places = actor.structures_with(Right.SEE_MEALS)
    with records.read() as session:
        rows = standing_orders(session, first, end)
        refs = refs_by_id(session, Structure), refs_by_id(session, Service)
        return [_seen(row, *refs) for row in rows if places is None or row.structure_id in places]


def standing_orders(session: Session, first: date, end: date) -> list[MealOrder]:
    """Return the order that stands of each place, service, day and diet: the last horizon's last version."""
    rows = session.scalars(
        select(MealOrder)
        .where(MealOrder.day >= first, MealOrder.day < end)
        .order_by(MealOrder.day, MealOrder.structure_id, MealOrder.service_id, MealOrder.diet_code, MealOrder.seq)
    )
    standing: dict[OrderKey, MealOrder] = {}
    for row in rows:
        key = (row.structure_id, row.service_id, row.day, row.diet_code)
        if key not in standing or _RANK[row.horizon] >= _RANK[standing[key].horizon]:
            standing[key] = row
    return list(standing.values())


def _places(session: Session, actor: Actor, refs: Iterable[str]) -> Mapping[str, Structure]:
    found = {row.ref: row for row in session.scalars(select(Structure).where(Structure.ref.in_(sorted(refs))))}
    for ref in sorted(refs):
        if ref not in found:
            raise invalid(f"Structure inconnue : « {ref} ».")
        actor.require(Right.ORDER_MEALS, found[ref].id)
    return found


def _versions(session: Session, days: set[date], places: Sequence[int]) -> dict[OrderKey, list[MealOrder]]:
    found: dict[OrderKey, list[MealOrder]] = {}
    statement = select(MealOrder).where(MealOrder.day.in_(sorted(days)), MealOrder.structure_id.in_(places))
    for row in session.scalars(statement.order_by(MealOrder.seq)):
        found.setdefault((row.structure_id, row.service_id, row.day, row.diet_code), []).append(row)
    return found


def _new_version(
    write: Write, key: OrderKey, horizon: str, line: OrderLine, known: Sequence[MealOrder]
) -> MealOrder | None:
    """Return the row to add, None when the same quantity stands at this horizon."""
    later = next((row for row in known if _RANK[row.horizon] > _RANK[horizon]), None)
    if later is not None:
        raise invalid(
            f"Le {short_date(line.day)} a déjà un {HORIZON_WORDS[later.horizon]} ({line.diet_label}) : "
            f"changez celui-là."
        )
    same = [row for row in known if row.horizon == horizon]
    if same and same[-1].quantity == line.quantity:
        return None
    structure_id, service_id, day, diet_code = key
    return MealOrder(
        structure_id=structure_id,
        service_id=service_id,
        day=day,
        diet_code=diet_code,
        diet_label=line.diet_label,
        horizon=horizon,
        seq=len(same) + 1,
        quantity=line.quantity,
        proposed=line.proposed,
        reason=(line.reason or "").strip() or None,
        recorded_at=write.now,
        recorded_by=write.actor.signature,
    )


def _check(line: OrderLine) -> None:
    if line.diet_code == BASKET:
        raise invalid("Un panier repas est installé et compté ; il ne se commande pas.")
    if not 0 <= line.quantity <= PORTIONS_MAX:
        raise invalid(f"{line.quantity} portions ne se commandent pas : de 0 à {PORTIONS_MAX}.")
    far = None if line.proposed is None else FAR_TIMES * line.proposed + FAR_PORTIONS
    if far is not None and line.quantity > far and not (line.reason or "").strip():
        raise invalid(
            f"{line.quantity} portions ({line.diet_label}) le {short_date(line.day)}, pour {line.proposed} "
            "proposées : vérifiez le nombre, ou dites pourquoi."
        )


def _seen(
    row: MealOrder, structures: Mapping[int | None, str | None], services: Mapping[int | None, str | None]
) -> OrderSeen:
    told: dict[str, Any] = {
        "structure_ref": structures[row.structure_id],
        "service_ref": services[row.service_id],
        **{
            name: getattr(row, name)
            for name in ("day", "diet_code", "diet_label", "quantity", "proposed", "reason")
        },
    }
    return OrderSeen(OrderLine(**told), row.horizon, row.seq, row.recorded_at, row.recorded_by)
