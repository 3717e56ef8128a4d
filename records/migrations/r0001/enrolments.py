"""Revision 0001: enrolments and bookings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

BigInt = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def create_booking() -> None:
    """Create the table `booking`."""
    op.create_table(
        "booking",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("person_id", BigInt, nullable=False),
        sa.Column("service_id", BigInt, nullable=False),
        sa.Column("structure_id", BigInt, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("formula", sa.String(length=40), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.CheckConstraint(
            "action in ('book', 'cancel', 'absence', 'accept', 'refuse', 'wait')", name=op.f("ck_booking_action")
        ),
        sa.CheckConstraint(
            "channel in ('portal', 'counter', 'post', 'email', 'phone', 'import')", name=op.f("ck_booking_channel")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_booking_person_id")),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_booking_service_id")),
        sa.ForeignKeyConstraint(["structure_id"], ["structure.id"], name=op.f("fk_booking_structure_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking")),
        sa.UniqueConstraint(
            "person_id", "service_id", "day", "seq", name=op.f("uq_booking_person_id_service_id_day_seq")
        ),
    )
    op.create_index(op.f("ix_booking_day"), "booking", ["day"], unique=False)
    op.create_index(op.f("ix_booking_service_id"), "booking", ["service_id"], unique=False)
    op.create_index(op.f("ix_booking_structure_id"), "booking", ["structure_id"], unique=False)


def create_enrolment() -> None:
    """Create the table `enrolment`."""
    op.create_table(
        "enrolment",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("person_id", BigInt, nullable=False),
        sa.Column("service_id", BigInt, nullable=False),
        sa.Column("structure_id", BigInt, nullable=False),
        sa.Column("category", sa.String(length=40), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "valid_to is null or valid_to > valid_from", name=op.f("ck_enrolment_valid_from_before_valid_to")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_enrolment_person_id")),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_enrolment_service_id")),
        sa.ForeignKeyConstraint(["structure_id"], ["structure.id"], name=op.f("fk_enrolment_structure_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolment")),
        sa.UniqueConstraint("ref", name=op.f("uq_enrolment_ref")),
    )
    op.create_index("ix_enrolment_person_service", "enrolment", ["person_id", "service_id"], unique=False)
    op.create_index(op.f("ix_enrolment_service_id"), "enrolment", ["service_id"], unique=False)
    op.create_index(op.f("ix_enrolment_structure_id"), "enrolment", ["structure_id"], unique=False)


def create_enrolment_pattern() -> None:
    """Create the table `enrolment_pattern`."""
    op.create_table(
        "enrolment_pattern",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("enrolment_id", BigInt, nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("week_cycle", sa.String(length=1), nullable=True),
        sa.Column("cycle_anchor_on", sa.Date(), nullable=True),
        sa.Column("start_minute", sa.Integer(), nullable=True),
        sa.Column("end_minute", sa.Integer(), nullable=True),
        sa.Column("formula", sa.String(length=40), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint("week_cycle in ('A', 'B')", name=op.f("ck_enrolment_pattern_week_cycle")),
        sa.CheckConstraint(
            "(week_cycle is null) = (cycle_anchor_on is null)", name=op.f("ck_enrolment_pattern_cycle_has_anchor")
        ),
        sa.CheckConstraint(
            "valid_to is null or valid_to > valid_from",
            name=op.f("ck_enrolment_pattern_valid_from_before_valid_to"),
        ),
        sa.CheckConstraint("weekday between 0 and 6", name=op.f("ck_enrolment_pattern_weekday")),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_enrolment_pattern_enrolment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolment_pattern")),
        sa.UniqueConstraint(
            "enrolment_id",
            "weekday",
            "week_cycle",
            "valid_from",
            name=op.f("uq_enrolment_pattern_enrolment_id_weekday_week_cycle_valid_from"),
        ),
    )
    op.create_index(
        "uq_enrolment_pattern_every_week",
        "enrolment_pattern",
        ["enrolment_id", "weekday", "valid_from"],
        unique=True,
        sqlite_where=sa.text("week_cycle is null"),
        postgresql_where=sa.text("week_cycle is null"),
    )


def create_enrolment_payer() -> None:
    """Create the table `enrolment_payer`."""
    op.create_table(
        "enrolment_payer",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("enrolment_id", BigInt, nullable=False),
        sa.Column("payer_id", BigInt, nullable=False),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint("rule in ('all', 'custody')", name=op.f("ck_enrolment_payer_rule")),
        sa.CheckConstraint(
            "valid_to is null or valid_to > valid_from", name=op.f("ck_enrolment_payer_valid_from_before_valid_to")
        ),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_enrolment_payer_enrolment_id")),
        sa.ForeignKeyConstraint(["payer_id"], ["payer.id"], name=op.f("fk_enrolment_payer_payer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolment_payer")),
        sa.UniqueConstraint(
            "enrolment_id",
            "payer_id",
            "valid_from",
            name=op.f("uq_enrolment_payer_enrolment_id_payer_id_valid_from"),
        ),
    )
    op.create_index(op.f("ix_enrolment_payer_payer_id"), "enrolment_payer", ["payer_id"], unique=False)
