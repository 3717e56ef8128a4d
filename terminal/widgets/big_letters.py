"""First names readable at one metre: 5×7 pixels a letter in half blocks, 5 rows with room for an accent.

Names longer than 16 letters, or with a sign we do not draw, are shown in plain bold text instead.
"""

from __future__ import annotations

import unicodedata

LETTERS_MAX = 16
_GLYPHS = {
    "A": ".###. #...# #...# ##### #...# #...# #...#",
    "B": "####. #...# #...# ####. #...# #...# ####.",
    "C": ".#### #.... #.... #.... #.... #.... .####",
    "D": "####. #...# #...# #...# #...# #...# ####.",
    "E": "##### #.... #.... ####. #.... #.... #####",
    "F": "##### #.... #.... ####. #.... #.... #....",
    "G": ".#### #.... #.... #..## #...# #...# .###.",
    "H": "#...# #...# #...# ##### #...# #...# #...#",
    "I": "###.. .#... .#... .#... .#... .#... ###..",
    "J": "..### ...#. ...#. ...#. ...#. #..#. .##..",
    "K": "#...# #..#. #.#.. ##... #.#.. #..#. #...#",
    "L": "#.... #.... #.... #.... #.... #.... #####",
    "M": "#...# ##.## #.#.# #.#.# #...# #...# #...#",
    "N": "#...# ##..# ##..# #.#.# #..## #..## #...#",
    "O": ".###. #...# #...# #...# #...# #...# .###.",
    "P": "####. #...# #...# ####. #.... #.... #....",
    "Q": ".###. #...# #...# #...# #.#.# #..#. .##.#",
    "R": "####. #...# #...# ####. #.#.. #..#. #...#",
    "S": ".#### #.... #.... .###. ....# ....# ####.",
    "T": "##### ..#.. ..#.. ..#.. ..#.. ..#.. ..#..",
    "U": "#...# #...# #...# #...# #...# #...# .###.",
    "V": "#...# #...# #...# #...# #...# .#.#. ..#..",
    "W": "#...# #...# #...# #.#.# #.#.# ##.## #...#",
    "X": "#...# #...# .#.#. ..#.. .#.#. #...# #...#",
    "Y": "#...# #...# .#.#. ..#.. ..#.. ..#.. ..#..",
    "Z": "##### ....# ...#. ..#.. .#... #.... #####",
    "Œ": ".#### #.#.. #.#.. #.### #.#.. #.#.. .####",
    "-": "..... ..... ..... ####. ..... ..... .....",
    "'": "#.... #.... ..... ..... ..... ..... .....",
    "!": "#.... #.... #.... #.... #.... ..... #....",
    ".": "..... ..... ..... ..... ..... ..... #....",
}
_NARROW = {"I": 3, "'": 1, "!": 1, ".": 1, "-": 4}
_ACCENTS = {"\u0301": "...#. ..#..", "\u0300": ".#... ..#..", "\u0302": "..#.. .#.#.", "\u0308": ".#.#. ....."}
_HALVES = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}


def width_of(text: str) -> int:
    """Return how many columns `big_letters` takes for a text."""
    return sum(3 if letter == " " else _NARROW.get(_plain(letter), 5) + 1 for letter in text.upper())


def can_draw(text: str, columns: int) -> bool:
    """Say whether a text can be drawn large in so many columns."""
    drawable = all(letter == " " or _plain(letter) in _GLYPHS for letter in text.upper())
    return drawable and len(text) <= LETTERS_MAX and width_of(text) <= columns


def big_letters(text: str) -> list[str]:
    """Return the five rows of a text in half-block letters; raises KeyError for a sign that is not drawn."""
    pixels = [""] * 10
    for letter in text.upper():
        for row, line in enumerate(_pixels(letter)):
            pixels[row] += line
    return [
        "".join(
            _HALVES[top == "#", bottom == "#"] for top, bottom in zip(pixels[row], pixels[row + 1], strict=True)
        )
        for row in range(0, 10, 2)
    ]


def _plain(letter: str) -> str:
    return "'" if letter == "’" else unicodedata.normalize("NFD", letter)[0]


def _pixels(letter: str) -> list[str]:
    """Return ten rows: two of accent, seven of letter, one empty."""
    if letter == " ":
        return ["..."] * 10
    plain = _plain(letter)
    marks = unicodedata.normalize("NFD", letter)[1:]
    width = _NARROW.get(plain, 5)
    accent = _ACCENTS.get(marks[:1], "..... .....").split()
    body = _GLYPHS[plain].split()
    if marks == "\u0327":  # cedilla: a tail under the letter
        tail = "..#.."
    else:
        tail = "....."
    return [row[:width] + "." for row in (*accent, *body, tail)]
