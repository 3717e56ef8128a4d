"""The yearly calendar of administrators' tasks, what was done of it, and reminders by mail."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

BigInt = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create both tables and let the outbox carry reminders."""
    op.create_table(
        "yearly_task",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("how", sa.String(length=400), nullable=True),
        sa.Column("due_month", sa.Integer(), nullable=False),
        sa.Column("due_day", sa.Integer(), nullable=False),
        sa.Column("notice_days", sa.Integer(), nullable=False),
        sa.Column("held_right", sa.String(length=40), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "valid_to is null or valid_to > valid_from", name=op.f("ck_yearly_task_valid_from_before_valid_to")
        ),
        sa.CheckConstraint("due_month between 1 and 12", name=op.f("ck_yearly_task_month")),
        sa.CheckConstraint("due_day between 1 and 31", name=op.f("ck_yearly_task_day")),
        sa.CheckConstraint("notice_days between 0 and 180", name=op.f("ck_yearly_task_notice")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_yearly_task")),
        sa.UniqueConstraint("ref", name=op.f("uq_yearly_task_ref")),
    )
    op.create_table(
        "yearly_task_mark",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("task_id", BigInt, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("is_done", sa.Boolean(), nullable=False),
        sa.Column("comment", sa.String(length=400), nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["yearly_task.id"], name=op.f("fk_yearly_task_mark_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_yearly_task_mark")),
        sa.UniqueConstraint("task_id", "due_on", "seq", name=op.f("uq_yearly_task_mark_task_id_due_on_seq")),
    )
    kinds = (
        "activate",
        "reset",
        "request_accepted",
        "request_refused",
        "place_offered",
        "child_placed",
        "invoice",
        "task_due",
    )
    with op.batch_alter_table("message_outbox") as table:
        table.drop_constraint(op.f("ck_message_outbox_kind"), type_="check")
        table.create_check_constraint(
            op.f("ck_message_outbox_kind"), f"kind in ({', '.join(repr(kind) for kind in kinds)})"
        )
