"""What was said of a structure's month: confirmed, locked, reopened (domain notes §7)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

BigInt = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the table `month_state`."""
    op.create_table(
        "month_state",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("structure_id", BigInt, nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.CheckConstraint("state in ('confirmed', 'locked', 'reopened')", name=op.f("ck_month_state_state")),
        sa.CheckConstraint(
            "state <> 'reopened' or reason is not null", name=op.f("ck_month_state_reopening_has_reason")
        ),
        sa.ForeignKeyConstraint(["structure_id"], ["structure.id"], name=op.f("fk_month_state_structure_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_month_state")),
        sa.UniqueConstraint("structure_id", "month", "seq", name=op.f("uq_month_state_structure_id_month_seq")),
    )
