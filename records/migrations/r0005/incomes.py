"""The new tables of incomes, as revision 0005 makes them: frozen, whatever the models become."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

BigInt = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def create_income() -> None:
    """Create the table `income`."""
    op.create_table(
        "income",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("family_id", BigInt, nullable=False),
        sa.Column("payer_id", BigInt, nullable=True),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("income_year", sa.Integer(), nullable=False),
        sa.Column("annual_cents", sa.BigInteger(), nullable=False),
        sa.Column("children_count", sa.Integer(), nullable=False),
        sa.Column("aeeh_count", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("document_id", BigInt, nullable=True),
        sa.Column("replaces_id", BigInt, nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.CheckConstraint("source <> 'none' or annual_cents = 0", name=op.f("ck_income_none_is_zero")),
        sa.CheckConstraint(
            "source in ('caf', 'msa', 'tax_notice', 'payslips', 'declared', 'none')",
            name=op.f("ck_income_source"),
        ),
        sa.CheckConstraint("annual_cents >= 0", name=op.f("ck_income_annual_not_negative")),
        sa.CheckConstraint(
            "children_count >= 0 and aeeh_count between 0 and children_count", name=op.f("ck_income_children")
        ),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_income_document_id")),
        sa.ForeignKeyConstraint(["family_id"], ["family.id"], name=op.f("fk_income_family_id")),
        sa.ForeignKeyConstraint(["payer_id"], ["payer.id"], name=op.f("fk_income_payer_id")),
        sa.ForeignKeyConstraint(["replaces_id"], ["income.id"], name=op.f("fk_income_replaces_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_income")),
    )
    op.create_index(op.f("ix_income_document_id"), "income", ["document_id"], unique=False)
    op.create_index("ix_income_family_effective", "income", ["family_id", "effective_from"], unique=False)
    op.create_index(op.f("ix_income_payer_id"), "income", ["payer_id"], unique=False)
    op.create_index(op.f("ix_income_replaces_id"), "income", ["replaces_id"], unique=False)


def create_qf_calculation() -> None:
    """Create the table `qf_calculation`."""
    op.create_table(
        "qf_calculation",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("family_id", BigInt, nullable=False),
        sa.Column("payer_id", BigInt, nullable=True),
        sa.Column("formula_id", BigInt, nullable=False),
        sa.Column("income_year", sa.Integer(), nullable=False),
        sa.Column("annual_income_cents", sa.BigInteger(), nullable=False),
        sa.Column("monthly_benefits_cents", sa.BigInteger(), nullable=False),
        sa.Column("adults", sa.Integer(), nullable=False),
        sa.Column("children", sa.Integer(), nullable=False),
        sa.Column("disabled_children", sa.Integer(), nullable=False),
        sa.Column("parts_e2", sa.Integer(), nullable=False),
        sa.Column("result_e2", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("document_id", BigInt, nullable=True),
        sa.Column("qf_id", BigInt, nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.CheckConstraint(
            "source in ('tax_notice', 'payslips', 'declared')",
            name=op.f("ck_qf_calculation_source"),
        ),
        sa.CheckConstraint("adults in (1, 2) and children >= 0", name=op.f("ck_qf_calculation_household")),
        sa.CheckConstraint(
            "disabled_children between 0 and children", name=op.f("ck_qf_calculation_disabled_children")
        ),
        sa.CheckConstraint("parts_e2 > 0 and result_e2 >= 0", name=op.f("ck_qf_calculation_result")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_qf_calculation_document_id")),
        sa.ForeignKeyConstraint(["family_id"], ["family.id"], name=op.f("fk_qf_calculation_family_id")),
        sa.ForeignKeyConstraint(["formula_id"], ["qf_formula.id"], name=op.f("fk_qf_calculation_formula_id")),
        sa.ForeignKeyConstraint(["payer_id"], ["payer.id"], name=op.f("fk_qf_calculation_payer_id")),
        sa.ForeignKeyConstraint(["qf_id"], ["qf.id"], name=op.f("fk_qf_calculation_qf_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qf_calculation")),
    )
    op.create_index(op.f("ix_qf_calculation_document_id"), "qf_calculation", ["document_id"], unique=False)
    op.create_index(op.f("ix_qf_calculation_family_id"), "qf_calculation", ["family_id"], unique=False)
    op.create_index(op.f("ix_qf_calculation_formula_id"), "qf_calculation", ["formula_id"], unique=False)
    op.create_index(op.f("ix_qf_calculation_payer_id"), "qf_calculation", ["payer_id"], unique=False)
    op.create_index(op.f("ix_qf_calculation_qf_id"), "qf_calculation", ["qf_id"], unique=False)


def create_qf_formula() -> None:
    """Create the table `qf_formula`."""
    op.create_table(
        "qf_formula",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("decision", sa.String(length=200), nullable=False),
        sa.Column("abatement_e4", sa.Integer(), nullable=False),
        sa.Column("counts_benefits", sa.Boolean(), nullable=False),
        sa.CheckConstraint("abatement_e4 between 0 and 10000", name=op.f("ck_qf_formula_abatement")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qf_formula")),
        sa.UniqueConstraint("valid_from", name=op.f("uq_qf_formula_valid_from")),
    )


def create_qf_formula_part() -> None:
    """Create the table `qf_formula_part`."""
    op.create_table(
        "qf_formula_part",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("formula_id", BigInt, nullable=False),
        sa.Column("who", sa.String(length=40), nullable=False),
        sa.Column("from_rank", sa.Integer(), nullable=False),
        sa.Column("parts_e2", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "who in ('couple', 'single', 'child', 'disabled')",
            name=op.f("ck_qf_formula_part_who"),
        ),
        sa.CheckConstraint("parts_e2 >= 0 and from_rank >= 1", name=op.f("ck_qf_formula_part_positive")),
        sa.ForeignKeyConstraint(["formula_id"], ["qf_formula.id"], name=op.f("fk_qf_formula_part_formula_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qf_formula_part")),
        sa.UniqueConstraint(
            "formula_id", "who", "from_rank", name=op.f("uq_qf_formula_part_formula_id_who_from_rank")
        ),
    )


def create_quotient_answer() -> None:
    """Create the table `quotient_answer`."""
    op.create_table(
        "quotient_answer",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("family_id", BigInt, nullable=False),
        sa.Column("person_id", BigInt, nullable=False),
        sa.Column("endpoint", sa.String(length=40), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("error_code", sa.String(length=20), nullable=True),
        sa.Column("provider", sa.String(length=20), nullable=True),
        sa.Column("value_e2", sa.Integer(), nullable=True),
        sa.Column("annual_cents", sa.BigInteger(), nullable=True),
        sa.Column("children_count", sa.Integer(), nullable=True),
        sa.Column("aeeh_count", sa.Integer(), nullable=True),
        sa.Column("qf_id", BigInt, nullable=True),
        sa.Column("income_id", BigInt, nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.CheckConstraint("endpoint in ('quotient', 'eaje')", name=op.f("ck_quotient_answer_endpoint")),
        sa.ForeignKeyConstraint(["family_id"], ["family.id"], name=op.f("fk_quotient_answer_family_id")),
        sa.ForeignKeyConstraint(["income_id"], ["income.id"], name=op.f("fk_quotient_answer_income_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_quotient_answer_person_id")),
        sa.ForeignKeyConstraint(["qf_id"], ["qf.id"], name=op.f("fk_quotient_answer_qf_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quotient_answer")),
    )
    op.create_index("ix_quotient_answer_family_month", "quotient_answer", ["family_id", "month"], unique=False)
    op.create_index(op.f("ix_quotient_answer_income_id"), "quotient_answer", ["income_id"], unique=False)
    op.create_index(op.f("ix_quotient_answer_person_id"), "quotient_answer", ["person_id"], unique=False)
    op.create_index(op.f("ix_quotient_answer_qf_id"), "quotient_answer", ["qf_id"], unique=False)
