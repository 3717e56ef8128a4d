"""Which passwords are accepted: length and unpredictability, never an age (CNIL, délibération 2022-100)."""

from __future__ import annotations

import math
from collections.abc import Iterable
from string import digits, punctuation

from domain.names import search_key

# With log-ins that slow down, CNIL asks for 50 bits; twelve characters keep a margin for people's habits.
CHARACTERS_MIN = 12
CHARACTERS_MAX = 200
BITS_MIN = 50
_DISTINCT_MIN = 5
_OWN_WORD_MIN = 4
# What attackers try first, as `search_key` writes it, without digits or signs.
_COMMON = frozenset({
    "MOTDEPASSE", "PASSWORD", "AZERTY", "AZERTYUIOP", "QWERTY", "QWERTYUIOP", "BONJOUR", "ADMIN",
    "ADMINISTRATEUR", "ADMINISTRATOR", "MAIRIE", "MARELLE", "BIENVENUE", "WELCOME", "ILOVEYOU", "JETAIME",
    "SOLEIL", "DOUDOU", "CHOUCHOU", "LOULOU", "NICOLAS", "CHOCOLAT", "MARSEILLE", "CANTINE", "ECOLE",
    "PERISCOLAIRE", "CHANGEMOI", "CHANGEME", "LETMEIN", "FAMILLE", "SECRET",
})  # fmt: skip
_ROWS = ("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "AZERTYUIOPQSDFGHJKLMWXCVBN", "QWERTYUIOPASDFGHJKLZXCVBNM", "01234567890")
_SIGNS = 33  # printable signs of a keyboard
_LEET = str.maketrans("0134578@$!", "OIEASTBASI")


def weakness(password: str, own_words: Iterable[str] = ()) -> str | None:
    """Return in French why a password is refused, None when it is accepted.

    `own_words` are what others know of the person: log-in, name, e-mail.
    """
    if not CHARACTERS_MIN <= len(password) <= CHARACTERS_MAX:
        return f"Mot de passe trop faible : il faut au moins {CHARACTERS_MIN} caractères variés (200 au plus)."
    if password.isdigit():
        return (
            f"Mot de passe trop faible : {CHARACTERS_MIN} caractères au moins, qui ne soient pas tous des chiffres."
        )
    if len(set(password.casefold())) < _DISTINCT_MIN or bits(password) < BITS_MIN:
        return "Mot de passe trop faible : employez des caractères plus variés, ou quatre mots sans lien entre eux."
    if _follows_the_keyboard(password) or _is_common(password):
        return "Mot de passe trop connu : des mots comme celui-ci sont essayés en premier. Choisissez-en un autre."
    if _holds_own_word(password, own_words):
        return "Le mot de passe ne doit pas contenir l'identifiant, le nom ou l'adresse e-mail."
    return None


def bits(password: str) -> float:
    """Return the bits of a password drawn by chance among the kinds of characters that it uses."""
    alphabet = 26 * any(c.islower() for c in password) + 26 * any(c.isupper() for c in password)
    alphabet += 10 * any(c.isdigit() for c in password) + _SIGNS * any(not c.isalnum() for c in password)
    return len(password) * math.log2(max(alphabet, 2))


def _is_common(password: str) -> bool:
    forms = (password, password.strip(digits + punctuation).translate(_LEET))
    letters = {"".join(c for c in search_key(form) if c.isalpha()) for form in forms}
    if letters & _COMMON:
        return True
    # « azertyazerty » and « mairie2026mairie » are one common word twice.
    return any(word and each == word * (len(each) // len(word)) for word in _COMMON for each in letters if each)


def _follows_the_keyboard(password: str) -> bool:
    """Say whether most characters are the neighbour of the one before, in the alphabet, digits or a keyboard."""
    text = password.upper()
    pairs = [text[at : at + 2] for at in range(len(text) - 1)]
    runs = sum(any(pair in row or pair[::-1] in row for row in _ROWS) for pair in pairs)
    return runs * 3 > len(pairs) * 2


def _holds_own_word(password: str, own_words: Iterable[str]) -> bool:
    squeezed = search_key(password).replace(" ", "")
    parts = [part for word in own_words for part in (word.split("@")[0], *word.split())]
    keys = {search_key(part).replace(" ", "") for part in parts}
    return any(key in squeezed for key in keys if len(key) >= _OWN_WORD_MIN)
