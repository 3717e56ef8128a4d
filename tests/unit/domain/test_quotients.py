"""The town's own QF formula: exact, bounded, rounded once, and explained."""

from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidData
from domain.quotients import (
    Formula,
    Household,
    Part,
    Resources,
    compute,
    count_parts,
    formula_faults,
    published_from,
    school_year_start,
)

PARTS = (
    Part("couple", 1, 200),
    Part("single", 1, 200),
    Part("child", 1, 50),
    Part("child", 3, 100),
    Part("child", 4, 50),
    Part("disabled", 1, 50),
)
FORMULA = Formula(date(2026, 9, 1), "Délibération 2026-50", "composition", 0, True, PARTS)
TAX_FORMULA = replace(FORMULA, form="tax_parts", parts=())
RESOURCES = Resources(2024, 3_120_000, 14_852)

households = st.builds(
    lambda adults, children, disabled: Household(adults, children, min(disabled, children)),
    st.sampled_from((1, 2)),
    st.integers(0, 9),
    st.integers(0, 9),
)
resources = st.builds(Resources, st.just(2024), st.integers(0, 10**9), st.integers(0, 10**6), st.integers(1, 12))
formulas = st.builds(
    lambda abatement, benefits, step: replace(
        FORMULA, abatement_e4=abatement, counts_benefits=benefits, step_e2=step
    ),
    st.integers(0, 10_000),
    st.booleans(),
    st.sampled_from((1, 10, 50, 100)),
)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize(("disabled", "expected"), [(0, 91_617), (1, 78_529)])
def test_the_published_example_of_a_couple_with_two_children(disabled: int, expected: int) -> None:
    assert compute(FORMULA, RESOURCES, Household(2, 2, disabled)).result_e2 == expected


@pytest.mark.parametrize(
    ("household", "parts_e2"),
    [(Household(1, 0), 200), (Household(2, 1), 250), (Household(2, 3), 400), (Household(2, 5, 1), 550)],
)
def test_parts_follow_the_rank_of_each_child(household: Household, parts_e2: int) -> None:
    assert count_parts(FORMULA, household) == parts_e2


def test_parts_may_be_read_on_the_tax_notice() -> None:
    assert compute(TAX_FORMULA, Resources(2024, 1_200_000, 0), Household(2, 2, 0, 250)).result_e2 == 40_000


def test_the_calculation_is_told_line_by_line() -> None:
    formula = replace(FORMULA, abatement_e4=1_000, ceiling_e2=80_000)
    told = [plain(line) for line in compute(formula, RESOURCES, Household(2, 2)).explanation]
    assert told == [
        "Revenus de 2024 : 31 200,00 €.",
        "Abattement : 10,00 %.",
        "Par mois (÷ 12) : 2 340,00 €.",
        "Prestations du mois : + 148,52 €.",
        "Parts : 3 (couple, 2 enfants).",
        "QF : 2 488,52 € ÷ 3, ramené au plafond de 800, arrondi une seule fois : 800.",
        "Formule du 01/09/2026 : Délibération 2026-50.",
    ]


def test_a_half_is_rounded_up_once() -> None:
    # 0.5 cent over a month for one part: 0.005 becomes 0.01, and 1.5 becomes 2 when the step is a unit.
    one_part = replace(TAX_FORMULA, counts_benefits=False)
    assert compute(one_part, Resources(2024, 6, 0), Household(1, 0, 0, 100)).result_e2 == 1
    whole = replace(one_part, step_e2=100)
    assert compute(whole, Resources(2024, 1_800, 0), Household(1, 0, 0, 100)).result_e2 == 200
    assert compute(whole, Resources(2024, 1_799, 0), Household(1, 0, 0, 100)).result_e2 == 100


def test_floor_holds_when_there_is_no_income() -> None:
    assert compute(replace(FORMULA, floor_e2=10_000), Resources(2024, 0, 0), Household(1, 1)).result_e2 == 10_000


@pytest.mark.parametrize(
    ("given_resources", "household", "words"),
    [
        (RESOURCES, Household(3, 0), "un ou deux adultes"),
        (RESOURCES, Household(2, 1, 2), "parmi les enfants"),
        (replace(RESOURCES, income_cents=-1), Household(2, 1), "négatif"),
        (replace(RESOURCES, months=0), Household(2, 1), "de 1 à 12 mois"),
        (RESOURCES, Household(2, 1, 0, 300), "d'après le foyer"),
    ],
)
def test_impossible_values_are_refused_in_words(
    given_resources: Resources, household: Household, words: str
) -> None:
    with pytest.raises(InvalidData, match=words):
        compute(FORMULA, given_resources, household)


def test_missing_tax_parts_are_an_error_and_never_a_number() -> None:
    with pytest.raises(InvalidData, match="nombre de parts"):
        compute(TAX_FORMULA, RESOURCES, Household(2, 2))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"form": "eval"}, "Forme de calcul inconnue"),
        ({"abatement_e4": 10_001}, "de 0 à 100"),
        ({"step_e2": 0}, "pas de l'arrondi"),
        ({"floor_e2": 500, "ceiling_e2": 400}, "plus bas que son plafond"),
        ({"floor_e2": 550, "step_e2": 100}, "tomber sur le pas"),
        ({"parts": PARTS[1:]}, "les parts pour un couple"),
        ({"parts": PARTS[:5]}, "handicapé, même s'il n'y en a aucune"),
        ({"parts": (*PARTS, PARTS[2])}, "données deux fois"),
        ({"parts": (*PARTS, Part("dog", 1, 50))}, "à qui donner"),
        ({"form": "tax_parts"}, "ne donnez pas de parts"),
    ],
)
def test_a_formula_that_cannot_be_applied_says_why(changes: dict[str, object], words: str) -> None:
    assert words in plain(" ".join(formula_faults(replace(FORMULA, **changes))))  # type: ignore[arg-type]


def test_a_sound_formula_has_no_fault() -> None:
    assert formula_faults(FORMULA) == formula_faults(TAX_FORMULA) == []


@given(formulas, resources, households)
def test_the_result_is_the_exact_quotient_rounded_half_up_once(
    formula: Formula, given_resources: Resources, household: Household
) -> None:
    # An oracle in integers: numerator and denominator of the QF in steps, then the nearest whole number.
    benefits = given_resources.monthly_benefits_cents if formula.counts_benefits else 0
    kept = given_resources.income_cents * (10_000 - formula.abatement_e4)
    above = (kept + benefits * 10_000 * given_resources.months) * 100
    below = 10_000 * given_resources.months * count_parts(formula, household) * formula.step_e2
    expected = (2 * above + below) // (2 * below) * formula.step_e2
    assert compute(formula, given_resources, household).result_e2 == expected


@given(resources, households, st.integers(0, 10**6))
def test_more_income_never_lowers_the_qf(given_resources: Resources, household: Household, more: int) -> None:
    richer = replace(given_resources, income_cents=given_resources.income_cents + more)
    assert compute(FORMULA, richer, household).result_e2 >= compute(FORMULA, given_resources, household).result_e2


@given(resources, households)
def test_one_more_child_never_raises_the_qf(given_resources: Resources, household: Household) -> None:
    larger = replace(household, children=household.children + 1)
    assert (
        compute(FORMULA, given_resources, larger).result_e2
        <= compute(FORMULA, given_resources, household).result_e2
    )


@given(formulas, resources, households, st.integers(0, 500), st.integers(1, 500))
def test_bounds_hold_for_every_household(
    formula: Formula, given_resources: Resources, household: Household, floor: int, width: int
) -> None:
    step = formula.step_e2
    bounded = replace(formula, floor_e2=floor * step, ceiling_e2=(floor + width) * step)
    assert formula_faults(bounded) == []
    result = compute(bounded, given_resources, household).result_e2
    assert floor * step <= result <= (floor + width) * step


@given(resources, households)
def test_the_explanation_ends_with_the_result(given_resources: Resources, household: Household) -> None:
    found = compute(FORMULA, given_resources, household)
    told = plain(found.explanation[-2]).rstrip(".").split(" : ")[-1].replace(" ", "").replace(",", ".")
    assert Decimal(told).quantize(Decimal("0.01"), ROUND_HALF_UP) == Decimal(found.result_e2) / 100


@pytest.mark.parametrize(
    ("month", "day"),
    [
        (date(2025, 2, 1), date(2025, 2, 10)),  # begins on a Saturday: published after the next week-end
        (date(2026, 11, 1), date(2026, 11, 9)),  # begins on a Sunday
        (date(2026, 12, 1), date(2026, 12, 7)),
    ],
)
def test_the_caf_publishes_after_the_first_week_end(month: date, day: date) -> None:
    assert published_from(month) == day


@given(st.dates())
def test_publication_is_a_monday_between_the_4th_and_the_10th(day: date) -> None:
    found = published_from(day.replace(day=1))
    assert found.weekday() == 0
    assert 4 <= found.day <= 10


@given(st.dates(min_value=date(2000, 1, 1), max_value=date(2100, 1, 1)))
def test_a_school_year_holds_each_of_its_days(day: date) -> None:
    start = school_year_start(day)
    assert (start.month, start.day) == (9, 1)
    assert start <= day < start.replace(year=start.year + 1)
