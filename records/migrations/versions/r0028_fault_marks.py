"""What people say of the faults that the controls of month end find."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

BigInt = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the table of marks."""
    op.create_table(
        "fault_mark",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("fault_key", sa.String(length=160), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("owner_role", sa.String(length=40), nullable=False),
        sa.Column("note", sa.String(length=400), nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fault_mark")),
        sa.UniqueConstraint("fault_key", "seq", name=op.f("uq_fault_mark_fault_key_seq")),
    )
