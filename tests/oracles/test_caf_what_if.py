"""What the CAF would owe with fewer hours or another rounding: the SQL and the slow oracle say the same cents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import duckdb
import pytest

from tests.harness.memory_warehouse import MemoryWarehouse
from tests.harness.models import compile_once
from tests.oracles.caf_hours import ChildDay, child_days
from tests.oracles.caf_money import rounded
from tests.oracles.caf_sums import Change, cost_of, cost_so_far, eaje_with_fewer
from tests.oracles.caf_world import CafPlace
from tests.oracles.caf_years import SCALE, place
from tests.sql.caf_rows import pack_places

# The year before the price fell in a line is over; of the other its tenth month is the last that is.
YEARS = {2022: (14, 15, 16), 2026: (11, 12, 13)}
NOVEMBER = 11
WITHOUT_CONTRACT = 2  # of these places; in the others the one child of the crèche has a contract, all year
FIGURES = "realised_hours, billed_hours, invoicing_rate, contributions, amount, limited_by, fault"


@dataclass(frozen=True)
class Seen:
    """A year of places on a day: the days of its months that are over, and what those cost."""

    year: int
    places: list[CafPlace]
    days: list[list[ChildDay]]
    costs: list[Decimal | None]
    marts: duckdb.DuckDBPyConnection

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = self.marts.execute(query).fetchall()
        return found


def by_the_hour(each: CafPlace) -> CafPlace:
    """Return the place whose child of the crèche pays what was reserved and done, without a contract."""
    enrolments = [replace(one, contracts=()) for one in each.town.child.enrolments]
    return replace(each, town=replace(each.town, child=replace(each.town.child, enrolments=enrolments)))


def so_far(each: CafPlace, last: date) -> list[ChildDay]:
    """Return the days of the months that are over on the morrow of a day."""
    days = child_days(each, date(last.year, 1, 1), last)
    return days if last == date(last.year, 12, 31) else [day for day in days if day.day.month < last.month]


@pytest.fixture(scope="module", params=YEARS)
def seen(request: pytest.FixtureRequest) -> Iterator[Seen]:
    year: int = request.param
    places = [place(seed, year) for seed in YEARS[year]]
    places[WITHOUT_CONTRACT] = by_the_hour(places[WITHOUT_CONTRACT])
    last = date(year, 12, 31)
    if year == 2026:
        last = date(year, NOVEMBER, 10)
        now = datetime(year, NOVEMBER, 10, 20)  # noqa: DTZ001 (the wall clock of the one place)
        places = [replace(each, town=replace(each.town, now=now)) for each in places]
    days = [so_far(each, last) for each in places]
    costs = [
        cost_so_far(each, mine) if last.month == NOVEMBER else cost_of(each, mine, "eaje", each.charges)
        for each, mine in zip(places, days, strict=True)
    ]
    warehouse = MemoryWarehouse(compile_once(), ("fct_psu_what_if", "fct_psu_causes"))
    with warehouse.filled(pack_places(places, date(year, 1, 1), last, (year, SCALE))) as connection:
        yield Seen(year, places, days, costs, connection)


def owed(seen: Seen, number: int, change: Change) -> tuple[Any, ...]:
    """Return the figures of the oracle, those of one row of the SQL."""
    left, paid, psu = eaje_with_fewer(
        seen.places[number], seen.days[number], (seen.year, SCALE), change, seen.costs[number]
    )
    return left, rounded(psu.rate or Fraction(0), 6), paid, psu.amount, psu.limited_by, psu.refused


def test_fewer_hours_of_a_cause_are_owed_as_the_oracle_says_in_a_year_that_is_over_or_goes_on(seen: Seen) -> None:
    months = 12 if seen.year != 2026 else NOVEMBER - 1
    rows = seen.rows(
        f"""select what_if.structure_id, percent_less, causes.billed_minutes, last_month, {FIGURES}
        from intermediate.int_caf__psu_what_if as what_if inner join (
            select structure_id, cause, absence_reason_id, sum(billed_minutes) as billed_minutes
            from intermediate.int_caf__psu_causes where extract(month from month) <= {months} group by all
        ) as causes on what_if.structure_id = causes.structure_id and what_if.cause = causes.cause
            and what_if.absence_reason_id is not distinct from causes.absence_reason_id
        where what_if.cause <> 'rounding'"""
    )
    for structure_id, percent, cause, last_month, _, *figures in rows:
        change = Change(Fraction(cause) * percent / 100)
        assert tuple(figures) == owed(seen, structure_id - 1, change)
        assert last_month == months
    assert len(rows) >= 20 * 8
    assert {row[1] for row in rows} == set(range(5, 105, 5))


def test_another_step_of_rounding_counts_presence_again_from_its_stays(seen: Seen) -> None:
    rows = seen.rows(
        f"select structure_id, rounding_minutes, {FIGURES} from intermediate.int_caf__psu_what_if "
        "where cause = 'rounding' order by all"
    )
    moved = set()
    for structure_id, step, _, *figures in rows:
        number = structure_id - 1
        last = max(day.day for day in seen.days[number])
        other = (
            so_far_of(stepped(seen.places[number], step), seen.days[number], last) if step else seen.days[number]
        )
        change = _moved(seen.days[number], other, number != WITHOUT_CONTRACT)
        assert tuple(figures) == owed(seen, number, change), (number, step)
        moved.add(change.realised)
    assert len(rows) == 5 * len(seen.places)
    assert len(moved) > len(seen.places)


def stepped(each: CafPlace, step: int) -> CafPlace:
    """Return the place whose crèche rounds by another step."""
    services = [
        replace(service, rules=tuple(replace(rule, rounding=step) for rule in service.rules))
        if service.ref == "creche"
        else service
        for service in each.town.services
    ]
    return replace(each, town=replace(each.town, services=services))


def so_far_of(each: CafPlace, like: Sequence[ChildDay], last: date) -> list[ChildDay]:
    """Return the same days of the place as it would round."""
    return child_days(each, min(day.day for day in like), last)


def _moved(days: Sequence[ChildDay], others: Sequence[ChildDay], is_under_contract: bool) -> Change:
    """Return what another rounding adds to realised minutes, and outside a contract to those billed."""
    then = {(day.child, day.service, day.day): day.realised or 0 for day in others}
    gap = sum(
        then[day.child, day.service, day.day] - (day.realised or 0)
        for day in days
        if day.kind == "eaje" and day.present and day.declared
    )
    return Change(Fraction(0 if is_under_contract else -gap), gap)


def test_hours_cost_what_they_did_in_the_newest_months_whose_accounts_are_known(seen: Seen) -> None:
    rows = seen.rows("select distinct cost_year, cost_period from marts.fct_psu_what_if")
    assert rows == [(seen.year, "jan_sep" if seen.year == 2026 else "year")]
