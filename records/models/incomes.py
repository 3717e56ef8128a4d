"""QF, régime and income of a family, the town's own formula and what it computed, answers of API Particulier."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, Date, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from domain.quotients import FORMS, WHO
from records.models.base import (
    IMMUTABLE,
    VERSIONED,
    Base,
    Code,
    Day,
    Id,
    Label,
    Micros,
    Recorded,
    facts,
    one_of,
    references,
)

QUOTIENT_OUTCOMES = ("found", "not_found", "not_yet", "refused")
QF_UNKNOWN_E2 = 999_900  # « 9999 », entered until the real one arrives (domain notes §3)


class Qf(Base):
    """[I] family × payer (NULL = the whole file) × effective day × recording: a new QF is added, never edited.

    `value_e2` is in hundredths; 9999 with source `default` means « not known yet ». Source: domain notes §3.
    """

    __tablename__ = "qf"
    __table_args__ = (
        Index("ix_qf_family_effective", "family_id", "effective_from"),
        one_of("source", "caf", "msa", "computed", "default"),
        CheckConstraint("value_e2 >= 0", name="value_not_negative"),
        {"info": IMMUTABLE},
    )

    id: Mapped[Id]
    family_id: Mapped[int] = references("family.id", index=False)
    payer_id: Mapped[int | None] = references("payer.id", nullable=True)
    effective_from: Mapped[Day]
    recorded_at: Mapped[Micros]
    value_e2: Mapped[int]
    source: Mapped[Code]
    replaces_id: Mapped[int | None] = references("qf.id", nullable=True)


class Regime(Base):
    """[I] family × effective day: the fund the family belongs to; CAF wants hours split by its group.

    The State's table of régimes (`caf.regimes`) says the group of a `code` that it knows, day by day; `caf_group`
    is that of the others.
    """

    __tablename__ = "regime"
    __table_args__ = (
        one_of("caf_group", "RG", "MSA", "AUTRE"),
        {"info": facts("allocataire_number")},
    )

    id: Mapped[Id]
    family_id: Mapped[int] = references("family.id")
    effective_from: Mapped[Day]
    recorded_at: Mapped[Micros]
    code: Mapped[Code]
    caf_group: Mapped[Code]
    allocataire_number: Mapped[str | None] = mapped_column(String(20))


class Income(Recorded, Base):
    """[I] family × payer (NULL = the whole file) × effective day × recording: what early-childhood fees rest on.

    `annual_cents` is the base of a whole year (N-2); the State's floor and ceiling are applied in pricing. Children
    counted with AEEH lower the rate (CAF notes §1.1). Source `none`: no income was given, and the amount is 0;
    `caf_or_msa`: the EAJE endpoint does not say which of the two answered.
    """

    __tablename__ = "income"
    __table_args__ = (
        Index("ix_income_family_effective", "family_id", "effective_from"),
        one_of("source", "caf", "msa", "caf_or_msa", "tax_notice", "payslips", "declared", "none"),
        CheckConstraint("annual_cents >= 0", name="annual_not_negative"),
        CheckConstraint("source <> 'none' or annual_cents = 0", name="none_is_zero"),
        CheckConstraint("children_count >= 0 and aeeh_count between 0 and children_count", name="children"),
        {"info": IMMUTABLE},
    )

    id: Mapped[Id]
    family_id: Mapped[int] = references("family.id", index=False)
    payer_id: Mapped[int | None] = references("payer.id", nullable=True)
    effective_from: Mapped[Day]
    income_year: Mapped[int]
    annual_cents: Mapped[Micros]
    children_count: Mapped[int]
    aeeh_count: Mapped[int]
    source: Mapped[Code]
    document_id: Mapped[int | None] = references("document.id", nullable=True)
    replaces_id: Mapped[int | None] = references("income.id", nullable=True)


class QfFormula(Recorded, Base):
    """[V] valid_from × seq: how the town computes a QF from tax data, as the council decided it (domain notes §3).

    QF = ((income less `abatement_e4`) / months it covers + monthly benefits when they count) / parts, kept between
    `floor_e2` and `ceiling_e2`, rounded half up to `step_e2`. `form` says where the parts come from: `composition`
    counts them by `qf_formula_part`, `tax_parts` reads them on the tax notice (domain.quotients).
    """

    __tablename__ = "qf_formula"
    __table_args__ = (
        UniqueConstraint("valid_from", "seq"),
        one_of("form", *FORMS),
        CheckConstraint("abatement_e4 between 0 and 10000", name="abatement"),
        CheckConstraint("step_e2 >= 1", name="step"),
        CheckConstraint("floor_e2 >= 0 and ceiling_e2 > floor_e2", name="bounds"),
        {"info": VERSIONED},
    )

    id: Mapped[Id]
    valid_from: Mapped[Day]
    seq: Mapped[int]
    decision: Mapped[Label]
    form: Mapped[Code]
    abatement_e4: Mapped[int]
    counts_benefits: Mapped[bool]
    step_e2: Mapped[int]
    floor_e2: Mapped[int | None]
    ceiling_e2: Mapped[int | None]


class QfFormulaPart(Base):
    """[V] formula × who × rank from which it holds: the parts a member of the household counts for, in hundredths.

    `couple` and `single` give the adults' parts at once; `child` from its rank on; `disabled` comes on top.
    """

    __tablename__ = "qf_formula_part"
    __table_args__ = (
        UniqueConstraint("formula_id", "who", "from_rank"),
        one_of("who", *WHO),
        CheckConstraint("parts_e2 >= 0 and from_rank >= 1", name="positive"),
        {"info": VERSIONED},
    )

    id: Mapped[Id]
    formula_id: Mapped[int] = references("qf_formula.id", index=False)
    who: Mapped[Code]
    from_rank: Mapped[int]
    parts_e2: Mapped[int]


class QfCalculation(Recorded, Base):
    """[I] One row per QF computed by a formula: its inputs, its result and the `qf` row it gave, if it was kept."""

    __tablename__ = "qf_calculation"
    __table_args__ = (
        one_of("source", "tax_notice", "payslips", "declared"),
        CheckConstraint("adults in (1, 2) and children >= 0", name="household"),
        CheckConstraint("disabled_children between 0 and children", name="disabled_children"),
        CheckConstraint("parts_e2 > 0 and result_e2 >= 0", name="result"),
        CheckConstraint("income_months between 1 and 12", name="income_months"),
        {"info": IMMUTABLE},
    )

    id: Mapped[Id]
    family_id: Mapped[int] = references("family.id")
    payer_id: Mapped[int | None] = references("payer.id", nullable=True)
    formula_id: Mapped[int] = references("qf_formula.id")
    income_year: Mapped[int]
    annual_income_cents: Mapped[Micros]
    income_months: Mapped[int]
    monthly_benefits_cents: Mapped[Micros]
    adults: Mapped[int]
    children: Mapped[int]
    disabled_children: Mapped[int]
    parts_e2: Mapped[int]
    result_e2: Mapped[int]
    source: Mapped[Code]
    document_id: Mapped[int | None] = references("document.id", nullable=True)
    qf_id: Mapped[int | None] = references("qf.id", nullable=True)


class QuotientBatch(Recorded, Base):
    """One row per refresh of the whole town from API Particulier for one month; open until `finished_at`.

    A refresh that was interrupted goes on with the open batch: whoever has an answer in it is not asked again.
    """

    __tablename__ = "quotient_batch"

    id: Mapped[Id]
    month: Mapped[Day]
    finished_at: Mapped[Micros | None]


class QuotientAnswer(Recorded, Base):
    """[I] One row per question put to API Particulier: what was asked, the status, and the figures answered.

    `outcome` is what it means: `not_yet` early in a month is « wait », never « no QF » (CAF notes §4.2). `sha256`
    is that of the answer's bytes, which are not kept: they name the whole household.
    """

    __tablename__ = "quotient_answer"
    __table_args__ = (
        Index("ix_quotient_answer_family_month", "family_id", "month"),
        UniqueConstraint("batch_id", "family_id", "person_id", "endpoint"),
        one_of("endpoint", "quotient", "eaje"),
        one_of("outcome", *QUOTIENT_OUTCOMES),
        {"info": IMMUTABLE},
    )

    id: Mapped[Id]
    batch_id: Mapped[int | None] = references("quotient_batch.id", index=False, nullable=True)
    family_id: Mapped[int] = references("family.id", index=False)
    payer_id: Mapped[int | None] = references("payer.id", nullable=True)
    person_id: Mapped[int] = references("person.id")
    endpoint: Mapped[Code]
    month: Mapped[date] = mapped_column(Date)
    status: Mapped[int]
    outcome: Mapped[Code]
    error_code: Mapped[str | None] = mapped_column(String(20))
    sha256: Mapped[str | None] = mapped_column(String(64))
    provider: Mapped[str | None] = mapped_column(String(20))
    value_e2: Mapped[int | None]
    annual_cents: Mapped[Micros | None]
    children_count: Mapped[int | None]
    aeeh_count: Mapped[int | None]
    qf_id: Mapped[int | None] = references("qf.id", nullable=True)
    income_id: Mapped[int | None] = references("income.id", nullable=True)
