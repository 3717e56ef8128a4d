"""Reminders of the recaps of vouchers by mail."""

from __future__ import annotations

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let the outbox carry reminders of recaps."""
    kinds = (
        "activate",
        "reset",
        "request_accepted",
        "request_refused",
        "place_offered",
        "child_placed",
        "invoice",
        "task_due",
        "recap_due",
    )
    with op.batch_alter_table("message_outbox") as table:
        table.drop_constraint(op.f("ck_message_outbox_kind"), type_="check")
        table.create_check_constraint(
            op.f("ck_message_outbox_kind"), f"kind in ({', '.join(repr(kind) for kind in kinds)})"
        )
