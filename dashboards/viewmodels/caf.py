"""The CAF balance: hours by month, service, age group and régime group, and how they read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from dashboards.viewmodels.tables import Cell, Table
from domain.french import MONTHS_SHORT, NBSP, month_name, number

AGE_LABELS = {"under_6": "Moins de 6 ans", "from_6": "6 ans et plus"}
REGIME_LABELS = {"RG": "Régime général", "MSA": "MSA", "AUTRE": "Autre régime", "INCONNU": "Régime inconnu"}


@dataclass(frozen=True, slots=True)
class CafHours:
    """One row of fct_caf_hours: structure × service × month × age group × régime group."""

    structure: str
    service: str
    month: date
    age_group: str
    regime_group: str
    children: int
    child_days: int
    hours: Decimal


@dataclass(frozen=True, slots=True)
class MonthBar:
    """One bar of the chart: service × month × age group."""

    service: str
    month: str
    order: int
    age: str
    hours: float


def total_hours(rows: Sequence[CafHours]) -> Decimal:
    """Return the exact sum of the hours."""
    return sum((row.hours for row in rows), Decimal(0))


def detail_table(rows: Sequence[CafHours]) -> Table:
    """Return every row, in the order of the declaration, with the total of hours.

    Children are not added up: the same child is counted once per row, and may be in several.
    """
    ordered = sorted(rows, key=lambda row: (row.month, row.service, row.structure, row.age_group, row.regime_group))
    lines: list[tuple[Cell, ...]] = [
        (
            month_name(row.month).capitalize(),
            row.service,
            row.structure,
            AGE_LABELS[row.age_group],
            REGIME_LABELS[row.regime_group],
            row.children,
            row.child_days,
            row.hours,
        )
        for row in ordered
    ]
    columns = ("Mois", "Service", "Structure", "Âge", "Régime", "Enfants", "Journées-enfant", "Heures")
    totals: tuple[Cell, ...] = ()
    if lines:
        totals = ("Total", "", "", "", "", "", sum(row.child_days for row in rows), total_hours(rows))
    return Table(columns, tuple(lines), totals)


def service_table(rows: Sequence[CafHours]) -> Table:
    """Return hours by service, split by age group and by régime group, with totals."""
    regimes = [code for code in REGIME_LABELS if any(row.regime_group == code for row in rows)]
    services = sorted({row.service for row in rows})
    lines = [_service_line(service, rows, regimes) for service in services]
    columns = ("Service", *AGE_LABELS.values(), *(REGIME_LABELS[code] for code in regimes), "Heures")
    totals: tuple[Cell, ...] = ("Total", *_split(rows, regimes)) if lines else ()
    return Table(columns, tuple(lines), totals)


def _service_line(service: str, rows: Sequence[CafHours], regimes: Sequence[str]) -> tuple[Cell, ...]:
    return (service, *_split([row for row in rows if row.service == service], regimes))


def _split(rows: Sequence[CafHours], regimes: Sequence[str]) -> tuple[Cell, ...]:
    ages = [total_hours([row for row in rows if row.age_group == code]) for code in AGE_LABELS]
    funds = [total_hours([row for row in rows if row.regime_group == code]) for code in regimes]
    return (*ages, *funds, total_hours(rows))


def bars(rows: Sequence[CafHours]) -> list[MonthBar]:
    """Return the bars of the chart; floats are for drawing only, tables and files keep the exact hours."""
    sums: dict[tuple[str, date, str], Decimal] = defaultdict(Decimal)
    for row in rows:
        sums[row.service, row.month, row.age_group] += row.hours
    return [
        MonthBar(
            service, MONTHS_SHORT[month.month - 1], month.year * 12 + month.month, AGE_LABELS[age], float(hours)
        )
        for (service, month, age), hours in sorted(sums.items())
    ]


def chart_title(rows: Sequence[CafHours]) -> str:
    """Return the finding: which service weighs most."""
    total = total_hours(rows)
    if total == 0:
        return "Aucune heure sur cette période"
    services = {row.service for row in rows}
    top = max(services, key=lambda name: (total_hours([row for row in rows if row.service == name]), name))
    share = total_hours([row for row in rows if row.service == top]) * 100 / total
    return f"{top}{NBSP}: {number(share, 0)}{NBSP}% des heures"


def chart_subtitle(rows: Sequence[CafHours], place: str) -> str:
    """Return place, period and unit of the chart."""
    months = sorted({row.month for row in rows})
    period = month_name(months[0]) if len(months) == 1 else f"{month_name(months[0])} à {month_name(months[-1])}"
    return f"{place}, {period}. Heures par mois, par âge le jour de la présence."


def headline(rows: Sequence[CafHours]) -> str:
    """Return what needs a decision: hours whose régime is unknown cannot be declared."""
    unknown = total_hours([row for row in rows if row.regime_group == "INCONNU"])
    if unknown == 0:
        return "Toutes les heures ont un régime. Rien à compléter avant la déclaration."
    return (
        f"**{number(unknown, 2)}{NBSP}heures sans régime connu**{NBSP}: "
        "complétez le régime des familles concernées avant de déclarer."
    )
