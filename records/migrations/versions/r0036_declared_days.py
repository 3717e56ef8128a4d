"""The days that a declaration counted, kept with it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what earlier declarations do not have: the lines of those open to no day."""
    op.add_column("declaration", sa.Column("days", sa.Text(), nullable=True))
    op.add_column("declaration", sa.Column("days_sha256", sa.String(length=64), nullable=True))
