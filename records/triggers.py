"""Database triggers that refuse to change or delete immutable and versioned rows, on both engines.

Re-created after each migration from the tables' own `info`, so a new table cannot be forgotten (docs/adr/0002).
One exception: while `purge_window` names a recorded order, an UPDATE may blank the columns that a table's `info`
calls `personal`, and who signed, and change nothing else (docs/adr/0012).
On SQLite a REPLACE deletes without firing triggers unless `recursive_triggers` is on: records.database sets it.
"""

from __future__ import annotations

from sqlalchemy import Connection, Table, text

from records.models import Base
from records.models.base import personal_columns

REFUSAL = "this row is a fact: add a new row instead of changing it"
SEALED_REFUSAL = "this row belongs to an issued billing run: add a new row instead of changing it"
_PROTECTED = frozenset({"immutable", "versioned"})


def protected_tables() -> list[Table]:
    """Return the tables whose rows may only be added."""
    return [table for table in Base.metadata.sorted_tables if table.info.get("mutability") in _PROTECTED]


def sealed_tables() -> list[Table]:
    """Return the tables whose rows may only be read once their billing run is issued."""
    return [table for table in Base.metadata.sorted_tables if table.info.get("mutability") == "sealed"]


def create_triggers(connection: Connection) -> None:
    """Create the refusing triggers of every protected table."""
    is_postgresql = connection.dialect.name == "postgresql"
    if is_postgresql:
        for statement in _POSTGRESQL_FUNCTIONS:
            connection.execute(text(statement))
    for table in protected_tables():
        for statement in _for_postgresql(table) if is_postgresql else _for_sqlite(table):
            connection.execute(text(statement))
    for table in sealed_tables():
        for statement in _sealed_on_postgresql(table) if is_postgresql else _sealed_on_sqlite(table):
            connection.execute(text(statement))


def drop_triggers(connection: Connection) -> None:
    """Drop the refusing triggers that the database has, for the time of a migration only."""
    if connection.dialect.name == "postgresql":
        found = connection.execute(
            text("select tgname, tgrelid::regclass::text from pg_trigger where tgname like 'refuse\\_%'")
        )
        statements = [f"drop trigger {name} on {table}" for name, table in found]
    else:
        found = connection.execute(
            text("select name from sqlite_master where type = 'trigger' and substr(name, 1, 7) = 'refuse_'")
        )
        statements = [f"drop trigger {name}" for (name,) in found]
    for statement in statements:
        connection.execute(text(statement))


_WINDOW_IS_OPEN = "exists (select 1 from purge_window where order_id is not null)"
_POSTGRESQL_FUNCTIONS = (
    "create or replace function refuse_change() returns trigger language plpgsql as "
    f"$$ begin raise exception '{REFUSAL}' using errcode = 'integrity_constraint_violation'; end $$",
    "create or replace function purge_window_is_open() returns boolean language sql stable as "
    f"$$ select {_WINDOW_IS_OPEN} $$",
    "create or replace function refuse_sealed() returns trigger language plpgsql as "
    f"$$ begin raise exception '{SEALED_REFUSAL}' using errcode = 'integrity_constraint_violation'; end $$",
    "create or replace function run_is_issued(run bigint) returns boolean language sql stable as "
    "$$ select exists (select 1 from billing_run where id = run and state = 'issued') $$",
)


def _only_blanks(table: Table, same: str) -> str:
    """Return the condition that an update blanks personal columns and touches nothing else; `same` compares."""
    personal = personal_columns(table)
    return " and ".join(
        f"(coalesce(length(new.{each.name}), 0) = 0 or new.{each.name} {same} old.{each.name})"
        if each.name in personal
        else f"new.{each.name} {same} old.{each.name}"
        for each in table.columns
    )


def _for_postgresql(table: Table) -> list[str]:
    name = table.name
    how = {"update": "for each row", "delete": "for each row", "truncate": "for each statement"}
    if personal_columns(table):
        allowed = _only_blanks(table, "is not distinct from")
        how["update"] += f" when (not (purge_window_is_open() and {allowed}))"
    return [
        f"create trigger refuse_{event}_{name} before {event} on {name} {each} execute function refuse_change()"
        for event, each in how.items()
    ]


def _for_sqlite(table: Table) -> list[str]:
    name = table.name
    conditions = {"update": "", "delete": ""}
    if personal_columns(table):
        conditions["update"] = f"when not ({_WINDOW_IS_OPEN} and {_only_blanks(table, 'is')})"
    return [
        f"create trigger refuse_{event}_{name} before {event} on {name} {condition} "
        f"begin select raise(abort, '{REFUSAL}'); end"
        for event, condition in conditions.items()
    ]


def _sealing(table: Table) -> dict[str, str]:
    """Return, by event, the row whose run decides; a run itself is added before it is issued."""
    rows = {"update": "old", "delete": "old", "insert": "new"}
    column = table.info["run_column"]
    return {event: f"{row}.{column}" for event, row in rows.items() if event != "insert" or column != "id"}


def _sealed_on_postgresql(table: Table) -> list[str]:
    name, blanks = table.name, _only_blanks(table, "is not distinct from") if personal_columns(table) else "false"
    unless = {"update": f"and not (purge_window_is_open() and {blanks})"}
    return [
        f"create trigger refuse_{event}_{name} before {event} on {name} for each row "
        f"when (run_is_issued({run}) {unless.get(event, '')}) execute function refuse_sealed()"
        for event, run in _sealing(table).items()
    ]


def _sealed_on_sqlite(table: Table) -> list[str]:
    name, blanks = table.name, _only_blanks(table, "is") if personal_columns(table) else "false"
    unless = {"update": f"and not ({_WINDOW_IS_OPEN} and {blanks})"}
    return [
        f"create trigger refuse_{event}_{name} before {event} on {name} "  # noqa: S608 (our names)
        f"when exists (select 1 from billing_run where id = {run} and state = 'issued') {unless.get(event, '')} "
        f"begin select raise(abort, '{SEALED_REFUSAL}'); end"
        for event, run in _sealing(table).items()
    ]
