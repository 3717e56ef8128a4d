"""The new tables of requests, as revision 0005 makes them: frozen, whatever the models become."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

BigInt = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def create_request() -> None:
    """Create the table `request`."""
    op.create_table(
        "request",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("payload_version", sa.Integer(), nullable=False),
        sa.Column("family_id", BigInt, nullable=True),
        sa.Column("person_id", BigInt, nullable=True),
        sa.Column("structure_id", BigInt, nullable=True),
        sa.Column("service_id", BigInt, nullable=True),
        sa.Column("entity", sa.String(length=60), nullable=True),
        sa.Column("entity_id", BigInt, nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=True),
        sa.Column("payload", sa.Text(), nullable=True),
        sa.Column("seen", sa.Text(), nullable=True),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("account_id", BigInt, nullable=True),
        sa.Column("asked_by", sa.String(length=80), nullable=True),
        sa.CheckConstraint(
            "channel in ('portal', 'counter', 'post', 'email', 'phone')",
            name=op.f("ck_request_channel"),
        ),
        sa.CheckConstraint("(entity is null) = (entity_id is null)", name=op.f("ck_request_entity")),
        sa.CheckConstraint("payload_version >= 1", name=op.f("ck_request_payload_version")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_request_account_id")),
        sa.ForeignKeyConstraint(["family_id"], ["family.id"], name=op.f("fk_request_family_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_request_person_id")),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_request_service_id")),
        sa.ForeignKeyConstraint(["structure_id"], ["structure.id"], name=op.f("fk_request_structure_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request")),
        sa.UniqueConstraint("ref", name=op.f("uq_request_ref")),
    )
    op.create_index(op.f("ix_request_account_id"), "request", ["account_id"], unique=False)
    op.create_index(op.f("ix_request_family_id"), "request", ["family_id"], unique=False)
    op.create_index("ix_request_kind_received", "request", ["kind", "received_at"], unique=False)
    op.create_index(op.f("ix_request_person_id"), "request", ["person_id"], unique=False)
    op.create_index(op.f("ix_request_service_id"), "request", ["service_id"], unique=False)
    op.create_index(op.f("ix_request_structure_id"), "request", ["structure_id"], unique=False)


def create_request_decision() -> None:
    """Create the table `request_decision`."""
    op.create_table(
        "request_decision",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("request_id", BigInt, nullable=False),
        sa.Column("decision", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=True),
        sa.Column("is_automatic", sa.Boolean(), nullable=False),
        sa.Column("change_seq", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.CheckConstraint(
            "decision <> 'refuse' or reason is not null", name=op.f("ck_request_decision_refusal_has_reason")
        ),
        sa.CheckConstraint(
            "decision in ('accept', 'refuse', 'withdraw')",
            name=op.f("ck_request_decision_decision"),
        ),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_request_decision_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request_decision")),
        sa.UniqueConstraint("request_id", name=op.f("uq_request_decision_request_id")),
    )
