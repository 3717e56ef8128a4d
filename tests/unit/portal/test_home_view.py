"""What a family sees first."""

from typing import Any

import pytest

from domain.french import NBSP
from portal.views.home import Adult, ServiceToday, greeting, money, month_sentence, today_badge


def service(**changes: Any) -> ServiceToday:
    facts: dict[str, Any] = {
        "service_label": "Garderie du soir",
        "state": "expected",
        "arrived_minute": None,
        "left_minute": None,
        "needs_departure": True,
    }
    return ServiceToday(**{**facts, **changes})


@pytest.mark.parametrize(
    ("adult", "words"),
    [
        (Adult("Madame", "Claire", "Martin", "Fournier"), "Bonjour Madame Fournier"),
        (Adult(None, "Claire", "Fournier", None), "Bonjour Claire Fournier"),
    ],
)
def test_adult_is_greeted_as_the_file_says(adult: Adult, words: str) -> None:
    assert greeting(adult) == words


@pytest.mark.parametrize(
    ("cents", "label", "amount"),
    [
        (8640, "Reste à payer", "86,40 €"),
        (-1200, "En votre faveur", "12,00 €"),
        (0, "Votre compte est à jour", "0,00 €"),
    ],
)
def test_account_says_who_owes(cents: int, label: str, amount: str) -> None:
    shown = money(cents)
    assert (shown.label, shown.amount.replace(NBSP, " ")) == (label, amount)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({}, "Réservé"),
        ({"state": "inside", "arrived_minute": 482}, "Sur place depuis 8 h 02"),
        ({"state": "inside", "arrived_minute": 482, "needs_departure": False}, "Arrivée 8 h 02"),
        ({"state": "inside"}, "Sur place"),
        ({"state": "left", "arrived_minute": 482, "left_minute": 500}, "8 h 02 – 8 h 20"),
        ({"state": "left", "left_minute": 500}, "Départ 8 h 20"),
        ({"state": "absent_justified"}, "Absence justifiée"),
        ({"state": "absent_declared"}, "Absence déclarée"),
    ],
)
def test_child_is_where_the_last_word_says(changes: dict[str, Any], word: str) -> None:
    assert today_badge(service(**changes)).word.replace(NBSP, " ") == word


def test_month_in_progress_says_what_has_no_price_yet() -> None:
    assert month_sentence("novembre 2026", 3340, 0).replace(NBSP, " ") == (
        "Novembre 2026 en cours : 33,40 € estimés, pas encore facturés."
    )
    assert month_sentence("novembre 2026", 0, 2).replace(NBSP, " ").endswith("2 lignes attendent encore un prix.")
