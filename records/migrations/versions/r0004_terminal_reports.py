"""What terminals report of themselves, and how a thing in quarantine was settled."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_REPORTED = (
    ("reported_at", sa.BigInteger()),
    ("pending", sa.BigInteger()),
    ("oldest_pending_at", sa.BigInteger()),
    ("parked", sa.BigInteger()),
    ("misfits", sa.BigInteger()),
    ("room", sa.String(length=40)),
    ("recovery", sa.Text()),
    ("boot_id", sa.String(length=64)),
    ("former_boot_id", sa.String(length=64)),
    ("cloned_at", sa.BigInteger()),
)


def upgrade() -> None:
    """Add the columns; a thing is settled once, which an index now holds."""
    with op.batch_alter_table("device_status") as table:
        for name, kind in _REPORTED:
            table.add_column(sa.Column(name, kind, nullable=True))
        table.create_check_constraint(op.f("ck_device_status_room"), "room in ('free', 'scarce', 'full')")
    with op.batch_alter_table("tap_quarantine") as table:
        table.add_column(sa.Column("outcome", sa.String(length=40), nullable=True))
        table.add_column(sa.Column("note", sa.String(length=400), nullable=True))
        table.create_check_constraint(
            op.f("ck_tap_quarantine_outcome"), "outcome in ('entered', 'received', 'no_effect')"
        )
        table.drop_index("ix_tap_quarantine_settles_id")
        table.create_index("ix_tap_quarantine_settles_id", ["settles_id"], unique=True)
