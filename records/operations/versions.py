"""Dated ranges `[valid_from, valid_to)` and dated versions: checking, adding, closing, and reading a day's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Any, TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.french import short_date
from records.database import Write
from records.models import Base
from records.operations.lookup import add, change, invalid

Model = TypeVar("Model", bound=Base)
Range = tuple[date, date | None]


def check_range(valid_from: date, valid_to: date | None) -> None:
    """Raise InvalidData for a range that ends before it begins; the end is the first day that is out of it."""
    if valid_to is not None and valid_to <= valid_from:
        raise invalid(f"La fin ({short_date(valid_to)}) doit venir après le début ({short_date(valid_from)}).")


def overlap(one: Range, other: Range) -> bool:
    """Return True when two half-open ranges share a day (NULL end = for ever)."""
    return (other[1] is None or one[0] < other[1]) and (one[1] is None or other[0] < one[1])


def refuse_overlaps(what: str, ranges: Sequence[Range]) -> None:
    """Raise InvalidData when two of the ranges share a day; `what` is how people call the thing (« L'adresse »)."""
    for before, after in pairwise(sorted(ranges, key=lambda each: each[0])):
        if overlap(before, after):
            raise invalid(f"{what} : deux périodes se chevauchent au {short_date(after[0])}.", day=after[0])


def close(write: Write, row: Base, day: date, *, row_version: int | None = None) -> bool:
    """End the range of an editable row: `day` is the first day out of it. False when it already ended then.

    Raises InvalidData for a day that is not after its start, Conflict when the row changed since `row_version`.
    """
    check_range(row.valid_from, day)  # type: ignore[attr-defined]
    return change(write, row, {"valid_to": day}, row_version=row_version)


def add_version(write: Write, model: type[Model], key: Mapping[str, Any], values: Mapping[str, Any]) -> Model:
    """Add a dated version of what `key` names, from `values["valid_from"]` on; earlier ones stay. Returns its row.

    A table with `seq` takes another version of the same day, which then stands; without, the same day is refused.
    """
    table = model.__table__
    same_day = {**key, "valid_from": values["valid_from"]}
    is_same = [table.c[name].is_not_distinct_from(value) for name, value in same_day.items()]
    count = write.session.scalar(select(func.count()).select_from(table).where(*is_same)) or 0
    extra: dict[str, Any] = {}
    if "seq" in table.c:
        extra["seq"] = count + 1
    elif count:
        raise invalid(
            f"Une version commence déjà le {short_date(values['valid_from'])}. "
            "Une version ne se modifie pas : choisissez une autre date de début."
        )
    if "recorded_at" in table.c:
        extra |= {"recorded_at": write.now, "recorded_by": write.actor.signature}
    row = model(**key, **values, **extra)
    add(write, row)
    return row


def version_on(session: Session, model: type[Model], key: Mapping[str, Any], day: date) -> Model | None:
    """Return the version of what `key` names that is in force on a day, None before the first one."""
    columns = model.__table__.c
    order = [columns.valid_from.desc()] + ([columns.seq.desc()] if "seq" in columns else [])
    return session.scalar(
        select(model)
        .where(
            *(columns[name].is_not_distinct_from(value) for name, value in key.items()), columns.valid_from <= day
        )
        .order_by(*order)
        .limit(1)
    )
