"""Scans that were sent and never served have a retention of their own."""

from __future__ import annotations

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

KINDS = (
    "family_file",
    "attendance",
    "accounting",
    "health",
    "mandate",
    "income_proof",
    "unused_scan",
    "waiting_list",
    "badge_number",
    "access_log",
    "account",
    "request",
    "audit",
)


def upgrade() -> None:
    """Let a rule and a list be about them."""
    for name in ("purge_list", "retention_rule"):
        with op.batch_alter_table(name) as table:
            table.drop_constraint(op.f(f"ck_{name}_data_kind"), type_="check")
            table.create_check_constraint(
                op.f(f"ck_{name}_data_kind"), f"data_kind in ({', '.join(repr(kind) for kind in KINDS)})"
            )
