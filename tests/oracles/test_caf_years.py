"""A year of three places: the SQL and the slow oracle say the same, to the minute and to the cent."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import duckdb
import pytest

from domain.caf_lines import line_label
from tests.harness.memory_warehouse import MemoryWarehouse
from tests.harness.models import compile_once
from tests.oracles.caf_hours import ChildDay, child_days, peak
from tests.oracles.caf_money import hours, rounded
from tests.oracles.caf_sums import eaje_year, kind_of, kinds_of, leisure_years, split_hours, until_september
from tests.oracles.caf_world import CafPlace
from tests.oracles.caf_years import SCALE, place
from tests.sql.caf_rows import pack_places
from warehouse.caf import filoue_figures

MARTS = (
    "fct_caf_hours", "fct_caf_child_days", "fct_caf_occupancy", "fct_psu", "fct_psu_causes",
    "fct_pso", "fct_caf_declaration_figures", "fct_caf_figure_days", "fct_caf_controls", "fct_effort_rates",
)  # fmt: skip
# The rules of today, then those of a year before the whole midday break counted and the price fell in a line.
SEEDS = {2026: (11, 12, 13), 2022: (14, 15, 16)}


@pytest.fixture(scope="module", params=SEEDS)
def year(request: pytest.FixtureRequest) -> int:
    found: int = request.param
    return found


@pytest.fixture(scope="module")
def places(year: int) -> list[CafPlace]:
    return [place(seed, year) for seed in SEEDS[year]]


@pytest.fixture(scope="module")
def days(year: int, places: list[CafPlace]) -> list[list[ChildDay]]:
    return [child_days(each, date(year, 1, 1), date(year, 12, 31)) for each in places]


@pytest.fixture(scope="module")
def marts(year: int, places: list[CafPlace]) -> Iterator[duckdb.DuckDBPyConnection]:
    warehouse = MemoryWarehouse(compile_once(), MARTS)
    rows = pack_places(places, date(year, 1, 1), date(year, 12, 31), (year, SCALE))
    with warehouse.filled(rows) as connection:
        yield connection


def found(marts: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = marts.execute(query).fetchall()
    return rows


def test_each_day_of_each_child_is_the_oracles(
    marts: duckdb.DuckDBPyConnection, days: list[list[ChildDay]]
) -> None:
    rows = found(
        marts,
        "select child_ref, split_part(service_ref, '.', 2), day, period, age_group, regime_group, is_aeeh, "
        "realised_minutes, coalesce(billed_minutes, 0), coalesce(fault, ''), is_present "
        "from marts.fct_caf_child_days",
    )
    by_sql = {row[:3]: (*row[3:8], Fraction(row[8]) if row[1] == "creche" else None, *row[9:]) for row in rows}
    by_oracle = {
        (f"{number}.{day.child}", day.service, day.day): (
            day.period, day.age, day.regime, day.aeeh, day.realised,
            _four(day.billed) if day.service == "creche" else None, day.fault or "", day.present,
        )
        for number, mine in enumerate(days)
        for day in mine
    }  # fmt: skip
    assert len(by_oracle) > 1_200
    assert {key: by_sql.get(key) for key in by_oracle | by_sql} == {
        key: by_oracle.get(key) for key in by_oracle | by_sql
    }


def _four(minutes: Fraction) -> Fraction:
    """Return minutes as the models keep them: the month of a contract may not be whole."""
    return Fraction((2 * 10_000 * minutes.numerator + minutes.denominator) // (2 * minutes.denominator), 10_000)


def test_what_the_caf_owes_for_early_childhood_is_the_oracles_to_the_cent(
    year: int, marts: duckdb.DuckDBPyConnection, places: list[CafPlace], days: list[list[ChildDay]]
) -> None:
    rows = found(
        marts,
        "select cast(split_part(structure_ref, '.', 1) as integer), gross_amount, amount, limited_by, fault "
        "from marts.fct_psu where period = 'year' order by 1",
    )
    expected = []
    for number, (each, mine) in enumerate(zip(places, days, strict=True)):
        owed = eaje_year(each, mine, year, SCALE)
        assert owed is not None
        expected.append((number, owed.gross, owed.amount, owed.limited_by, owed.refused))
    assert rows == expected
    assert any(row[2] for row in rows)


def test_what_the_caf_owes_for_leisure_is_the_oracles_to_the_cent(
    marts: duckdb.DuckDBPyConnection, places: list[CafPlace], days: list[list[ChildDay]]
) -> None:
    rows = found(
        marts,
        "select cast(split_part(structure_ref, '.', 1) as integer), kind, hours, amount, limited_by, "
        "plan_mercredi_amount, inclusive_amount from marts.fct_pso where period = 'year' order by 1, 2",
    )
    expected = [
        (number, kind, owed.hours, owed.amount, owed.limited_by, owed.plan, owed.inclusive)
        for number, (each, mine) in enumerate(zip(places, days, strict=True))
        for kind, owed in leisure_years(each, mine, SCALE, kinds_of(mine)).items()
    ]
    assert rows == expected
    assert {row[1] for row in rows} == {"periscolaire", "extrascolaire", "youth"}


def test_what_is_owed_for_nine_months_rests_on_their_own_accounts(
    year: int, marts: duckdb.DuckDBPyConnection, places: list[CafPlace], days: list[list[ChildDay]]
) -> None:
    psu = found(
        marts, "select gross_amount, amount, fault from marts.fct_psu where period = 'jan_sep' order by all"
    )
    pso = found(
        marts, "select kind, amount, fault, plan_fault from marts.fct_pso where period = 'jan_sep' order by all"
    )
    parts = [until_september(each, mine) for each, mine in zip(places, days, strict=True)]
    owed = [eaje_year(each, mine, year, SCALE) for each, mine in parts]
    assert psu == sorted((one.gross, one.amount, None) for one in owed if one is not None)
    assert Counter((kind, amount, fault and fault.split()[0]) for kind, amount, fault, _ in pso) == Counter(
        (kind, one.amount, one.refused)
        for (each, mine), whole in zip(parts, days, strict=True)
        for kind, one in leisure_years(each, mine, SCALE, kinds_of(whole)).items()
    )
    assert {row[3] for row in pso if row[0] == "periscolaire"} == {f"whole_year_only {year} jan_sep"}
    lines = found(
        marts,
        "select distinct code, fault from marts.fct_caf_declaration_figures where period = 'jan_jun' "
        "and code in ('psu_charges', 'pso_youth_cost_per_hour') order by all",
    )
    missing = f"accounts_missing {year} jan_jun"
    assert lines == [("pso_youth_cost_per_hour", missing), ("psu_charges", missing)]
    june = found(marts, "select distinct fault from marts.fct_psu where period = 'jan_jun'")
    assert june == [(f"accounts_missing {year} jan_jun",)]


def test_declared_hours_are_the_sum_of_the_days_and_of_the_children(marts: duckdb.DuckDBPyConnection) -> None:
    declared = found(
        marts,
        "select structure_ref, block, value from marts.fct_caf_declaration_figures "
        "where period = 'year' and code in ('hours', 'realised_hours') order by all",
    )
    block = (
        "case when caf_kind like 'periscolaire%' then 'alsh_peri' when caf_kind = 'eaje' then 'eaje_activity' "
        "when caf_kind = 'extrascolaire' then 'alsh_extra' else caf_kind end"
    )
    for by in ("day", "child_ref"):
        parts: Counter[tuple[str, str]] = Counter()
        for structure, name, _, minutes in found(
            marts,
            f"select structure_ref, {block}, {by}, sum(realised_minutes) from marts.fct_caf_child_days "
            "where is_declared group by all",
        ):
            parts[structure, name] += minutes
        assert [(key[0], key[1], hours(total)) for key, total in sorted(parts.items())] == [
            (structure, name, value.quantize(Decimal("0.01"))) for structure, name, value in declared
        ]


def test_each_line_of_hours_is_the_oracles(
    marts: duckdb.DuckDBPyConnection, places: list[CafPlace], days: list[list[ChildDay]]
) -> None:
    rows = found(
        marts,
        "select split_part(structure_ref, '.', 1), block, code, value from marts.fct_caf_declaration_figures "
        "where period = 'year' and unit = 'hours' and block <> 'result' "
        "and code not in ('opening_hours', 'capacity_hours', 'held_hours')",
    )
    expected = {
        (str(number), block, code): value
        for number, (each, mine) in enumerate(zip(places, days, strict=True))
        for (block, code), value in split_hours(each, mine).items()
    }
    assert {row[:3]: row[3] for row in rows} == expected
    said = {code for (_, _, code), value in expected.items() if value}
    # Everybody has a birth date and a fund; nobody opens the AEEH in early childhood, nor is 6 there.
    assert {code for _, _, code in expected} - said == {
        *(
            f"{side}{code}"
            for side in ("", "realised_", "billed_")
            for code in ("hours_age_unknown", "hours_regime_unknown")
        ),
        *(f"{side}_hours_{code}" for side in ("realised", "billed") for code in ("aeeh", "from_6")),
        "hours_morning",
    }


def test_each_counted_figure_opens_to_days_that_sum_to_it(marts: duckdb.DuckDBPyConnection) -> None:
    opened: defaultdict[str, list[tuple[str, str, Decimal]]] = defaultdict(list)
    for key, *day in found(
        marts,
        "select concat_ws(' ', structure_ref, period, block, code), measure, child_ref, quantity "
        "from marts.fct_caf_figure_days",
    ):
        opened[key].append((day[0], day[1], day[2]))
    counted = found(
        marts,
        "select concat_ws(' ', structure_ref, period, block, code), unit, value "
        "from marts.fct_caf_declaration_figures where block <> 'result' "
        "and (unit in ('hours', 'children') and code not in ('opening_hours', 'capacity_hours') "
        "or code = 'family_contributions')",
    )
    assert opened.keys() <= {key for key, _, _ in counted}
    for key, unit, value in counted:
        total = Fraction(sum(quantity for _, _, quantity in opened[key]))
        known = {"hours": hours(total), "euros": rounded(total, 2)}
        assert known.get(unit, len({child for _, child, _ in opened[key]})) == value, key
    assert {measure for days in opened.values() for measure, _, _ in days} == {
        "realised", "billed", "contribution", "children",
    }  # fmt: skip


def test_filoue_gives_each_child_the_minutes_and_cents_of_the_declaration(
    year: int, marts: duckdb.DuckDBPyConnection, days: list[list[ChildDay]]
) -> None:
    declared = found(
        marts,
        "select structure_ref, billed_hours, realised_hours, contributions from marts.fct_psu "
        "where period = 'year'",
    )
    for structure_ref, billed, realised, contributions in declared:
        children = filoue_figures(marts, structure_ref, year)
        mine = [day for day in days[int(structure_ref.split(".")[0])] if day.kind == "eaje"]
        for child_ref, figures in children.items():
            own = [day for day in mine if day.child == child_ref.split(".")[1]]
            minutes = sum((day.billed for day in own if day.counts), Fraction(0))
            assert rounded(Fraction(figures.billed_hours), 2) == hours(minutes)
            realised_minutes = sum(day.realised or 0 for day in own if day.declared)
            assert rounded(Fraction(figures.realised_hours) * 60, 9) == realised_minutes
            assert figures.billed_amount == rounded(
                sum((day.contribution for day in own if day.counts), Fraction(0)), 2
            )
            assert figures.regime_group == max(own, key=lambda day: (day.day, day.service)).regime
        assert rounded(Fraction(sum(each.billed_hours for each in children.values())), 2) == billed
        assert rounded(Fraction(sum(each.realised_hours for each in children.values())), 2) == realised
        assert sum(each.billed_amount for each in children.values()) == contributions
    assert {day.fault for mine in days for day in mine if day.kind == "eaje"} == {None, "over_age"}


def test_hours_by_month_are_those_of_the_days(marts: duckdb.DuckDBPyConnection, days: list[list[ChildDay]]) -> None:
    rows = found(
        marts, "select split_part(structure_ref, '.', 1), month, sum(minutes) from marts.fct_caf_hours group by all"
    )
    by_month: defaultdict[tuple[str, date], int] = defaultdict(int)
    for number, mine in enumerate(days):
        for day in mine:
            if day.declared and day.present:
                by_month[str(number), day.day.replace(day=1)] += day.realised or 0
    assert {(row[0], row[1]): row[2] for row in rows} == by_month


def test_causes_sum_to_what_the_rate_is_above_a_hundred(marts: duckdb.DuckDBPyConnection) -> None:
    rows = found(
        marts,
        "select structure_ref, max(rate) - 100, sum(points) filter (where cause <> 'rounding'), count(*) "
        "from marts.fct_psu_causes group by all",
    )
    for _, above, points, causes in rows:
        assert abs(above - points) <= Decimal("0.0001") * causes
    assert {row[0] for row in found(marts, "select distinct cause from marts.fct_psu_causes")} >= {
        "absent_justified", "absent_unjustified", "absent_undecided", "contract_undertime",
        "contract_months", "closure",
    }  # fmt: skip


def test_most_children_at_once_in_a_week_are_the_oracles(
    marts: duckdb.DuckDBPyConnection, places: list[CafPlace]
) -> None:
    rows = found(marts, "select structure_ref, week, peak from marts.fct_caf_occupancy where month(week) = 3")
    assert rows
    for structure, week, most in rows:
        town = places[int(structure.split(".")[0])].town
        week_days = [date.fromordinal(week.toordinal() + offset) for offset in range(5)]
        assert most == max(peak(town, town.service("creche"), day) for day in week_days)


def test_each_figure_has_a_french_name(marts: duckdb.DuckDBPyConnection) -> None:
    codes = [row[0] for row in found(marts, "select distinct code from marts.fct_caf_declaration_figures")]
    assert len(codes) > 60
    assert [code for code in codes if line_label(code) == code] == []


def test_each_kind_of_the_year_is_declared_once(days: list[list[ChildDay]]) -> None:
    assert {kind_of(day) for mine in days for day in mine} == {"eaje", "periscolaire", "extrascolaire", "youth"}
    assert {day.fault for mine in days for day in mine} == {None, "over_age", "sejour_too_long"}
