"""A passage to the next school year is applied some pupils at a time, and goes on after an interruption."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let a passage be half applied: from which day, and up to which line."""
    with op.batch_alter_table("rollover") as table:
        table.add_column(sa.Column("first_day", sa.Date(), nullable=True))
        table.add_column(sa.Column("seated_through", sa.BigInteger(), nullable=True))
        table.drop_constraint(op.f("ck_rollover_state"), type_="check")
        table.create_check_constraint(
            op.f("ck_rollover_state"), "state in ('draft', 'applying', 'applied', 'dropped')"
        )
        table.create_check_constraint(
            op.f("ck_rollover_first_day"), "(state = 'applying') = (first_day is not null)"
        )
        table.create_check_constraint(
            op.f("ck_rollover_seated_through"), "(first_day is null) = (seated_through is null)"
        )
