"""Messages that wait to leave, first those that carry a link to choose a password."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

BigInt = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the outbox of messages."""
    op.create_table(
        "message_outbox",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("account_id", BigInt, nullable=True),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("content", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.String(length=400), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("done_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("kind in ('activate', 'reset')", name=op.f("ck_message_outbox_kind")),
        sa.CheckConstraint("state in ('waiting', 'sent', 'given_up')", name=op.f("ck_message_outbox_state")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_message_outbox_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_outbox")),
        sa.UniqueConstraint("key", name=op.f("uq_message_outbox_key")),
    )
    op.create_index(op.f("ix_message_outbox_account_id"), "message_outbox", ["account_id"], unique=False)
    op.create_index(op.f("ix_message_outbox_state"), "message_outbox", ["state"], unique=False)
