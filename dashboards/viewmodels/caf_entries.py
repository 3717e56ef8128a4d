"""What is entered for the CAF beside attendance, as people type and read it: accounts and counts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from dashboards.viewmodels.tables import Cell, Table
from domain.counts import INDICATOR_WORDS, STANDING, with_decimals
from domain.errors import InvalidData
from domain.french import NBSP, long_date, month_name, typeset
from domain.money import from_cents, to_cents
from records.operations.accounting import ACTIVITY_WORDS, CHARGE, PERIOD_WORDS, AccountingLineSeen
from records.operations.anonymous_counts import CountSeen
from records.town_files.kinds import DAY, Misread

_NUMBER = re.compile(r"-?\d{1,9}(\.\d{1,2})?")
SHARED, YEAR = "", "year"
ACTIVITY_CHOICES = {
    SHARED: "Partagée entre les activités",
    **{code: words.capitalize() for code, words in ACTIVITY_WORDS.items()},
}
PERIOD_CHOICES = {code: words.capitalize() for code, words in PERIOD_WORDS.items()}
NATURE_WORDS = {"charge": "Charge", "produit": "Produit"}
ORIGIN_WORDS = {"entered": "saisie", "imported": "importée"}


def typed_number(text: str) -> Decimal | None:
    """Return an exact number of « 1 200,50 », None for nothing; raises InvalidData for anything else."""
    plain = re.sub(r"[\s€]", "", text).replace(",", ".").replace("\u2212", "-")
    if not plain:
        return None
    if not _NUMBER.fullmatch(plain):
        raise InvalidData(typeset(f"« {text.strip()} » n'est pas un nombre. Écrivez par exemple 12,50."))
    return Decimal(plain)


def typed_day(text: str) -> date:
    """Return the day of « 24/11/2026 »; raises InvalidData. A calendar to click is too small for a finger."""
    try:
        found: date = DAY.read(text.strip())
    except Misread as misread:
        raise InvalidData(typeset(f"{misread.message} Rien n'a été enregistré.")) from None
    return found


def days_back(today: date, count: int) -> dict[str, str]:
    """Return today and the days before it, by ISO day, as people choose one."""
    days = [today - timedelta(days=back) for back in range(count)]
    return {str(day): long_date(day).capitalize() for day in days}


def typed_euros(text: str) -> int:
    """Return the cents of an amount, negative for a credit; raises InvalidData."""
    amount = typed_number(text)
    if amount is None:
        raise InvalidData(typeset("Donnez le montant, par exemple 12 500,00. Rien n'a été enregistré."))
    return to_cents(amount)


def typed_counts(texts: Mapping[str, str]) -> dict[str, Decimal]:
    """Return what was typed, by indicator; a field left empty says nothing. Raises InvalidData."""
    found = {code: number for code, text in texts.items() if (number := typed_number(text)) is not None}
    if not found:
        raise InvalidData(typeset("Donnez au moins un nombre. Rien n'a été enregistré."))
    return found


def euros_text(cents: int) -> str:
    """Return an amount as people type it: « 12500,50 »."""
    return format(from_cents(cents), "f").replace(".", ",")


def quantity_text(quantity: Decimal) -> str:
    """Return a count as people type it: « 3,5 », « 12 »."""
    text = format(quantity, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace(".", ",")


def accounts_headline(lines: Sequence[AccountingLineSeen], year: int, today: date) -> tuple[bool, str]:
    """Return whether somebody must act, and why: without charges of a period no cost per hour is known of it."""
    known = [period for period in PERIOD_CHOICES if any(_is_charge_of(each, period) for each in lines)]
    if not known:
        return True, f"**Aucune charge en {year}**{NBSP}: le prix de revient de l'heure ne peut pas être calculé."
    if YEAR in known:
        return False, f"Les charges de {year} sont connues{NBSP}: le prix de revient de l'heure en découle."
    parts = " et ".join(f"de {PERIOD_WORDS[period]}" for period in known)
    return today.year > year, typeset(
        f"**Les comptes de l'année {year} ne sont pas saisis.** Ceux {parts} le sont : ils donnent les euros des "
        "déclarations actualisées, pas ceux de l'année."
    )


def first_period(lines: Sequence[AccountingLineSeen]) -> str:
    """Return the period to show first: the longest that has lines, the year where none has."""
    used = {each.period for each in lines}
    return next((period for period in (YEAR, "jan_sep", "jan_jun") if period in used), YEAR)


def _is_charge_of(line: AccountingLineSeen, period: str) -> bool:
    return (line.nature, line.period) == (CHARGE, period)


def accounts_table(lines: Sequence[AccountingLineSeen]) -> Table:
    """Return the lines of a period by account."""
    rows: list[tuple[Cell, ...]] = [
        (
            each.account,
            each.label,
            NATURE_WORDS[each.nature],
            from_cents(each.amount_cents),
            ACTIVITY_CHOICES[each.activity or SHARED],
            ORIGIN_WORDS[each.origin],
        )
        for each in lines
    ]
    return Table(("Compte", "Libellé", "Nature", "Montant (€)", "Activité", "Origine"), tuple(rows))


def months_table(seen: Sequence[CountSeen], year: int) -> Table:
    """Return the sums of a year by month and indicator, with the total of the year."""
    of_year = [each for each in seen if each.day.year == year]
    months = sorted({each.day.replace(day=1) for each in of_year})
    codes = [code for code in INDICATOR_WORDS if any(each.indicator == code for each in of_year)]
    rows: list[tuple[Cell, ...]] = [
        (month_name(month).capitalize(), *(_sum(of_year, code, month) for code in codes)) for month in months
    ]
    totals: tuple[Cell, ...] = ("Année", *(_sum(of_year, code, None) for code in codes)) if rows else ()
    return Table(("Mois", *(INDICATOR_WORDS[code] for code in codes)), tuple(rows), totals)


def counts_table(seen: Sequence[CountSeen], today: date) -> Table:
    """Return what each indicator comes to this month and this year, a row an indicator: it fits a phone."""
    of_year = [each for each in seen if each.day.year == today.year]
    month = today.replace(day=1)
    rows: list[tuple[Cell, ...]] = [
        (INDICATOR_WORDS[code], _sum(of_year, code, month), _sum(of_year, code, None))
        for code in INDICATOR_WORDS
        if any(each.indicator == code for each in of_year)
    ]
    return Table(("Ce qui est compté", month_name(month).capitalize(), f"Année {today.year}"), tuple(rows))


def _sum(seen: Sequence[CountSeen], code: str, month: date | None) -> Decimal | int:
    found = _exact_sum(seen, code, month)
    return found if with_decimals(code) else int(found)


def _exact_sum(seen: Sequence[CountSeen], code: str, month: date | None) -> Decimal:
    """Return a sum, or the last number of what is said anew, as people in post."""
    found = [
        each for each in seen if each.indicator == code and (month is None or each.day.replace(day=1) == month)
    ]
    if code in STANDING:
        return max(found, key=lambda each: each.day).quantity if found else Decimal(0)
    return sum((each.quantity for each in found), Decimal(0))
