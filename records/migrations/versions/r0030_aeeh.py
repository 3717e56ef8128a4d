"""Who opens the AEEH, from which day; hours declared by the unit that is billed, of trips, and of teenagers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

BigInt = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KINDS = (
    "periscolaire_morning",
    "periscolaire_midday",
    "periscolaire_evening",
    "periscolaire_wednesday",
    "extrascolaire",
    "youth",
    "eaje",
    "none",
)
HOUR_RULES = ("slot_full", "formula_capped", "billed_unit", "sejour", "real", "none")


def upgrade() -> None:
    """Let a service be of teenagers and count trips or billed units; keep who opens the AEEH."""
    with op.batch_alter_table("service") as table:
        table.drop_constraint(op.f("ck_service_caf_kind"), type_="check")
        table.create_check_constraint(op.f("ck_service_caf_kind"), _in("caf_kind", KINDS))
    with op.batch_alter_table("service_rule") as table:
        table.drop_constraint(op.f("ck_service_rule_caf_hour_rule"), type_="check")
        table.create_check_constraint(op.f("ck_service_rule_caf_hour_rule"), _in("caf_hour_rule", HOUR_RULES))
    op.create_table(
        "aeeh_right",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("person_id", BigInt, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_aeeh_right_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_aeeh_right")),
        sa.UniqueConstraint("person_id", "valid_from", "seq", name=op.f("uq_aeeh_right_person_id_valid_from_seq")),
    )


def _in(column: str, values: tuple[str, ...]) -> str:
    return f"{column} in ({', '.join(repr(value) for value in values)})"
