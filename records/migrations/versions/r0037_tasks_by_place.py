"""A deadline noted done by one place, where each place does it for itself."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

BigInt = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the place; what was noted before was noted for everybody."""
    with op.batch_alter_table("yearly_task_mark") as table:
        table.add_column(sa.Column("structure_id", BigInt, nullable=True))
        table.create_foreign_key(op.f("fk_yearly_task_mark_structure_id"), "structure", ["structure_id"], ["id"])
        table.create_index(op.f("ix_yearly_task_mark_structure_id"), ["structure_id"])
