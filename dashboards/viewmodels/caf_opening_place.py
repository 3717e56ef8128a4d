"""A line that no child makes, opened: days the place is open, its conventions, its accounts, what it counted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from dashboards.viewmodels.caf_entries import ACTIVITY_CHOICES, ORIGIN_WORDS, SHARED
from dashboards.viewmodels.tables import Cell, Table
from domain.caf_declarations import LAST_MONTH, Figure
from domain.counts import INDICATOR_WORDS, STANDING, with_decimals
from domain.french import month_name, short_date
from domain.money import from_cents
from records.operations.accounting import AccountingLineSeen
from records.operations.anonymous_counts import CountSeen
from records.operations.caf_settings import NewCafSetting
from warehouse.reader import OpeningRow

_KINDS = {
    "days_morning": "periscolaire_morning",
    "days_midday": "periscolaire_midday",
    "days_evening": "periscolaire_evening",
    "days_wednesday": "periscolaire_wednesday",
}
_HOURS = ("opening_hours", "capacity_hours")
_HUNDREDTH = Decimal("0.01")


def opens_to_days(figure: Figure) -> bool:
    """Say whether a line adds up days on which the place is open."""
    return figure.code in ("opening_days", *_HOURS, *_KINDS)


def opens_to_conventions(figure: Figure) -> bool:
    """Say whether a line is what the conventions of a place say."""
    return figure.code == "authorised_places"


def opens_to_accounts(figure: Figure) -> bool:
    """Say whether a line adds up accounts."""
    return figure.block == "finance"


def opens_to_counts(figure: Figure) -> bool:
    """Say whether a line adds up counts without a name."""
    return figure.code in INDICATOR_WORDS


def opens_without_children(figure: Figure) -> bool:
    """Say whether a line opens to what is no child's: whoever may see the figure may see it."""
    kinds = (opens_to_days, opens_to_conventions, opens_to_accounts, opens_to_counts)
    return any(opens(figure) for opens in kinds)


def days_table(figure: Figure, rows: Iterable[OpeningRow]) -> Table:
    """Return the months in which a place was open: days, and where the line counts them, hours and capacity."""
    kept = [row for row in rows if figure.code not in _KINDS or row.caf_kind == _KINDS[figure.code]]
    months = sorted({row.day.replace(day=1) for row in kept})
    lines = [
        (month_name(month).capitalize(), *_month(figure, [row for row in kept if row.day.replace(day=1) == month]))
        for month in months
    ]
    hours = ("Heures d'ouverture", "Places", "Capacité (h)") if figure.code in _HOURS else ()
    totals = ("Total", *_month(figure, kept)) if lines else ()
    return Table(("Mois", "Jours", *hours), tuple(lines), totals, at_right=(3,) if hours else ())


def _month(figure: Figure, rows: Sequence[OpeningRow]) -> tuple[Cell, ...]:
    days = len({row.day for row in rows})
    if figure.code not in _HOURS:
        return (days,)
    known = [row.places for row in rows if row.places is not None]
    is_whole = len(known) == len(rows)
    least, most = (min(known), max(known)) if known else (0, 0)
    places = "inconnu" if not is_whole else str(most) if least == most else f"{least} à {most}"
    capacity = _hours(sum(row.minutes * (row.places or 0) for row in rows)) if is_whole else "inconnu"
    return (days, _hours(sum(row.minutes for row in rows)), places, capacity)


def conventions_table(known: Iterable[NewCafSetting], year: int) -> Table:
    """Return the conventions that held in a year, the places of each: the line is the most of them."""
    ordered = list(known)
    rows: list[tuple[Cell, ...]] = []
    for place, one in enumerate(ordered):
        following = ordered[place + 1].valid_from if place + 1 < len(ordered) else date.max
        if one.valid_from.year <= year and following > max(one.valid_from, date(year, 1, 1)):
            rows.append((short_date(one.valid_from), one.decision, one.authorised_places or 0))
    return Table(("À partir du", "Convention", "Places"), tuple(rows))


def accounts_of(figure: Figure, lines: Iterable[AccountingLineSeen], period: str) -> list[AccountingLineSeen]:
    """Return the lines that a line of the declaration adds up: « charge_64 », « produit_total »."""
    nature, _, group = figure.code.partition("_")
    return [
        line
        for line in lines
        if (line.nature, line.period) == (nature, period) and (group == "total" or line.account.startswith(group))
    ]


def accounts_table(lines: Sequence[AccountingLineSeen]) -> Table:
    """Return accounts with their sum."""
    rows: list[tuple[Cell, ...]] = [
        (
            line.account,
            line.label,
            ACTIVITY_CHOICES[line.activity or SHARED],
            ORIGIN_WORDS[line.origin],
            from_cents(line.amount_cents),
        )
        for line in lines
    ]
    total = ("Total", "", "", "", from_cents(sum(line.amount_cents for line in lines)))
    return Table(("Compte", "Libellé", "Activité", "Origine", "Montant (€)"), tuple(rows), total if rows else ())


def counts_table(figure: Figure, seen: Iterable[CountSeen], period: str) -> Table:
    """Return the days on which a number was said, with who said it; the sum, or the last where it is said anew."""
    kept = [each for each in seen if each.indicator == figure.code and each.day.month <= LAST_MONTH[period]]
    columns = ("Jour", "Saisi par", "Corrections", "Nombre")
    if not kept:
        return Table(columns, ())

    def said(quantity: Decimal) -> Decimal | int:
        return quantity if with_decimals(figure.code) else int(quantity)

    rows: list[tuple[Cell, ...]] = [
        (short_date(each.day), each.recorded_by, each.corrections, said(each.quantity)) for each in kept
    ]
    is_standing = figure.code in STANDING
    whole = kept[-1].quantity if is_standing else sum((each.quantity for each in kept), Decimal(0))
    return Table(columns, tuple(rows), ("Le dernier vaut" if is_standing else "Total", "", "", said(whole)))


def adds_up(figure: Figure, table: Table) -> bool:
    """Say whether what is entered now still makes the line, which was calculated earlier."""
    return not table.totals or figure.value is None or table.totals[-1] == figure.value


def _hours(minutes: int) -> Decimal:
    return (Decimal(minutes) / 60).quantize(_HUNDREDTH, rounding=ROUND_HALF_UP)
