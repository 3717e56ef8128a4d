"""Database triggers that refuse to change or delete immutable and versioned rows, on both engines.

Re-created after each migration from the tables' own `info`, so a new table cannot be forgotten (docs/adr/0002).
"""

from __future__ import annotations

from sqlalchemy import Connection, Table, text

from records.models import Base

_REFUSAL = "this row is a fact: add a new row instead of changing it"
_PROTECTED = frozenset({"immutable", "versioned"})


def protected_tables() -> list[Table]:
    """Return the tables whose rows may only be added."""
    return [table for table in Base.metadata.sorted_tables if table.info.get("mutability") in _PROTECTED]


def create_triggers(connection: Connection) -> None:
    """Create (or re-create) the refusing triggers of every protected table."""
    if connection.dialect.name == "postgresql":
        connection.execute(
            text(
                "create or replace function refuse_change() returns trigger language plpgsql as "
                f"$$ begin raise exception '{_REFUSAL}' using errcode = 'integrity_constraint_violation'; end $$"
            )
        )
    for table in protected_tables():
        for event in ("update", "delete"):
            for statement in _trigger(connection.dialect.name, table.name, event):
                connection.execute(text(statement))


def drop_triggers(connection: Connection) -> None:
    """Drop the refusing triggers, for the time of a migration only."""
    on_table = connection.dialect.name == "postgresql"
    for table in protected_tables():
        for event in ("update", "delete"):
            suffix = f" on {table.name}" if on_table else ""
            connection.execute(text(f"drop trigger if exists refuse_{event}_{table.name}{suffix}"))


def _trigger(dialect: str, table: str, event: str) -> list[str]:
    name = f"refuse_{event}_{table}"
    if dialect == "postgresql":
        return [
            f"drop trigger if exists {name} on {table}",
            f"create trigger {name} before {event} on {table} for each row execute function refuse_change()",
        ]
    return [
        f"drop trigger if exists {name}",
        f"create trigger {name} before {event} on {table} begin select raise(abort, '{_REFUSAL}'); end",
    ]
