"""Rows of the marts of meals: planned, expected, ordered, served, and how right each way to foretell was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class MealsRow:
    """One structure × service × day × diet (mart fct_meals): meals planned, to order, served, absent, unknown."""

    structure_ref: str
    structure_label: str
    service_ref: str
    service_label: str
    day: date
    diet_code: str
    diet_label: str
    planned: int
    to_order: int
    served: int
    absent: int
    held_back: int


@dataclass(frozen=True, slots=True)
class MealForecastRow:
    """One structure × service × coming day × diet (mart fct_meal_forecast); no basis, no `take_up`.

    80 and 95 days in 100 lie between the ends; the parts multiply to `take_up`, None where another `way` than the
    model answers. `quantity` is in portions, None without settings; `horizon` is the order that is due.
    """

    structure_ref: str
    structure_label: str
    service_ref: str
    service_label: str
    day: date
    diet_code: str
    diet_label: str
    planned: int
    take_up: Decimal | None
    forecast: Decimal
    lo80: Decimal
    hi80: Decimal
    lo95: Decimal
    hi95: Decimal
    level: Decimal | None
    weekday_part: Decimal | None
    calendar_part: Decimal | None
    menu_part: Decimal | None
    basis_days: int
    way: str
    reason: str
    days_ahead: int
    horizon: str
    pack: int | None
    minimum: int | None
    needed: Decimal | None
    quantity: int | None
    quantity_reason: str


@dataclass(frozen=True, slots=True)
class MealLedgerRow:
    """One structure × service × day (mart fct_meal_ledger): meals ordered, served, left over, missing, and grams.

    None is what nobody knows or said.
    """

    structure_ref: str
    structure_label: str
    service_ref: str
    service_label: str
    day: date
    menu: str | None
    is_vegetarian: bool | None
    to_order: int
    ordered_firm: int | None
    ordered: int | None
    served: int | None
    left_over: int | None
    missing: int | None
    unserved_grams: int | None
    plate_grams: int | None


@dataclass(frozen=True, slots=True)
class MealAccuracy:
    """What one way to foretell missed over some days, in hundredths of what was served (mart fct_meal_accuracy).

    `error` is the sum of what each day was off by, `bias` what it was too high by; `within_80` and `within_95` are
    shares of days in the interval, None for a way that gives none.
    """

    way: str
    days: int
    meals: int
    error: Decimal
    bias: Decimal
    within_80: Decimal | None
    within_95: Decimal | None


@dataclass(frozen=True, slots=True)
class MealDelay:
    """What forecasts with one delay missed, in hundredths of what was served, on days replayed with every delay.

    `delay_days` goes from what was known to the meal, or to the Monday of its week from a week on.
    """

    delay_days: int
    days: int
    error: Decimal
    bias: Decimal
    simple_error: Decimal


@dataclass(frozen=True, slots=True)
class MealDietTotal:
    """What was ordered of one diet over some days on which what was served is known, left over and missing."""

    diet_label: str
    ordered: int
    served: int
    left_over: int
    missing: int


@dataclass(frozen=True, slots=True)
class MealChoice:
    """The way that answers now, `since` when, and how far off each was on `days` replayed (fct_meal_choices).

    Ways are model, simple (the last same weekdays) and planned; errors are hundredths of the meals served, None
    while no day was replayed.
    """

    way: str
    since: date
    days: int
    model_error: Decimal | None
    simple_error: Decimal | None
    planned_error: Decimal | None
