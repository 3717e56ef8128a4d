"""One family live, and the published lines: the same SQL, the same lines."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from domain.errors import NotFound
from domain.lines import PricedLine
from domain.time import MICROS_PER_MINUTE, system_clock
from records.database import Records, open_records
from tests.factories.databases import EMPTY, empty_home, postgres_copy
from tests.harness.postgres import Cluster
from tests.oracles.random_towns import FIRST, LAST, NOW, TownMaker
from tests.oracles.world import EnrolledPayer, Enrolment, Pattern, Price, PriceList, Qf, Rule, Service, Tap, Town
from tests.sql.built import AS_OF, Home, published_home
from tests.sql.recorded import record
from tests.sql.town_rows import pack
from warehouse.family import Change, PlannedDay, family_lines, warm_up
from warehouse.reader import open_snapshot

pytestmark = pytest.mark.long

TODAY = NOW.date()
NOVEMBER = date(2026, 11, 1)
TOWNS = 30  # limits of coverages make each ask for the days since September


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    made = published_home(tmp_path_factory.mktemp("family") / "home", TOWNS)
    yield made
    made.records.close()


@pytest.fixture(scope="module")
def whole(home: Home) -> dict[str, list[PricedLine]]:
    """The live lines of the first families, over all their days."""
    return {
        family: family_lines(home.records, home.path, family, FIRST, LAST, now=AS_OF)
        for family in home.families[:12]
    }


def test_each_familys_live_lines_are_its_published_lines(home: Home) -> None:
    reader = open_snapshot(home.path)
    priced = 0
    for family in home.families:
        live = family_lines(home.records, home.path, family, NOVEMBER, TODAY, now=AS_OF)
        assert live == reader.priced_lines(NOVEMBER, family_ref=family), family
        priced += len(live)
    assert priced > 300


def test_live_lines_of_a_shorter_period_are_those_days_of_a_longer_one(
    home: Home, whole: dict[str, list[PricedLine]]
) -> None:
    for family, lines in whole.items():
        week = family_lines(home.records, home.path, family, FIRST, FIRST + timedelta(days=4), now=AS_OF)
        assert week == [line for line in lines if FIRST <= line.day <= FIRST + timedelta(days=4)]


def test_lines_to_come_are_provisional(whole: dict[str, list[PricedLine]]) -> None:
    found = [line for lines in whole.values() for line in lines if line.day > TODAY]
    assert found
    assert all(line.is_provisional for line in found)


def test_questions_asked_at_once_do_not_mix_families(home: Home, whole: dict[str, list[PricedLine]]) -> None:
    def ask(family: str) -> bool:
        return family_lines(home.records, home.path, family, FIRST, LAST, now=AS_OF) == whole[family]

    families = list(whole)[:6]
    with ThreadPoolExecutor(max_workers=3) as pool:
        assert all(pool.map(ask, [*families, *reversed(families)]))


def test_postgresql_gives_the_same_lines(
    home: Home, whole: dict[str, list[PricedLine]], postgres_cluster: Cluster
) -> None:
    records = postgres_copy(postgres_cluster, EMPTY, system_clock)
    record(records, pack([TownMaker(seed).town() for seed in range(12)], FIRST, LAST))
    try:
        for family, lines in whole.items():
            assert family_lines(records, home.path, family, FIRST, LAST, now=AS_OF) == lines, family
    finally:
        records.close()


@pytest.fixture
def canteen(tmp_path: Path, home: Home) -> Iterator[Records]:
    """One child enrolled at the canteen on Mondays only, 2.20 € under QF 350."""
    prices = (
        Price("meal", Decimal("2.2"), qf_to=Decimal(350)),
        Price("meal", Decimal("2.8"), qf_from=Decimal(350)),
    )
    rule = Rule(date(2026, 9, 1), slot=(705, 815), needs_departure=False, basis="booking", meal=True)
    service = Service(
        "cantine", "canteen", (rule,), (), (PriceList(date(2026, 9, 1), prices),), "periscolaire_midday"
    )
    with contextlib.closing(_town_of(tmp_path, service, Pattern(0))) as records:
        yield records


def _town_of(folder: Path, service: Service, pattern: Pattern, *taps: Tap) -> Records:
    """Record one child, enrolled at one service."""
    town = TownMaker(1).town()
    child = replace(
        town.child,
        qfs=[Qf(Decimal(300), date(2026, 9, 1))],
        coverages=[],
        custody=[],
        enrolments=[Enrolment(service.ref, "enfant", (pattern,), (EnrolledPayer("mere"),))],
        bookings=[],
        decisions=[],
        taps=list(taps),
    )
    records = open_records(empty_home(folder))
    record(records, pack([Town(NOW, [service], child)], FIRST, LAST))
    return records


@pytest.mark.parametrize(("came", "due"), [(True, [Decimal("10.00")]), (False, [])])
def test_a_membership_due_once_a_child_came_looks_at_its_whole_month(
    home: Home, tmp_path: Path, came: bool, due: list[Decimal]
) -> None:
    prices = (Price("month", Decimal(10), kind="membership"), Price("session", Decimal(0)))
    lists = (PriceList(date(2026, 9, 1), prices, package_basis="attended"),)
    club = Service("club", "youth_club", (Rule(date(2026, 9, 1), needs_departure=False),), (), lists)
    taps = [Tap(datetime(2026, 11, 24, 16, 35), "badge")] if came else []  # noqa: DTZ001 (the wall clock)
    with contextlib.closing(_town_of(tmp_path, club, Pattern(1), *taps)) as records:
        found = family_lines(records, home.path, "0.famille", NOVEMBER, NOVEMBER, now=AS_OF)
    assert [line.amount for line in found] == due


def test_a_quote_prices_a_day_that_nobody_booked_and_writes_nothing(home: Home, canteen: Records) -> None:
    thursday = date(2026, 11, 26)
    before = canteen.change_seq()
    asked = Change((PlannedDay("0.enfant", "0.cantine", thursday),))
    quoted = family_lines(canteen, home.path, "0.famille", thursday, thursday, now=AS_OF, change=asked)
    assert [(line.day, line.amount) for line in quoted] == [(thursday, Decimal("2.20"))]
    assert family_lines(canteen, home.path, "0.famille", thursday, thursday, now=AS_OF) == []
    assert canteen.change_seq() == before


def test_a_quote_for_a_service_without_enrolment_says_so(home: Home, canteen: Records) -> None:
    asked = Change((PlannedDay("0.enfant", "0.soir", TODAY),))
    with pytest.raises(NotFound, match=r"n'est pas inscrit au service « 0\.soir »"):
        family_lines(canteen, home.path, "0.famille", TODAY, TODAY, now=AS_OF, change=asked)


def test_an_unknown_family_says_so(home: Home) -> None:
    with pytest.raises(NotFound, match="« personne » n'existe pas"):
        family_lines(home.records, home.path, "personne", FIRST, LAST, now=AS_OF)


def test_a_price_published_a_second_ago_is_in_the_next_answer(home: Home, canteen: Records) -> None:
    monday = date(2026, 11, 23)
    (before,) = family_lines(canteen, home.path, "0.famille", monday, monday, now=AS_OF)
    with canteen.engine.begin() as connection:
        connection.exec_driver_sql(
            "insert into tariff_version (id, tariff_id, valid_from, decision) "
            "values (9, 1, '2026-11-23', 'Nouvelle délibération')"
        )
        connection.exec_driver_sql(
            "insert into tariff_rule (version_id, ordinal, label, form, unit, amount_e4) "
            "values (9, 1, 'Tous', 'flat', 'meal', 31000)"
        )
    (after,) = family_lines(canteen, home.path, "0.famille", monday, monday, now=AS_OF + MICROS_PER_MINUTE)
    assert (before.amount, after.amount) == (Decimal("2.20"), Decimal("3.10"))


def test_warming_up_ahead_changes_no_answer(home: Home, whole: dict[str, list[PricedLine]]) -> None:
    warm_up(home.path)
    family = home.families[0]
    assert family_lines(home.records, home.path, family, FIRST, LAST, now=AS_OF) == whole[family]
