"""Revision 0001: accounts, roles, sessions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

BigInt = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def create_login_attempt() -> None:
    """Create the table `login_attempt`."""
    op.create_table(
        "login_attempt",
        sa.Column("login_hash", sa.String(length=64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_failed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("login_hash", name=op.f("pk_login_attempt")),
    )
    op.create_index(op.f("ix_login_attempt_last_failed_at"), "login_attempt", ["last_failed_at"], unique=False)


def create_account() -> None:
    """Create the table `account`."""
    op.create_table(
        "account",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("login", sa.String(length=120), nullable=False),
        sa.Column("display_name", sa.String(length=200), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("person_id", BigInt, nullable=True),
        sa.Column("disabled_at", sa.BigInteger(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_account_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("login", name=op.f("uq_account_login")),
    )
    op.create_index(op.f("ix_account_person_id"), "account", ["person_id"], unique=False)


def create_role_grant() -> None:
    """Create the table `role_grant`."""
    op.create_table(
        "role_grant",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("account_id", BigInt, nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("structure_id", BigInt, nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "role in ('super_admin', 'admin_school', 'admin_early_childhood', 'referent', "
            "'sector_manager', 'coordinator', 'leisure_director', 'daycare_director', 'teacher', "
            "'clerk', 'finance', 'kitchen', 'agent', 'elected', 'family')",
            name=op.f("ck_role_grant_role"),
        ),
        sa.CheckConstraint(
            "valid_to is null or valid_to > valid_from", name=op.f("ck_role_grant_valid_from_before_valid_to")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_role_grant_account_id")),
        sa.ForeignKeyConstraint(["structure_id"], ["structure.id"], name=op.f("fk_role_grant_structure_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grant")),
        sa.UniqueConstraint(
            "account_id",
            "role",
            "structure_id",
            "valid_from",
            name=op.f("uq_role_grant_account_id_role_structure_id_valid_from"),
        ),
    )
    op.create_index(op.f("ix_role_grant_structure_id"), "role_grant", ["structure_id"], unique=False)
    op.create_index(
        "uq_role_grant_everywhere",
        "role_grant",
        ["account_id", "role", "valid_from"],
        unique=True,
        sqlite_where=sa.text("structure_id is null"),
        postgresql_where=sa.text("structure_id is null"),
    )


def create_session() -> None:
    """Create the table `session`."""
    op.create_table(
        "session",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", BigInt, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_seen_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_session_account_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_session")),
    )
    op.create_index(op.f("ix_session_account_id"), "session", ["account_id"], unique=False)
