"""Which passwords are accepted (CNIL, délibération 2022-100)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.passwords import BITS_MIN, CHARACTERS_MIN, bits, weakness


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("Trop-court1", "au moins 12"),
        ("9" * 201, "200 au plus"),
        ("731946205837", "tous des chiffres"),
        ("aaaaaaaaaaaaaaaa", "plus variés"),
        ("abababababababab", "plus variés"),
        ("motdepasse2026!", "trop connu"),
        ("M0td3p@sse-2026", "trop connu"),
        ("azertyuiop1234", "trop connu"),
        ("abcdefghijkl", "trop connu"),
        ("mairiemairie2026", "trop connu"),
        ("Martin-chante-faux", "identifiant, le nom"),
        ("jaime-CLAIRE-et-lui", "identifiant, le nom"),
        ("vive-cmartin-demain", "identifiant, le nom"),
    ],
)
def test_guessable_password_is_refused_and_told_why(password: str, said: str) -> None:
    refused = weakness(password, ["c.martin", "Claire Martin", "cmartin@exemple.test"])
    assert refused is not None
    assert said in refused


@pytest.mark.parametrize("password", ["Un mot de passe d'essai", "verger-luciole-galet-42", "tK7#pq!vW2xz"])
def test_long_or_mixed_password_is_accepted_whatever_its_kinds_of_characters(password: str) -> None:
    assert weakness(password, ["claire", "Claire Martin"]) is None


def test_short_names_do_not_forbid_half_the_words() -> None:
    assert weakness("le ballon de Leo roule", ["leo", "Léo Li"]) is None


@given(st.text(max_size=220))
def test_whatever_is_accepted_has_its_length_and_its_bits(password: str) -> None:
    if weakness(password) is None:
        assert len(password) >= CHARACTERS_MIN
        assert bits(password) >= BITS_MIN


@given(st.text(alphabet="0123456789", max_size=40))
def test_digits_alone_are_never_enough(password: str) -> None:
    assert weakness(password) is not None
