"""Who asked at the counter, with or without an account: they are told what was decided."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the guardian to the request; of what was asked before, nobody is known."""
    with op.batch_alter_table("request") as table:
        table.add_column(sa.Column("asker_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True))
        table.create_foreign_key(op.f("fk_request_asker_id"), "person", ["asker_id"], ["id"])
        table.create_index(op.f("ix_request_asker_id"), ["asker_id"])
