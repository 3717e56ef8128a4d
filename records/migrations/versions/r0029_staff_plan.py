"""How many animators are planned at a place, by half hour."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

BigInt = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CHECKS = {
    "animators": "animators between 0 and 200",
    "end_half_hour": "end_minute % 30 = 0 and end_minute <= 1440",
    "order": "end_minute > start_minute",
    "period": "period in ('school', 'holiday')",
    "start_half_hour": "start_minute % 30 = 0 and start_minute >= 0",
    "weekday": "weekday between 0 and 6",
}


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "staff_plan",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("structure_id", BigInt, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("is_one_day", sa.Boolean(), nullable=False),
        sa.Column("period", sa.String(length=40), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("start_minute", sa.Integer(), nullable=False),
        sa.Column("end_minute", sa.Integer(), nullable=False),
        sa.Column("animators", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        *(sa.CheckConstraint(check, name=op.f(f"ck_staff_plan_{code}")) for code, check in CHECKS.items()),
        sa.ForeignKeyConstraint(["structure_id"], ["structure.id"], name=op.f("fk_staff_plan_structure_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_plan")),
        sa.UniqueConstraint(
            "structure_id", "valid_from", "seq", name=op.f("uq_staff_plan_structure_id_valid_from_seq")
        ),
    )
