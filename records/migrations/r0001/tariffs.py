"""Revision 0001: tariffs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

BigInt = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def create_tariff() -> None:
    """Create the table `tariff`."""
    op.create_table(
        "tariff",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("service_id", BigInt, nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_tariff_service_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tariff")),
        sa.UniqueConstraint("ref", name=op.f("uq_tariff_ref")),
    )
    op.create_index(op.f("ix_tariff_service_id"), "tariff", ["service_id"], unique=False)


def create_tariff_version() -> None:
    """Create the table `tariff_version`."""
    op.create_table(
        "tariff_version",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("tariff_id", BigInt, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("decision", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["tariff_id"], ["tariff.id"], name=op.f("fk_tariff_version_tariff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tariff_version")),
        sa.UniqueConstraint("tariff_id", "valid_from", name=op.f("uq_tariff_version_tariff_id_valid_from")),
    )


def create_tariff_rule() -> None:
    """Create the table `tariff_rule`."""
    op.create_table(
        "tariff_rule",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("version_id", BigInt, nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("category", sa.String(length=40), nullable=True),
        sa.Column("formula", sa.String(length=40), nullable=True),
        sa.Column("qf_from_e2", sa.Integer(), nullable=True),
        sa.Column("qf_to_e2", sa.Integer(), nullable=True),
        sa.Column("form", sa.String(length=40), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("amount_e4", sa.Integer(), nullable=False),
        sa.CheckConstraint("form in ('flat')", name=op.f("ck_tariff_rule_form")),
        sa.CheckConstraint("unit in ('meal', 'unit_begun', 'formula')", name=op.f("ck_tariff_rule_unit")),
        sa.CheckConstraint("amount_e4 >= 0", name=op.f("ck_tariff_rule_amount_not_negative")),
        sa.CheckConstraint(
            "qf_from_e2 is null or qf_to_e2 is null or qf_to_e2 > qf_from_e2",
            name=op.f("ck_tariff_rule_band_order"),
        ),
        sa.ForeignKeyConstraint(["version_id"], ["tariff_version.id"], name=op.f("fk_tariff_rule_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tariff_rule")),
        sa.UniqueConstraint("version_id", "ordinal", name=op.f("uq_tariff_rule_version_id_ordinal")),
    )
