"""Values of files: what is written is read back, what is not of its kind is told why."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.town_files import kinds
from records.town_files.kinds import Misread

WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1).map(str.strip).filter(bool)


@given(WORDS)
def test_a_text_is_read_back_as_it_was(text: str) -> None:
    assert kinds.TEXT.read(kinds.TEXT.write(text)) == text


@given(WORDS)
def test_no_spreadsheet_takes_a_written_text_for_a_formula(text: str) -> None:
    assert kinds.TEXT.write(text)[0] not in "=+-@"


@given(st.integers(0, 10**9), st.sampled_from([kinds.EUROS, kinds.PRICE, kinds.QF, kinds.PERCENT]))
def test_an_amount_is_read_back_to_the_cent(value: int, kind: kinds.Kind) -> None:
    assert kind.read(kind.write(value)) == value


@given(st.integers(-(10**9), 10**9))
def test_a_balance_may_be_negative(value: int) -> None:
    assert kinds.BALANCE.read(kinds.BALANCE.write(value)) == value


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)))
def test_a_day_is_read_as_the_french_write_it_too(day: date) -> None:
    assert kinds.DAY.read(kinds.DAY.write(day)) == kinds.DAY.read(f"{day:%d/%m/%Y}") == day


@given(st.integers(0, 4_000_000_000_000_000))
def test_an_instant_is_read_back_to_the_microsecond(instant: int) -> None:
    assert kinds.INSTANT.read(kinds.INSTANT.write(instant)) == instant


@given(st.integers(0, 1440))
def test_a_clock_is_read_back(minute: int) -> None:
    assert kinds.CLOCK.read(kinds.CLOCK.write(minute)) == minute


@given(st.integers(1, 127))
def test_days_of_the_week_are_read_back(mask: int) -> None:
    assert kinds.WEEKDAYS.read(kinds.WEEKDAYS.write(mask)) == mask


@pytest.mark.parametrize(
    ("kind", "text", "code"),
    [
        (kinds.DAY, "2026-02-30", "bad_date"),
        (kinds.DAY, "31/02/2026", "bad_date"),
        (kinds.DAY, "0202-01-01", "bad_date"),
        (kinds.INSTANT, "2026-09-01T07:45:00", "bad_instant"),
        (kinds.YES_NO, "peut-être", "bad_choice"),
        (kinds.CLOCK, "25:00", "bad_clock"),
        (kinds.CLOCK, "08:75", "bad_clock"),
        (kinds.WEEKDAY, "1", "bad_weekday"),
        (kinds.whole(1, 2), "3", "out_of_range"),
        (kinds.whole(), "deux", "bad_number"),
        (kinds.QF, "52300", "looks_like_cents"),
        (kinds.QF, "523,005", "bad_amount"),
        (kinds.EUROS, "-1,00", "bad_amount"),
        (kinds.PRICE, "420", "looks_like_cents"),
        (kinds.TEXT, "Léa\x00", "bad_character"),
        (kinds.REF, "F1\nF2", "bad_character"),
        (kinds.choice({"oui": "yes"}), "yes", "bad_choice"),
    ],
)
def test_what_is_not_of_its_kind_is_told_why(kind: kinds.Kind, text: str, code: str) -> None:
    with pytest.raises(Misread) as misread:
        kind.read(text)
    assert misread.value.code == code
    assert misread.value.message.endswith(".")


def test_a_large_whole_amount_passes_once_its_decimals_are_written() -> None:
    assert kinds.QF.read("52300,00") == 5_230_000


def test_spaces_between_thousands_are_read() -> None:
    assert kinds.EUROS.read("1 234,50 €") == 123_450


@given(st.lists(WORDS.filter(lambda word: "|" not in word), min_size=1, unique=True))
def test_choices_are_read_back_as_they_were(words: list[str]) -> None:
    kept = json.dumps(words, ensure_ascii=False)
    assert kinds.WORDS.read(kinds.WORDS.write(kept)) == kept


@given(st.binary(min_size=1))
def test_bytes_are_read_back_as_they_were(content: bytes) -> None:
    assert kinds.BYTES.read(kinds.BYTES.write(content)) == content
