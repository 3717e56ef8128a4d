"""Database triggers that refuse to change or delete immutable and versioned rows, on both engines.

Re-created after each migration from the tables' own `info`, so a new table cannot be forgotten (docs/adr/0002).
On SQLite a REPLACE deletes without firing triggers unless `recursive_triggers` is on: records.database sets it.
"""

from __future__ import annotations

from sqlalchemy import Connection, Table, text

from records.models import Base

REFUSAL = "this row is a fact: add a new row instead of changing it"
_PROTECTED = frozenset({"immutable", "versioned"})


def protected_tables() -> list[Table]:
    """Return the tables whose rows may only be added."""
    return [table for table in Base.metadata.sorted_tables if table.info.get("mutability") in _PROTECTED]


def create_triggers(connection: Connection) -> None:
    """Create the refusing triggers of every protected table."""
    is_postgresql = connection.dialect.name == "postgresql"
    if is_postgresql:
        connection.execute(
            text(
                "create or replace function refuse_change() returns trigger language plpgsql as "
                f"$$ begin raise exception '{REFUSAL}' using errcode = 'integrity_constraint_violation'; end $$"
            )
        )
    for table in protected_tables():
        for statement in _for_postgresql(table.name) if is_postgresql else _for_sqlite(table.name):
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


def _for_postgresql(table: str) -> list[str]:
    how = {"update": "row", "delete": "row", "truncate": "statement"}
    return [
        f"create trigger refuse_{event}_{table} before {event} on {table} for each {each} "
        "execute function refuse_change()"
        for event, each in how.items()
    ]


def _for_sqlite(table: str) -> list[str]:
    return [
        f"create trigger refuse_{event}_{table} before {event} on {table} "
        f"begin select raise(abort, '{REFUSAL}'); end"
        for event in ("update", "delete")
    ]
