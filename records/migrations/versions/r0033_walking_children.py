"""A crèche that counts children who walk apart: from which age they are taken to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let a convention say from how many months on a child is counted as walking."""
    with op.batch_alter_table("caf_setting") as table:
        table.add_column(sa.Column("walking_from_months", sa.Integer(), nullable=True))
        table.create_check_constraint(op.f("ck_caf_setting_walking_from"), "walking_from_months between 1 and 71")
