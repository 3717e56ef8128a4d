"""The new tables of accounts, as revision 0005 makes them: frozen, whatever the models become."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

BigInt = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def create_account_link() -> None:
    """Create the table `account_link`."""
    op.create_table(
        "account_link",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", BigInt, nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("purpose in ('activate', 'reset')", name=op.f("ck_account_link_purpose")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_account_link_account_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_account_link")),
    )
    op.create_index(op.f("ix_account_link_account_id"), "account_link", ["account_id"], unique=False)


def create_password_history() -> None:
    """Create the table `password_history`."""
    op.create_table(
        "password_history",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("account_id", BigInt, nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("set_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_password_history_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_history")),
    )
    op.create_index(op.f("ix_password_history_account_id"), "password_history", ["account_id"], unique=False)


def create_recovery_code() -> None:
    """Create the table `recovery_code`."""
    op.create_table(
        "recovery_code",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("account_id", BigInt, nullable=False),
        sa.Column("code_hash", sa.String(length=200), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_recovery_code_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
        sa.UniqueConstraint("account_id", "code_hash", name=op.f("uq_recovery_code_account_id_code_hash")),
    )


def create_totp_secret() -> None:
    """Create the table `totp_secret`."""
    op.create_table(
        "totp_secret",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("account_id", BigInt, nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_at", sa.BigInteger(), nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_totp_secret_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_totp_secret")),
        sa.UniqueConstraint("account_id", name=op.f("uq_totp_secret_account_id")),
    )
