"""The new tables of rollover, as revision 0005 makes them: frozen, whatever the models become."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

BigInt = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def create_rollover() -> None:
    """Create the table `rollover`."""
    op.create_table(
        "rollover",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("from_year_id", BigInt, nullable=False),
        sa.Column("to_year_id", BigInt, nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("applied_at", sa.BigInteger(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(state = 'applied') = (applied_at is not null)", name=op.f("ck_rollover_applied_at")),
        sa.CheckConstraint("state in ('draft', 'applied', 'dropped')", name=op.f("ck_rollover_state")),
        sa.CheckConstraint("from_year_id <> to_year_id", name=op.f("ck_rollover_two_years")),
        sa.ForeignKeyConstraint(["from_year_id"], ["school_year.id"], name=op.f("fk_rollover_from_year_id")),
        sa.ForeignKeyConstraint(["to_year_id"], ["school_year.id"], name=op.f("fk_rollover_to_year_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rollover")),
        sa.UniqueConstraint("from_year_id", "to_year_id", name=op.f("uq_rollover_from_year_id_to_year_id")),
    )
    op.create_index(op.f("ix_rollover_to_year_id"), "rollover", ["to_year_id"], unique=False)


def create_rollover_line() -> None:
    """Create the table `rollover_line`."""
    op.create_table(
        "rollover_line",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("rollover_id", BigInt, nullable=False),
        sa.Column("person_id", BigInt, nullable=False),
        sa.Column("from_class_id", BigInt, nullable=False),
        sa.Column("to_class_id", BigInt, nullable=True),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("is_checked", sa.Boolean(), nullable=False),
        sa.Column("comment", sa.String(length=200), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(outcome = 'leave') = (to_class_id is null)", name=op.f("ck_rollover_line_leaves_without_class")
        ),
        sa.CheckConstraint(
            "outcome in ('next', 'repeat', 'leave', 'other_school')",
            name=op.f("ck_rollover_line_outcome"),
        ),
        sa.ForeignKeyConstraint(
            ["from_class_id"], ["school_class.id"], name=op.f("fk_rollover_line_from_class_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_rollover_line_person_id")),
        sa.ForeignKeyConstraint(["rollover_id"], ["rollover.id"], name=op.f("fk_rollover_line_rollover_id")),
        sa.ForeignKeyConstraint(["to_class_id"], ["school_class.id"], name=op.f("fk_rollover_line_to_class_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rollover_line")),
        sa.UniqueConstraint("rollover_id", "person_id", name=op.f("uq_rollover_line_rollover_id_person_id")),
    )
    op.create_index(op.f("ix_rollover_line_from_class_id"), "rollover_line", ["from_class_id"], unique=False)
    op.create_index(op.f("ix_rollover_line_person_id"), "rollover_line", ["person_id"], unique=False)
    op.create_index(op.f("ix_rollover_line_to_class_id"), "rollover_line", ["to_class_id"], unique=False)
