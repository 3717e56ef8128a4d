"""Counts without a name of services that enrol nobody: RPE, LAEP, youth clubs (CAF notes §2.4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.counts import INDICATOR_WORDS, with_decimals
from domain.french import short_date
from domain.money import to_cents
from records.actors import Actor, Right
from records.database import Records
from records.models import AnonymousCount, Structure
from records.operations.family_search import local_day_of
from records.operations.lookup import add, by_ref, invalid
from records.operations.registry import Scope, operation

_QUANTITY_MAX = Decimal(1_000_000)


@dataclass(frozen=True, slots=True)
class CountSeen:
    """The count that stands of an indicator on a day; `corrections` how many came before it."""

    day: date
    indicator: str
    quantity: Decimal
    corrections: int
    recorded_by: str


@operation(Right.DECLARE_CAF, Scope.PLACE)
def record_counts(
    records: Records, actor: Actor, structure_ref: str, day: date, counts: Mapping[str, Decimal]
) -> int:
    """Record what was counted at a place on a day, by indicator; returns how many counts were new or changed.

    A count recorded again is a correction: a further row, the last stands. Raises InvalidData, NotFound.
    """
    for indicator, quantity in counts.items():
        check_count(indicator, quantity)
    with records.write(actor, "record_counts") as write:
        structure = by_ref(write.session, Structure, structure_ref)
        actor.require(Right.DECLARE_CAF, structure.id)
        today = local_day_of(write.session, write.now)
        if day > today:
            raise invalid(f"Le {short_date(day)} n'est pas encore passé : un comptage dit ce qui a eu lieu.")
        said = {row.indicator: row for row in _last(write.session, structure.id, day, day)}
        changed = 0
        for indicator, quantity in counts.items():
            before, value = said.get(indicator), to_cents(quantity)
            if before is not None and before.quantity_e2 == value:
                continue
            row = AnonymousCount(
                structure_id=structure.id,
                day=day,
                indicator=indicator,
                seq=1 if before is None else before.seq + 1,
                quantity_e2=value,
                recorded_at=write.now,
                recorded_by=actor.signature,
            )
            add(write, row)
            changed += 1
        return changed


@operation(Right.SEE_CAF, Scope.PLACE)
def counts_of(records: Records, actor: Actor, structure_ref: str, first: date, last: date) -> list[CountSeen]:
    """Return the counts that stand at a place between two days, both in, by day then indicator."""
    with records.read() as session:
        structure = by_ref(session, Structure, structure_ref)
        actor.require(Right.SEE_CAF, structure.id)
        order = {code: place for place, code in enumerate(INDICATOR_WORDS)}
        rows = sorted(_last(session, structure.id, first, last), key=lambda row: (row.day, order[row.indicator]))
        return [
            CountSeen(row.day, row.indicator, Decimal(row.quantity_e2).scaleb(-2), row.seq - 1, row.recorded_by)
            for row in rows
        ]


def _last(session: Session, structure_id: int, first: date, last: date) -> list[AnonymousCount]:
    """Return the row that stands of each indicator and day."""
    key = (AnonymousCount.day, AnonymousCount.indicator)
    newest = (
        select(*key, func.max(AnonymousCount.seq).label("seq"))
        .where(AnonymousCount.structure_id == structure_id, AnonymousCount.day.between(first, last))
        .group_by(*key)
        .subquery()
    )
    rows = select(AnonymousCount).join(
        newest,
        (AnonymousCount.day == newest.c.day)
        & (AnonymousCount.indicator == newest.c.indicator)
        & (AnonymousCount.seq == newest.c.seq),
    )
    return list(session.scalars(rows.where(AnonymousCount.structure_id == structure_id)))


def check_count(indicator: str, quantity: Decimal) -> None:
    """Raise InvalidData for a count that cannot be."""
    if indicator not in INDICATOR_WORDS:
        raise invalid("Cet indicateur n'est pas dans la liste.", indicator=indicator)
    label = INDICATOR_WORDS[indicator]
    if not quantity.is_finite() or not 0 <= quantity <= _QUANTITY_MAX:
        raise invalid(f"« {label} » : donnez un nombre qui n'est pas négatif.")
    if quantity != round(quantity, 2 if with_decimals(indicator) else 0):
        said = "deux décimales au plus" if with_decimals(indicator) else "un nombre entier"
        raise invalid(f"« {label} » : {said}.")
