"""« Et si… » on a CAF balance: what fewer hours or another rounding would bring in the months known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from dashboards.viewmodels.caf_year import ROUNDING, cause_words, signed
from domain.caf_lines import PART_WORDS, fault_words
from domain.french import MONTHS, NBSP, number, typeset
from warehouse.reader import PsuCauseRow, PsuWhatIfRow

STEPS = {1: "à la minute", 15: "au quart d'heure", 30: "à la demi-heure", 60: "à l'heure"}
WHOLE_YEAR = 12
HOW_LESS = typeset(
    "Les heures réalisées et les charges ne changent pas, et les familles paient en moyenne autant l'heure."
)
HOW_ROUNDED = typeset(
    "Le sens de l'arrondi et la tolérance restent ceux de la règle. Les heures d'un contrat ne changent pas ; hors "
    "contrat, les heures facturées suivent la présence, et les familles paient en moyenne autant l'heure."
)


def as_it_is(rows: Iterable[PsuWhatIfRow]) -> PsuWhatIfRow | None:
    """Return the known months as they are, None before a month of the year is over."""
    return next((row for row in rows if row.cause == ROUNDING and row.rounding_minutes == 0), None)


def movable(rows: Sequence[PsuWhatIfRow], causes: Iterable[PsuCauseRow]) -> list[PsuCauseRow]:
    """Return the causes whose hours can be fewer in the known months, in their order."""
    tried = {(row.cause, row.reason_label) for row in rows if row.percent_less}
    return [row for row in causes if row.cause != "to_come" and (row.cause, row.reason_label) in tried]


def steps(rows: Iterable[PsuWhatIfRow]) -> list[PsuWhatIfRow]:
    """Return the steps of rounding that were tried, the finest first."""
    return sorted((row for row in rows if row.rounding_minutes), key=lambda row: row.rounding_minutes)


def step_words(row: PsuWhatIfRow, base: PsuWhatIfRow) -> str:
    """Return « à la demi-heure », and whether nothing changes."""
    same = (row.realised_hours, row.billed_hours) == (base.realised_hours, base.billed_hours)
    return STEPS[row.rounding_minutes] + (" (comme aujourd'hui)" if same else "")


def with_less(rows: Iterable[PsuWhatIfRow], cause: PsuCauseRow, percent_less: int) -> PsuWhatIfRow | None:
    """Return the known months with some percent less of a cause's hours, None where that was not calculated."""
    wanted = (cause.cause, cause.reason_label, percent_less)
    return next((row for row in rows if (row.cause, row.reason_label, row.percent_less) == wanted), None)


def basis(base: PsuWhatIfRow) -> str:
    """Return which months are known, and by which accounts an hour costs."""
    if base.last_month == WHOLE_YEAR:
        return f"D'après l'année {base.year} entière."
    months = MONTHS[base.last_month - 1]
    known = f"le mois connu, {months}" if base.last_month == 1 else f"les mois connus, de janvier à {months}"
    said = f"D'après {known} {base.year}."
    if base.cost_year is None or base.cost_period is None or base.amount is None:
        return typeset(said)
    part = f"{PART_WORDS[base.cost_period]} " if base.cost_period in PART_WORDS else "en "
    return typeset(f"{said} L'heure y coûte ce qu'elle a coûté {part}{base.cost_year}, d'après les comptes saisis.")


def less_words(base: PsuWhatIfRow, cause: PsuCauseRow, other: PsuWhatIfRow) -> str:
    """Return what the rate, the price and the euros would be with some percent less of a cause's hours."""
    hours = base.billed_hours - other.billed_hours
    return f"Avec {number(hours, 2)}{NBSP}h de moins («{NBSP}{cause_words(cause)}{NBSP}»){_outcome(base, other)}"


def rounded_words(base: PsuWhatIfRow, other: PsuWhatIfRow) -> str:
    """Return what the rate, the price and the euros would be with presence rounded by another step."""
    hours = (
        f"{number(other.realised_hours, 2)}{NBSP}h réalisées au lieu de {number(base.realised_hours, 2)}, "
        f"{number(other.billed_hours, 2)}{NBSP}h facturées au lieu de {number(base.billed_hours, 2)}"
    )
    return f"Arrondies {STEPS[other.rounding_minutes]}, {hours}{_outcome(base, other)}"


def _outcome(base: PsuWhatIfRow, other: PsuWhatIfRow) -> str:
    if base.invoicing_rate is None or other.invoicing_rate is None:
        return f"{NBSP}: aucune heure réalisée, le taux ne se calcule pas."
    said = (
        f"{NBSP}: taux de **{number(other.invoicing_rate, 2)}{NBSP}%** "
        f"au lieu de {number(base.invoicing_rate, 2)}{NBSP}%."
    )
    if base.amount is None or other.amount is None:
        fault = other.fault or base.fault
        if base.price_cap is not None and other.price_cap is not None:
            said += f" Prix plafond{NBSP}: {_price(other.price_cap)} l'heure au lieu de {_price(base.price_cap)}."
        return f"{said} {fault_words(fault)}" if fault else said
    if base.price_retained is not None and other.price_retained is not None:
        prices = f"{_price(other.price_retained)} l'heure au lieu de {_price(base.price_retained)}"
        said += f" Prix retenu{NBSP}: {prices}."
    owed, paid = other.amount - base.amount, other.contributions - base.contributions
    return (
        f"{said} PSU{NBSP}: **{_euros(other.amount)}** au lieu de {_euros(base.amount)} ({_change(owed)}){NBSP}; "
        f"participations des familles{NBSP}: {_euros(other.contributions)} au lieu de {_euros(base.contributions)} "
        f"({_change(paid)}). En tout, **{_change(owed + paid)}** pour la collectivité."
    )


def _price(price: Decimal) -> str:
    return f"{number(price, 4)}{NBSP}€"


def _euros(amount: Decimal) -> str:
    return f"{number(amount, 2)}{NBSP}€"


def _change(amount: Decimal) -> str:
    return f"{signed(amount)}{NBSP}€"
