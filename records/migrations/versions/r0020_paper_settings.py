"""What the town prints around its invoices, and the codes that its accountant gave for tobacconists."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

BigInt = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the table `paper_setting`."""
    op.create_table(
        "paper_setting",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("decision", sa.String(length=200), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("ways_to_pay", sa.Text(), nullable=False),
        sa.Column("remedies", sa.Text(), nullable=False),
        sa.Column("code_establishment", sa.String(length=3), nullable=True),
        sa.Column("code_period", sa.String(length=1), nullable=True),
        sa.Column("code_product", sa.String(length=3), nullable=True),
        sa.Column("code_issuer", sa.String(length=6), nullable=True),
        sa.Column("code_post", sa.String(length=6), nullable=True),
        sa.Column("sums_debtor_key", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.CheckConstraint(
            "(code_establishment is null) = (code_period is null) and (code_period is null) = (code_product is "
            "null) and (code_product is null) = (code_issuer is null) and (code_issuer is null) = "
            "(code_post is null)",
            name=op.f("ck_paper_setting_codes_together"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_setting")),
        sa.UniqueConstraint("valid_from", "seq", name=op.f("uq_paper_setting_valid_from_seq")),
    )
