"""The new tables of transport, as revision 0005 makes them: frozen, whatever the models become."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

BigInt = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def create_transport_line() -> None:
    """Create the table `transport_line`."""
    op.create_table(
        "transport_line",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("service_id", BigInt, nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("direction", sa.String(length=40), nullable=False),
        sa.Column("operated_by", sa.String(length=200), nullable=True),
        sa.Column("is_billed", sa.Boolean(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint("direction in ('outward', 'return')", name=op.f("ck_transport_line_direction")),
        sa.CheckConstraint("seats is null or seats > 0", name=op.f("ck_transport_line_seats")),
        sa.CheckConstraint(
            "valid_to is null or valid_to > valid_from", name=op.f("ck_transport_line_valid_from_before_valid_to")
        ),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_transport_line_service_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transport_line")),
        sa.UniqueConstraint("ref", name=op.f("uq_transport_line_ref")),
    )
    op.create_index(op.f("ix_transport_line_service_id"), "transport_line", ["service_id"], unique=False)


def create_transport_seat() -> None:
    """Create the table `transport_seat`."""
    op.create_table(
        "transport_seat",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("enrolment_id", BigInt, nullable=False),
        sa.Column("line_id", BigInt, nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=True),
        sa.Column("boards_at_id", BigInt, nullable=False),
        sa.Column("alights_at_id", BigInt, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint("boards_at_id <> alights_at_id", name=op.f("ck_transport_seat_two_stops")),
        sa.CheckConstraint(
            "valid_to is null or valid_to > valid_from", name=op.f("ck_transport_seat_valid_from_before_valid_to")
        ),
        sa.CheckConstraint("weekday is null or weekday between 0 and 6", name=op.f("ck_transport_seat_weekday")),
        sa.ForeignKeyConstraint(
            ["alights_at_id"], ["transport_stop.id"], name=op.f("fk_transport_seat_alights_at_id")
        ),
        sa.ForeignKeyConstraint(
            ["boards_at_id"], ["transport_stop.id"], name=op.f("fk_transport_seat_boards_at_id")
        ),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_transport_seat_enrolment_id")),
        sa.ForeignKeyConstraint(["line_id"], ["transport_line.id"], name=op.f("fk_transport_seat_line_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transport_seat")),
        sa.UniqueConstraint(
            "enrolment_id",
            "line_id",
            "weekday",
            "valid_from",
            name=op.f("uq_transport_seat_enrolment_id_line_id_weekday_valid_from"),
        ),
    )
    op.create_index(op.f("ix_transport_seat_alights_at_id"), "transport_seat", ["alights_at_id"], unique=False)
    op.create_index(op.f("ix_transport_seat_boards_at_id"), "transport_seat", ["boards_at_id"], unique=False)
    op.create_index(op.f("ix_transport_seat_line_id"), "transport_seat", ["line_id"], unique=False)
    op.create_index(
        "uq_transport_seat_each_day",
        "transport_seat",
        ["enrolment_id", "line_id", "valid_from"],
        unique=True,
        sqlite_where=sa.text("weekday is null"),
        postgresql_where=sa.text("weekday is null"),
    )


def create_transport_stop() -> None:
    """Create the table `transport_stop`."""
    op.create_table(
        "transport_stop",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("line_id", BigInt, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("local_minute", sa.Integer(), nullable=False),
        sa.Column("structure_id", BigInt, nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint("local_minute between 0 and 1439", name=op.f("ck_transport_stop_local_minute")),
        sa.CheckConstraint(
            "valid_to is null or valid_to > valid_from", name=op.f("ck_transport_stop_valid_from_before_valid_to")
        ),
        sa.ForeignKeyConstraint(["line_id"], ["transport_line.id"], name=op.f("fk_transport_stop_line_id")),
        sa.ForeignKeyConstraint(["structure_id"], ["structure.id"], name=op.f("fk_transport_stop_structure_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transport_stop")),
        sa.UniqueConstraint(
            "line_id", "position", "valid_from", name=op.f("uq_transport_stop_line_id_position_valid_from")
        ),
    )
    op.create_index(op.f("ix_transport_stop_structure_id"), "transport_stop", ["structure_id"], unique=False)
