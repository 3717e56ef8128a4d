"""The new tables of offers, as revision 0005 makes them: frozen, whatever the models become."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

BigInt = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def create_absence_reason() -> None:
    """Create the table `absence_reason`."""
    op.create_table(
        "absence_reason",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("service_id", BigInt, nullable=True),
        sa.Column("is_justified", sa.Boolean(), nullable=False),
        sa.Column("needs_document", sa.Boolean(), nullable=False),
        sa.Column("is_for_families", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "valid_to is null or valid_to > valid_from", name=op.f("ck_absence_reason_valid_from_before_valid_to")
        ),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_absence_reason_service_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence_reason")),
        sa.UniqueConstraint("ref", name=op.f("uq_absence_reason_ref")),
    )
    op.create_index(op.f("ix_absence_reason_service_id"), "absence_reason", ["service_id"], unique=False)


def create_booking_rule() -> None:
    """Create the table `booking_rule`."""
    op.create_table(
        "booking_rule",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("service_id", BigInt, nullable=False),
        sa.Column("structure_id", BigInt, nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("decision", sa.String(length=200), nullable=False),
        sa.Column("portal_mode", sa.String(length=40), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=True),
        sa.Column("closes_on", sa.Date(), nullable=True),
        sa.Column("deadline_rule", sa.String(length=40), nullable=False),
        sa.Column("deadline_days", sa.Integer(), nullable=True),
        sa.Column("counts_open_days", sa.Boolean(), nullable=False),
        sa.Column("deadline_weekday", sa.Integer(), nullable=True),
        sa.Column("deadline_weeks", sa.Integer(), nullable=True),
        sa.Column("deadline_minute", sa.Integer(), nullable=True),
        sa.Column("after_deadline", sa.String(length=40), nullable=False),
        sa.Column("is_from_to", sa.Boolean(), nullable=False),
        sa.Column("has_waiting_list", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.CheckConstraint(
            "(deadline_rule = 'days_before') = (deadline_days is not null)",
            name=op.f("ck_booking_rule_deadline_days"),
        ),
        sa.CheckConstraint(
            "(deadline_rule = 'none') = (deadline_minute is null)", name=op.f("ck_booking_rule_deadline_minute")
        ),
        sa.CheckConstraint(
            "(deadline_rule = 'weekday_before') = (deadline_weekday is not null and deadline_weeks is not null)",
            name=op.f("ck_booking_rule_deadline_weekday"),
        ),
        sa.CheckConstraint(
            "after_deadline in ('refused', 'billed', 'accepted')",
            name=op.f("ck_booking_rule_after_deadline"),
        ),
        sa.CheckConstraint(
            "deadline_rule in ('days_before', 'weekday_before', 'none')",
            name=op.f("ck_booking_rule_deadline_rule"),
        ),
        sa.CheckConstraint(
            "portal_mode in ('hidden', 'information', 'requests', 'automatic')",
            name=op.f("ck_booking_rule_portal_mode"),
        ),
        sa.CheckConstraint(
            "closes_on is null or opens_on is null or closes_on > opens_on",
            name=op.f("ck_booking_rule_opening_order"),
        ),
        sa.CheckConstraint(
            "deadline_weekday is null or deadline_weekday between 0 and 6", name=op.f("ck_booking_rule_weekday")
        ),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_booking_rule_service_id")),
        sa.ForeignKeyConstraint(["structure_id"], ["structure.id"], name=op.f("fk_booking_rule_structure_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_rule")),
        sa.UniqueConstraint(
            "service_id",
            "structure_id",
            "valid_from",
            "seq",
            name=op.f("uq_booking_rule_service_id_structure_id_valid_from_seq"),
        ),
    )
    _index_booking_rule()


def _index_booking_rule() -> None:
    op.create_index(op.f("ix_booking_rule_structure_id"), "booking_rule", ["structure_id"], unique=False)
    op.create_index(
        "uq_booking_rule_everywhere",
        "booking_rule",
        ["service_id", "valid_from", "seq"],
        unique=True,
        sqlite_where=sa.text("structure_id is null"),
        postgresql_where=sa.text("structure_id is null"),
    )


def create_sejour() -> None:
    """Create the table `sejour`."""
    op.create_table(
        "sejour",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("service_id", BigInt, nullable=False),
        sa.Column("structure_id", BigInt, nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("age_from_months", sa.Integer(), nullable=False),
        sa.Column("age_to_months", sa.Integer(), nullable=False),
        sa.Column("tariff_id", BigInt, nullable=True),
        sa.Column("cancelled_on", sa.Date(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint("age_to_months > age_from_months and age_from_months >= 0", name=op.f("ck_sejour_ages")),
        sa.CheckConstraint("ends_on > starts_on", name=op.f("ck_sejour_order")),
        sa.CheckConstraint("places > 0", name=op.f("ck_sejour_places")),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_sejour_service_id")),
        sa.ForeignKeyConstraint(["structure_id"], ["structure.id"], name=op.f("fk_sejour_structure_id")),
        sa.ForeignKeyConstraint(["tariff_id"], ["tariff.id"], name=op.f("fk_sejour_tariff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sejour")),
        sa.UniqueConstraint("ref", name=op.f("uq_sejour_ref")),
        sa.UniqueConstraint("service_id", "number", name=op.f("uq_sejour_service_id_number")),
    )
    op.create_index(op.f("ix_sejour_structure_id"), "sejour", ["structure_id"], unique=False)
    op.create_index(op.f("ix_sejour_tariff_id"), "sejour", ["tariff_id"], unique=False)
