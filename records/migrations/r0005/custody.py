"""The new tables of custody, as revision 0005 makes them: frozen, whatever the models become."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

BigInt = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def create_custody_exception() -> None:
    """Create the table `custody_exception`."""
    op.create_table(
        "custody_exception",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("child_id", BigInt, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("payer_id", BigInt, nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["child_id"], ["person.id"], name=op.f("fk_custody_exception_child_id")),
        sa.ForeignKeyConstraint(["payer_id"], ["payer.id"], name=op.f("fk_custody_exception_payer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_custody_exception")),
        sa.UniqueConstraint("child_id", "day", "seq", name=op.f("uq_custody_exception_child_id_day_seq")),
    )
    op.create_index(op.f("ix_custody_exception_payer_id"), "custody_exception", ["payer_id"], unique=False)


def create_custody_holiday() -> None:
    """Create the table `custody_holiday`."""
    op.create_table(
        "custody_holiday",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("child_id", BigInt, nullable=False),
        sa.Column("holiday", sa.String(length=40), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("anchor_year", sa.Integer(), nullable=False),
        sa.Column("alternates", sa.Boolean(), nullable=False),
        sa.Column("first_payer_id", BigInt, nullable=False),
        sa.Column("second_payer_id", BigInt, nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.CheckConstraint(
            "holiday in ('autumn', 'christmas', 'winter', 'spring', 'summer')",
            name=op.f("ck_custody_holiday_holiday"),
        ),
        sa.CheckConstraint("first_payer_id <> second_payer_id", name=op.f("ck_custody_holiday_two_payers")),
        sa.ForeignKeyConstraint(["child_id"], ["person.id"], name=op.f("fk_custody_holiday_child_id")),
        sa.ForeignKeyConstraint(["first_payer_id"], ["payer.id"], name=op.f("fk_custody_holiday_first_payer_id")),
        sa.ForeignKeyConstraint(["second_payer_id"], ["payer.id"], name=op.f("fk_custody_holiday_second_payer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_custody_holiday")),
        sa.UniqueConstraint(
            "child_id", "holiday", "valid_from", name=op.f("uq_custody_holiday_child_id_holiday_valid_from")
        ),
    )
    op.create_index(op.f("ix_custody_holiday_first_payer_id"), "custody_holiday", ["first_payer_id"], unique=False)
    op.create_index(
        op.f("ix_custody_holiday_second_payer_id"), "custody_holiday", ["second_payer_id"], unique=False
    )


def create_delegation() -> None:
    """Create the table `delegation`."""
    op.create_table(
        "delegation",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("child_id", BigInt, nullable=False),
        sa.Column("carer_id", BigInt, nullable=False),
        sa.Column("given_by", sa.String(length=40), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("covers", sa.String(length=400), nullable=False),
        sa.Column("document_id", BigInt, nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint("given_by in ('parents', 'ase')", name=op.f("ck_delegation_given_by")),
        sa.CheckConstraint(
            "valid_to is null or valid_to > valid_from", name=op.f("ck_delegation_valid_from_before_valid_to")
        ),
        sa.ForeignKeyConstraint(["carer_id"], ["person.id"], name=op.f("fk_delegation_carer_id")),
        sa.ForeignKeyConstraint(["child_id"], ["person.id"], name=op.f("fk_delegation_child_id")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_delegation_document_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegation")),
        sa.UniqueConstraint(
            "child_id", "carer_id", "valid_from", name=op.f("uq_delegation_child_id_carer_id_valid_from")
        ),
    )
    op.create_index(op.f("ix_delegation_carer_id"), "delegation", ["carer_id"], unique=False)
    op.create_index(op.f("ix_delegation_document_id"), "delegation", ["document_id"], unique=False)


def create_placement() -> None:
    """Create the table `placement`."""
    op.create_table(
        "placement",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("child_id", BigInt, nullable=False),
        sa.Column("carer_id", BigInt, nullable=True),
        sa.Column("carer_body_id", BigInt, nullable=True),
        sa.Column("authority_id", BigInt, nullable=True),
        sa.Column("referent", sa.String(length=200), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(carer_id is null) <> (carer_body_id is null)", name=op.f("ck_placement_one_carer")),
        sa.CheckConstraint(
            "valid_to is null or valid_to > valid_from", name=op.f("ck_placement_valid_from_before_valid_to")
        ),
        sa.ForeignKeyConstraint(["authority_id"], ["paying_body.id"], name=op.f("fk_placement_authority_id")),
        sa.ForeignKeyConstraint(["carer_body_id"], ["paying_body.id"], name=op.f("fk_placement_carer_body_id")),
        sa.ForeignKeyConstraint(["carer_id"], ["person.id"], name=op.f("fk_placement_carer_id")),
        sa.ForeignKeyConstraint(["child_id"], ["person.id"], name=op.f("fk_placement_child_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_placement")),
        sa.UniqueConstraint("child_id", "valid_from", name=op.f("uq_placement_child_id_valid_from")),
    )
    op.create_index(op.f("ix_placement_authority_id"), "placement", ["authority_id"], unique=False)
    op.create_index(op.f("ix_placement_carer_body_id"), "placement", ["carer_body_id"], unique=False)
    op.create_index(op.f("ix_placement_carer_id"), "placement", ["carer_id"], unique=False)
