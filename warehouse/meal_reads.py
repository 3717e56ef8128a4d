"""The part of the reader that kitchens use; `warehouse.reader` is still the only door."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import duckdb

from warehouse.meal_figures import meal_accuracy, meal_choice, meal_delays, meal_diets, meal_ledger
from warehouse.meal_rows import (
    MealAccuracy,
    MealChoice,
    MealDelay,
    MealDietTotal,
    MealForecastRow,
    MealLedgerRow,
    MealsRow,
)
from warehouse.rows import MARTS, among_structures, read_rows


class MealReads:
    """Reads of a published snapshot: meals planned, served and foretold, and how far each way was off."""

    __slots__ = ()
    connection: duckdb.DuckDBPyConnection

    def meals(self, first: date, last: date, structure_refs: Iterable[str] | None = None) -> list[MealsRow]:
        """Return meals planned and served from the first to the last day, both included."""
        return self._between(MealsRow, "fct_meals", (first, last), structure_refs)

    def meal_forecast(
        self, first: date, last: date, structure_refs: Iterable[str] | None = None
    ) -> list[MealForecastRow]:
        """Return the kitchen's estimate for the coming days, with its reason."""
        return self._between(MealForecastRow, "fct_meal_forecast", (first, last), structure_refs)

    def meal_ledger(
        self, first: date, last: date, structure_refs: Iterable[str] | None = None
    ) -> list[MealLedgerRow]:
        """Return what was ordered, served, left and missing from the first to the last day, both included."""
        return meal_ledger(self.connection.cursor(), (first, last), among_structures(structure_refs))

    def meal_accuracy(
        self, first: date, last: date, structure_refs: Iterable[str] | None = None
    ) -> list[MealAccuracy]:
        """Return what the estimate, the simple rule and the agents' orders missed on the normal days replayed."""
        return meal_accuracy(self.connection.cursor(), (first, last), among_structures(structure_refs))

    def meal_delays(self, structure_refs: Iterable[str] | None = None) -> list[MealDelay]:
        """Return what each delay between order and meal would have missed, the shortest first."""
        return meal_delays(self.connection.cursor(), among_structures(structure_refs))

    def meal_diets(
        self, first: date, last: date, structure_refs: Iterable[str] | None = None
    ) -> list[MealDietTotal]:
        """Return what was ordered and served of each diet on the days known, both ends included."""
        return meal_diets(self.connection.cursor(), (first, last), among_structures(structure_refs))

    def meal_choice(self) -> MealChoice | None:
        """Return the way that answers for the town's meals, since when and why; None while no meal is planned."""
        return meal_choice(self.connection.cursor())

    def _between(
        self, shape: type[Any], mart: str, days: tuple[date, date], structure_refs: Iterable[str] | None
    ) -> list[Any]:
        where, values = among_structures(structure_refs)
        return read_rows(
            self.connection.cursor(),
            shape,
            f"from {MARTS}.{mart} where day between ? and ? {where} "
            "order by day, structure_ref, service_ref, diet_code",
            [*days, *values],
        )
