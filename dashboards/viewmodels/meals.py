"""What the kitchen reads: meals planned, expected and served, by school and diet, without any name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from dashboards.viewmodels.tables import Table, totals_of
from domain.french import MONTHS, NBSP, WEEKDAYS_SHORT, medium_date, number, plural


@dataclass(frozen=True, slots=True)
class MealCount:
    """One row of fct_meals: structure × service × day × diet."""

    structure: str
    day: date
    diet: str
    planned: int
    to_order: int
    served: int


@dataclass(frozen=True, slots=True)
class MealForecast:
    """One row of fct_meal_forecast: what is likely to be eaten, and why."""

    structure: str
    day: date
    diet: str
    forecast: Decimal
    reason: str


@dataclass(frozen=True, slots=True)
class DayTotal:
    """One day of the chart; `served` is None for a day to come."""

    day: date
    label: str
    planned: int
    served: int | None
    forecast: Decimal | None


@dataclass(frozen=True, slots=True)
class Figure:
    """A metric with its reference, as the page shows it."""

    label: str
    value: str
    reference: str


def day_figures(
    meals: Sequence[MealCount], forecasts: Sequence[MealForecast], day: date, today: date
) -> list[Figure]:
    """Return the figures of one day, each with what it is to be compared with."""
    rows = [meal for meal in meals if meal.day == day]
    planned, to_order = sum(row.planned for row in rows), sum(row.to_order for row in rows)
    served = sum(row.served for row in rows)
    estimates = [row.forecast for row in forecasts if row.day == day]
    figures = [
        Figure("Repas à commander", number(to_order), f"sur {number(planned)} prévus"),
        Figure("Paniers repas", number(planned - to_order), "comptés, jamais commandés"),
    ]
    if day <= today:
        word = "Servis aujourd'hui" if day == today else "Servis"
        return [Figure(word, number(served), f"sur {number(planned)} prévus"), *figures]
    if estimates:
        total = sum(estimates, Decimal(0))
        return [*figures, Figure("Repas estimés", number(rounded(total)), f"sur {number(planned)} prévus")]
    return figures


def day_table(meals: Sequence[MealCount], forecasts: Sequence[MealForecast], day: date, today: date) -> Table:
    """Return one day by school and diet, with totals; a day to come shows estimates instead of meals served."""
    estimates: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for forecast in forecasts:
        if forecast.day == day:
            estimates[forecast.structure, forecast.diet] += forecast.forecast
    is_coming = day > today
    rows = []
    for meal in sorted((meal for meal in meals if meal.day == day), key=lambda meal: (meal.structure, meal.diet)):
        last = rounded(estimates.get((meal.structure, meal.diet), Decimal(0))) if is_coming else meal.served
        rows.append((meal.structure, meal.diet, meal.planned, meal.to_order, last))
    columns = ("École", "Régime", "Prévus", "À commander", "Repas estimés" if is_coming else "Servis")
    return Table(columns, tuple(rows), totals_of("Total", rows, 2))


def days_table(meals: Sequence[MealCount], forecasts: Sequence[MealForecast], today: date) -> Table:
    """Return the days to come by school: planned, to order, estimated, and the reason of the estimate."""
    estimates: dict[tuple[date, str], Decimal] = defaultdict(Decimal)
    for forecast in forecasts:
        estimates[forecast.day, forecast.structure] += forecast.forecast
    keys = sorted({(meal.day, meal.structure) for meal in meals if meal.day > today})
    rows = []
    for day, structure in keys:
        group = [meal for meal in meals if (meal.day, meal.structure) == (day, structure)]
        rows.append(
            (
                medium_date(day).capitalize(),
                structure,
                sum(meal.planned for meal in group),
                sum(meal.to_order for meal in group),
                rounded(estimates[day, structure]),
            )
        )
    return Table(
        ("Jour", "École", "Prévus", "À commander", "Repas estimés"), tuple(rows), totals_of("Total", rows, 2)
    )


def reasons(forecasts: Sequence[MealForecast], day: date) -> list[str]:
    """Return the distinct reasons of a day's estimates, by school."""
    return sorted({f"{row.structure}{NBSP}: {row.reason}" for row in forecasts if row.day == day})


def chart_days(meals: Sequence[MealCount], forecasts: Sequence[MealForecast], today: date) -> list[DayTotal]:
    """Return the days of the chart in order: past ones with what was served, coming ones with the estimate."""
    days = sorted({meal.day for meal in meals})
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


def headline(meals: Sequence[MealCount], forecasts: Sequence[MealForecast], day: date, today: date) -> str:
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


def rounded(value: Decimal) -> int:
    """Return a whole number of meals, half up."""
    return int(value.to_integral_value(rounding=ROUND_HALF_UP))


def _day_and_month(day: date) -> str:
    return f"{'1er' if day.day == 1 else day.day} {MONTHS[day.month - 1]}"
