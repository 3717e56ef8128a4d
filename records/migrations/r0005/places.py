"""The new tables of places, as revision 0005 makes them: frozen, whatever the models become."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

BigInt = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def create_calendar_event() -> None:
    """Create the table `calendar_event`."""
    op.create_table(
        "calendar_event",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("start_minute", sa.Integer(), nullable=True),
        sa.Column("end_minute", sa.Integer(), nullable=True),
        sa.Column("structure_id", BigInt, nullable=True),
        sa.Column("class_id", BigInt, nullable=True),
        sa.Column("service_id", BigInt, nullable=True),
        sa.Column("absence_reason_id", BigInt, nullable=True),
        sa.Column("comment", sa.String(length=400), nullable=True),
        sa.Column("cancelled_at", sa.BigInteger(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind in ('closure', 'outing', 'strike')", name=op.f("ck_calendar_event_kind")),
        sa.CheckConstraint(
            "(start_minute is null) = (end_minute is null)", name=op.f("ck_calendar_event_start_and_end")
        ),
        sa.CheckConstraint(
            "class_id is null or structure_id is not null", name=op.f("ck_calendar_event_class_at_structure")
        ),
        sa.CheckConstraint(
            "end_minute is null or end_minute > start_minute", name=op.f("ck_calendar_event_minutes_order")
        ),
        sa.CheckConstraint("ends_on > starts_on", name=op.f("ck_calendar_event_order")),
        sa.ForeignKeyConstraint(
            ["absence_reason_id"], ["absence_reason.id"], name=op.f("fk_calendar_event_absence_reason_id")
        ),
        sa.ForeignKeyConstraint(["class_id"], ["school_class.id"], name=op.f("fk_calendar_event_class_id")),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_calendar_event_service_id")),
        sa.ForeignKeyConstraint(["structure_id"], ["structure.id"], name=op.f("fk_calendar_event_structure_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_event")),
        sa.UniqueConstraint("ref", name=op.f("uq_calendar_event_ref")),
    )
    op.create_index(
        op.f("ix_calendar_event_absence_reason_id"), "calendar_event", ["absence_reason_id"], unique=False
    )
    op.create_index(op.f("ix_calendar_event_class_id"), "calendar_event", ["class_id"], unique=False)
    op.create_index(op.f("ix_calendar_event_service_id"), "calendar_event", ["service_id"], unique=False)
    op.create_index(op.f("ix_calendar_event_starts_on"), "calendar_event", ["starts_on"], unique=False)
    op.create_index(op.f("ix_calendar_event_structure_id"), "calendar_event", ["structure_id"], unique=False)


def create_class_teacher() -> None:
    """Create the table `class_teacher`."""
    op.create_table(
        "class_teacher",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("class_id", BigInt, nullable=False),
        sa.Column("account_id", BigInt, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "valid_to is null or valid_to > valid_from", name=op.f("ck_class_teacher_valid_from_before_valid_to")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_class_teacher_account_id")),
        sa.ForeignKeyConstraint(["class_id"], ["school_class.id"], name=op.f("fk_class_teacher_class_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_class_teacher")),
        sa.UniqueConstraint(
            "class_id", "account_id", "valid_from", name=op.f("uq_class_teacher_class_id_account_id_valid_from")
        ),
    )
    op.create_index(op.f("ix_class_teacher_account_id"), "class_teacher", ["account_id"], unique=False)


def create_structure_capacity() -> None:
    """Create the table `structure_capacity`."""
    op.create_table(
        "structure_capacity",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("structure_id", BigInt, nullable=False),
        sa.Column("service_id", BigInt, nullable=True),
        sa.Column("weekday", sa.Integer(), nullable=True),
        sa.Column("start_minute", sa.Integer(), nullable=True),
        sa.Column("end_minute", sa.Integer(), nullable=True),
        sa.Column("age_from_months", sa.Integer(), nullable=False),
        sa.Column("age_to_months", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("is_declared", sa.Boolean(), nullable=False),
        sa.Column("decision", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.CheckConstraint(
            "(start_minute is null) = (end_minute is null)", name=op.f("ck_structure_capacity_start_and_end")
        ),
        sa.CheckConstraint(
            "age_to_months > age_from_months and age_from_months >= 0", name=op.f("ck_structure_capacity_ages")
        ),
        sa.CheckConstraint(
            "end_minute is null or end_minute % 15 = 0", name=op.f("ck_structure_capacity_end_quarter")
        ),
        sa.CheckConstraint(
            "end_minute is null or end_minute > start_minute", name=op.f("ck_structure_capacity_order")
        ),
        sa.CheckConstraint("places >= 0", name=op.f("ck_structure_capacity_places")),
        sa.CheckConstraint(
            "start_minute is null or start_minute % 15 = 0", name=op.f("ck_structure_capacity_start_quarter")
        ),
        sa.CheckConstraint(
            "weekday is null or weekday between 0 and 6", name=op.f("ck_structure_capacity_weekday")
        ),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_structure_capacity_service_id")),
        sa.ForeignKeyConstraint(
            ["structure_id"], ["structure.id"], name=op.f("fk_structure_capacity_structure_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_structure_capacity")),
    )
    op.create_index(op.f("ix_structure_capacity_service_id"), "structure_capacity", ["service_id"], unique=False)
    op.create_index(
        op.f("ix_structure_capacity_structure_id"), "structure_capacity", ["structure_id"], unique=False
    )


def create_structure_opening() -> None:
    """Create the table `structure_opening`."""
    op.create_table(
        "structure_opening",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("structure_id", BigInt, nullable=False),
        sa.Column("period", sa.String(length=40), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("open_minute", sa.Integer(), nullable=True),
        sa.Column("close_minute", sa.Integer(), nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.CheckConstraint("period in ('school', 'holiday')", name=op.f("ck_structure_opening_period")),
        sa.CheckConstraint(
            "(open_minute is null) = (close_minute is null)", name=op.f("ck_structure_opening_open_and_close")
        ),
        sa.CheckConstraint(
            "close_minute is null or close_minute <= 1440", name=op.f("ck_structure_opening_same_day")
        ),
        sa.CheckConstraint(
            "close_minute is null or close_minute > open_minute", name=op.f("ck_structure_opening_order")
        ),
        sa.CheckConstraint(
            "open_minute is null or open_minute >= 0", name=op.f("ck_structure_opening_not_negative")
        ),
        sa.CheckConstraint("weekday between 0 and 6", name=op.f("ck_structure_opening_weekday")),
        sa.ForeignKeyConstraint(["structure_id"], ["structure.id"], name=op.f("fk_structure_opening_structure_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_structure_opening")),
        sa.UniqueConstraint(
            "structure_id",
            "period",
            "weekday",
            "valid_from",
            "seq",
            name=op.f("uq_structure_opening_structure_id_period_weekday_valid_from_seq"),
        ),
    )
