"""A QF may take effect on the first of the month after its change, without going back (docs/adr/0017)."""

from __future__ import annotations

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let a service's rule take the QF that stood on the first of the month."""
    with op.batch_alter_table("service_rule") as table:
        table.drop_constraint(op.f("ck_service_rule_qf_rule"), type_="check")
        table.create_check_constraint(
            op.f("ck_service_rule_qf_rule"),
            "qf_rule in ('on_day', 'month_start', 'school_year', 'january_september')",
        )
