"""Kinds of value in a file: how each is read from text, written back, and told to whoever prepares the file.

Reading then writing gives one canonical text, so that a folder which was exported comes back byte for byte.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from domain.time import micros
from domain.yearly_tasks import is_yearly_day

_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_PROTECTED = re.compile(r"'+[=+\-@\t\r]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_NUMBER = re.compile(r"(-?)(\d+|\d{1,3}(?:[ \u00a0\u202f]\d{3})+)(?:[.,](\d+))?")
_FRENCH_DAY = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})")
_YEARLY_DAY = re.compile(r"(\d{1,2})/(\d{1,2})")
_CLOCK = re.compile(r"(\d{1,2})[:hH](\d{2})")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_YEARS = range(1900, 2101)
_INT_MAX = 2**31 - 1
_WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")


class Misread(ValueError):
    """A text that is not of its kind: a stable code for programs, a French sentence for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Kind:
    """How a column reads and writes its values; `is_open` ones have too many values to be remembered."""

    name: str
    form: str
    read: Callable[[str], Any]
    write: Callable[[Any], str]
    is_open: bool = False
    choices: tuple[str, ...] = ()
    refusal: str = ""


def protected(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula: an apostrophe goes before = + - @."""
    return f"'{text}" if _FORMULA.match(text) else text


def unprotected(text: str) -> str:
    """Return the text without the apostrophe that `protected` put; other texts as they are."""
    return text[1:] if _PROTECTED.match(text) else text


def _read_text(text: str) -> str:
    if _CONTROL.search(text):
        raise Misread("bad_character", "Un caractère invisible s'est glissé dans ce texte. Retapez la valeur.")
    return unprotected(text)


def _write_text(value: str) -> str:
    return protected(value.strip())


def _read_ref(text: str) -> str:
    if _CONTROL.search(text) or "\n" in text or "\r" in text:
        raise Misread("bad_character", "Une référence tient sur une ligne, sans caractère invisible.")
    return unprotected(text)


def _read_day(text: str) -> date:
    french = _FRENCH_DAY.fullmatch(text)
    try:
        if french is not None:
            day = date(int(french[3]), int(french[2]), int(french[1]))
        elif len(text) == 10:
            day = date.fromisoformat(text)
        else:
            raise ValueError(text)
    except ValueError:
        raise Misread("bad_date", f"« {text} » n'est pas une date. Écrivez 2026-09-01 ou 01/09/2026.") from None
    if day.year not in _YEARS:
        raise Misread("bad_date", f"L'année {day.year} est hors de 1900–2100. Vérifiez la date.")
    return day


def _read_instant(text: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or moment.year not in _YEARS:
        raise Misread(
            "bad_instant",
            f"« {text} » n'est pas un instant avec son décalage. Écrivez 2026-09-01T07:45:00Z, ou +02:00 à la fin.",
        )
    return micros(moment)


def _write_instant(value: int) -> str:
    return (_EPOCH + timedelta(microseconds=value)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _read_yes_no(text: str) -> bool:
    try:
        return {"oui": True, "o": True, "1": True, "non": False, "n": False, "0": False}[text.casefold()]
    except KeyError:
        raise Misread("bad_choice", f"« {text} » n'est ni « oui » ni « non ».") from None


def _read_clock(text: str) -> int:
    found = _CLOCK.fullmatch(text)
    minute = int(found[1]) * 60 + int(found[2]) if found is not None and int(found[2]) < 60 else -1
    if not 0 <= minute <= 1440:
        raise Misread("bad_clock", f"« {text} » n'est pas une heure de 00:00 à 24:00. Écrivez 08:30.")
    return minute


def _read_weekday(text: str) -> int:
    try:
        return _WEEKDAYS.index(text.casefold())
    except ValueError:
        raise Misread("bad_weekday", f"« {text} » n'est pas un jour : écrivez lundi, mardi… ou dimanche.") from None


def _read_weekdays(text: str) -> int:
    return sum({1 << _read_weekday(each) for each in text.split()})


def _write_weekdays(mask: int) -> str:
    return " ".join(name for place, name in enumerate(_WEEKDAYS) if mask >> place & 1)


def _read_yearly_day(text: str) -> int:
    """Read « 31/03 » as 331: month × 100 + day."""
    written = _YEARLY_DAY.fullmatch(text)
    day, month = (int(written[1]), int(written[2])) if written is not None else (0, 0)
    if not is_yearly_day(month, day):
        raise Misread("bad_day", f"« {text} » n'est pas un jour de chaque année. Écrivez 31/12.")
    return month * 100 + day


def _read_yearly_days(text: str) -> str:
    found = {_read_yearly_day(each) for each in text.split()}
    return " ".join(f"{kept // 100:02}-{kept % 100:02}" for kept in sorted(found))


def _write_yearly_days(kept: str) -> str:
    return " ".join(f"{each[3:]}/{each[:2]}" for each in kept.split())


def _read_words(text: str) -> str:
    words = [word.strip() for word in _read_text(text).split("|")]
    if "" in words or len(set(words)) != len(words):
        raise Misread("bad_words", f"« {text} » : séparez des choix différents par « | ».")
    return json.dumps(words, ensure_ascii=False)


def _write_words(kept: str) -> str:
    return protected(" | ".join(json.loads(kept)))


def _read_bytes(text: str) -> bytes:
    try:
        return base64.b64decode(unprotected(text), validate=True)
    except (binascii.Error, ValueError):
        raise Misread("bad_bytes", "Ces octets ne sont pas écrits en base 64.") from None


def _write_bytes(value: bytes) -> str:
    return protected(base64.b64encode(value).decode("ascii"))


TEXT = Kind("texte", "", _read_text, _write_text, is_open=True, refusal="« …\u2400… » : caractère invisible")
REF = Kind("référence", "unique, 64 caractères au plus", _read_ref, _write_text, is_open=True,
           refusal="« F0001 » donné deux fois")  # fmt: skip
POINTER = Kind("renvoi", "", _read_ref, _write_text, refusal="« F9999 » : référence inconnue")
DAY = Kind("date", "AAAA-MM-JJ ou JJ/MM/AAAA", _read_day, date.isoformat, refusal="« 2026-02-30 »")
INSTANT = Kind("instant", "date et heure avec décalage", _read_instant, _write_instant, is_open=True,
               refusal="« 2026-09-01 07:45 » : sans décalage")  # fmt: skip
YES_NO = Kind("oui ou non", "", _read_yes_no, lambda value: "oui" if value else "non", refusal="« peut-être »")
CLOCK = Kind("heure", "HH:MM, heure locale", _read_clock, lambda minute: f"{minute // 60:02}:{minute % 60:02}",
             refusal="« 8 heures »")  # fmt: skip
YEARLY_DAY = Kind("jour de l'année", "JJ/MM", _read_yearly_day, lambda kept: f"{kept % 100:02}/{kept // 100:02}",
                  refusal="« 29/02 »")  # fmt: skip
YEARLY_DAYS = Kind("jours de l'année", "JJ/MM, séparés par une espace", _read_yearly_days, _write_yearly_days,
                   refusal="« 29/02 »")  # fmt: skip
WORDS = Kind("plusieurs textes", "séparés par « | »", _read_words, _write_words, refusal="« oui | oui »")
BYTES = Kind("octets", "base 64", _read_bytes, _write_bytes, is_open=True, refusal="« é »")
WEEKDAY = Kind(
    "jour de semaine", "lundi à dimanche", _read_weekday, lambda place: _WEEKDAYS[place], refusal="« 1 »"
)
WEEKDAYS = Kind("jours de semaine", "séparés par une espace", _read_weekdays, _write_weekdays, refusal="« LMJV »")


def choice(values: Mapping[str, str]) -> Kind:
    """Return the kind of a code among few; `values` gives the code kept for each French word of the file."""
    words = {code: word for word, code in values.items()}
    codes = {word.casefold(): code for word, code in values.items()}

    def read(text: str) -> str:
        try:
            return codes[text.casefold()]
        except KeyError:
            allowed = ", ".join(values)
            raise Misread("bad_choice", f"« {text} » n'est pas un des mots attendus : {allowed}.") from None

    return Kind("un mot parmi", " · ".join(values), read, lambda code: words[code], choices=tuple(values),
                refusal="« autre chose »")  # fmt: skip


def whole(lowest: int = 0, highest: int = _INT_MAX, unit: str = "") -> Kind:
    """Return the kind of a whole number between two bounds, both in."""

    def read(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            raise Misread("bad_number", f"« {text} » n'est pas un nombre entier.") from None
        if not lowest <= value <= highest:
            raise Misread("out_of_range", f"{value} est hors des bornes : de {lowest} à {highest}.")
        return value

    form = unit if highest >= _INT_MAX else f"{unit} de {lowest} à {highest}".strip()
    return Kind("nombre entier", form, read, str, refusal="« deux »")


def scaled(decimals: int, likely_max: int, unit: str, *, may_be_negative: bool = False) -> Kind:
    """Return the kind of an exact decimal kept as an integer of 10^-`decimals`.

    A whole number above `likely_max` looks like cents and is refused, unless its decimals are written.
    """

    def read(text: str) -> int:
        found = _NUMBER.fullmatch(text.removesuffix("€").strip())
        if found is None:
            raise Misread("bad_amount", f"« {text} » n'est pas un montant. Écrivez 12,50.")
        sign, integer, fraction = found[1], re.sub(r"\D", "", found[2]), found[3] or ""
        if len(fraction) > decimals:
            raise Misread("bad_amount", f"« {text} » a plus de {decimals} décimales.")
        if sign and not may_be_negative:
            raise Misread("bad_amount", f"« {text} » est négatif.")
        if not fraction and int(integer) > likely_max:
            euros, cents = divmod(int(integer), 100)
            raise Misread(
                "looks_like_cents",
                f"« {text} » ressemble à des centimes. Écrivez {euros},{cents:02}, ou bien {integer},00.",
            )
        value = int(integer + fraction.ljust(decimals, "0"))
        return -value if sign else value

    def write(value: int) -> str:
        integer, fraction = divmod(abs(value), 10**decimals)
        digits = f"{fraction:0{decimals}}".rstrip("0").ljust(2, "0")
        return f"{'-' if value < 0 else ''}{integer},{digits}"

    form = f"{unit}, virgule ou point, {decimals} décimales au plus"
    return Kind("montant", form, read, write, refusal=f"« {likely_max + 1} » : ressemble à des centimes")


EUROS = scaled(2, 9_999, "euros")
BALANCE = scaled(2, 9_999, "euros", may_be_negative=True)
YEARLY_EUROS = scaled(2, 300_000, "euros par an")
PRICE = scaled(4, 199, "euros")
SIGNED_PRICE = scaled(4, 199, "euros", may_be_negative=True)
RATE = scaled(4, 1_000, "pour cent", may_be_negative=True)
QF = scaled(2, 9_999, "euros par mois")
PARTS = scaled(2, 99, "parts")
PERCENT = scaled(2, 100, "pour cent")
