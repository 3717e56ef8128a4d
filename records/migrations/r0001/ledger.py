"""Revision 0001: payers' accounts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

BigInt = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def create_ledger_entry() -> None:
    """Create the table `ledger_entry`."""
    op.create_table(
        "ledger_entry",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("payer_id", BigInt, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("occurred_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "kind in ('opening', 'invoice', 'payment', 'adjustment')", name=op.f("ck_ledger_entry_kind")
        ),
        sa.ForeignKeyConstraint(["payer_id"], ["payer.id"], name=op.f("fk_ledger_entry_payer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entry")),
    )
    op.create_index(op.f("ix_ledger_entry_payer_id"), "ledger_entry", ["payer_id"], unique=False)
