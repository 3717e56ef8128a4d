"""The reader gives typed rows of the published marts, and `marelle query` can only read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from domain.errors import NotFound
from domain.lines import PricedLine
from tests.oracles.bills import all_lines
from tests.oracles.counts import caf_days, covers
from tests.oracles.random_towns import FIRST, LAST, NOW, TownMaker
from tests.sql.built import Home, published_home
from warehouse.reader import QueryRefused, Reader, open_snapshot

NOVEMBER = date(2026, 11, 1)
TODAY = NOW.date()
TOWNS = 24


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    made = published_home(tmp_path_factory.mktemp("reader") / "home", TOWNS)
    yield made
    made.records.close()


@pytest.fixture
def reader(home: Home) -> Reader:
    return open_snapshot(home.path)


def test_priced_lines_of_a_month_are_those_of_the_oracles(reader: Reader) -> None:
    found = reader.priced_lines(date(2026, 11, 26))
    expected = sum(len(all_lines(TownMaker(seed).town(), FIRST, TODAY)) for seed in range(TOWNS))
    assert len([line for line in found if line.day >= FIRST]) == expected
    assert all(isinstance(line, PricedLine) for line in found)
    assert max(line.day for line in found) <= TODAY
    assert reader.priced_lines(date(2026, 10, 1)) != found


def test_lines_can_be_those_of_one_family_one_payer_or_one_key(reader: Reader) -> None:
    everything = reader.priced_lines(NOVEMBER)
    family = [line for line in everything if line.family_ref == "3.famille"]
    assert family
    assert reader.priced_lines(NOVEMBER, family_ref="3.famille") == family
    payer = family[0].payer_ref
    assert reader.priced_lines(NOVEMBER, payer_ref=payer) == [
        line for line in everything if line.payer_ref == payer
    ]
    assert reader.priced_line(family[0].line_key) == family[0]
    with pytest.raises(NotFound, match="Aucune ligne « rien »"):
        reader.priced_line("rien")


def test_money_is_decimal_and_taps_come_with_the_line(reader: Reader) -> None:
    tapped = [line for line in reader.priced_lines(NOVEMBER) if line.taps]
    assert tapped
    assert {type(line.amount) for line in tapped} <= {Decimal, type(None)}
    assert {tap.what for line in tapped for tap in line.taps} >= {"arrival", "departure", "undone"}
    assert all(line.arrived_minute is not None for line in tapped if line.situation.startswith("present"))


def test_caf_hours_add_up_to_the_minutes_of_the_oracles(reader: Reader) -> None:
    expected = sum(day.minutes for seed in range(TOWNS) for day in caf_days(TownMaker(seed).town(), FIRST, LAST))
    found = reader.caf_hours(NOVEMBER, NOVEMBER)
    assert sum(row.minutes for row in found) == expected
    for row in found:
        assert row.hours == (Decimal(row.minutes) / 60).quantize(Decimal("0.01"), rounding="ROUND_HALF_UP")
    assert reader.caf_hours(NOVEMBER, NOVEMBER, ["0.ecole"]) == [
        row for row in found if row.structure_ref == "0.ecole"
    ]
    assert reader.caf_hours(date(2026, 1, 1), date(2026, 8, 31)) == []


def test_meals_add_up_to_the_plates_of_the_oracles(reader: Reader) -> None:
    # Records have only the holes that their taps show: those of the random towns are not among them.
    towns = [replace(TownMaker(seed).town(), holes=[]) for seed in range(TOWNS)]
    plates = [cover for town in towns for cover in covers(town, FIRST, LAST)]
    found = reader.meals(FIRST, LAST)
    assert sum(row.planned for row in found) == sum(cover.planned for cover in plates)
    assert sum(row.to_order for row in found) == sum(cover.to_order for cover in plates)
    assert sum(row.served for row in found) == sum(cover.served for cover in plates)
    assert sum(row.absent for row in found) == sum(cover.absent for cover in plates)


def test_the_forecast_speaks_of_meals_that_are_not_over_and_gives_its_reason(reader: Reader) -> None:
    found = reader.meal_forecast(FIRST, LAST)
    assert found
    assert all(row.day >= TODAY and row.diet_code != "panier_repas" for row in found)
    assert all("sur 100 prévus" in row.reason or "reprises telles quelles" in row.reason for row in found)
    planned = {
        (row.structure_ref, row.service_ref, row.day, row.diet_code): row.planned
        for row in reader.meals(FIRST, LAST)
    }
    assert all(planned[row.structure_ref, row.service_ref, row.day, row.diet_code] == row.planned for row in found)


def test_stays_of_a_day_say_who_was_there_and_on_which_taps(reader: Reader) -> None:
    found = [row for offset in range(10) for row in reader.stays(date(2026, 11, 16 + offset))]
    assert found
    # In minutes, which bills rest on: a correction names a minute, and an arrival within it has seconds.
    known = [(row.arrived_minute, row.left_minute) for row in found]
    assert all(arrived <= left for arrived, left in known if arrived is not None and left is not None)
    assert any(row.is_open for row in reader.stays(TODAY))
    assert not any(row.is_open for row in found if row.day < TODAY)
    assert any(row.is_departure_derived for row in found)
    one = found[0].structure_ref
    assert {row.structure_ref for row in reader.stays(found[0].day, [one])} == {one}


def test_faults_are_those_of_lines_without_amount_or_hours_without_age(reader: Reader) -> None:
    lacking = {line.line_key: line.fault for line in reader.priced_lines(NOVEMBER) if line.amount is None}
    faults = reader.pricing_faults(NOVEMBER)
    of_lines = {row.line_key: row.code for row in faults if "~caf_hours~" not in row.line_key}
    assert of_lines == lacking
    assert {row.code for row in faults if row.line_key not in of_lines} == {"age_unknown"}
    assert all(
        (row.message.endswith((".", ")")) and "À l" in row.message) or "Au b" in row.message for row in faults
    )


def test_unresolved_taps_say_what_a_person_can_do(reader: Reader) -> None:
    found = reader.unresolved_taps(FIRST, LAST)
    assert found
    assert {row.reason for row in found} == {"no_service"}
    assert all("À la coordination" in row.message for row in found)


@pytest.mark.parametrize(
    "query",
    [
        "insert into fct_meals select * from fct_meals",
        "drop table fct_meals",
        "select 1; select 2",
        "set threads = 8",
        "attach 'other.db'",
        "copy fct_meals to 'meals.csv'",
        "pragma database_list",
        "",
    ],
)
def test_a_query_that_is_not_one_read_is_refused(reader: Reader, query: str) -> None:
    with pytest.raises(QueryRefused, match="Une seule requête SELECT est acceptée"):
        reader.sql(query)


@pytest.mark.parametrize(
    "query",
    [
        "select * from read_csv('/etc/passwd')",
        "select * from 'file.parquet'",
        "select * from reader",
        "select nothing from fct_meals",
        "selec 1",
    ],
)
def test_a_query_that_reaches_outside_or_fails_says_why(reader: Reader, query: str) -> None:
    with pytest.raises(QueryRefused, match="La requête n'a pas abouti"):
        reader.sql(query)


def test_a_query_too_large_for_memory_fails_and_writes_no_file(
    reader: Reader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    huge = "select count(*) from (select distinct repeat(i::varchar, 200) from range(20_000_000) as r(i))"
    with pytest.raises(QueryRefused, match="n'a pas abouti"):
        reader.sql(huge)
    assert list(tmp_path.iterdir()) == []


def test_a_query_sees_the_marts_by_their_names(reader: Reader) -> None:
    table = reader.sql("select count(*) as lines, sum(amount) as total from fct_priced_lines")
    (row,) = table.to_pylist()
    assert row["lines"] == len(reader.priced_lines(NOVEMBER)) + len(reader.priced_lines(date(2026, 9, 1))) + len(
        reader.priced_lines(date(2026, 10, 1))
    )
    assert isinstance(row["total"], Decimal)
