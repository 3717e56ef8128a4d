"""Revision 0001: terminals, badges, staff codes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

BigInt = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def create_badge_assignment() -> None:
    """Create the table `badge_assignment`."""
    op.create_table(
        "badge_assignment",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("badge_uid", sa.String(length=20), nullable=False),
        sa.Column("holder_id", BigInt, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "valid_to is null or valid_to > valid_from", name=op.f("ck_badge_assignment_valid_from_before_valid_to")
        ),
        sa.ForeignKeyConstraint(["holder_id"], ["person.id"], name=op.f("fk_badge_assignment_holder_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_badge_assignment")),
        sa.UniqueConstraint("badge_uid", "valid_from", name=op.f("uq_badge_assignment_badge_uid_valid_from")),
    )
    op.create_index(op.f("ix_badge_assignment_holder_id"), "badge_assignment", ["holder_id"], unique=False)
    op.create_index("ix_badge_assignment_uid", "badge_assignment", ["badge_uid"], unique=False)


def create_device() -> None:
    """Create the table `device`."""
    op.create_table(
        "device",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("structure_id", BigInt, nullable=False),
        sa.Column("mode", sa.String(length=40), nullable=False),
        sa.Column("enrol_code_hash", sa.String(length=64), nullable=True),
        sa.Column("enrol_code_expires_at", sa.BigInteger(), nullable=True),
        sa.Column("token_hash", sa.String(length=64), nullable=True),
        sa.Column("enrolled_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint("mode in ('badge', 'roll_call')", name=op.f("ck_device_mode")),
        sa.ForeignKeyConstraint(["structure_id"], ["structure.id"], name=op.f("fk_device_structure_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device")),
        sa.UniqueConstraint("enrol_code_hash", name=op.f("uq_device_enrol_code_hash")),
        sa.UniqueConstraint("ref", name=op.f("uq_device_ref")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_device_token_hash")),
    )
    op.create_index(op.f("ix_device_structure_id"), "device", ["structure_id"], unique=False)


def create_agent_code() -> None:
    """Create the table `agent_code`."""
    op.create_table(
        "agent_code",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("account_id", BigInt, nullable=False),
        sa.Column("structure_id", BigInt, nullable=False),
        sa.Column("code_hash", sa.String(length=200), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "valid_to is null or valid_to > valid_from", name=op.f("ck_agent_code_valid_from_before_valid_to")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_agent_code_account_id")),
        sa.ForeignKeyConstraint(["structure_id"], ["structure.id"], name=op.f("fk_agent_code_structure_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agent_code")),
        sa.UniqueConstraint("ref", name=op.f("uq_agent_code_ref")),
    )
    op.create_index(op.f("ix_agent_code_account_id"), "agent_code", ["account_id"], unique=False)
    op.create_index(op.f("ix_agent_code_structure_id"), "agent_code", ["structure_id"], unique=False)


def create_badge_child() -> None:
    """Create the table `badge_child`."""
    op.create_table(
        "badge_child",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("assignment_id", BigInt, nullable=False),
        sa.Column("child_id", BigInt, nullable=False),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["badge_assignment.id"], name=op.f("fk_badge_child_assignment_id")
        ),
        sa.ForeignKeyConstraint(["child_id"], ["person.id"], name=op.f("fk_badge_child_child_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_badge_child")),
        sa.UniqueConstraint("assignment_id", "child_id", name=op.f("uq_badge_child_assignment_id_child_id")),
    )
    op.create_index(op.f("ix_badge_child_child_id"), "badge_child", ["child_id"], unique=False)


def create_device_epoch() -> None:
    """Create the table `device_epoch`."""
    op.create_table(
        "device_epoch",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("device_id", BigInt, nullable=False),
        sa.Column("epoch", sa.String(length=32), nullable=False),
        sa.Column("watermark", sa.BigInteger(), nullable=False),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.Column("first_seen_at", sa.BigInteger(), nullable=False),
        sa.Column("last_seen_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_device_epoch_device_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device_epoch")),
        sa.UniqueConstraint("device_id", "epoch", name=op.f("uq_device_epoch_device_id_epoch")),
    )


def create_device_status() -> None:
    """Create the table `device_status`."""
    op.create_table(
        "device_status",
        sa.Column("device_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("last_seen_at", sa.BigInteger(), nullable=False),
        sa.Column("software_version", sa.String(length=40), nullable=False),
        sa.Column("clock_offset_ms", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_device_status_device_id")),
        sa.PrimaryKeyConstraint("device_id", name=op.f("pk_device_status")),
    )
