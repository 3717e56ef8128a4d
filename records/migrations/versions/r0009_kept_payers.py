"""Payers that a merge made one, what a merge changed besides pointers; the unused counter of places goes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

BigInt = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the columns; places are counted inside the write, and no row of the counter was ever written."""
    with op.batch_alter_table("payer") as table:
        table.add_column(sa.Column("merged_into_id", BigInt, nullable=True))
        table.create_foreign_key(op.f("fk_payer_merged_into_id"), "payer", ["merged_into_id"], ["id"])
        table.create_index(op.f("ix_payer_merged_into_id"), ["merged_into_id"])
    with op.batch_alter_table("merge_move") as table:
        table.alter_column("old_id", existing_type=BigInt, nullable=True)
        table.alter_column("new_id", existing_type=BigInt, nullable=True)
        table.add_column(sa.Column("old_value", sa.String(length=40), nullable=True))
        table.add_column(sa.Column("new_value", sa.String(length=40), nullable=True))
    op.drop_table("place_count")
