"""A strike through which the canteen serves: an event that shuts nothing."""

from __future__ import annotations

from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

KINDS = ("closure", "outing", "strike", "strike_served")


def upgrade() -> None:
    """Let an event be such a strike."""
    with op.batch_alter_table("calendar_event") as table:
        table.drop_constraint(op.f("ck_calendar_event_kind"), type_="check")
        table.create_check_constraint(
            op.f("ck_calendar_event_kind"), f"kind in ({', '.join(repr(kind) for kind in KINDS)})"
        )
