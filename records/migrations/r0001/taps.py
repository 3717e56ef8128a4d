"""Revision 0001: taps and quarantine."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

BigInt = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def create_tap() -> None:
    """Create the table `tap`."""
    op.create_table(
        "tap",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("tap_id", sa.String(length=32), nullable=False),
        sa.Column("device_id", BigInt, nullable=False),
        sa.Column("epoch", sa.String(length=32), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("badge_uid", sa.String(length=20), nullable=True),
        sa.Column("child_ref", sa.String(length=64), nullable=True),
        sa.Column("typed_name", sa.String(length=80), nullable=True),
        sa.Column("undoes", sa.String(length=32), nullable=True),
        sa.Column("service_ref", sa.String(length=64), nullable=True),
        sa.Column("class_ref", sa.String(length=64), nullable=True),
        sa.Column("direction", sa.String(length=40), nullable=True),
        sa.Column("agent_ref", sa.String(length=64), nullable=True),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("mono_ms", sa.BigInteger(), nullable=False),
        sa.Column("boot_id", sa.String(length=64), nullable=False),
        sa.Column("clock_offset_ms", sa.BigInteger(), nullable=True),
        sa.Column("clock_offset_age_ms", sa.BigInteger(), nullable=True),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("occurred_at_corrected", sa.BigInteger(), nullable=False),
        sa.Column("time_confidence", sa.String(length=40), nullable=False),
        sa.Column("payload_hash", sa.String(length=64), nullable=False),
        sa.Column("flags", sa.String(length=200), nullable=False),
        sa.CheckConstraint("direction in ('arrival', 'departure')", name=op.f("ck_tap_direction")),
        sa.CheckConstraint("kind in ('badge', 'roll_call', 'undo')", name=op.f("ck_tap_kind")),
        sa.CheckConstraint(
            "time_confidence in ('synced', 'assumed', 'doubtful')", name=op.f("ck_tap_time_confidence")
        ),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_tap_device_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tap")),
        sa.UniqueConstraint("device_id", "epoch", "seq", name=op.f("uq_tap_device_id_epoch_seq")),
        sa.UniqueConstraint("tap_id", name=op.f("uq_tap_tap_id")),
    )
    op.create_index("ix_tap_badge_uid", "tap", ["badge_uid"], unique=False)
    op.create_index("ix_tap_child_ref", "tap", ["child_ref"], unique=False)
    op.create_index("ix_tap_device_occurred", "tap", ["device_id", "occurred_at_corrected"], unique=False)
    op.create_index(
        "ix_tap_undoes",
        "tap",
        ["undoes"],
        unique=False,
        sqlite_where=sa.text("undoes is not null"),
        postgresql_where=sa.text("undoes is not null"),
    )


def create_tap_quarantine() -> None:
    """Create the table `tap_quarantine`."""
    op.create_table(
        "tap_quarantine",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("device_id", BigInt, nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("detail", sa.String(length=400), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("settles_id", BigInt, nullable=True),
        sa.Column("settled_by", sa.String(length=80), nullable=True),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_tap_quarantine_device_id")),
        sa.ForeignKeyConstraint(["settles_id"], ["tap_quarantine.id"], name=op.f("fk_tap_quarantine_settles_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tap_quarantine")),
        sa.UniqueConstraint(
            "device_id", "content_hash", "reason", name=op.f("uq_tap_quarantine_device_id_content_hash_reason")
        ),
    )
    op.create_index(op.f("ix_tap_quarantine_settles_id"), "tap_quarantine", ["settles_id"], unique=False)
