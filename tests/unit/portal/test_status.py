"""Signs, words and times of a line."""

import re
from pathlib import Path
from typing import Any

import pytest

from domain.french import NBSP
from portal.views.status import hours, line_badge
from tests.unit.portal.lines import evening, line

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "16 h 35 – 17 h 31"),
        ({"left_minute": None}, "arrivée à 16 h 35"),
        ({"arrived_minute": None}, "départ à 17 h 31"),
        ({"left_minute": 1110, "is_departure_derived": True}, "16 h 35 – 18 h 30 (départ non noté)"),
        ({"is_arrival_derived": True}, "16 h 35 – 17 h 31 (arrivée non notée)"),
        ({"left_minute": None, "is_provisional": True}, "arrivée à 16 h 35, en cours"),
        ({"arrived_minute": None, "left_minute": None}, ""),
    ],
)
def test_times_are_said_with_what_was_not_noted(changes: dict[str, Any], words: str) -> None:
    assert hours(evening(**changes)).replace(NBSP, " ") == words


WORDS = {
    "planned": "Réservé",
    "present": "Présence notée",
    "present_unexpected": "Présence non prévue",
    "absent_justified": "Absence justifiée",
    "absent_unjustified": "Absence facturée",
    "absent_declared": "Absence déclarée",
    "absent_undecided": "Absence à confirmer",
}


@pytest.mark.parametrize(("situation", "word"), WORDS.items())
def test_situation_has_one_word(situation: str, word: str) -> None:
    assert line_badge(line(situation=situation)).word == word


def test_every_situation_of_the_warehouse_has_its_word() -> None:
    model = ROOT / "dbt_project" / "models" / "intermediate" / "attendance" / "int_attendance__decided.sql"
    said = set(re.findall(r"'((?:present|absent|planned)\w*)'", model.read_text(encoding="utf-8")))
    assert said
    assert said <= set(WORDS)


def test_what_a_family_must_not_confuse_differs_in_sign_or_form() -> None:
    situations = ["present", "absent_justified", "absent_unjustified", "absent_undecided", "planned"]
    badges = [line_badge(line(situation=one)) for one in situations]
    assert len({(badge.sign, badge.form) for badge in badges}) == len(situations)
