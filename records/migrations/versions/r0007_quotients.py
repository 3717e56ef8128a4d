"""Quotients: batches of questions, what an answer meant and its hash; formulas with a form, a step and bounds."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

BigInt = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create `quotient_batch`, then widen what leans on it and what the formula says."""
    op.create_table(
        "quotient_batch",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quotient_batch")),
    )
    _change_answers()
    _change_formulas()
    _change_checks()


def _change_answers() -> None:
    with op.batch_alter_table("quotient_answer") as table:
        table.add_column(sa.Column("batch_id", BigInt, nullable=True))
        table.add_column(sa.Column("payer_id", BigInt, nullable=True))
        table.add_column(sa.Column("outcome", sa.String(length=40), nullable=False, server_default="refused"))
        table.add_column(sa.Column("sha256", sa.String(length=64), nullable=True))
        table.create_index(op.f("ix_quotient_answer_payer_id"), ["payer_id"], unique=False)
        table.create_foreign_key(op.f("fk_quotient_answer_batch_id"), "quotient_batch", ["batch_id"], ["id"])
        table.create_foreign_key(op.f("fk_quotient_answer_payer_id"), "payer", ["payer_id"], ["id"])
        table.create_unique_constraint(
            op.f("uq_quotient_answer_batch_id_family_id_person_id_endpoint"),
            ["batch_id", "family_id", "person_id", "endpoint"],
        )
        table.create_check_constraint(
            op.f("ck_quotient_answer_outcome"), "outcome in ('found', 'not_found', 'not_yet', 'refused')"
        )
    op.execute("update quotient_answer set outcome = 'found' where status = 200")
    op.execute("update quotient_answer set outcome = 'not_found' where status = 404")
    _forget_defaults("quotient_answer", "outcome")


def _change_formulas() -> None:
    with op.batch_alter_table("qf_formula") as table:
        _add_filled(table, "seq", sa.Integer(), "1")
        _add_filled(table, "form", sa.String(length=40), "composition")
        _add_filled(table, "step_e2", sa.Integer(), "1")
        _add_filled(table, "recorded_at", sa.BigInteger(), "0")
        _add_filled(table, "recorded_by", sa.String(length=80), "")
        table.add_column(sa.Column("floor_e2", sa.Integer(), nullable=True))
        table.add_column(sa.Column("ceiling_e2", sa.Integer(), nullable=True))
        table.drop_constraint(op.f("uq_qf_formula_valid_from"), type_="unique")
        table.create_unique_constraint(op.f("uq_qf_formula_valid_from_seq"), ["valid_from", "seq"])
        table.create_check_constraint(op.f("ck_qf_formula_form"), "form in ('composition', 'tax_parts')")
        table.create_check_constraint(op.f("ck_qf_formula_step"), "step_e2 >= 1")
        table.create_check_constraint(op.f("ck_qf_formula_bounds"), "floor_e2 >= 0 and ceiling_e2 > floor_e2")
    _forget_defaults("qf_formula", "seq", "form", "step_e2", "recorded_at", "recorded_by")
    with op.batch_alter_table("qf_calculation") as table:
        _add_filled(table, "income_months", sa.Integer(), "12")
        table.create_check_constraint(op.f("ck_qf_calculation_income_months"), "income_months between 1 and 12")
    _forget_defaults("qf_calculation", "income_months")


def _change_checks() -> None:
    with op.batch_alter_table("income") as table:
        table.drop_constraint(op.f("ck_income_source"), type_="check")
        table.create_check_constraint(
            op.f("ck_income_source"),
            "source in ('caf', 'msa', 'caf_or_msa', 'tax_notice', 'payslips', 'declared', 'none')",
        )
    with op.batch_alter_table("service_rule") as table:
        table.drop_constraint(op.f("ck_service_rule_qf_rule"), type_="check")
        table.create_check_constraint(
            op.f("ck_service_rule_qf_rule"), "qf_rule in ('on_day', 'school_year', 'january_september')"
        )


def _add_filled(table: BatchOperations, name: str, kind: sa.types.TypeEngine[Any], value: str) -> None:
    table.add_column(sa.Column(name, kind, nullable=False, server_default=value))


def _forget_defaults(name: str, *columns: str) -> None:
    """What filled the rows that were there is not a default for those to come."""
    with op.batch_alter_table(name) as table:
        for column in columns:
            table.alter_column(column, server_default=None)
