"""Revision 0001: decisions about attendance."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

BigInt = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def create_attendance_decision() -> None:
    """Create the table `attendance_decision`."""
    op.create_table(
        "attendance_decision",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("child_id", BigInt, nullable=False),
        sa.Column("service_id", BigInt, nullable=False),
        sa.Column("structure_id", BigInt, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("occurred_at", sa.BigInteger(), nullable=True),
        sa.Column("tap_id", sa.String(length=32), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.Column("replaces_id", BigInt, nullable=True),
        sa.CheckConstraint(
            "kind in ('absent_unjustified', 'absent_justified', 'arrival', 'departure', 'attach', "
            "'late_waived', 'clear')",
            name=op.f("ck_attendance_decision_kind"),
        ),
        sa.ForeignKeyConstraint(["child_id"], ["person.id"], name=op.f("fk_attendance_decision_child_id")),
        sa.ForeignKeyConstraint(
            ["replaces_id"], ["attendance_decision.id"], name=op.f("fk_attendance_decision_replaces_id")
        ),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_attendance_decision_service_id")),
        sa.ForeignKeyConstraint(
            ["structure_id"], ["structure.id"], name=op.f("fk_attendance_decision_structure_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendance_decision")),
        sa.UniqueConstraint(
            "child_id", "service_id", "day", "seq", name=op.f("uq_attendance_decision_child_id_service_id_day_seq")
        ),
    )
    op.create_index(op.f("ix_attendance_decision_day"), "attendance_decision", ["day"], unique=False)
    op.create_index(
        op.f("ix_attendance_decision_replaces_id"), "attendance_decision", ["replaces_id"], unique=False
    )
    op.create_index(op.f("ix_attendance_decision_service_id"), "attendance_decision", ["service_id"], unique=False)
    op.create_index(
        op.f("ix_attendance_decision_structure_id"), "attendance_decision", ["structure_id"], unique=False
    )
