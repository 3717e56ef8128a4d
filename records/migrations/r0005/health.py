"""The new tables of health, as revision 0005 makes them: frozen, whatever the models become."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

BigInt = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def create_health_access() -> None:
    """Create the table `health_access`."""
    op.create_table(
        "health_access",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("person_id", BigInt, nullable=False),
        sa.Column("account_id", BigInt, nullable=True),
        sa.Column("reader", sa.String(length=80), nullable=True),
        sa.Column("read_at", sa.BigInteger(), nullable=False),
        sa.Column("operation", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_health_access_account_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_health_access_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_health_access")),
    )
    op.create_index(op.f("ix_health_access_account_id"), "health_access", ["account_id"], unique=False)
    op.create_index("ix_health_access_person_read", "health_access", ["person_id", "read_at"], unique=False)
