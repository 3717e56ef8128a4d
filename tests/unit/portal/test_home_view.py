"""What a family sees first."""

from typing import Any

import pytest

from domain.french import NBSP
from portal.views.home import children_blocks, greeting, money, month_sentence, today_badge
from records.operations.family_view import AdultView, ChildToday, ChildView, PayerView
from records.operations.presence_board import ChildPresence, Whereabouts


def here(needs_departure: bool = True, **changes: Any) -> ChildToday:
    facts: dict[str, Any] = {
        "child_id": 1,
        "child_ref": "lea",
        "first_name": "Léa",
        "last_name": "Fournier",
        "class_label": "CE1",
        "whereabouts": Whereabouts.AWAITED,
        "is_expected": True,
        "formula": None,
        "arrived_at": None,
        "arrived_minute": None,
        "left_at": None,
        "left_minute": None,
        "is_departure_missing": False,
        "decision": None,
    }
    child = ChildPresence(**{**facts, **changes})
    return ChildToday(
        child, "tilleuls", "Les Tilleuls", "soir", "Garderie du soir", "evening_care", needs_departure
    )


def child(ref: str, **changes: Any) -> ChildView:
    facts: dict[str, Any] = {"class_label": "CE1", "structure_ref": "tilleuls", "structure_label": "Les Tilleuls"}
    return ChildView(1, ref, ref.capitalize(), "Fournier", None, **{**facts, **changes}, diets=())


@pytest.mark.parametrize(
    ("civility", "used_name", "words"),
    [
        ("Madame", "Fournier", "Bonjour Madame Fournier"),
        ("Madame", None, "Bonjour Madame Martin"),
        (None, "Fournier", "Bonjour Claire Fournier"),
    ],
)
def test_adult_is_greeted_as_the_file_says(civility: str | None, used_name: str | None, words: str) -> None:
    assert greeting(AdultView(1, "claire", civility, "Claire", "Martin", used_name)) == words


@pytest.mark.parametrize(
    ("cents", "label", "amount"),
    [
        ([8640], "Reste à payer", "86,40 €"),
        ([8640, -1640], "Reste à payer", "70,00 €"),
        ([-1200], "En votre faveur", "12,00 €"),
        ([0], "Votre compte est à jour", "0,00 €"),
        ([], "Vous n'êtes pas payeur", ""),
    ],
)
def test_account_says_who_owes(cents: list[int], label: str, amount: str) -> None:
    shown = money([PayerView(place, f"payeur-{place}", each) for place, each in enumerate(cents)])
    assert (shown.label, shown.amount.replace(NBSP, " ")) == (label, amount)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({}, "Réservé"),
        ({"whereabouts": Whereabouts.MISSING}, "Pas de passage noté"),
        ({"whereabouts": Whereabouts.INSIDE, "arrived_minute": 482}, "Sur place depuis 8 h 02"),
        ({"whereabouts": Whereabouts.INSIDE, "arrived_minute": 706, "needs_departure": False}, "Arrivée 11 h 46"),
        ({"whereabouts": Whereabouts.INSIDE}, "Sur place"),
        (
            {"whereabouts": Whereabouts.INSIDE, "arrived_minute": 995, "is_departure_missing": True},
            "Départ pas encore noté",
        ),
        ({"whereabouts": Whereabouts.LEFT, "arrived_minute": 482, "left_minute": 500}, "8 h 02 – 8 h 20"),
        ({"whereabouts": Whereabouts.LEFT, "left_minute": 500}, "Départ 8 h 20"),
        ({"whereabouts": Whereabouts.LEFT, "arrived_minute": 706, "needs_departure": False}, "Arrivée 11 h 46"),
        ({"whereabouts": Whereabouts.ABSENT, "decision": "absent_justified"}, "Absence justifiée"),
        ({"whereabouts": Whereabouts.ABSENT, "decision": "absent_unjustified"}, "Absence facturée"),
    ],
)
def test_child_is_where_the_last_word_says(changes: dict[str, Any], word: str) -> None:
    assert today_badge(here(**changes)).word.replace(NBSP, " ") == word


def test_child_without_a_service_today_is_still_shown() -> None:
    blocks = children_blocks([child("lea"), child("noe", class_label=None, structure_label=None)], [here()])
    assert [(block.first_name, block.place, len(block.services)) for block in blocks] == [
        ("Lea", "CE1, Les Tilleuls", 1),
        ("Noe", "", 0),
    ]


def test_month_in_progress_says_what_has_no_price_yet() -> None:
    assert month_sentence("novembre 2026", 3340, 0).replace(NBSP, " ") == (
        "Novembre 2026 en cours : 33,40 € estimés, pas encore facturés."
    )
    assert month_sentence("novembre 2026", 0, 2).replace(NBSP, " ").endswith("2 lignes attendent encore un prix.")
