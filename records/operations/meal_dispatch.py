"""Orders on their way to the supplier: a message in the outbox for each, and the fact that it was sent."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.evidence import MICROS_PER_DAY
from domain.french import short_date
from domain.kitchen import HORIZON_WORDS
from domain.time import local_day
from records.actors import Actor, Right
from records.database import Records, Write
from records.models import Collectivity, KitchenSetting, MealDispatch, Service, Structure
from records.operations.kitchen_settings import kitchen_on
from records.operations.lookup import add, invalid
from records.operations.meal_orders import standing_orders
from records.operations.messages import Letter, post_letter
from records.operations.registry import Scope, operation

_KEPT_DAYS = 2  # an order that has not left for so long would come too late


@dataclass(frozen=True, slots=True)
class Sent:
    """An order that left for a supplier: to whom, days `[first_day, end_day)`, how many portions, when (µs UTC)."""

    supplier: str
    mail: str
    horizon: str
    first_day: date
    end_day: date
    portions: int
    recorded_at: int
    recorded_by: str


@operation(Right.ORDER_MEALS, Scope.PLACE)
def send_orders(records: Records, actor: Actor, horizon: str, first: date, end: date) -> list[Sent]:
    """Send what is ordered of the days `[first, end)` at the actor's places, a message to each supplier.

    What was already sent, unchanged, is not sent again: an empty list says so. Raises InvalidData when nothing is
    ordered or a supplier has no address, ParameterMissing without the kitchen's settings.
    """
    if horizon not in HORIZON_WORDS:
        raise invalid(f"Échéance de commande inconnue : « {horizon} ».")
    if end <= first:
        raise invalid("Le dernier jour vient avant le premier.")
    with records.write(actor, "send_orders") as write:
        bundles = _bundles(write.session, actor, first, end)
        if not bundles:
            raise invalid(f"Rien n'est commandé à partir du {short_date(first)} : enregistrez d'abord la commande.")
        sent = []
        for (mail, supplier), lines in sorted(bundles.items()):
            row = _dispatch(write, (horizon, first, end), (mail, supplier), lines)
            sent += [] if row is None else [_told(row)]
    return sent


@operation(Right.SEE_MEALS)
def sent_orders(records: Records, actor: Actor, first: date, end: date) -> list[Sent]:
    """Return what was sent that touches the days `[first, end)`, the last first."""
    with records.read() as session:
        rows = session.scalars(
            select(MealDispatch)
            .where(MealDispatch.first_day < end, MealDispatch.end_day > first)
            .order_by(MealDispatch.id.desc())
        )
        return [_told(row) for row in rows]


def _bundles(session: Session, actor: Actor, first: date, end: date) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """Return the lines for each address and supplier, as the message tells them."""
    allowed = actor.structures_with(Right.ORDER_MEALS)
    places = {row.id: row for row in session.scalars(select(Structure))}
    services = {row.id: row.label for row in session.scalars(select(Service))}
    settings: dict[tuple[int, date], KitchenSetting] = {}
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for order in standing_orders(session, first, end):
        if allowed is not None and order.structure_id not in allowed:
            continue
        place, at = places[order.structure_id], (order.structure_id, order.day)
        if at not in settings:
            settings[at] = kitchen_on(session, place, order.day)
        setting = settings[at]
        if setting.mail is None:
            raise invalid(f"{setting.supplier} n'a pas d'adresse dans les réglages de la cuisine : ajoutez-la.")
        line: dict[str, Any] = {"day": order.day.isoformat(), "place": place.name}
        line |= {"service": services[order.service_id], "diet": order.diet_label, "quantity": order.quantity}
        found.setdefault((setting.mail, setting.supplier), []).append(line)
    return found


def _dispatch(
    write: Write, about: tuple[str, date, date], to: tuple[str, str], lines: Sequence[dict[str, Any]]
) -> MealDispatch | None:
    horizon, first, end = about
    mail, supplier = to
    digest = hashlib.sha256(json.dumps(lines, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
    same = (MealDispatch.mail == mail, MealDispatch.first_day == first, MealDispatch.end_day == end)
    last = write.session.scalar(select(MealDispatch).where(*same).order_by(MealDispatch.id.desc()).limit(1))
    if last is not None and last.sha256 == digest:
        return None
    row = MealDispatch(
        horizon=horizon,
        first_day=first,
        end_day=end,
        supplier=supplier,
        mail=mail,
        portions=sum(line["quantity"] for line in lines),
        sha256=digest,
        recorded_at=write.now,
        recorded_by=write.actor.signature,
    )
    number = add(write, row)
    timezone = write.session.scalars(select(Collectivity.timezone)).one()
    content = {
        "name": supplier,
        "number": number,
        "sent_on": local_day(write.now, timezone).isoformat(),
        "horizon": horizon,
        "first": first.isoformat(),
        "end": end.isoformat(),
        "replaces": last is not None,
        "lines": list(lines),
    }
    letter = Letter("meal_order", f"meal_order-{number}", mail, content)
    post_letter(write.session, letter, write.now, write.now + _KEPT_DAYS * MICROS_PER_DAY)
    return row


def _told(row: MealDispatch) -> Sent:
    return Sent(**{name: getattr(row, name) for name in Sent.__dataclass_fields__})
