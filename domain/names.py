"""How a name is searched: an upper-case key without accents, hyphens or apostrophes.

Names are stored and shown as given; the key is derived for search and partners' files (domain notes §3).
"""

from __future__ import annotations

import unicodedata

_LIGATURES = str.maketrans({"œ": "OE", "Œ": "OE", "æ": "AE", "Æ": "AE", "ø": "O", "Ø": "O", "ł": "L", "Ł": "L"})
WORD_LENGTH_MAX = 64
NEAR_FROM = 4  # shorter words have too many neighbours
NEAR_UP_TO = 24


def search_key(text: str) -> str:
    """Return « LEA JEANNE D ARC » from « Léa-Jeanne  d'Arc »: words of A-Z and 0-9, one space between them."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_LIGATURES).upper())
    kept = "".join(
        c if c.isalnum() and c.isascii() else "" if unicodedata.combining(c) else " " for c in decomposed
    )
    return " ".join(kept.upper().split())  # a letter may decompose into a small one


def near_forms(word: str) -> frozenset[str]:
    """Return a word with one letter left out, each in turn; nothing for figures and for very short or long words.

    Two words share a form, or one is a form of the other, when a letter was forgotten, added, replaced or swapped
    with its neighbour: so typos are found by equality, on any database.
    """
    if not word.isalpha() or not NEAR_FROM <= len(word) <= NEAR_UP_TO:
        return frozenset()
    return frozenset(word[:place] + word[place + 1 :] for place in range(len(word)))


def name_words(*names: str | None) -> frozenset[str]:
    """Return the words of names as they are searched: each word, and a name of several words in one piece.

    « Le Goff » is found as LE, GOFF and LEGOFF, « Jean-Pierre » as JEANPIERRE too.
    """
    words: set[str] = set()
    for name in names:
        parts = search_key(name or "").split()
        words.update(parts)
        if len(parts) > 1:
            words.add("".join(parts)[:WORD_LENGTH_MAX])
    return frozenset(word[:WORD_LENGTH_MAX] for word in words)


def phone_digits(number: str) -> str:
    """Return « 0199001234 » from « +33 1 99 00 12 34 »: the digits as dialled in France."""
    digits = "".join(character for character in number if character.isdigit())
    if number.strip().startswith("+33"):
        return "0" + digits[2:].removeprefix("0")
    return "0" + digits[4:] if digits.startswith("0033") else digits
