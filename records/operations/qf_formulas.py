"""The town's own QF: its dated formula, and the calculations made with it (domain notes §3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.french import short_date
from domain.quotients import Computed, Formula, Household, Part, Resources, compute, formula_faults
from records.actors import Actor, Right
from records.database import Records
from records.models import Family, Payer, QfCalculation, QfFormula, QfFormulaPart
from records.operations.family_facts import NewQf, add_qf_row, check_qf
from records.operations.lookup import add, invalid
from records.operations.merged import ids_with_merged, kept_by_ref, payer_of
from records.operations.registry import Scope, operation
from records.operations.versions import add_version, version_on

SOURCES = ("tax_notice", "payslips", "declared")


@dataclass(frozen=True, slots=True)
class NewCalculation:
    """What a desk types to compute a QF; `keep` makes it the family's QF from `effective_from` on.

    `source` is tax_notice, payslips or declared. Without `keep` it is a trial: stored, and priced with by nobody.
    """

    family_ref: str
    effective_from: date
    resources: Resources
    household: Household
    source: str
    payer_ref: str | None = None
    keep: bool = True


@dataclass(frozen=True, slots=True)
class Calculation:
    """A calculation as it was made; `qf_id` is the QF it gave, None for a trial."""

    calculation_id: int
    result_e2: int
    parts_e2: int
    explanation: tuple[str, ...]
    source: str
    payer_ref: str | None
    recorded_at: int
    recorded_by: str
    qf_id: int | None


@operation(Right.EDIT_REFERENCE)
def publish_qf_formula(records: Records, actor: Actor, formula: Formula) -> int:
    """Add the formula from a day on; earlier ones stay, and one of the same day stands instead. Returns its id.

    Raises InvalidData naming each fault.
    """
    faults = formula_faults(formula)
    if not formula.decision.strip():
        faults.append("Indiquez la délibération qui fixe la formule.")
    if faults:
        raise invalid(" ".join(faults))
    with records.write(actor, "publish_qf_formula") as write:
        values = {
            name: getattr(formula, name)
            for name in (
                "valid_from", "decision", "form", "abatement_e4", "counts_benefits", "step_e2", "floor_e2",
                "ceiling_e2",
            )
        }  # fmt: skip
        row = add_version(write, QfFormula, {}, values)
        for part in formula.parts:
            add(
                write,
                QfFormulaPart(formula_id=row.id, who=part.who, from_rank=part.from_rank, parts_e2=part.parts_e2),
            )
        return row.id


@operation(Right.SEE_FAMILIES, Scope.ANYWHERE)
def qf_formulas(records: Records, actor: Actor) -> list[Formula]:
    """Return every formula that was published, the latest first; the first of a day is the one that stands."""
    with records.read() as session:
        rows = session.scalars(select(QfFormula).order_by(QfFormula.valid_from.desc(), QfFormula.seq.desc()))
        return [_formula(session, row) for row in rows]


@operation(Right.EDIT_FAMILIES, Scope.ANYWHERE)
def compute_qf(records: Records, actor: Actor, new: NewCalculation) -> Calculation:
    """Compute a QF by the formula in force on its day of effect; keep inputs, result and source.

    Raises InvalidData when no formula is in force or a value is impossible; NotFound for an unknown file.
    """
    if new.source not in SOURCES:
        raise invalid(f"Origine des revenus inconnue : « {new.source} ».", source=new.source)
    with records.write(actor, "compute_qf") as write:
        session = write.session
        family = kept_by_ref(session, Family, new.family_ref)
        payer = payer_of(session, family, new.payer_ref)
        payer_id = None if payer is None else payer.id
        row = version_on(session, QfFormula, {}, new.effective_from)
        if row is None:
            raise invalid(
                f"Aucune formule de QF n'est en vigueur le {short_date(new.effective_from)}. "
                "Un administrateur doit d'abord saisir celle de la commune."
            )
        computed = compute(_formula(session, row), new.resources, new.household)
        qf_id = None
        if new.keep:
            qf = NewQf(computed.result_e2, "computed", new.effective_from, new.payer_ref)
            check_qf(qf)
            qf_id = add_qf_row(write, family.id, payer_id, qf)
        made = _calculation_row(new, computed)
        made.family_id, made.payer_id, made.formula_id, made.qf_id = family.id, payer_id, row.id, qf_id
        made.recorded_at, made.recorded_by = write.now, actor.signature
        add(write, made)
        return _told(made, computed, new.payer_ref)


@operation(Right.SEE_FAMILIES, Scope.ANYWHERE)
def qf_calculations(records: Records, actor: Actor, family_ref: str) -> list[Calculation]:
    """Return the calculations of a file with their explanations, the latest first. Raises NotFound."""
    with records.read() as session:
        family = kept_by_ref(session, Family, family_ref)
        rows = session.execute(
            select(QfCalculation, QfFormula, Payer.ref)
            .join(QfFormula, QfFormula.id == QfCalculation.formula_id)
            .outerjoin(Payer, Payer.id == QfCalculation.payer_id)
            .where(QfCalculation.family_id.in_(ids_with_merged(session, Family, family.id)))
            .order_by(QfCalculation.id.desc())
        ).all()
        return [_told(row, _computed_again(session, row, formula), payer) for row, formula, payer in rows]


def _formula(session: Session, row: QfFormula) -> Formula:
    parts = session.scalars(
        select(QfFormulaPart).where(QfFormulaPart.formula_id == row.id).order_by(QfFormulaPart.id)
    )
    return Formula(
        row.valid_from,
        row.decision,
        row.form,
        row.abatement_e4,
        row.counts_benefits,
        tuple(Part(part.who, part.from_rank, part.parts_e2) for part in parts),
        row.step_e2,
        row.floor_e2,
        row.ceiling_e2,
    )


def _calculation_row(new: NewCalculation, computed: Computed) -> QfCalculation:
    return QfCalculation(
        income_year=new.resources.year,
        annual_income_cents=new.resources.income_cents,
        income_months=new.resources.months,
        monthly_benefits_cents=new.resources.monthly_benefits_cents,
        adults=new.household.adults,
        children=new.household.children,
        disabled_children=new.household.disabled_children,
        parts_e2=computed.parts_e2,
        result_e2=computed.result_e2,
        source=new.source,
    )


def _computed_again(session: Session, row: QfCalculation, formula: QfFormula) -> Computed:
    """Explain a calculation from its stored inputs: a formula is never edited, so it gives the same result."""
    dated = _formula(session, formula)
    tax_parts = None if dated.parts else row.parts_e2
    return compute(
        dated,
        Resources(row.income_year, row.annual_income_cents, row.monthly_benefits_cents, row.income_months),
        Household(row.adults, row.children, row.disabled_children, tax_parts),
    )


def _told(row: QfCalculation, computed: Computed, payer_ref: str | None) -> Calculation:
    return Calculation(
        row.id,
        row.result_e2,
        row.parts_e2,
        computed.explanation,
        row.source,
        payer_ref,
        row.recorded_at,
        row.recorded_by,
        row.qf_id,
    )
