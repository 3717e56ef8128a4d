"""A place that shuts once inside its day, as at midday."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add when it shuts and opens again; places that said their hours before are open in between."""
    with op.batch_alter_table("structure_opening") as table:
        table.add_column(sa.Column("shut_from_minute", sa.Integer(), nullable=True))
        table.add_column(sa.Column("shut_until_minute", sa.Integer(), nullable=True))
        table.create_check_constraint(
            op.f("ck_structure_opening_shut_from_and_until"),
            "(shut_from_minute is null) = (shut_until_minute is null)",
        )
        table.create_check_constraint(
            op.f("ck_structure_opening_shut_inside"),
            "shut_from_minute is null or (open_minute is not null and open_minute < shut_from_minute "
            "and shut_from_minute < shut_until_minute and shut_until_minute < close_minute)",
        )
