"""What the kitchen reads: meals planned, expected and served, by school and diet, without any name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from dashboards.viewmodels.tables import Cell, Table, totals_of
from domain.french import MONTHS, NBSP, WEEKDAYS_SHORT, medium_date, number, plural
from domain.names import search_key
from warehouse.reader import MealForecastRow, MealsRow

DAYS_SHOWN = 6  # on each side of today: twelve bars are still read on a telephone
BASKET = "panier_repas"  # the diet that is seated and listed, never ordered for (domain notes §3)


@dataclass(frozen=True, slots=True)
class DayTotal:
    """One day of the chart; `served` is None for a day to come."""

    day: date
    label: str
    planned: int
    served: int | None
    forecast: Decimal | None


def day_figures(
    meals: Sequence[MealsRow], forecasts: Sequence[MealForecastRow], day: date, today: date
) -> list[tuple[str, str, str]]:
    """Return the figures of one day, each with what it is to be compared with."""
    rows = [meal for meal in meals if meal.day == day]
    planned, to_order = sum(row.planned for row in rows), sum(row.to_order for row in rows)
    served = sum(row.served for row in rows)
    estimates = [row.forecast for row in forecasts if row.day == day]
    figures = [
        ("Repas à commander", number(to_order), f"sur {number(planned)} prévus"),
        ("Paniers repas", number(planned - to_order), "comptés, jamais commandés"),
    ]
    if day <= today:
        word = "Servis aujourd'hui" if day == today else "Servis"
        return [(word, number(served), f"sur {number(planned)} prévus"), *figures]
    if estimates:
        total = sum(estimates, Decimal(0))
        return [*figures, ("Repas estimés", number(rounded(total)), f"sur {number(planned)} prévus")]
    return figures


def day_table(meals: Sequence[MealsRow], forecasts: Sequence[MealForecastRow], day: date, today: date) -> Table:
    """Return one day by place and diet, with totals; a day to come shows estimates instead of meals served."""
    is_coming = day > today
    estimates = _estimates([row for row in forecasts if row.day == day])
    groups: dict[tuple[str, str], list[MealsRow]] = defaultdict(list)
    for meal in meals:
        if meal.day == day:
            groups[meal.structure_label, meal.diet_label].append(meal)
    rows: list[tuple[Cell, ...]] = [
        (*key, *_ordered(group), estimates[key] if is_coming else _served(group))
        for key, group in sorted(groups.items(), key=lambda item: (search_key(item[0][0]), item[0][1]))
    ]
    last = "Repas estimés" if is_coming else "Servis"
    return Table(("Lieu", "Régime", "Prévus", "À commander", last), tuple(rows), totals_of("Total", rows, 2))


def day_overview(meals: Sequence[MealsRow], forecasts: Sequence[MealForecastRow], day: date, today: date) -> Table:
    """Return one day as a kitchen reads it: a row a place, a column a diet, then what to order."""
    rows_of_day = [meal for meal in meals if meal.day == day]
    diets = _diets(rows_of_day)
    is_coming = day > today
    estimates: dict[str, Decimal] = defaultdict(Decimal)
    for row in forecasts:
        if row.day == day:
            estimates[row.structure_label] += row.forecast
    groups: dict[str, list[MealsRow]] = defaultdict(list)
    for meal in rows_of_day:
        groups[meal.structure_label].append(meal)
    rows: list[tuple[Cell, ...]] = []
    for place, group in sorted(groups.items(), key=lambda item: search_key(item[0])):
        of_diets = [sum(meal.planned for meal in group if meal.diet_code == code) for code in diets]
        last: Cell = estimates[place] if is_coming else _served(group)
        rows.append((place, *of_diets, *_ordered(group), last))
    last_column = "Repas estimés" if is_coming else "Servis"
    columns = ("Lieu", *diets.values(), "Prévus", "À commander", last_column)
    return Table(columns, tuple(rows), totals_of("Total", rows, 1))


def _diets(meals: Sequence[MealsRow]) -> dict[str, str]:
    """Return the diets of a day, the most frequent first; baskets, never ordered, come last."""
    planned: dict[str, int] = defaultdict(int)
    labels: dict[str, str] = {}
    for meal in meals:
        planned[meal.diet_code] += meal.planned
        labels[meal.diet_code] = meal.diet_label
    return {code: labels[code] for code in sorted(labels, key=lambda code: (code == BASKET, -planned[code], code))}


def days_table(meals: Sequence[MealsRow], forecasts: Sequence[MealForecastRow], today: date) -> Table:
    """Return the days to come by place: planned, to order, estimated."""
    groups: dict[tuple[date, str], list[MealsRow]] = defaultdict(list)
    for meal in meals:
        if meal.day > today:
            groups[meal.day, meal.structure_label].append(meal)
    estimates: dict[tuple[date, str], Decimal] = defaultdict(Decimal)
    for row in forecasts:
        estimates[row.day, row.structure_label] += row.forecast
    rows: list[tuple[Cell, ...]] = [
        (medium_date(day).capitalize(), place, *_ordered(group), estimates[day, place])
        for (day, place), group in sorted(groups.items())
    ]
    return Table(
        ("Jour", "Lieu", "Prévus", "À commander", "Repas estimés"), tuple(rows), totals_of("Total", rows, 2)
    )


def _estimates(forecasts: Sequence[MealForecastRow]) -> dict[tuple[str, str], Decimal]:
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in forecasts:
        sums[row.structure_label, row.diet_label] += row.forecast
    return sums


def _served(group: Sequence[MealsRow]) -> int:
    return sum(meal.served for meal in group)


def _ordered(group: Sequence[MealsRow]) -> tuple[int, int]:
    return sum(meal.planned for meal in group), sum(meal.to_order for meal in group)


def reasons(forecasts: Sequence[MealForecastRow], day: date) -> list[str]:
    """Return the distinct reasons of a day's estimates, by school."""
    return sorted({f"{row.structure_label}{NBSP}: {row.reason}" for row in forecasts if row.day == day})


def chart_days(meals: Sequence[MealsRow], forecasts: Sequence[MealForecastRow], today: date) -> list[DayTotal]:
    """Return the days of the chart in order: past ones with what was served, coming ones with the estimate."""
    known = sorted({meal.day for meal in meals})
    past = [day for day in known if day <= today]
    days = past[-DAYS_SHOWN:] + [day for day in known if day > today][:DAYS_SHOWN]
    totals = []
    for day in days:
        rows = [meal for meal in meals if meal.day == day]
        estimates = [row.forecast for row in forecasts if row.day == day]
        totals.append(
            DayTotal(
                day=day,
                label=f"{WEEKDAYS_SHORT[day.weekday()]} {day.day}",
                planned=sum(row.planned for row in rows),
                served=sum(row.served for row in rows) if day <= today else None,
                forecast=sum(estimates, Decimal(0)) if day > today and estimates else None,
            )
        )
    return totals


def chart_title(days: Sequence[DayTotal], today: date) -> str:
    """Return the finding: how many fewer meals are served than planned on a past day, on average."""
    past = [day for day in days if day.served is not None and day.day < today]
    if not past:
        return "Repas prévus et servis"
    gap = Decimal(sum(day.planned - (day.served or 0) for day in past)) / len(past)
    whole = int(abs(gap).to_integral_value(rounding=ROUND_HALF_UP))
    if whole == 0:
        return f"Repas servis{NBSP}: autant que prévu, en moyenne"
    return f"Repas servis{NBSP}: {number(whole)} de {'moins' if gap > 0 else 'plus'} que prévu par jour, en moyenne"


def chart_subtitle(days: Sequence[DayTotal], place: str) -> str:
    """Return place, dates and key of the chart."""
    first, last = days[0].day, days[-1].day
    start = str(first.day) if (first.year, first.month) == (last.year, last.month) else _day_and_month(first)
    key = "Barre : servis, trait : prévus, pointillé : estimés.".replace(" :", f"{NBSP}:")
    return f"{place}, du {start} au {_day_and_month(last)} {last.year}. {key}"


def headline(meals: Sequence[MealsRow], day: date) -> str:
    """Return the one sentence the kitchen needs for a day."""
    rows = [meal for meal in meals if meal.day == day]
    if not rows:
        return f"Aucun repas n'est prévu {medium_date(day)}."
    to_order, planned = sum(row.to_order for row in rows), sum(row.planned for row in rows)
    baskets = planned - to_order
    text = f"**{plural(to_order, 'repas', 'repas')} à commander** pour {medium_date(day)}"
    if baskets:
        text += f", et {plural(baskets, 'panier repas', 'paniers repas')} à installer sans commander"
    return f"{text}."


def eaten(day: DayTotal) -> int | None:
    """Return the figure written in a bar: meals served, or the estimate of a day to come."""
    if day.served is not None:
        return day.served
    return None if day.forecast is None else rounded(day.forecast)


def rounded(value: Decimal) -> int:
    """Return a whole number of meals, half up."""
    return int(value.to_integral_value(rounding=ROUND_HALF_UP))


def _day_and_month(day: date) -> str:
    return f"{'1er' if day.day == 1 else day.day} {MONTHS[day.month - 1]}"
