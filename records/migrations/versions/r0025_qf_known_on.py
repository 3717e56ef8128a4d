"""A yearly QF may be the one of another day; one recorded late may count from then on only (docs/adr/0017)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let a service's rule say on which day the year's QF stood, and whether a late one goes back."""
    with op.batch_alter_table("service_rule") as table:
        table.add_column(sa.Column("qf_known_on", sa.Integer(), nullable=True))
        table.add_column(
            sa.Column("qf_backdating", sa.String(length=40), nullable=False, server_default="from_effect")
        )
        table.drop_constraint(op.f("ck_service_rule_qf_rule"), type_="check")
        table.create_check_constraint(
            op.f("ck_service_rule_qf_rule"),
            "qf_rule in ('on_day', 'month_start', 'school_year', 'january', 'january_september')",
        )
        table.create_check_constraint(
            op.f("ck_service_rule_qf_backdating"),
            "qf_backdating in ('from_effect', 'from_record', 'from_record_month')",
        )
        table.create_check_constraint(
            op.f("ck_service_rule_qf_known_on"),
            "qf_known_on is null or (qf_known_on between 101 and 1231 and qf_rule in ('school_year', 'january'))",
        )
    with op.batch_alter_table("service_rule") as table:
        table.alter_column("qf_backdating", server_default=None)
