"""Contracts of early childhood, and on whom packages of a tariff rest."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

BigInt = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_CHECKS = {
    "valid_from_before_valid_to": "valid_to is null or valid_to > valid_from",
    "hours": "minutes_per_week > 0 and weeks between 1 and 53",
    "deducted_minutes": "deducted_minutes >= 0 and deducted_minutes < minutes_per_week * weeks",
    "months": "months between 1 and 60",
    "unbilled_month": "unbilled_month between 1 and 12",
    "free_until": "free_until > valid_from and free_until <= valid_to",
}


def upgrade() -> None:
    """Create the table of contracts; a tariff version says whether packages rest on enrolment or attendance."""
    op.create_table(
        "care_contract",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("enrolment_id", BigInt, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("minutes_per_week", sa.Integer(), nullable=False),
        sa.Column("weeks", sa.Integer(), nullable=False),
        sa.Column("deducted_minutes", sa.Integer(), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("unbilled_month", sa.Integer(), nullable=True),
        sa.Column("free_until", sa.Date(), nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        *(
            sa.CheckConstraint(condition, name=op.f(f"ck_care_contract_{name}"))
            for name, condition in _CHECKS.items()
        ),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_care_contract_enrolment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_care_contract")),
        sa.UniqueConstraint(
            "enrolment_id", "valid_from", "seq", name=op.f("uq_care_contract_enrolment_id_valid_from_seq")
        ),
    )
    with op.batch_alter_table("tariff_version") as table:
        table.add_column(sa.Column("package_basis", sa.String(length=40), nullable=True))
        table.create_check_constraint(
            op.f("ck_tariff_version_package_basis"), "package_basis in ('enrolled', 'attended')"
        )
