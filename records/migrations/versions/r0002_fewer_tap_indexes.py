"""One index of taps by place and time instead of three: each one is paid at every tap (docs/adr/0007)."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let the index of device and time hold the subject too, and drop those of the subject alone."""
    op.drop_index("ix_tap_badge_uid", "tap")
    op.drop_index("ix_tap_child_ref", "tap")
    op.drop_index("ix_tap_device_occurred", "tap")
    op.create_index(
        "ix_tap_device_occurred", "tap", ["device_id", "occurred_at_corrected", "badge_uid", "child_ref"]
    )
