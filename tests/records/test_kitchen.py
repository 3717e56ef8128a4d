"""What the kitchen writes: menus, settings, orders in versions, what leaves for the supplier, weights, trays."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from domain.errors import InvalidData, NotAllowed, ParameterMissing
from domain.french import NBSP
from records.actors import SETUP, Actor, Grant
from records.database import Records
from records.models import HealthAccess, MealOrder, MessageOutbox
from records.operations import kitchen_settings, kitchen_today, meal_orders, meal_wastes, menus, trays
from records.operations.families import NewHealthNote
from records.operations.health import add_health_note
from records.operations.meal_dispatch import send_orders, sent_orders
from tests.factories.people import FamilyRefs, a_badge, a_family, a_tap, a_terminal, an_enrolment
from tests.factories.town import CANTEEN, NOW, OTHER_SCHOOL, SCHOOL, START, TODAY, place_ids

THURSDAY = TODAY + timedelta(days=2)
SETTING = kitchen_settings.NewKitchenSetting(START, "Marché 4", "Cuisine centrale", 900, 300)
LINE = meal_orders.OrderLine(SCHOOL, CANTEEN, THURSDAY, "standard", "Standard", 60, proposed=58)
MEAL = trays.MealAsked(SCHOOL, CANTEEN, TODAY)


def order(records: Records, horizon: str = "firm", **changes: object) -> int:
    """Order one line."""
    return meal_orders.place_orders(records, SETUP, horizon, [replace(LINE, **changes)])  # type: ignore[arg-type]


def ordered(records: Records) -> list[tuple[str, int, int]]:
    """Return horizon, version and quantity of what stands."""
    found = meal_orders.meal_orders(records, SETUP, TODAY, THURSDAY + timedelta(days=1))
    return [(each.horizon, each.seq, each.line.quantity) for each in found]


def at(ref: str, records: Records) -> Actor:
    """Return the kitchen of one school."""
    return Actor("Odile", (Grant("kitchen", place_ids(records)[ref]),))


def test_a_menu_takes_the_place_of_the_one_of_its_day(town: Records) -> None:
    first = menus.NewMenu(TODAY, "Poisson pané", "fish")
    assert menus.set_menus(town, SETUP, [first, replace(first, structure_ref=SCHOOL, dish="vegetarian")]) == 2
    assert menus.set_menus(town, SETUP, [first]) == 0
    assert menus.set_menus(town, SETUP, [replace(first, label="Colin")]) == 1
    found = menus.list_menus(town, SETUP, TODAY, THURSDAY)
    assert [(each.label, each.structure_ref, each.is_vegetarian) for each in found] == [
        ("Colin", None, False),
        ("Poisson pané", SCHOOL, True),
    ]


def test_a_menu_of_the_whole_town_is_not_written_from_one_school(town: Records) -> None:
    with pytest.raises(NotAllowed):
        menus.set_menus(town, at(SCHOOL, town), [menus.NewMenu(TODAY, "Colin", "fish")])
    assert menus.set_menus(town, at(SCHOOL, town), [menus.NewMenu(TODAY, "Colin", "fish", SCHOOL)]) == 1


@pytest.mark.parametrize(("label", "dish"), [(" ", "fish"), ("x" * 201, "fish"), ("Colin", "poisson")])
def test_a_menu_without_words_or_of_no_known_dish_is_refused(town: Records, label: str, dish: str) -> None:
    with pytest.raises(InvalidData, match="Rien n'a été enregistré"):
        menus.set_menus(town, SETUP, [menus.NewMenu(TODAY, label, dish)])


def test_a_place_has_its_own_settings_before_the_towns_and_former_ones_stay(town: Records) -> None:
    kitchen_settings.set_kitchen(town, SETUP, SETTING)
    kitchen_settings.set_kitchen(town, SETUP, replace(SETTING, structure_ref=SCHOOL, pack=5, valid_from=TODAY))
    assert kitchen_settings.kitchens_on(town, SETUP, START)[SCHOOL].pack == 1
    now = kitchen_settings.kitchens_on(town, SETUP, TODAY)
    assert (now[SCHOOL].pack, now[OTHER_SCHOOL].pack) == (5, 1)


def test_all_versions_are_told_oldest_first_and_those_of_other_schools_are_not(town: Records) -> None:
    kitchen_settings.set_kitchen(town, SETUP, replace(SETTING, structure_ref=OTHER_SCHOOL))
    kitchen_settings.set_kitchen(town, SETUP, replace(SETTING, pack=5, valid_from=TODAY))
    kitchen_settings.set_kitchen(town, SETUP, SETTING)
    told = [
        (each.structure_ref, each.valid_from, each.pack) for each in kitchen_settings.kitchen_versions(town, SETUP)
    ]
    assert told == [(OTHER_SCHOOL, START, 1), (None, START, 1), (None, TODAY, 5)]
    own = kitchen_settings.kitchen_versions(town, at(SCHOOL, town))
    assert [(each.structure_ref, each.pack) for each in own] == [(None, 1), (None, 5)]


@pytest.mark.parametrize(
    "wrong",
    [
        {"supplier": " "},
        {"mail": "cuisine"},
        {"pack": 0},
        {"minimum": 1001},
        {"firm_days": 40},
        {"missing_cents": 0},
    ],
)
def test_settings_nobody_can_order_with_are_refused(town: Records, wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidData):
        kitchen_settings.set_kitchen(town, SETUP, replace(SETTING, **wrong))  # type: ignore[arg-type]


def test_an_order_has_versions_and_a_later_horizon_takes_its_place(town: Records) -> None:
    assert order(town) == 1
    assert order(town) == 0
    assert order(town, quantity=55) == 1
    assert ordered(town) == [("firm", 2, 55)]
    order(town, "day_before", quantity=52)
    assert ordered(town) == [("day_before", 1, 52)]
    with pytest.raises(InvalidData, match="ajustement de la veille"):
        order(town, quantity=70)
    with town.read() as session:
        assert session.scalars(select(MealOrder.quantity).order_by(MealOrder.id)).all() == [60, 55, 52]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"quantity": -1}, "ne se commandent pas"),
        ({"quantity": 100_001}, "ne se commandent pas"),
        ({"quantity": 167}, "vérifiez le nombre"),
        ({"diet_code": "panier_repas"}, "ne se commande pas"),
        ({"day": date(2026, 11, 23)}, "est passé"),
        ({"structure_ref": "x"}, "Structure inconnue"),
        ({"service_ref": "x"}, "Service inconnu"),
    ],
)
def test_an_order_that_cannot_be_is_refused_and_explained(
    town: Records, wrong: dict[str, object], said: str
) -> None:
    with pytest.raises(InvalidData) as refused:
        order(town, **wrong)  # type: ignore[arg-type]
    assert said in refused.value.message.replace(NBSP, " ")
    assert ordered(town) == []


def test_far_more_than_proposed_is_ordered_with_its_reason(town: Records) -> None:
    assert order(town, quantity=200, reason="Repas de Noël ouvert aux parents") == 1


def test_the_same_diet_is_not_ordered_twice_nor_at_an_unknown_horizon(town: Records) -> None:
    with pytest.raises(InvalidData, match="deux fois"):
        meal_orders.place_orders(town, SETUP, "firm", [LINE, LINE])
    with pytest.raises(InvalidData, match="Échéance"):
        order(town, "hier")


def test_an_order_leaves_once_for_each_supplier_and_again_when_it_changes(town: Records) -> None:
    kitchen_settings.set_kitchen(town, SETUP, replace(SETTING, mail="commandes@cuisine.example"))
    order(town)
    end = THURSDAY + timedelta(days=1)
    (sent,) = send_orders(town, SETUP, "firm", TODAY, end)
    assert (sent.supplier, sent.portions) == ("Cuisine centrale", 60)
    assert send_orders(town, SETUP, "firm", TODAY, end) == []
    order(town, quantity=62)
    assert [each.portions for each in send_orders(town, SETUP, "firm", TODAY, end)] == [62]
    assert [each.portions for each in sent_orders(town, SETUP, TODAY, end)] == [62, 60]
    with town.read() as session:
        assert len(session.scalars(select(MessageOutbox.id).where(MessageOutbox.kind == "meal_order")).all()) == 2


def test_what_cannot_leave_says_what_is_missing(town: Records) -> None:
    end = THURSDAY + timedelta(days=1)
    with pytest.raises(InvalidData, match="Rien n'est commandé"):
        send_orders(town, SETUP, "firm", TODAY, end)
    order(town)
    with pytest.raises(ParameterMissing, match="réglages de la cuisine"):
        send_orders(town, SETUP, "firm", TODAY, end)
    kitchen_settings.set_kitchen(town, SETUP, SETTING)
    with pytest.raises(InvalidData, match="n'a pas d'adresse"):
        send_orders(town, SETUP, "firm", TODAY, end)


def test_a_school_orders_and_sends_its_own_meals_alone(town: Records) -> None:
    kitchen_settings.set_kitchen(town, SETUP, replace(SETTING, mail="commandes@cuisine.example"))
    order(town)
    order(town, structure_ref=OTHER_SCHOOL, quantity=30)
    with pytest.raises(NotAllowed):
        meal_orders.place_orders(town, at(OTHER_SCHOOL, town), "firm", [LINE])
    (sent,) = send_orders(town, at(OTHER_SCHOOL, town), "firm", TODAY, THURSDAY + timedelta(days=1))
    assert sent.portions == 30


def test_a_weight_is_corrected_by_another_and_never_of_a_day_to_come(town: Records) -> None:
    weighed = meal_wastes.Weighed(SCHOOL, CANTEEN, TODAY, "plates", 2_400)
    assert meal_wastes.weigh_waste(town, SETUP, weighed)
    assert not meal_wastes.weigh_waste(town, SETUP, weighed)
    assert meal_wastes.weigh_waste(town, SETUP, replace(weighed, grams=2_100))
    assert [each.grams for each in meal_wastes.weighed_wastes(town, SETUP, TODAY, THURSDAY)] == [2_100]
    for wrong in ({"grams": -1}, {"kind": "x"}, {"day": THURSDAY}):
        with pytest.raises(InvalidData):
            meal_wastes.weigh_waste(town, SETUP, replace(weighed, **wrong))


@pytest.fixture
def eaters(town: Records) -> tuple[FamilyRefs, FamilyRefs]:
    """Léa, with a PAI, who came; Tom, who brings a basket."""
    lea = a_family(town)
    tom = a_family(town, "Petit", children=("Tom",), diet="panier_repas")
    an_enrolment(town, lea)
    an_enrolment(town, tom, category="panier_repas")
    for kind in ("pai", "allergy"):
        add_health_note(town, SETUP, lea.child, NewHealthNote(kind, "Arachide : trousse", START))
    a_tap(town, a_terminal(town), 705, badge_uid=a_badge(town, lea.child))
    return lea, tom


def test_the_day_counts_expected_arrived_served_diets_and_allergies(
    town: Records, eaters: tuple[FamilyRefs, FamilyRefs]
) -> None:
    found = kitchen_today.kitchen_today(town, SETUP, TODAY, NOW + 4 * 3_600_000_000)
    meal = next(each for each in found if each.structure_ref == SCHOOL)
    assert (meal.expected, meal.arrived, meal.served, meal.to_order) == (2, 1, 1, 1)
    assert (meal.allergies, meal.pai, meal.unexpected) == (1, 1, 0)
    assert [(each.label, each.is_basket, each.expected, each.served) for each in meal.diets] == [
        ("Standard", False, 1, 1),
        ("Panier repas", True, 1, 0),
    ]
    assert {each.service_ref for each in found} == {CANTEEN}


def test_trays_are_named_for_who_serves_ticked_and_each_reading_is_kept(
    town: Records, eaters: tuple[FamilyRefs, FamilyRefs]
) -> None:
    lea, tom = eaters
    found = trays.trays_of_day(town, SETUP, MEAL)
    assert [(each.person_ref, each.is_basket, each.notes, each.is_served) for each in found] == [
        (lea.child, False, ("Arachide : trousse",) * 2, False),
        (tom.child, True, (), False),
    ]
    assert trays.mark_tray(town, SETUP, MEAL, lea.child, True)
    assert not trays.mark_tray(town, SETUP, MEAL, lea.child, True)
    assert [each.is_served for each in trays.trays_of_day(town, SETUP, MEAL)] == [True, False]
    assert trays.mark_tray(town, SETUP, MEAL, lea.child, False)
    assert not any(each.is_served for each in trays.trays_of_day(town, SETUP, MEAL))
    with town.read() as session:
        assert "trays_of_day" in session.scalars(select(HealthAccess.operation)).all()
    with pytest.raises(NotAllowed):
        trays.trays_of_day(town, at(SCHOOL, town), MEAL)
    with pytest.raises(InvalidData, match="ne sert pas de repas"):
        trays.mark_tray(town, SETUP, replace(MEAL, service_ref="garderie-soir"), lea.child, True)
