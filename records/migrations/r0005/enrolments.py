"""The new tables of enrolments, as revision 0005 makes them: frozen, whatever the models become."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

BigInt = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def create_place_count() -> None:
    """Create the table `place_count`."""
    op.create_table(
        "place_count",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("service_id", BigInt, nullable=False),
        sa.Column("structure_id", BigInt, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("start_minute", sa.Integer(), nullable=False),
        sa.Column("age_from_months", sa.Integer(), nullable=False),
        sa.Column("age_to_months", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.CheckConstraint("start_minute % 15 = 0", name=op.f("ck_place_count_quarter")),
        sa.CheckConstraint("taken >= 0", name=op.f("ck_place_count_taken")),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_place_count_service_id")),
        sa.ForeignKeyConstraint(["structure_id"], ["structure.id"], name=op.f("fk_place_count_structure_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place_count")),
        sa.UniqueConstraint(
            "service_id",
            "structure_id",
            "day",
            "start_minute",
            "age_from_months",
            "age_to_months",
            name="uq_place_count_of_group",
        ),
    )
    op.create_index(op.f("ix_place_count_structure_id"), "place_count", ["structure_id"], unique=False)


def create_waiting_entry() -> None:
    """Create the table `waiting_entry`."""
    op.create_table(
        "waiting_entry",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("person_id", BigInt, nullable=False),
        sa.Column("service_id", BigInt, nullable=False),
        sa.Column("structure_id", BigInt, nullable=False),
        sa.Column("sejour_id", BigInt, nullable=True),
        sa.Column("wanted_from", sa.Date(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("offered_until", sa.Date(), nullable=True),
        sa.Column("enrolment_id", BigInt, nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state <> 'offered' or offered_until is not null", name=op.f("ck_waiting_entry_offer_has_end")
        ),
        sa.CheckConstraint(
            "state in ('waiting', 'offered', 'accepted', 'refused', 'withdrawn', 'lapsed')",
            name=op.f("ck_waiting_entry_state"),
        ),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_waiting_entry_enrolment_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_waiting_entry_person_id")),
        sa.ForeignKeyConstraint(["sejour_id"], ["sejour.id"], name=op.f("fk_waiting_entry_sejour_id")),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_waiting_entry_service_id")),
        sa.ForeignKeyConstraint(["structure_id"], ["structure.id"], name=op.f("fk_waiting_entry_structure_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiting_entry")),
        sa.UniqueConstraint("ref", name=op.f("uq_waiting_entry_ref")),
    )
    op.create_index(op.f("ix_waiting_entry_enrolment_id"), "waiting_entry", ["enrolment_id"], unique=False)
    op.create_index(op.f("ix_waiting_entry_person_id"), "waiting_entry", ["person_id"], unique=False)
    op.create_index(
        "ix_waiting_entry_queue", "waiting_entry", ["service_id", "structure_id", "state"], unique=False
    )
    op.create_index(op.f("ix_waiting_entry_sejour_id"), "waiting_entry", ["sejour_id"], unique=False)
    op.create_index(op.f("ix_waiting_entry_structure_id"), "waiting_entry", ["structure_id"], unique=False)
