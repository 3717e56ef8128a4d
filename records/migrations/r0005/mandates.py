"""The new tables of mandates, as revision 0005 makes them: frozen, whatever the models become."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

BigInt = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def create_mandate() -> None:
    """Create the table `mandate`."""
    op.create_table(
        "mandate",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("rum", sa.String(length=35), nullable=False),
        sa.Column("payer_id", BigInt, nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("holder_name", sa.Text(), nullable=False),
        sa.Column("iban", sa.Text(), nullable=False),
        sa.Column("iban_end", sa.String(length=4), nullable=False),
        sa.Column("bic", sa.String(length=11), nullable=True),
        sa.Column("debit_day", sa.Integer(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.Column("replaces_id", BigInt, nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint("state <> 'active' or signed_on is not null", name=op.f("ck_mandate_active_is_signed")),
        sa.CheckConstraint(
            "state in ('draft', 'awaiting_signature', 'active', 'revoked')",
            name=op.f("ck_mandate_state"),
        ),
        sa.CheckConstraint("debit_day between 1 and 28", name=op.f("ck_mandate_debit_day")),
        sa.ForeignKeyConstraint(["payer_id"], ["payer.id"], name=op.f("fk_mandate_payer_id")),
        sa.ForeignKeyConstraint(["replaces_id"], ["mandate.id"], name=op.f("fk_mandate_replaces_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mandate")),
        sa.UniqueConstraint("rum", name=op.f("uq_mandate_rum")),
    )
    op.create_index(op.f("ix_mandate_payer_id"), "mandate", ["payer_id"], unique=False)
    op.create_index(op.f("ix_mandate_replaces_id"), "mandate", ["replaces_id"], unique=False)
    op.create_index(
        "uq_mandate_active_of_payer",
        "mandate",
        ["payer_id"],
        unique=True,
        sqlite_where=sa.text("state = 'active'"),
        postgresql_where=sa.text("state = 'active'"),
    )


def create_mandate_event() -> None:
    """Create the table `mandate_event`."""
    op.create_table(
        "mandate_event",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("mandate_id", BigInt, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("document_id", BigInt, nullable=True),
        sa.Column("comment", sa.String(length=400), nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.CheckConstraint(
            "kind in ('draft', 'awaiting_signature', 'active', 'revoked', 'debited', 'rejected')",
            name=op.f("ck_mandate_event_kind"),
        ),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_mandate_event_document_id")),
        sa.ForeignKeyConstraint(["mandate_id"], ["mandate.id"], name=op.f("fk_mandate_event_mandate_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mandate_event")),
        sa.UniqueConstraint("mandate_id", "seq", name=op.f("uq_mandate_event_mandate_id_seq")),
    )
    op.create_index(op.f("ix_mandate_event_document_id"), "mandate_event", ["document_id"], unique=False)
