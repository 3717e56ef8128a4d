"""Mail that tells families what was decided and offered, and who runs a place of a child placed there."""

from __future__ import annotations

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let the outbox carry the new kinds of message."""
    kinds = ("activate", "reset", "request_accepted", "request_refused", "place_offered", "child_placed")
    with op.batch_alter_table("message_outbox") as table:
        table.drop_constraint(op.f("ck_message_outbox_kind"), type_="check")
        table.create_check_constraint(
            op.f("ck_message_outbox_kind"), f"kind in ({', '.join(repr(kind) for kind in kinds)})"
        )
