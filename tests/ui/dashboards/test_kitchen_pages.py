"""What the kitchen does on its pages: the day live, ordering, sending, transfers, weights, trays."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from domain.french import NBSP
from records.actors import SETUP
from records.operations import meal_orders, meal_wastes, menus, trays
from records.operations.families import NewHealthNote
from records.operations.health import add_health_note
from records.operations.kitchen_settings import NewKitchenSetting, set_kitchen
from records.operations.meal_dispatch import sent_orders
from tests.harness.models import publish_without_dbt
from tests.ui.dashboards.conftest import Open
from tests.ui.dashboards.test_staff_pages import NAMES, table_with, words
from tests.ui.town import NOE_BADGE, START, THURSDAY, TODAY, Town

WEEK_END = date(2026, 12, 8)


@pytest.fixture
def kitchen(staff_town: Town) -> Town:
    """The town with its kitchen set and its menus of the week, its figures computed again."""
    records = staff_town.records
    set_kitchen(
        records, SETUP, NewKitchenSetting(START, "Marché", "Cuisine centrale", 900, 300, mail="c@c.example")
    )
    menus.set_menus(records, SETUP, [menus.NewMenu(THURSDAY, "Poisson pané", "fish")])
    return staff_town


def publish(town: Town) -> None:
    """Compute the figures again."""
    file = Path(str(town.records.engine.url.database))
    publish_without_dbt(file.parent, f"sqlite:///{file}", town.clock.now)


def ordered(town: Town) -> list[tuple[str, str, int]]:
    """Return horizon, place and quantity of what stands."""
    found = meal_orders.meal_orders(town.records, SETUP, TODAY, WEEK_END)
    return [(each.horizon, each.line.structure_ref, each.line.quantity) for each in found]


def test_the_day_is_counted_live_with_diets_and_without_names(open_pages: Open, staff_town: Town) -> None:
    add_health_note(staff_town.records, SETUP, "lea", NewHealthNote("allergy", "Arachide", START))
    app = open_pages("cuisine", "cuisine")
    live = table_with(app, "Arrivés")
    assert [list(row)[2:5] for row in live.itertuples(index=False)] == [[2, 1, 1], [1, 1, 1], [3, 2, 2]]
    staff_town.tap("tilleuls", NOE_BADGE, 725)
    said = words(app.run())
    assert next(list(row)[2:5] for row in table_with(app, "Arrivés").itertuples(index=False)) == [2, 2, 2]
    assert "1 allergie et 0 PAI" in said
    assert not any(name in said for name in NAMES)


def test_without_settings_the_page_says_what_is_missing(open_pages: Open) -> None:
    app = open_pages("cuisine", "commande-repas")
    said = words(app)
    assert "Les réglages de la cuisine manquent" in said
    assert "sur 100 prévus" in said or "Jours à venir" in said
    assert not any(name in said for name in NAMES)


def test_a_day_is_ordered_changed_and_sent(open_pages: Open, kitchen: Town) -> None:
    publish(kitchen)
    app = open_pages("cuisine", "commande-repas", commande=str(THURSDAY))
    assert "aucun menu végétarien saisi" in words(app)
    bourg = next(each for each in app.number_input if each.label.startswith("École du Bourg"))
    assert bourg.value
    bourg.set_value(3)
    next(each for each in app.button if each.label == "Enregistrer la commande").click().run()
    assert not app.exception
    assert ("firm", "bourg", 3) in ordered(kitchen)
    assert any("à imprimer" in each.proto.label for each in app.get("download_button"))
    assert "enregistrée" in words(app)
    next(each for each in app.button if each.label == "Envoyer au fournisseur").click().run()
    assert not app.exception
    assert [each.supplier for each in sent_orders(kitchen.records, SETUP, TODAY, WEEK_END)] == ["Cuisine centrale"]


def test_what_is_proposed_is_ordered_in_one_go_and_what_was_changed_stays(open_pages: Open, kitchen: Town) -> None:
    publish(kitchen)
    changed = meal_orders.OrderLine("bourg", "cantine", THURSDAY, "standard", "Standard", 7)
    meal_orders.place_orders(kitchen.records, SETUP, "firm", [changed])
    app = open_pages("cuisine", "commande-repas")
    next(each for each in app.button if each.label.startswith("Tout commander")).click().run()
    assert not app.exception
    found = ordered(kitchen)
    assert ("firm", "bourg", 7) in found
    assert len(found) > 5


def test_this_morning_one_school_gives_what_another_lacks(open_pages: Open, kitchen: Town) -> None:
    kitchen.at(9 * 60 + 30)
    publish(kitchen)
    lines = [
        meal_orders.OrderLine(place, "cantine", TODAY, "standard", "Standard", portions)
        for place, portions in (("tilleuls", 6), ("bourg", 0))
    ]
    meal_orders.place_orders(kitchen.records, SETUP, "firm", lines)
    app = open_pages("cuisine", "commande-repas")
    said = words(app)
    assert "École des Tilleuls → École du Bourg : transférer" in said
    next(each for each in app.button if each.label == "Enregistrer ces transferts").click().run()
    assert not app.exception
    after = {place: portions for horizon, place, portions in ordered(kitchen) if horizon == "morning"}
    assert sum(after.values()) == 6
    assert after["bourg"] >= 1


def test_a_weight_is_written_down(open_pages: Open, staff_town: Town) -> None:
    app = open_pages("cuisine", "commande-repas")
    next(each for each in app.number_input if each.label == "Poids en grammes").set_value(2400)
    next(each for each in app.button if each.label == "Enregistrer la pesée").click().run()
    assert not app.exception
    assert [each.grams for each in meal_wastes.weighed_wastes(staff_town.records, SETUP, TODAY, THURSDAY)] == [2400]


def test_trays_are_shown_to_who_serves_ticked_and_printed(open_pages: Open, staff_town: Town) -> None:
    add_health_note(staff_town.records, SETUP, "lea", NewHealthNote("pai", "Arachide : trousse", START))
    app = open_pages("coordination", "plateaux", repas="tilleuls/cantine")
    said = words(app)
    assert "FOURNIER Léa" in said
    assert "Arachide : trousse" in said.replace("\\", "")
    button = next(each for each in app.button if "plateau servi" in each.label.replace(NBSP, " "))
    button.click().run()
    assert not app.exception
    meal = trays.MealAsked("tilleuls", "cantine", TODAY)
    assert [each.is_served for each in trays.trays_of_day(staff_town.records, SETUP, meal)] == [True]
