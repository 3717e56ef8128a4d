"""A raw world written into the records' own tables, so that it can be loaded back from either engine."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Boolean, Column, Date, Integer, LargeBinary, Table, insert, text

from records.database import Records
from records.models import Base
from tests.sql.raw_world import RawWorld
from warehouse.columns import loaded_tables

# What the checks of the schema want in columns that the warehouse does not read.
_CHOSEN: dict[str, dict[str, Any]] = {
    "absence_reason": {"is_justified": True},
    "booking": {"channel": "counter"},
    "device": {"mode": "badge"},
    "family_member": {"pickup": "yes"},
    "payer": {"notice_channel": "none", "body_id": 1},
    "sejour": {"age_from_months": 36, "age_to_months": 144},
}

# The warehouse orders these by their ids; `seq` may be any that grows with them.
_IN_ORDER = ("attendance_decision", "booking", "custody_exception")


def record(records: Records, world: RawWorld) -> None:
    """Insert every row of a world; foreign keys, checks and unique keys hold.

    A world without a paying body is given one: the records want it behind the payers that are no guardians.
    """
    if not world.rows["paying_body"]:
        world.add("paying_body", ref="organisme", name="Organisme", kind="other")
    with records.engine.begin() as connection:
        for table in Base.metadata.sorted_tables:
            if table.name in loaded_tables() and world.rows[table.name]:
                connection.execute(insert(table), [_complete(table, row) for row in _named(table.name, world)])
        connection.execute(text("update change_seq set value = value + 1"))


def _named(table: str, world: RawWorld) -> list[dict[str, Any]]:
    columns = loaded_tables()[table].columns
    target = Base.metadata.tables[table].columns
    return [
        {column.name: _value(target[column.name], value) for column, value in zip(columns, row, strict=True)}
        for row in world.rows[table]
    ]


def _value(column: Column[Any], raw: int | str) -> Any:
    if raw == "" and column.nullable:
        return None
    if isinstance(column.type, Date):
        return date.fromisoformat(str(raw))
    if isinstance(column.type, Boolean):
        return raw in (1, "True")
    return int(raw) if isinstance(column.type, Integer) else raw


def _complete(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    """Fill what the schema wants and the warehouse does not read."""
    number = row.get("id", 1)
    whole = {"id": number, **_CHOSEN.get(table.name, {}), **row}
    if table.name == "payer" and whole["person_id"] is not None:
        whole["body_id"] = None
    for column in table.columns:
        if column.name not in whole and not column.nullable and column.default is None:
            whole[column.name] = _anything(column, table.name, number)
    if table.name in _IN_ORDER:
        whole["seq"] = number
    if table.name == "school_class":
        whole["school_year_id"] = 1
    return {
        name: value
        for name, value in whole.items()
        if name in table.columns and not (name == "id" and value is None)
    }


def _anything(column: Column[Any], table: str, number: int) -> Any:
    if isinstance(column.type, Date):
        return date(2020, 1, 1)
    if isinstance(column.type, LargeBinary):
        return b""
    if isinstance(column.type, Boolean):
        return False
    return 1 if isinstance(column.type, Integer) else f"{table[:20]}-{number}"
