"""What people say of taps that never came (docs/adr/0011)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BigInt = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the table `hole_settlement`."""
    op.create_table(
        "hole_settlement",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("device_id", BigInt, nullable=False),
        sa.Column("epoch", sa.String(length=32), nullable=True),
        sa.Column("first_missing", sa.BigInteger(), nullable=True),
        sa.Column("last_missing", sa.BigInteger(), nullable=True),
        sa.Column("from_at", sa.BigInteger(), nullable=False),
        sa.Column("until_at", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.CheckConstraint(
            "outcome in ('list_typed_in', 'declared_closed')", name=op.f("ck_hole_settlement_outcome")
        ),
        sa.CheckConstraint(
            "(epoch is null) = (first_missing is null) and (epoch is null) = (last_missing is null)",
            name=op.f("ck_hole_settlement_numbers_of_an_epoch"),
        ),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_hole_settlement_device_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hole_settlement")),
    )
    op.create_index("ix_hole_settlement_epoch", "hole_settlement", ["epoch"], unique=False)
    op.create_index(op.f("ix_hole_settlement_device_id"), "hole_settlement", ["device_id"], unique=False)
