"""Revision 0001: the collectivity, its places and calendar."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

BigInt = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def create_collectivity() -> None:
    """Create the table `collectivity`."""
    op.create_table(
        "collectivity",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("timezone", sa.String(length=40), nullable=False),
        sa.Column("school_zone", sa.String(length=8), nullable=False),
        sa.Column("contact", sa.String(length=200), nullable=False),
        sa.Column("is_training", sa.Boolean(), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_collectivity_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collectivity")),
    )


def create_school_year() -> None:
    """Create the table `school_year`."""
    op.create_table(
        "school_year",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint("ends_on > starts_on", name=op.f("ck_school_year_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_school_year")),
        sa.UniqueConstraint("ref", name=op.f("uq_school_year_ref")),
    )


def create_structure() -> None:
    """Create the table `structure`."""
    op.create_table(
        "structure",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("timezone", sa.String(length=40), nullable=False),
        sa.Column("commune", sa.String(length=200), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind in ('school', 'leisure_centre', 'daycare', 'youth_club', 'office')",
            name=op.f("ck_structure_kind"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_structure")),
        sa.UniqueConstraint("ref", name=op.f("uq_structure_ref")),
    )


def create_calendar_day() -> None:
    """Create the table `calendar_day`."""
    op.create_table(
        "calendar_day",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("zone", sa.String(length=8), nullable=True),
        sa.Column("structure_id", BigInt, nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind in ('school_holiday', 'public_holiday', 'bridge', 'closure')", name=op.f("ck_calendar_day_kind")
        ),
        sa.CheckConstraint("(zone is null) <> (structure_id is null)", name=op.f("ck_calendar_day_one_scope")),
        sa.ForeignKeyConstraint(["structure_id"], ["structure.id"], name=op.f("fk_calendar_day_structure_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_day")),
    )
    op.create_index(op.f("ix_calendar_day_day"), "calendar_day", ["day"], unique=False)
    op.create_index(op.f("ix_calendar_day_structure_id"), "calendar_day", ["structure_id"], unique=False)
    op.create_index(
        "uq_calendar_day_structure",
        "calendar_day",
        ["structure_id", "day", "kind"],
        unique=True,
        sqlite_where=sa.text("zone is null"),
        postgresql_where=sa.text("zone is null"),
    )
    op.create_index(
        "uq_calendar_day_zone",
        "calendar_day",
        ["zone", "day", "kind"],
        unique=True,
        sqlite_where=sa.text("structure_id is null"),
        postgresql_where=sa.text("structure_id is null"),
    )


def create_school_class() -> None:
    """Create the table `school_class`."""
    op.create_table(
        "school_class",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("structure_id", BigInt, nullable=False),
        sa.Column("school_year_id", BigInt, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("level", sa.String(length=40), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_year_id"], ["school_year.id"], name=op.f("fk_school_class_school_year_id")
        ),
        sa.ForeignKeyConstraint(["structure_id"], ["structure.id"], name=op.f("fk_school_class_structure_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_school_class")),
        sa.UniqueConstraint("ref", name=op.f("uq_school_class_ref")),
        sa.UniqueConstraint(
            "structure_id", "school_year_id", "name", name=op.f("uq_school_class_structure_id_school_year_id_name")
        ),
    )
    op.create_index(op.f("ix_school_class_school_year_id"), "school_class", ["school_year_id"], unique=False)
