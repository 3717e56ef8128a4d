"""How long data is kept: dates that never go backwards, and words that people read."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.data_kinds import data_kind, data_kinds, duration_words
from domain.errors import NotFound
from domain.time import months_after

DAYS = st.dates(date(2000, 1, 1), date(2080, 12, 31))
MONTHS = st.integers(0, 240)


@given(day=DAYS, other=DAYS, months=MONTHS)
def test_what_is_older_is_never_due_later(day: date, other: date, months: int) -> None:
    first, second = sorted((day, other))
    assert months_after(first, months) <= months_after(second, months)


@given(day=DAYS, months=MONTHS, more=MONTHS)
def test_longer_duration_is_never_due_earlier(day: date, months: int, more: int) -> None:
    assert day <= months_after(day, months) <= months_after(day, months + more)


@given(day=DAYS, months=MONTHS)
@example(day=date(2028, 2, 29), months=12)
@example(day=date(2026, 8, 31), months=6)
def test_same_day_of_the_month_or_the_first_of_the_next(day: date, months: int) -> None:
    due = months_after(day, months)
    count = (due.year - day.year) * 12 + due.month - day.month
    assert (due.day, count) in {(day.day, months), (1, months + 1)}


@given(day=DAYS, years=st.integers(0, 20))
def test_twelve_months_are_a_year(day: date, years: int) -> None:
    due = months_after(day, 12 * years)
    assert (due.month, due.day) in {(day.month, day.day), (3, 1)}
    assert due.year == day.year + years


def test_words_say_what_happens_and_when() -> None:
    assert duration_words(data_kind("family_file"), 24) == "anonymisé 24 mois après le dernier usage du dossier"
    assert duration_words(data_kind("health"), 0) == "effacé après la fin de l'année scolaire"
    assert duration_words(data_kind("accounting"), None) == "jamais effacé par Marelle"


def test_unknown_kind_names_those_that_exist() -> None:
    with pytest.raises(NotFound, match="family_file"):
        data_kind("tout")


def test_every_kind_is_erased_or_anonymised_after_something() -> None:
    assert all(duration_words(kind, kind.months) for kind in data_kinds().values())
