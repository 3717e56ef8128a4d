"""How the hours of a contract are spread over months: which months are billed, and whether they are as agreed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from domain.french import plural, typeset


@dataclass(frozen=True, slots=True)
class ContractTerms:
    """Hours reserved over [start, end), in equal months; `unbilled_month` (1–12) is the one without a bill."""

    start: date
    end: date
    minutes_per_week: int
    weeks: int
    months: int
    deducted_minutes: int = 0
    unbilled_month: int | None = None

    @property
    def total_minutes(self) -> int:
        """The minutes of the whole contract, what was deducted when it was signed taken off."""
        return self.minutes_per_week * self.weeks - self.deducted_minutes


def billed_months(terms: ContractTerms) -> list[date]:
    """Return the first day of each calendar month that the contract touches and bills."""
    return [month for month in _months(terms.start, terms.end) if month.month != terms.unbilled_month]


def faults(terms: ContractTerms) -> list[str]:
    """Return, in French, why the terms cannot be billed; nothing when they can."""
    if terms.total_minutes <= 0:
        return ["Les heures retirées dépassent les heures réservées."]
    billed = len(billed_months(terms))
    if billed != terms.months:
        without = "" if terms.unbilled_month is None else ", sans le mois non facturé"
        return [
            typeset(
                f"Le contrat touche {plural(billed, 'mois', 'mois')}{without}, et vous demandez "
                f"{terms.months} mensualités. Corrigez les dates ou le nombre de mois."
            )
        ]
    return []


def _months(start: date, end: date) -> Iterator[date]:
    month = start.replace(day=1)
    while month < end:
        yield month
        month = date(month.year + month.month // 12, month.month % 12 + 1, 1)
