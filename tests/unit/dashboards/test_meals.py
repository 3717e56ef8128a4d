"""What the kitchen reads."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from dashboards.viewmodels import meals as view
from domain.french import NBSP
from warehouse.reader import MealForecastRow, MealsRow

TODAY = date(2026, 11, 24)
TOMORROW = date(2026, 11, 26)


def count(**changes: Any) -> MealsRow:
    facts: dict[str, Any] = {
        "structure_ref": "tilleuls",
        "structure_label": "Les Tilleuls",
        "service_ref": "cantine",
        "service_label": "Cantine",
        "day": TODAY,
        "diet_code": "standard",
        "diet_label": "Standard",
        "planned": 60,
        "to_order": 58,
        "served": 57,
        "absent": 3,
        "held_back": 0,
    }
    return MealsRow(**{**facts, **changes})


def forecast(value: str, **changes: Any) -> MealForecastRow:
    facts: dict[str, Any] = {
        "structure_ref": "tilleuls",
        "structure_label": "Les Tilleuls",
        "service_ref": "cantine",
        "service_label": "Cantine",
        "day": TOMORROW,
        "diet_code": "standard",
        "diet_label": "Standard",
        "planned": 60,
        "take_up": Decimal("0.9600"),
        "forecast": Decimal(value),
        "lo80": Decimal(value) - 3,
        "hi80": Decimal(value) + 3,
        "lo95": Decimal(value) - 5,
        "hi95": Decimal(value) + 5,
        "level": Decimal("0.9600"),
        "weekday_part": Decimal(1),
        "calendar_part": Decimal(1),
        "menu_part": Decimal(1),
        "basis_days": 8,
        "way": "model",
        "reason": "96 viennent sur 100",
        "days_ahead": 2,
        "horizon": "firm",
        "pack": 1,
        "minimum": 0,
        "needed": Decimal(value) + 2,
        "quantity": 60,
        "quantity_reason": "assez 75 jours sur 100",
    }
    return MealForecastRow(**{**facts, **changes})


COMING = count(day=TOMORROW, served=0)


def test_today_shows_what_was_served_against_what_was_planned() -> None:
    assert view.day_figures([count()], [], TODAY, TODAY)[0] == ("Servis aujourd'hui", "57", "sur 60 prévus")


def test_coming_day_shows_the_estimate_and_no_meal_served() -> None:
    figures = view.day_figures([COMING], [forecast("57.6")], TOMORROW, TODAY)
    assert [label for label, _, _ in figures] == ["Repas à commander", "Paniers repas", "Repas estimés"]
    assert figures[2][1] == "58"


def test_baskets_are_counted_and_never_ordered() -> None:
    figures = {label: value for label, value, _ in view.day_figures([count()], [], TODAY, TODAY)}
    assert (figures["Repas à commander"], figures["Paniers repas"]) == ("58", "2")
    assert "2 paniers repas" in view.headline([count()], TODAY).replace(NBSP, " ")


def test_overview_has_a_row_a_place_and_a_column_a_diet_baskets_last() -> None:
    rows = [
        count(),
        count(diet_code="panier_repas", diet_label="Panier repas", planned=2, to_order=0, served=2),
        count(diet_code="sans_porc", diet_label="Sans porc", planned=1, to_order=1, served=1),
        count(structure_label="École du Bourg", planned=10, to_order=10, served=9),
    ]
    table = view.day_overview(rows, [], TODAY, TODAY)
    assert table.columns == ("Lieu", "Standard", "Sans porc", "Panier repas", "Prévus", "À commander", "Servis")
    assert table.rows == (("École du Bourg", 10, 0, 0, 10, 10, 9), ("Les Tilleuls", 60, 1, 2, 63, 59, 60))
    assert table.totals == ("Total", 70, 1, 2, 73, 69, 69)


def test_chart_keeps_six_days_on_each_side_of_today() -> None:
    days = [count(day=date(2026, 11, 10 + offset)) for offset in range(20)]
    shown = view.chart_days(days, [], date(2026, 11, 20))
    assert [day.day.day for day in shown] == list(range(15, 27))


def test_table_of_the_day_ends_with_totals() -> None:
    rows = [count(), count(diet_label="Sans porc", planned=5, to_order=5, served=4), COMING]
    table = view.day_table(rows, [], TODAY, TODAY)
    assert table.columns[-1] == "Servis"
    assert table.rows == (("Les Tilleuls", "Sans porc", 5, 5, 4), ("Les Tilleuls", "Standard", 60, 58, 57))
    assert table.totals == ("Total", "", 65, 63, 61)


def test_table_of_a_coming_day_shows_estimates() -> None:
    table = view.day_table([COMING], [forecast("57.5")], TOMORROW, TODAY)
    assert table.columns[-1] == "Repas estimés"
    assert table.rows[0][-1] == table.totals[-1] == Decimal("57.5")


def test_two_services_of_one_place_are_one_row_a_diet() -> None:
    table = view.day_table([count(), count(service_ref="mercredi", planned=4, to_order=4)], [], TODAY, TODAY)
    assert table.rows == (("Les Tilleuls", "Standard", 64, 62, 114),)


def test_coming_days_are_one_row_a_school() -> None:
    other = count(structure_label="Le Bourg", day=TOMORROW, planned=10, to_order=10)
    table = view.days_table([count(), COMING, other], [forecast("57.6")], TODAY)
    assert [row[:3] for row in table.rows] == [
        ("Jeudi 26 novembre", "Le Bourg", 10),
        ("Jeudi 26 novembre", "Les Tilleuls", 60),
    ]


def test_chart_keeps_past_and_coming_days_apart() -> None:
    days = view.chart_days([count(), COMING], [forecast("57.6")], TODAY)
    assert [(day.label, day.served, day.forecast) for day in days] == [
        ("mar. 24", 57, None),
        ("jeu. 26", None, Decimal("57.6")),
    ]


@pytest.mark.parametrize(
    ("served", "title"),
    [
        (57, "Repas servis : 3 de moins que prévu par jour, en moyenne"),
        (62, "Repas servis : 2 de plus que prévu par jour, en moyenne"),
        (60, "Repas servis : autant que prévu, en moyenne"),
    ],
)
def test_chart_title_is_the_finding_of_past_days(served: int, title: str) -> None:
    days = view.chart_days([count(served=served), COMING], [], date(2026, 11, 25))
    assert view.chart_title(days, TOMORROW).replace(NBSP, " ") == title


def test_unfinished_day_does_not_weigh_on_the_finding() -> None:
    days = view.chart_days([count(served=3)], [], TODAY)
    assert view.chart_title(days, TODAY) == "Repas prévus et servis"


def test_subtitle_gives_place_dates_and_key() -> None:
    days = view.chart_days([count(day=date(2026, 11, 9)), COMING], [], TODAY)
    text = view.chart_subtitle(days, "Toutes les écoles").replace(NBSP, " ")
    assert text == (
        "Toutes les écoles, du 9 au 26 novembre 2026. Barre : servis, trait : prévus, pointillé : estimés."
    )


def test_day_without_meals_says_so() -> None:
    assert view.headline([], TODAY) == "Aucun repas n'est prévu mardi 24 novembre."


def test_reasons_are_said_once_a_school() -> None:
    rows = [forecast("57.6"), forecast("4.8", diet_label="Sans porc")]
    assert [text.replace(NBSP, " ") for text in view.reasons(rows, TOMORROW)] == [
        "Les Tilleuls : 96 viennent sur 100"
    ]
