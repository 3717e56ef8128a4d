"""Declarative base, column types and the three kinds of table: immutable, versioned, editable."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, Integer, MetaData, String, Table, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

# Named from revision 1: SQLite's batch migrations can only drop what has a name.
NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

# Triggers refuse UPDATE and DELETE on both engines; a correction is a new row that points at the old one.
IMMUTABLE = {"mutability": "immutable"}
# Dated versions: rows are added, never changed; triggers refuse UPDATE and DELETE too.
VERSIONED = {"mutability": "versioned"}
# Editable: `row_version` grows by one at each change and an audit row keeps old and new.
EDITABLE = {"mutability": "editable"}

# A column that the audit does not repeat: it is large, and its hash stands beside it.
UNAUDITED = {"unaudited": True}

# SQLite only auto-numbers INTEGER PRIMARY KEY; both engines hold 64 bits.
BigInt = BigInteger().with_variant(Integer, "sqlite")

Id = Annotated[int, mapped_column(BigInt, primary_key=True, autoincrement=True)]
Micros = Annotated[int, mapped_column(BigInteger)]
Ref = Annotated[str, mapped_column(String(64), unique=True)]
Code = Annotated[str, mapped_column(String(40))]
Label = Annotated[str, mapped_column(String(200))]
Day = Annotated[date, mapped_column(Date)]
Signature = Annotated[str, mapped_column(String(80))]  # `Actor.signature`


class Base(DeclarativeBase):
    """Base of all tables."""

    metadata = MetaData(naming_convention=NAMING)


class Editable:
    """Mixin of editable rows: optimistic versioning by `row_version`."""

    row_version: Mapped[int] = mapped_column(default=1)


class Dated:
    """Mixin of rows that hold over `[valid_from, valid_to)`; add `ordered_range()` to their table arguments."""

    valid_from: Mapped[Day]
    valid_to: Mapped[date | None] = mapped_column(Date)


class Recorded:
    """Mixin of rows that say when they were written (µs UTC) and who signed them."""

    recorded_at: Mapped[Micros]
    recorded_by: Mapped[Signature]


def facts(*personal: str) -> dict[str, Any]:
    """Return the `info` of an immutable table of which an ordered purge may blank the `personal` columns."""
    return {**IMMUTABLE, "personal": personal}


def sealed_by_run(run_column: str = "run_id") -> dict[str, Any]:
    """Return the `info` of a table whose rows are facts once the billing run that `run_column` names is issued."""
    return {"mutability": "sealed", "run_column": run_column}


def personal_columns(table: Table) -> frozenset[str]:
    """Return the columns of a protected table that an ordered purge may blank: those it names, and who signed."""
    return frozenset(table.info.get("personal", ())) | ({"recorded_by"} & set(table.columns.keys()))


def references(target: str, *, index: bool = True, nullable: bool = False) -> Mapped[int]:
    """Return a BIGINT foreign-key column to `table.column`, indexed unless a wider index begins with it."""
    return mapped_column(BigInt, ForeignKey(target), index=index, nullable=nullable)


def one_of(column: str, *allowed: str) -> CheckConstraint:
    """Return a CHECK that a text column holds one of the given codes."""
    values = ", ".join(f"'{value}'" for value in allowed)
    return CheckConstraint(f"{column} in ({values})", name=column)


def ordered_range(start: str = "valid_from", end: str = "valid_to") -> CheckConstraint:
    """Return a CHECK that a half-open range is not empty (NULL end = still open)."""
    return CheckConstraint(f"{end} is null or {end} > {start}", name=f"{start}_before_{end}")


def unique_where_null(name: str, null_column: str, *columns: str) -> Index:
    """Return the unique index of the rows whose `null_column` is NULL.

    Both engines hold NULLs apart in a UNIQUE constraint: without it « everywhere » could be said twice.
    """
    condition = text(f"{null_column} is null")
    return Index(f"uq_{name}", *columns, unique=True, sqlite_where=condition, postgresql_where=condition)
