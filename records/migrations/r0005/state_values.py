"""The new tables of state values, as revision 0005 makes them: frozen, whatever the models become."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

BigInt = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def create_state_value() -> None:
    """Create the table `state_value`."""
    op.create_table(
        "state_value",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("parameter_id", sa.String(length=80), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("value", sa.String(length=40), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_state_value")),
        sa.UniqueConstraint(
            "parameter_id", "valid_from", "seq", name=op.f("uq_state_value_parameter_id_valid_from_seq")
        ),
    )
