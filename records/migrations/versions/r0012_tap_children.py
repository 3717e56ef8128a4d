"""Whom a tap brought, once its badge number is cut; what may be blanked grows with the triggers, made again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

BigInt = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the table of attributions."""
    op.create_table(
        "tap_child",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("tap_id", sa.String(length=32), nullable=False),
        sa.Column("child_id", BigInt, nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["child_id"], ["person.id"], name=op.f("fk_tap_child_child_id")),
        sa.ForeignKeyConstraint(["tap_id"], ["tap.tap_id"], name=op.f("fk_tap_child_tap_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tap_child")),
        sa.UniqueConstraint("tap_id", "child_id", name=op.f("uq_tap_child_tap_id_child_id")),
    )
    op.create_index(op.f("ix_tap_child_child_id"), "tap_child", ["child_id"], unique=False)
