"""Signs, words and times of a line."""

from datetime import date
from typing import Any

import pytest

from domain.french import NBSP
from portal.views.status import hours, line_badge
from tests.unit.portal.lines import evening, line

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "16 h 35 – 17 h 31"),
        ({"left_minute": None}, "arrivée à 16 h 35"),
        ({"arrived_minute": None}, "départ à 17 h 31"),
        ({"left_minute": 1110, "is_departure_derived": True}, "16 h 35 – 18 h 30 (départ non noté)"),
        ({"is_arrival_derived": True}, "16 h 35 – 17 h 31 (arrivée non notée)"),
        ({"arrived_minute": None, "left_minute": None}, "aucun passage noté"),
        ({"arrived_minute": None, "left_minute": None, "situation": "absent_justified"}, ""),
    ],
)
def test_times_are_said_with_what_was_not_noted(changes: dict[str, Any], words: str) -> None:
    assert hours(evening(**changes)).replace(NBSP, " ") == words


@pytest.mark.parametrize(
    ("situation", "day", "word"),
    [
        ("present", TODAY, "Présence notée"),
        ("present_unexpected", TODAY, "Présence non prévue"),
        ("absent_justified", TODAY, "Absence justifiée"),
        ("absent_unjustified", TODAY, "Absence facturée"),
        ("absent_declared", TODAY, "Absence déclarée"),
        ("expected", TODAY, "Réservé"),
        ("expected", date(2026, 11, 23), "Absence à confirmer"),
    ],
)
def test_situation_has_one_word(situation: str, day: date, word: str) -> None:
    assert line_badge(line(situation=situation, day=day), TODAY).word == word


def test_no_two_situations_share_sign_and_form() -> None:
    situations = ["present", "absent_justified", "absent_unjustified", "expected"]
    badges = [line_badge(line(situation=one), TODAY) for one in situations]
    badges.append(line_badge(line(situation="expected", day=date(2026, 11, 1)), TODAY))
    assert len({(badge.sign, badge.form) for badge in badges}) == 5
