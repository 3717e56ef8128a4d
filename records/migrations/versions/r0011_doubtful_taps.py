"""An index of the few taps whose time a person must tell: pages and figures ask for them each time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the index."""
    is_doubtful = sa.text("time_confidence = 'doubtful'")
    op.create_index(
        "ix_tap_doubtful", "tap", ["epoch", "seq"], sqlite_where=is_doubtful, postgresql_where=is_doubtful
    )
