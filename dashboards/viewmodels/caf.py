"""The CAF balance: hours by month, service, age group and régime group, and how they read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from dashboards.viewmodels.tables import Cell, Table
from domain.french import MONTHS_SHORT, NBSP, month_name, number, plural
from domain.names import search_key
from domain.regimes import GROUP_WORDS
from warehouse.reader import CafHoursRow

AGE_LABELS = {"under_6": "Moins de 6 ans", "from_6": "6 ans et plus", "unknown": "Âge inconnu"}
PERIOD_LABELS = {
    "periscolaire_day": "Jours d'école",
    "wednesday": "Mercredis",
    "small_holidays": "Petites vacances",
    "summer": "Été",
    "saturday": "Samedis et dimanches",
    "all_year": "Toute l'année",
}
REGIME_LABELS = {**GROUP_WORDS, "INCONNU": "Régime inconnu"}


@dataclass(frozen=True, slots=True)
class MonthBar:
    """One part of a bar: month (ISO) × age group."""

    month: str
    age: str
    hours: float


def total_hours(rows: Sequence[CafHoursRow]) -> Decimal:
    """Return the exact sum of the hours."""
    return sum((row.hours for row in rows), Decimal(0))


def figures(rows: Sequence[CafHoursRow]) -> list[tuple[str, str, str]]:
    """Return the metrics of the page: label, value, and what it is to be compared with."""
    total = total_hours(rows)
    months = len({row.month for row in rows})
    young = total_hours([row for row in rows if row.age_group == "under_6"])
    general = total_hours([row for row in rows if row.regime_group == "RG"])
    return [
        ("Heures", number(total, 2), f"sur {number(months)} mois"),
        (AGE_LABELS["under_6"], number(young, 2), _share(young, total)),
        (REGIME_LABELS["RG"], number(general, 2), _share(general, total)),
        ("Journées-enfant", number(sum(row.child_days for row in rows)), f"sur {number(months)} mois"),
    ]


def _share(part: Decimal, total: Decimal) -> str:
    return f"{number(part * 100 / total, 0)}{NBSP}% des heures" if total else "aucune heure"


def detail_table(rows: Sequence[CafHoursRow]) -> Table:
    """Return every row, in the order of the declaration, with the total of hours.

    Children are not added up: the same child is counted once per row, and may be in several.
    """
    ordered = sorted(
        rows,
        key=lambda row: (
            row.month,
            row.service_label,
            search_key(row.structure_label),
            row.period,
            row.age_group,
            row.regime_group,
            row.is_aeeh,
        ),
    )
    lines: list[tuple[Cell, ...]] = [
        (
            month_name(row.month).capitalize(),
            row.service_label,
            row.structure_label,
            PERIOD_LABELS[row.period],
            AGE_LABELS[row.age_group],
            REGIME_LABELS[row.regime_group],
            "AEEH" if row.is_aeeh else "",
            row.children,
            row.child_days,
            row.hours,
        )
        for row in ordered
    ]
    columns = (
        "Mois", "Service", "Structure", "Période", "Âge", "Régime", "AEEH", "Enfants", "Journées-enfant", "Heures",
    )  # fmt: skip
    totals: tuple[Cell, ...] = ()
    if lines:
        totals = ("Total", *[""] * 7, sum(row.child_days for row in rows), total_hours(rows))
    return Table(columns, tuple(lines), totals)


def service_table(rows: Sequence[CafHoursRow]) -> Table:
    """Return hours by service, split by age group and by régime group, with totals."""
    ages = [code for code in AGE_LABELS if any(row.age_group == code for row in rows)]
    regimes = [code for code in REGIME_LABELS if any(row.regime_group == code for row in rows)]

    def split(some: Sequence[CafHoursRow]) -> tuple[Cell, ...]:
        by_age = [total_hours([row for row in some if row.age_group == code]) for code in ages]
        by_regime = [total_hours([row for row in some if row.regime_group == code]) for code in regimes]
        return (*by_age, *by_regime, total_hours(some))

    services = sorted({row.service_label for row in rows})
    lines = [(service, *split([row for row in rows if row.service_label == service])) for service in services]
    labels = [AGE_LABELS[code] for code in ages] + [REGIME_LABELS[code] for code in regimes]
    return Table(("Service", *labels, "Heures"), tuple(lines), ("Total", *split(rows)) if lines else ())


def bars(rows: Sequence[CafHoursRow]) -> dict[str, list[MonthBar]]:
    """Return the bars of the chart by service; floats are for drawing only, tables and files stay exact."""
    months = sorted({row.month for row in rows})
    ages = [code for code in AGE_LABELS if any(row.age_group == code for row in rows)]
    found: dict[str, list[MonthBar]] = {}
    for service in sorted({row.service_label for row in rows}):
        of_service = [row for row in rows if row.service_label == service]
        found[service] = [
            MonthBar(
                month.isoformat(),
                AGE_LABELS[age],
                float(total_hours([row for row in of_service if (row.month, row.age_group) == (month, age)])),
            )
            for month in months
            for age in ages
        ]
    return found


def tallest(bars_of_service: Mapping[str, Sequence[MonthBar]]) -> float:
    """Return the height of the tallest bar: a month of one service, all ages."""
    heights: dict[tuple[str, str], float] = {}
    for service, found in bars_of_service.items():
        for bar in found:
            heights[service, bar.month] = heights.get((service, bar.month), 0.0) + bar.hours
    return max(heights.values(), default=0.0)


def month_labels(rows: Sequence[CafHoursRow]) -> dict[str, str]:
    """Return the words of each month under the bars."""
    return {month.isoformat(): MONTHS_SHORT[month.month - 1] for month in sorted({row.month for row in rows})}


def chart_title(rows: Sequence[CafHoursRow]) -> str:
    """Return the finding: which service weighs most."""
    total = total_hours(rows)
    if total == 0:
        return "Aucune heure sur cette période"
    services = {row.service_label for row in rows}
    top = max(services, key=lambda name: (total_hours([row for row in rows if row.service_label == name]), name))
    share = total_hours([row for row in rows if row.service_label == top]) * 100 / total
    return f"{top}{NBSP}: {number(share, 0)}{NBSP}% des heures"


def chart_subtitle(rows: Sequence[CafHoursRow], place: str) -> str:
    """Return place, period and unit of the chart."""
    months = sorted({row.month for row in rows})
    period = month_name(months[0]) if len(months) == 1 else f"{month_name(months[0])} à {month_name(months[-1])}"
    return f"{place}, {period}. Heures par mois, par âge le jour de la présence."


def headline(rows: Sequence[CafHoursRow]) -> tuple[bool, str]:
    """Return whether somebody must act, and why: hours whose régime or age is unknown cannot be declared."""
    unknown = [row for row in rows if row.regime_group == "INCONNU" or row.age_group == "unknown"]
    if not unknown:
        return False, "Toutes les heures ont un régime et un âge. Rien à compléter avant la déclaration."
    return True, (
        f"**{number(total_hours(unknown), 2)}{NBSP}heures sans régime ou sans âge connu**{NBSP}: "
        "complétez le dossier des familles concernées avant de déclarer."
    )


def held_note(rows: Sequence[CafHoursRow]) -> str:
    """Return how many hours wait for missing taps, empty when none does; they are in no other figure."""
    days = sum(row.held_child_days for row in rows)
    if days == 0:
        return ""
    hours = number(sum((row.held_hours for row in rows), Decimal(0)), 2)
    return (
        f"{hours}{NBSP}heures en attente ({plural(days, 'journée-enfant', 'journées-enfant')}){NBSP}: des bornes "
        "n'ont pas tout envoyé. Elles ne sont dans aucun total. Faites régler ces trous avant de déclarer."
    )


def derived_note(rows: Sequence[CafHoursRow]) -> str:
    """Return how much rests on a time that nobody noted, empty when nothing does."""
    days = sum(row.derived_child_days for row in rows)
    if days == 0:
        return ""
    total = sum(row.child_days for row in rows)
    return (
        f"{number(days)} journées-enfant sur {number(total)} ont une arrivée ou un départ non noté{NBSP}: "
        "l'horaire du service est retenu, et la ligne est signalée."
    )
