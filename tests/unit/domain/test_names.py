"""The key by which a name is found, whatever accents, hyphens, case or spaces it is typed with."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.names import search_key


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("Léa-Jeanne  d'Arc", "LEA JEANNE D ARC"),
        ("lea jeanne d’arc", "LEA JEANNE D ARC"),
        ("Œuvrard", "OEUVRARD"),
        ("Ærø", "AERO"),
        ("François", "FRANCOIS"),
        ("FRANC\u0327OIS", "FRANCOIS"),
        ("Nguyễn", "NGUYEN"),
        ("Łukasz", "LUKASZ"),
        ("Straße", "STRASSE"),
        ("  ", ""),
    ],
)
def test_key_forgets_accents_case_and_marks(typed: str, key: str) -> None:
    assert search_key(typed) == key


@given(st.text(max_size=60))
def test_key_is_upper_case_words_of_ascii_and_its_own_key(typed: str) -> None:
    key = search_key(typed)
    assert key.isascii()
    assert key == key.upper() == search_key(key) == " ".join(key.split())
