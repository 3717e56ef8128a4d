"""The town's formula as dated rows, and what is kept of each calculation."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from domain.errors import InvalidData
from domain.quotients import Formula, Household, Part, Resources
from records.actors import SETUP
from records.database import Records
from records.models import AuditEntry, Qf
from records.operations.qf_formulas import (
    NewCalculation,
    compute_qf,
    publish_qf_formula,
    qf_calculations,
    qf_formulas,
)
from tests.factories.people import FamilyRefs, a_family
from tests.factories.town import START, TODAY

PARTS = tuple(
    Part(who, rank, parts)
    for who, rank, parts in (
        ("couple", 1, 200), ("single", 1, 200), ("child", 1, 50), ("child", 3, 100), ("disabled", 1, 50),
    )
)  # fmt: skip
FORMULA = Formula(START, "Délibération 2026-50", "composition", 0, True, PARTS)
RESOURCES = Resources(2024, 3_120_000, 14_852)
COUPLE = Household(2, 2)


@pytest.fixture
def family(town: Records) -> FamilyRefs:
    """A file of two guardians, each a payer, whose QF is not known."""
    return a_family(town, guardians=2)


def calculation(family: FamilyRefs, **changes: object) -> NewCalculation:
    new = NewCalculation(family.ref, TODAY, RESOURCES, COUPLE, "tax_notice")
    return replace(new, **changes)  # type: ignore[arg-type]


def qfs(records: Records) -> list[tuple[date, int, str]]:
    with records.read() as session:
        return [
            (row.effective_from, row.value_e2, row.source) for row in session.scalars(select(Qf).order_by(Qf.id))
        ]


def test_a_computed_qf_is_added_with_its_inputs_and_its_explanation(town: Records, family: FamilyRefs) -> None:
    publish_qf_formula(town, SETUP, FORMULA)
    made = compute_qf(town, SETUP, calculation(family))
    assert qfs(town) == [(START, 999_900, "default"), (TODAY, 91_617, "computed")]
    assert (made.result_e2, made.parts_e2, made.source) == (91_617, 300, "tax_notice")
    assert qf_calculations(town, SETUP, family.ref) == [made]
    assert "916,17" in made.explanation[-2]


def test_a_trial_is_kept_and_changes_no_qf(town: Records, family: FamilyRefs) -> None:
    publish_qf_formula(town, SETUP, FORMULA)
    made = compute_qf(town, SETUP, calculation(family, keep=False))
    assert made.qf_id is None
    assert qfs(town) == [(START, 999_900, "default")]
    assert len(qf_calculations(town, SETUP, family.ref)) == 1


def test_the_formula_in_force_on_the_day_of_effect_computes(town: Records, family: FamilyRefs) -> None:
    publish_qf_formula(town, SETUP, FORMULA)
    publish_qf_formula(town, SETUP, replace(FORMULA, valid_from=date(2027, 1, 1), abatement_e4=1_000))
    before = compute_qf(town, SETUP, calculation(family, keep=False))
    after = compute_qf(town, SETUP, calculation(family, keep=False, effective_from=date(2027, 1, 1)))
    assert (before.result_e2, after.result_e2) == (91_617, 82_951)
    # A later formula never changes how an earlier calculation is told.
    assert qf_calculations(town, SETUP, family.ref) == [after, before]


def test_a_formula_typed_again_for_the_same_day_stands_and_both_are_kept(town: Records, family: FamilyRefs) -> None:
    publish_qf_formula(town, SETUP, replace(FORMULA, abatement_e4=5_000))
    publish_qf_formula(town, SETUP, FORMULA)
    assert compute_qf(town, SETUP, calculation(family)).result_e2 == 91_617
    assert [each.abatement_e4 for each in qf_formulas(town, SETUP)] == [0, 5_000]


def test_without_a_formula_nothing_is_computed(town: Records, family: FamilyRefs) -> None:
    with pytest.raises(InvalidData, match=r"Aucune formule de QF.*24/11/2026.*administrateur"):
        compute_qf(town, SETUP, calculation(family))
    assert qf_calculations(town, SETUP, family.ref) == []


def test_a_formula_with_a_fault_is_refused_whole(town: Records) -> None:
    with pytest.raises(InvalidData, match="les parts pour un couple"):
        publish_qf_formula(town, SETUP, replace(FORMULA, parts=PARTS[1:]))
    with pytest.raises(InvalidData, match="délibération"):
        publish_qf_formula(town, SETUP, replace(FORMULA, decision=" "))
    assert qf_formulas(town, SETUP) == []


def test_separated_parents_have_a_qf_each(town: Records, family: FamilyRefs) -> None:
    publish_qf_formula(town, SETUP, FORMULA)
    compute_qf(town, SETUP, calculation(family, payer_ref=family.payers[1]))
    with town.read() as session:
        assert session.scalars(select(Qf.payer_id).where(Qf.source == "computed")).one() is not None
    other = a_family(town, "Petit")
    with pytest.raises(InvalidData, match="n'appartient pas"):
        compute_qf(town, SETUP, calculation(family, payer_ref=other.payers[0]))


def test_tax_parts_are_read_again_from_the_calculation(town: Records, family: FamilyRefs) -> None:
    publish_qf_formula(town, SETUP, replace(FORMULA, form="tax_parts", parts=()))
    made = compute_qf(town, SETUP, calculation(family, household=Household(2, 2, 0, 250)))
    assert qf_calculations(town, SETUP, family.ref) == [made]


def test_formula_and_calculation_are_audited(town: Records, family: FamilyRefs) -> None:
    publish_qf_formula(town, SETUP, FORMULA)
    compute_qf(town, SETUP, calculation(family))
    with town.read() as session:
        entities = set(session.scalars(select(AuditEntry.entity)))
    assert {"qf_formula", "qf_formula_part", "qf_calculation", "qf"} <= entities
