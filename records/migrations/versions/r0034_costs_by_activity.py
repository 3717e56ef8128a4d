"""Accounts by activity of a place, and of the first months of a year."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

PERIODS = ("year", "jan_jun", "jan_sep")
ACTIVITIES = ("eaje", "periscolaire", "extrascolaire", "youth")


def upgrade() -> None:
    """Say what each amount is of; those known are of a whole year and of the whole place."""
    with op.batch_alter_table("accounting_line") as table:
        table.add_column(sa.Column("period", sa.String(length=40), nullable=False, server_default="year"))
        table.add_column(sa.Column("activity", sa.String(length=40), nullable=True))
        table.create_check_constraint(op.f("ck_accounting_line_period"), _in("period", PERIODS))
        table.create_check_constraint(op.f("ck_accounting_line_activity"), _in("activity", ACTIVITIES))
    with op.batch_alter_table("accounting_line") as table:
        table.alter_column("period", server_default=None)


def _in(column: str, values: tuple[str, ...]) -> str:
    return f"{column} in ({', '.join(repr(value) for value in values)})"
