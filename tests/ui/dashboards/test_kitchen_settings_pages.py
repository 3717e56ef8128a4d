"""« Réglages de la cuisine » and « Menus »: entered by whoever may, read by the kitchen."""

from __future__ import annotations

from datetime import date

import pytest

from records.actors import SETUP
from records.operations import accounts
from records.operations.kitchen_settings import NewKitchenSetting, kitchen_versions, set_kitchen
from records.operations.menus import NewMenu, list_menus, set_menus
from tests.ui.dashboards.conftest import Open
from tests.ui.dashboards.test_events_page import chosen, typed
from tests.ui.dashboards.test_staff_pages import table_with, words
from tests.ui.dashboards.test_terminals_page import press
from tests.ui.town import CHEAP, PASSWORD, START, THURSDAY, TODAY, Town

MONDAY_AFTER, FRIDAY_AFTER = date(2026, 11, 30), date(2026, 12, 4)


@pytest.fixture
def administration(staff_town: Town) -> Town:
    """The town with an administrator."""
    new = accounts.NewAccount("administration", "Inès Faure", PASSWORD, (accounts.NewGrant("admin_school", START),))
    accounts.create_accounts(staff_town.records, SETUP, [new], CHEAP)
    return staff_town


def test_settings_are_entered_for_the_town_then_for_one_place(open_pages: Open, administration: Town) -> None:
    app = open_pages("administration", "reglages-cuisine")
    assert "Aucun réglage n'est en vigueur" in words(app)
    typed(app, À_partir="24/11/2026", Décision="Marché 4", Fournisseur="Cuisine centrale")
    [lack] = [each for each in app.text_input if "qui manque" in each.label]
    lack.input("9,00")
    [waste] = [each for each in app.text_input if "perdu" in each.label]
    waste.input("3,00")
    app = press(app, "Enregistrer les réglages")
    said = words(app)
    assert "Réglages enregistrés" in said
    assert "de quoi suffire 75 jours sur 100" in said
    app = chosen(app, "Pour", "bourg")
    [pack] = [each for each in app.number_input if each.label == "Portions par colis"]
    pack.set_value(5)
    press(app, "Enregistrer les réglages")
    told = [
        (each.structure_ref, each.pack, each.missing_cents)
        for each in kitchen_versions(administration.records, SETUP)
    ]
    assert told == [(None, 1, 900), ("bourg", 5, 900)]


def test_a_cost_left_out_is_asked_for_and_nothing_is_written(open_pages: Open, administration: Town) -> None:
    app = press(open_pages("administration", "reglages-cuisine"), "Enregistrer les réglages")
    assert "Donnez ce que coûtent" in app.error[0].value
    assert kitchen_versions(administration.records, SETUP) == []


def test_the_kitchen_reads_its_settings_and_changes_none(open_pages: Open, staff_town: Town) -> None:
    set_kitchen(staff_town.records, SETUP, NewKitchenSetting(START, "Marché", "Cuisine centrale", 900, 300))
    app = open_pages("cuisine", "reglages-cuisine")
    assert list(table_with(app, "Fournisseur")["Fournisseur"]) == ["Cuisine centrale"]
    assert not any(each.label == "Enregistrer les réglages" for each in app.button)


def test_a_week_of_menus_is_entered_and_its_vegetarian_one_looked_for(open_pages: Open, staff_town: Town) -> None:
    app = open_pages("cuisine", "menus")
    assert "Aucun menu à venir" in words(app)
    typed(app, Lundi_30="Poisson pané", Vendredi_4="Gratin")
    next(each for each in app.selectbox if each.label.startswith("Plat du lundi 30")).set_value("fish")
    app = press(app, "Enregistrer la semaine")
    said = words(app)
    assert "Menus enregistrés" in said
    assert "Aucun menu végétarien" in said
    next(each for each in app.selectbox if each.label.startswith("Plat du vendredi 4")).set_value("vegetarian")
    app = press(app, "Enregistrer la semaine")
    assert "Aucun menu végétarien" not in words(app)
    found = list_menus(staff_town.records, SETUP, MONDAY_AFTER, date(2026, 12, 5))
    assert [(each.day, each.dish) for each in found] == [(MONDAY_AFTER, "fish"), (FRIDAY_AFTER, "vegetarian")]


def test_a_menu_once_entered_is_not_emptied(open_pages: Open, staff_town: Town) -> None:
    set_menus(staff_town.records, SETUP, [NewMenu(THURSDAY, "Poisson pané", "fish")])
    app = open_pages("cuisine", "menus", semaine=str(date(2026, 11, 23)))
    typed(app, Jeudi_26="")
    app = press(app, "Enregistrer la semaine")
    assert "Écrivez le menu" in app.error[0].value
    assert [each.label for each in list_menus(staff_town.records, SETUP, TODAY, FRIDAY_AFTER)] == ["Poisson pané"]
