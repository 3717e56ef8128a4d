"""The tables of month end as revision 0019 made them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

BigInt = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def create_billing_run() -> None:
    """Create the table `billing_run`."""
    op.create_table(
        "billing_run",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("snapshot_id", sa.String(length=40), nullable=False),
        sa.Column("snapshot_sha256", sa.String(length=64), nullable=False),
        sa.Column("change_seq", sa.BigInteger(), nullable=False),
        sa.Column("threshold_cents", sa.BigInteger(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("issued_seq", sa.BigInteger(), nullable=True),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("finished_by", sa.String(length=80), nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.CheckConstraint(
            "state <> 'issued' or (issued_on is not null and due_on is not null and issued_seq is not null)",
            name=op.f("ck_billing_run_issued_is_dated"),
        ),
        sa.CheckConstraint(
            "state in ('drafting', 'drafted', 'issued', 'abandoned')", name=op.f("ck_billing_run_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_run")),
    )
    op.create_index(
        "uq_billing_run_issued_month",
        "billing_run",
        ["month"],
        unique=True,
        sqlite_where=sa.text("state = 'issued'"),
        postgresql_where=sa.text("state = 'issued'"),
    )


def create_billing_setting() -> None:
    """Create the table `billing_setting`."""
    op.create_table(
        "billing_setting",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("decision", sa.String(length=200), nullable=False),
        sa.Column("fiscal_year_month", sa.Integer(), nullable=False),
        sa.Column("due_months", sa.Integer(), nullable=False),
        sa.Column("due_day", sa.Integer(), nullable=False),
        sa.Column("cancel_from_cents", sa.BigInteger(), nullable=False),
        sa.Column("credits_are_strict", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.CheckConstraint("cancel_from_cents >= 0", name=op.f("ck_billing_setting_cancel_from")),
        sa.CheckConstraint(
            "due_months between 0 and 12 and due_day between 1 and 28", name=op.f("ck_billing_setting_due")
        ),
        sa.CheckConstraint("fiscal_year_month between 1 and 12", name=op.f("ck_billing_setting_fiscal_year_month")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_setting")),
        sa.UniqueConstraint("valid_from", "seq", name=op.f("uq_billing_setting_valid_from_seq")),
    )


def create_number_sequence() -> None:
    """Create the table `number_sequence`."""
    op.create_table(
        "number_sequence",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind in ('invoice', 'credit_note')", name=op.f("ck_number_sequence_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_number_sequence")),
        sa.UniqueConstraint("kind", "fiscal_year", name=op.f("uq_number_sequence_kind_fiscal_year")),
    )


def create_run_place() -> None:
    """Create the table `run_place`."""
    op.create_table(
        "run_place",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("run_id", BigInt, nullable=False),
        sa.Column("structure_id", BigInt, nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["billing_run.id"], name=op.f("fk_run_place_run_id")),
        sa.ForeignKeyConstraint(["structure_id"], ["structure.id"], name=op.f("fk_run_place_structure_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run_place")),
        sa.UniqueConstraint("run_id", "structure_id", name=op.f("uq_run_place_run_id_structure_id")),
    )
    op.create_index(op.f("ix_run_place_structure_id"), "run_place", ["structure_id"], unique=False)


def create_credit_rule() -> None:
    """Create the table `credit_rule`."""
    op.create_table(
        "credit_rule",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("payer_id", BigInt, nullable=False),
        sa.Column("service_id", BigInt, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("is_strict", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["payer_id"], ["payer.id"], name=op.f("fk_credit_rule_payer_id")),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_credit_rule_service_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_rule")),
        sa.UniqueConstraint("payer_id", "service_id", "seq", name=op.f("uq_credit_rule_payer_id_service_id_seq")),
    )
    op.create_index(op.f("ix_credit_rule_service_id"), "credit_rule", ["service_id"], unique=False)


def create_invoice_draft() -> None:
    """Create the table `invoice_draft`."""
    op.create_table(
        "invoice_draft",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("run_id", BigInt, nullable=False),
        sa.Column("payer_id", BigInt, nullable=False),
        sa.Column("is_held", sa.Boolean(), nullable=False),
        sa.Column("lines_cents", sa.BigInteger(), nullable=False),
        sa.Column("adjustments_cents", sa.BigInteger(), nullable=False),
        sa.Column("aside_cents", sa.BigInteger(), nullable=False),
        sa.Column("carried_cents", sa.BigInteger(), nullable=False),
        sa.Column("total_cents", sa.BigInteger(), nullable=False),
        sa.Column("line_count", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("body_sha256", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "total_cents = lines_cents + adjustments_cents - aside_cents + carried_cents",
            name=op.f("ck_invoice_draft_total"),
        ),
        sa.ForeignKeyConstraint(["payer_id"], ["payer.id"], name=op.f("fk_invoice_draft_payer_id")),
        sa.ForeignKeyConstraint(["run_id"], ["billing_run.id"], name=op.f("fk_invoice_draft_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_draft")),
        sa.UniqueConstraint("run_id", "payer_id", name=op.f("uq_invoice_draft_run_id_payer_id")),
    )
    op.create_index(op.f("ix_invoice_draft_payer_id"), "invoice_draft", ["payer_id"], unique=False)


def create_carried_draft() -> None:
    """Create the table `carried_draft`."""
    op.create_table(
        "carried_draft",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("run_id", BigInt, nullable=False),
        sa.Column("draft_id", BigInt, nullable=False),
        sa.Column("carried_id", BigInt, nullable=False),
        sa.ForeignKeyConstraint(["carried_id"], ["invoice_draft.id"], name=op.f("fk_carried_draft_carried_id")),
        sa.ForeignKeyConstraint(["draft_id"], ["invoice_draft.id"], name=op.f("fk_carried_draft_draft_id")),
        sa.ForeignKeyConstraint(["run_id"], ["billing_run.id"], name=op.f("fk_carried_draft_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_carried_draft")),
        sa.UniqueConstraint("draft_id", "carried_id", name=op.f("uq_carried_draft_draft_id_carried_id")),
    )
    op.create_index(op.f("ix_carried_draft_carried_id"), "carried_draft", ["carried_id"], unique=False)
    op.create_index(op.f("ix_carried_draft_run_id"), "carried_draft", ["run_id"], unique=False)


def create_invoice() -> None:
    """Create the table `invoice`."""
    op.create_table(
        "invoice",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("run_id", BigInt, nullable=False),
        sa.Column("draft_id", BigInt, nullable=False),
        sa.Column("payer_id", BigInt, nullable=False),
        sa.Column("ledger_entry_id", BigInt, nullable=False),
        sa.Column("total_cents", sa.BigInteger(), nullable=False),
        sa.Column("previous_balance_cents", sa.BigInteger(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("body_sha256", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_invoice_number")),
        sa.CheckConstraint("total_cents > 0", name=op.f("ck_invoice_total")),
        sa.ForeignKeyConstraint(["draft_id"], ["invoice_draft.id"], name=op.f("fk_invoice_draft_id")),
        sa.ForeignKeyConstraint(["ledger_entry_id"], ["ledger_entry.id"], name=op.f("fk_invoice_ledger_entry_id")),
        sa.ForeignKeyConstraint(["payer_id"], ["payer.id"], name=op.f("fk_invoice_payer_id")),
        sa.ForeignKeyConstraint(["run_id"], ["billing_run.id"], name=op.f("fk_invoice_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice")),
        sa.UniqueConstraint("draft_id", name=op.f("uq_invoice_draft_id")),
        sa.UniqueConstraint("fiscal_year", "number", name=op.f("uq_invoice_fiscal_year_number")),
    )
    op.create_index(op.f("ix_invoice_ledger_entry_id"), "invoice", ["ledger_entry_id"], unique=False)
    op.create_index(op.f("ix_invoice_payer_id"), "invoice", ["payer_id"], unique=False)
    op.create_index(op.f("ix_invoice_run_id"), "invoice", ["run_id"], unique=False)


def create_cancellation() -> None:
    """Create the table `cancellation`."""
    op.create_table(
        "cancellation",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("invoice_id", BigInt, nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("is_total", sa.Boolean(), nullable=False),
        sa.Column("bills_again", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_cancellation_amount")),
        sa.CheckConstraint("is_total or not bills_again", name=op.f("ck_cancellation_bills_again_when_total")),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name=op.f("fk_cancellation_invoice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cancellation")),
    )
    op.create_index(op.f("ix_cancellation_invoice_id"), "cancellation", ["invoice_id"], unique=False)


def create_cancellation_step() -> None:
    """Create the table `cancellation_step`."""
    op.create_table(
        "cancellation_step",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("cancellation_id", BigInt, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.CheckConstraint(
            "step in ('asked', 'relayed', 'accepted', 'refused')", name=op.f("ck_cancellation_step_step")
        ),
        sa.ForeignKeyConstraint(
            ["cancellation_id"], ["cancellation.id"], name=op.f("fk_cancellation_step_cancellation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cancellation_step")),
        sa.UniqueConstraint("cancellation_id", "seq", name=op.f("uq_cancellation_step_cancellation_id_seq")),
        sa.UniqueConstraint("cancellation_id", "step", name=op.f("uq_cancellation_step_cancellation_id_step")),
    )


def create_credit_note() -> None:
    """Create the table `credit_note`."""
    op.create_table(
        "credit_note",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("cancellation_id", BigInt, nullable=False),
        sa.Column("invoice_id", BigInt, nullable=False),
        sa.Column("ledger_entry_id", BigInt, nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("bills_again", sa.Boolean(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("change_seq", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_credit_note_amount")),
        sa.CheckConstraint("number >= 1", name=op.f("ck_credit_note_number")),
        sa.ForeignKeyConstraint(
            ["cancellation_id"], ["cancellation.id"], name=op.f("fk_credit_note_cancellation_id")
        ),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name=op.f("fk_credit_note_invoice_id")),
        sa.ForeignKeyConstraint(
            ["ledger_entry_id"], ["ledger_entry.id"], name=op.f("fk_credit_note_ledger_entry_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_note")),
        sa.UniqueConstraint("cancellation_id", name=op.f("uq_credit_note_cancellation_id")),
        sa.UniqueConstraint("fiscal_year", "number", name=op.f("uq_credit_note_fiscal_year_number")),
    )
    op.create_index(op.f("ix_credit_note_invoice_id"), "credit_note", ["invoice_id"], unique=False)
    op.create_index(op.f("ix_credit_note_ledger_entry_id"), "credit_note", ["ledger_entry_id"], unique=False)
