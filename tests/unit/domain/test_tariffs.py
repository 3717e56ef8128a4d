"""Is a price list whole: every QF has one price for every category and formula, or the fault names it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.french import NBSP
from domain.tariffs import RuleConditions, faults

LOW = RuleConditions("QF sous 350", None, None, None, 35_000)
HIGH = RuleConditions("QF à partir de 350", None, None, 35_000, None)
ALL = RuleConditions("Tous", None, None, None, None)


def said(
    rules: list[RuleConditions], categories: tuple[str, ...] = (), formulas: tuple[str, ...] = ()
) -> list[str]:
    """Return the faults with ordinary spaces."""
    return [fault.replace(NBSP, " ") for fault in faults(rules, categories, formulas)]


def test_bands_from_0_to_no_end_are_whole() -> None:
    assert said([LOW, HIGH]) == []
    assert said([ALL]) == []


def test_list_without_a_price_is_refused() -> None:
    assert said([]) == ["La grille n'a aucun prix."]


def test_single_qf_without_a_price_is_named() -> None:
    # A real town published « 1 700 à < 1 900 » then « > 1 900 » (CAF notes §4.3).
    rules = [
        RuleConditions("A", None, None, None, 170_000),
        RuleConditions("B", None, None, 170_000, 190_000),
        RuleConditions("C", None, None, 190_001, None),
    ]
    assert said(rules) == ["QF 1 900 n'a pas de prix."]


def test_wider_gap_names_both_its_ends() -> None:
    assert said([replace(LOW, qf_to_e2=30_050), HIGH]) == [
        "QF 300,50 n'a pas de prix, ni ceux qui suivent jusqu'à 350 exclu."
    ]


def test_gap_at_the_bottom_and_at_the_top_are_named() -> None:
    assert said([replace(HIGH, qf_to_e2=90_000)]) == [
        "QF 0 n'a pas de prix, ni ceux qui suivent jusqu'à 350 exclu.",
        "QF 900 et au-dessus : pas de prix.",
    ]


def test_bands_that_share_a_qf_are_named() -> None:
    assert said([replace(LOW, qf_to_e2=40_000), HIGH]) == [
        "QF 350 a deux prix : « QF sous 350 » (de 0 à moins de 400) et « QF à partir de 350 » (à partir de 350)."
    ]


def test_exception_before_the_general_rule_is_no_double_price() -> None:
    assert said([LOW, ALL]) == []


def test_two_general_rules_are_a_double_price() -> None:
    assert len(said([ALL, replace(ALL, label="Encore")])) == 1


def test_rule_hidden_by_those_before_it_is_named() -> None:
    hidden = replace(LOW, label="Enfant", category="enfant")
    assert said([ALL, hidden]) == ["La ligne « Enfant » ne s'applique jamais : celles d'avant la couvrent toute."]


def test_empty_band_and_unknown_formula_are_named() -> None:
    backwards = replace(LOW, qf_from_e2=40_000)
    assert said([backwards]) == ["La ligne « QF sous 350 » a une tranche de QF vide (de 400 à moins de 350)."]
    assert said([replace(ALL, formula="soir")]) == ["La ligne « Tous » nomme une formule inconnue : « soir »."]


def test_each_category_and_formula_must_be_whole_by_itself() -> None:
    child = [replace(LOW, category="enfant"), replace(HIGH, category="enfant")]
    assert said(child) == []
    assert said(child, ("enfant", "adulte")) == ["Aucun QF n'a de prix (catégorie « adulte »)."]
    assert said([replace(ALL, formula="matin")], (), ("matin", "journee")) == [
        "Aucun QF n'a de prix (formule « journee »)."
    ]
    assert said([*child[:1]], ("enfant",)) == ["QF 350 et au-dessus : pas de prix (catégorie « enfant »)."]


def test_general_rule_prices_the_categories_that_no_rule_names() -> None:
    special = replace(ALL, label="Gratuit", category="panier_repas")
    assert said([special, LOW, HIGH], ("enfant", "panier_repas")) == []


BOUNDS = st.sets(st.integers(1, 500_000), max_size=5).map(sorted)


@given(BOUNDS)
def test_any_partition_is_whole_and_loses_it_with_any_of_its_bands(bounds: list[int]) -> None:
    edges = [None, *bounds, None]
    rules = [
        RuleConditions(f"tranche {place}", None, None, edges[place], edges[place + 1])
        for place in range(len(edges) - 1)
    ]
    assert said(rules) == []
    for place in range(len(rules)):
        assert said(rules[:place] + rules[place + 1 :]) != []


@pytest.mark.parametrize("shift", [-1, 1])
def test_moving_one_edge_by_a_hundredth_is_always_seen(shift: int) -> None:
    assert said([replace(LOW, qf_to_e2=35_000 + shift), HIGH]) != []


def test_commune_that_no_line_names_must_meet_a_price() -> None:
    inside = RuleConditions("Territoire", None, None, None, None, residence="territoire")
    found = faults([inside], [], [])
    assert found == ["Aucun QF n'a de prix (autre résidence)."]


def test_third_child_has_a_price_of_its_own_before_the_others() -> None:
    third = RuleConditions("Troisième", None, None, None, None, rank_from=3)
    others = RuleConditions("Tous", None, None, None, None)
    assert faults([third, others], [], []) == []
    assert "rang dans la fratrie 3 a deux prix" in faults([others, third], [], [])[0].replace("\u00a0", " ")


def test_two_bands_of_ranks_that_meet_are_told() -> None:
    first = RuleConditions("Premiers", None, None, None, None, rank_to=2)
    last = RuleConditions("Suivants", None, None, None, None, rank_from=2)
    assert "rang dans la fratrie 2 a deux prix" in faults([first, last], [], [])[0].replace("\u00a0", " ")


def test_number_of_children_without_a_price_is_named() -> None:
    alone = RuleConditions("Seul", None, None, None, None, siblings_to=1)
    many = RuleConditions("À trois", None, None, None, None, siblings_from=3)
    found = faults([alone, many], [], [])
    assert [fault.replace("\u00a0", " ") for fault in found] == ["Aucun QF n'a de prix (enfants comptés 2)."]


def test_what_modifies_a_price_leaves_no_hole_and_fills_none() -> None:
    late = RuleConditions("Tard", None, None, None, None, is_booked_late=True, form="percent")
    base = RuleConditions("Tous", None, None, None, None)
    assert faults([base, late], [], []) == []
    assert faults([late], [], []) == ["La grille n'a aucun prix."]
