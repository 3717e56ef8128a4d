"""The new tables of retention, as revision 0005 makes them: frozen, whatever the models become."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

BigInt = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def create_processing_activity() -> None:
    """Create the table `processing_activity`."""
    op.create_table(
        "processing_activity",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("legal_basis", sa.Text(), nullable=False),
        sa.Column("data_categories", sa.Text(), nullable=False),
        sa.Column("recipients", sa.Text(), nullable=False),
        sa.Column("retention", sa.Text(), nullable=False),
        sa.Column("security", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "valid_to is null or valid_to > valid_from",
            name=op.f("ck_processing_activity_valid_from_before_valid_to"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_processing_activity")),
        sa.UniqueConstraint("ref", name=op.f("uq_processing_activity_ref")),
    )


def create_purge_item() -> None:
    """Create the table `purge_item`."""
    op.create_table(
        "purge_item",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("list_id", BigInt, nullable=False),
        sa.Column("entity", sa.String(length=60), nullable=False),
        sa.Column("entity_id", BigInt, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["list_id"], ["purge_list.id"], name=op.f("fk_purge_item_list_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purge_item")),
        sa.UniqueConstraint("list_id", "entity", "entity_id", name=op.f("uq_purge_item_list_id_entity_entity_id")),
    )


def create_purge_list() -> None:
    """Create the table `purge_list`."""
    op.create_table(
        "purge_list",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("data_kind", sa.String(length=40), nullable=False),
        sa.Column("rule_id", BigInt, nullable=False),
        sa.Column("judged_on", sa.Date(), nullable=False),
        sa.Column("item_count", sa.Integer(), nullable=False),
        sa.Column("items_hash", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.CheckConstraint(
            "data_kind in ('family_file', 'attendance', 'accounting', 'health', 'mandate', "
            "'income_proof', 'waiting_list', 'badge_number', 'access_log', 'account', 'request', "
            "'audit')",
            name=op.f("ck_purge_list_data_kind"),
        ),
        sa.ForeignKeyConstraint(["rule_id"], ["retention_rule.id"], name=op.f("fk_purge_list_rule_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purge_list")),
        sa.UniqueConstraint("ref", name=op.f("uq_purge_list_ref")),
    )
    op.create_index(op.f("ix_purge_list_rule_id"), "purge_list", ["rule_id"], unique=False)


def create_purge_order() -> None:
    """Create the table `purge_order`."""
    op.create_table(
        "purge_order",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("list_id", BigInt, nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["list_id"], ["purge_list.id"], name=op.f("fk_purge_order_list_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purge_order")),
        sa.UniqueConstraint("list_id", name=op.f("uq_purge_order_list_id")),
        sa.UniqueConstraint("ref", name=op.f("uq_purge_order_ref")),
    )


def create_purge_proof() -> None:
    """Create the table `purge_proof`."""
    op.create_table(
        "purge_proof",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("order_id", BigInt, nullable=False),
        sa.Column("table_name", sa.String(length=60), nullable=False),
        sa.Column("done", sa.String(length=40), nullable=False),
        sa.Column("column_names", sa.Text(), nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["purge_order.id"], name=op.f("fk_purge_proof_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purge_proof")),
        sa.UniqueConstraint("order_id", "table_name", "done", name=op.f("uq_purge_proof_order_id_table_name_done")),
    )


def create_purge_window() -> None:
    """Create the table `purge_window`."""
    op.create_table(
        "purge_window",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("order_id", BigInt, nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_purge_window_one_row")),
        sa.ForeignKeyConstraint(["order_id"], ["purge_order.id"], name=op.f("fk_purge_window_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purge_window")),
    )
    op.create_index(op.f("ix_purge_window_order_id"), "purge_window", ["order_id"], unique=False)


def create_retention_rule() -> None:
    """Create the table `retention_rule`."""
    op.create_table(
        "retention_rule",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("data_kind", sa.String(length=40), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("counted_from", sa.String(length=40), nullable=False),
        sa.Column("ending", sa.String(length=40), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.CheckConstraint(
            "counted_from in ('last_use', 'school_year_end', 'billed', 'recorded', 'revoked', 'decided')",
            name=op.f("ck_retention_rule_counted_from"),
        ),
        sa.CheckConstraint(
            "data_kind in ('family_file', 'attendance', 'accounting', 'health', 'mandate', "
            "'income_proof', 'waiting_list', 'badge_number', 'access_log', 'account', 'request', "
            "'audit')",
            name=op.f("ck_retention_rule_data_kind"),
        ),
        sa.CheckConstraint("ending in ('erase', 'anonymise')", name=op.f("ck_retention_rule_ending")),
        sa.CheckConstraint("months >= 0", name=op.f("ck_retention_rule_months")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_rule")),
        sa.UniqueConstraint(
            "data_kind", "valid_from", "seq", name=op.f("uq_retention_rule_data_kind_valid_from_seq")
        ),
    )
