"""How French people read dates, times, money and rates: one place for every screen and paper.

No-break spaces are U+00A0 (the thin one is missing from the portal's typeface). Source: look notes, « Words ».
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

PLURAL_FROM = 2
NBSP = "\u00a0"
MINUS = "\u2212"
WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
WEEKDAYS_SHORT = ("lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim.")
MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip
MONTHS_SHORT = (
    "janv.", "févr.", "mars", "avril", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.",
)  # fmt: skip


def number(value: int | Decimal, decimals: int = 0) -> str:
    """Return « 1 234,5 » with a no-break space between thousands; credit values take U+2212."""
    text = f"{abs(value):,.{decimals}f}".replace(",", NBSP).replace(".", ",")
    return f"{MINUS}{NBSP}{text}" if value < 0 else text


def euros(cents: int) -> str:
    """Return « 1 234,50 € » from integer cents."""
    return f"{number(Decimal(cents) / 100, 2)}{NBSP}€"


def price(cents: int) -> str:
    """Return a price as families read it: « gratuit » for nothing to pay."""
    return "gratuit" if cents == 0 else euros(cents)


def percent(rate: Decimal, decimals: int = 2) -> str:
    """Return « 0,36 % » from a rate already in percent."""
    return f"{number(rate, decimals)}{NBSP}%"


def clock(minute: int) -> str:
    """Return « 8 h 02 », « 12 h » from minutes since local midnight."""
    hours, minutes = divmod(minute, 60)
    return f"{hours}{NBSP}h" if minutes == 0 else f"{hours}{NBSP}h{NBSP}{minutes:02d}"


def duration(minutes: int) -> str:
    """Return « 1 h 30 », « 45 min » from a number of minutes."""
    return f"{minutes}{NBSP}min" if minutes < 60 else clock(minutes)


def _day_of_month(day: date) -> str:
    return "1er" if day.day == 1 else str(day.day)


def long_date(day: date) -> str:
    """Return « mardi 24 novembre 2026 »."""
    return f"{WEEKDAYS[day.weekday()]} {_day_of_month(day)} {MONTHS[day.month - 1]} {day.year}"


def medium_date(day: date) -> str:
    """Return « mardi 24 novembre »."""
    return f"{WEEKDAYS[day.weekday()]} {_day_of_month(day)} {MONTHS[day.month - 1]}"


def short_date(day: date) -> str:
    """Return « 24/11/2026 », for tables."""
    return f"{day:%d/%m/%Y}"


def month_name(day: date) -> str:
    """Return « novembre 2026 »."""
    return f"{MONTHS[day.month - 1]} {day.year}"


def quantity(value: int | Decimal) -> str:
    """Return « 2 » or « 1,25 »: a quantity with the decimals it has, two at most."""
    cents = round(Decimal(value) * 100)
    return number(Decimal(cents) / 100, 0 if cents % 100 == 0 else 1 if cents % 10 == 0 else 2)


def plural(count: int | Decimal, singular: str, several: str | None = None) -> str:
    """Return « 1 repas », « 2 enfants », « 1,5 heure »: French plurals begin at 2."""
    word = singular if -PLURAL_FROM < count < PLURAL_FROM else (several or f"{singular}s")
    return f"{quantity(count)}{NBSP}{word}"


def staff_name(last_name: str, first_name: str) -> str:
    """Return « FOURNIER Léa », as staff lists show people."""
    return f"{last_name.upper()} {first_name}".strip()


def public_name(first_name: str, last_name: str) -> str:
    """Return « Claire F. », as a shared screen may show an adult."""
    return f"{first_name} {last_name[:1].upper()}." if last_name else first_name


def typeset(text: str) -> str:
    """Return a sentence with its no-break spaces: before ; : ! ? » € % and after «."""
    for mark in (";", ":", "!", "?", "»", "€", "%"):
        text = text.replace(f" {mark}", f"{NBSP}{mark}")
    return text.replace("« ", f"«{NBSP}")
