"""Periods begun of any length, prices by the children counted, rounded up or down, days of the service deducted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what is NULL for what is known: the service's unit, any number of children, half up, calendar days."""
    with op.batch_alter_table("tariff_rule") as table:
        for name in ("siblings_from", "siblings_to", "unit_minutes"):
            table.add_column(sa.Column(name, sa.Integer(), nullable=True))
        table.create_check_constraint(
            op.f("ck_tariff_rule_siblings_order"),
            "siblings_from is null or siblings_to is null or siblings_to >= siblings_from",
        )
        table.create_check_constraint(
            op.f("ck_tariff_rule_unit_minutes"),
            "unit_minutes is null "
            "or (unit is not null and unit = 'unit_begun' and unit_minutes between 1 and 1440)",
        )
    with op.batch_alter_table("tariff_version") as table:
        table.add_column(sa.Column("unit_step_mode", sa.String(length=40), nullable=True))
        table.create_check_constraint(op.f("ck_tariff_version_unit_step_mode"), "unit_step_mode in ('up', 'down')")
        table.create_check_constraint(
            op.f("ck_tariff_version_mode_has_step"), "unit_step_mode is null or unit_step_e4 is not null"
        )
    with op.batch_alter_table("absence_reason") as table:
        table.add_column(sa.Column("deducts_after_unit", sa.String(length=40), nullable=True))
        table.create_check_constraint(
            op.f("ck_absence_reason_deducts_after_unit"), "deducts_after_unit in ('service_day')"
        )
        table.create_check_constraint(
            op.f("ck_absence_reason_unit_has_days"),
            "deducts_after_unit is null or deducts_after_days is not null",
        )
