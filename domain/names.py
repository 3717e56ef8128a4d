"""How a name is searched: an upper-case key without accents, hyphens or apostrophes.

Names are stored and shown as given; the key is derived for search and partners' files (domain notes §3).
"""

from __future__ import annotations

import unicodedata

_LIGATURES = str.maketrans({"œ": "OE", "Œ": "OE", "æ": "AE", "Æ": "AE", "ø": "O", "Ø": "O", "ł": "L", "Ł": "L"})


def search_key(text: str) -> str:
    """Return « LEA JEANNE D ARC » from « Léa-Jeanne  d'Arc »: words of A-Z and 0-9, one space between them."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_LIGATURES).upper())
    kept = "".join(
        c if c.isalnum() and c.isascii() else "" if unicodedata.combining(c) else " " for c in decomposed
    )
    return " ".join(kept.upper().split())  # a letter may decompose into a small one
