"""Revision 0001: services and their rules."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

BigInt = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def create_service() -> None:
    """Create the table `service`."""
    op.create_table(
        "service",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("caf_kind", sa.String(length=40), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "caf_kind in ('periscolaire_morning', 'periscolaire_midday', 'periscolaire_evening', "
            "'periscolaire_wednesday', 'extrascolaire', 'eaje', 'none')",
            name=op.f("ck_service_caf_kind"),
        ),
        sa.CheckConstraint(
            "kind in ('canteen', 'morning_care', 'evening_care', 'leisure_wednesday', 'daycare')",
            name=op.f("ck_service_kind"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service")),
        sa.UniqueConstraint("ref", name=op.f("uq_service_ref")),
    )


def create_service_formula() -> None:
    """Create the table `service_formula`."""
    op.create_table(
        "service_formula",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("service_id", BigInt, nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("start_minute", sa.Integer(), nullable=False),
        sa.Column("end_minute", sa.Integer(), nullable=False),
        sa.Column("half_days", sa.Integer(), nullable=False),
        sa.Column("with_meal", sa.Boolean(), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint("end_minute > start_minute", name=op.f("ck_service_formula_order")),
        sa.CheckConstraint("half_days in (1, 2)", name=op.f("ck_service_formula_half_days")),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_service_formula_service_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_formula")),
        sa.UniqueConstraint("service_id", "code", name=op.f("uq_service_formula_service_id_code")),
    )


def create_service_place() -> None:
    """Create the table `service_place`."""
    op.create_table(
        "service_place",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("service_id", BigInt, nullable=False),
        sa.Column("structure_id", BigInt, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "valid_to is null or valid_to > valid_from", name=op.f("ck_service_place_valid_from_before_valid_to")
        ),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_service_place_service_id")),
        sa.ForeignKeyConstraint(["structure_id"], ["structure.id"], name=op.f("fk_service_place_structure_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_place")),
        sa.UniqueConstraint(
            "service_id",
            "structure_id",
            "valid_from",
            name=op.f("uq_service_place_service_id_structure_id_valid_from"),
        ),
    )
    op.create_index(op.f("ix_service_place_structure_id"), "service_place", ["structure_id"], unique=False)


def create_service_rule() -> None:
    """Create the table `service_rule`."""
    op.create_table(
        "service_rule",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("service_id", BigInt, nullable=False),
        sa.Column("structure_id", BigInt, nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("decision", sa.String(length=200), nullable=False),
        sa.Column("period", sa.String(length=40), nullable=False),
        sa.Column("weekday_mask", sa.Integer(), nullable=False),
        sa.Column("slot_start_minute", sa.Integer(), nullable=False),
        sa.Column("slot_end_minute", sa.Integer(), nullable=False),
        sa.Column("grace_minutes", sa.Integer(), nullable=False),
        sa.Column("anti_bounce_seconds", sa.Integer(), nullable=False),
        sa.Column("needs_departure", sa.Boolean(), nullable=False),
        sa.Column("rounding_minutes", sa.Integer(), nullable=False),
        sa.Column("tolerance_minutes", sa.Integer(), nullable=False),
        sa.Column("bill_basis", sa.String(length=40), nullable=False),
        sa.Column("undecided_default", sa.String(length=40), nullable=False),
        sa.Column("qf_rule", sa.String(length=40), nullable=False),
        sa.Column("caf_hour_rule", sa.String(length=40), nullable=False),
        sa.Column("serves_meal", sa.Boolean(), nullable=False),
        sa.Column("is_priced", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(length=400), nullable=True),
        sa.CheckConstraint("bill_basis in ('presence', 'booking')", name=op.f("ck_service_rule_bill_basis")),
        sa.CheckConstraint(
            "caf_hour_rule in ('slot_full', 'formula_capped', 'real', 'none')",
            name=op.f("ck_service_rule_caf_hour_rule"),
        ),
        sa.CheckConstraint("period in ('school', 'holiday', 'any')", name=op.f("ck_service_rule_period")),
        sa.CheckConstraint("qf_rule in ('on_day')", name=op.f("ck_service_rule_qf_rule")),
        sa.CheckConstraint(
            "undecided_default in ('billed', 'not_billed', 'no_line')",
            name=op.f("ck_service_rule_undecided_default"),
        ),
        sa.CheckConstraint(
            "rounding_minutes > 0 and anti_bounce_seconds >= 0", name=op.f("ck_service_rule_positive")
        ),
        sa.CheckConstraint("slot_end_minute > slot_start_minute", name=op.f("ck_service_rule_slot_order")),
        sa.CheckConstraint("weekday_mask between 1 and 127", name=op.f("ck_service_rule_weekday_mask")),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_service_rule_service_id")),
        sa.ForeignKeyConstraint(["structure_id"], ["structure.id"], name=op.f("fk_service_rule_structure_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_rule")),
        sa.UniqueConstraint(
            "service_id",
            "structure_id",
            "valid_from",
            name=op.f("uq_service_rule_service_id_structure_id_valid_from"),
        ),
    )
    op.create_index(op.f("ix_service_rule_structure_id"), "service_rule", ["structure_id"], unique=False)
    op.create_index(
        "uq_service_rule_everywhere",
        "service_rule",
        ["service_id", "valid_from"],
        unique=True,
        sqlite_where=sa.text("structure_id is null"),
        postgresql_where=sa.text("structure_id is null"),
    )
