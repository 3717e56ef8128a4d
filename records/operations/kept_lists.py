"""The lists that staff keep (reasons, kinds, questions, bodies): each is a dated row, added, worded again, ended.

What would change the meaning of what was recorded under a row is never edited: end the row and add another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from records.database import Write
from records.models import Base
from records.operations.lookup import add, by_ref, check_changes, invalid, refuse_known
from records.operations.versions import check_range

T = TypeVar("T")
Model = TypeVar("Model", bound=Base)
_NEVER_EMPTY = frozenset({"label", "name"})


@dataclass(frozen=True, slots=True)
class Kept(Generic[T]):
    """A row of a list as it stands, and the version to give back when it is edited."""

    what: T
    row_version: int


def add_kept(write: Write, model: type[Base], values: Mapping[str, Any]) -> int:
    """Add a dated row with a ref; returns its id. Raises InvalidData when the ref is taken or a range is empty."""
    for name in ("ref", "label", "name"):
        if not str(values.get(name, name)).strip():
            raise invalid("Donnez une référence et un libellé : ils ne peuvent pas être vides.", field=name)
    check_range(values["valid_from"], values["valid_to"])
    refuse_known(write.session, model, [values["ref"]])
    return add(write, model(**values))


def row_to_edit(
    write: Write, model: type[Model], ref: str, changes: Mapping[str, object], allowed: frozenset[str]
) -> Model:
    """Return the row of a ref once its changes may be made. Raises NotFound, InvalidData for another field."""
    check_changes(changes, allowed, _NEVER_EMPTY)
    row = by_ref(write.session, model, ref)
    if "valid_to" in changes:
        end = changes["valid_to"]
        assert end is None or isinstance(end, date)
        check_range(row.__dict__["valid_from"], end)
    return row


def refs_by_id(session: Session, model: type[Base]) -> dict[int | None, str | None]:
    """Return the ref of each row by its id, and None for none."""
    columns = model.__table__.c
    return {None: None, **{row.id: row.ref for row in session.execute(select(columns.id, columns.ref))}}
