"""How French people read numbers, dates and times; spaces that must not break do not."""

from datetime import date
from decimal import Decimal

import pytest

from domain import french

NB = french.NBSP
DAY = date(2026, 11, 24)


def test_amounts_have_no_break_spaces_a_comma_and_a_true_minus() -> None:
    assert french.euros(123_450) == f"1{NB}234,50{NB}€"
    assert french.euros(-50) == f"−{NB}0,50{NB}€"
    assert french.price(0) == "gratuit"
    assert french.price(280) == f"2,80{NB}€"


def test_percent_and_numbers() -> None:
    assert french.percent(Decimal("0.36")) == f"0,36{NB}%"
    assert french.number(1_234_567) == f"1{NB}234{NB}567"


@pytest.mark.parametrize(("minute", "read"), [(482, "8 h 02"), (720, "12 h"), (0, "0 h"), (1439, "23 h 59")])
def test_clock_as_people_say_it(minute: int, read: str) -> None:
    assert french.clock(minute) == read.replace(" ", NB)


def test_durations() -> None:
    assert french.duration(45) == f"45{NB}min"
    assert french.duration(90) == f"1{NB}h{NB}30"
    assert french.duration(60) == f"1{NB}h"


def test_dates() -> None:
    assert french.long_date(DAY) == "mardi 24 novembre 2026"
    assert french.medium_date(date(2026, 12, 1)) == "mardi 1er décembre"
    assert french.short_date(date(2026, 12, 1)) == "01/12/2026"
    assert french.month_name(date(2026, 8, 1)) == "août 2026"


def test_plural_begins_at_two() -> None:
    assert french.plural(0, "enfant") == f"0{NB}enfant"
    assert french.plural(1, "repas", "repas") == f"1{NB}repas"
    assert french.plural(2, "enfant") == f"2{NB}enfants"
    assert french.plural(2, "ligne attend", "lignes attendent") == f"2{NB}lignes attendent"


def test_names_for_staff_and_for_shared_screens() -> None:
    assert french.staff_name("Fournier", "Léa") == "FOURNIER Léa"
    assert french.public_name("Claire", "Fournier") == "Claire F."
    assert french.public_name("Claire", "") == "Claire"


def test_sentences_keep_their_marks_on_the_line() -> None:
    assert french.typeset("Prix : « 2,80 € » ?") == f"Prix{NB}: «{NB}2,80{NB}€{NB}»{NB}?"
    assert french.typeset("à 10:30, v1.0") == "à 10:30, v1.0"
