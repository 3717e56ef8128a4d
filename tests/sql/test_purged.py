"""After a purge the next build names nobody of the erased files, and computes the same hours, meals and amounts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from sqlalchemy import select, update

from domain.time import instant_at, system_clock
from records.actors import SETUP
from records.database import Records, open_records
from records.models import Address, Enrolment, Person, Tap, TapChild
from records.operations import purges
from records.operations.retention import NewRetention, keep_for
from tests.factories.databases import EMPTY, ENGINES, postgres_copy
from tests.factories.town import HandClock
from tests.harness.models import publish_without_dbt
from tests.oracles.random_towns import FIRST, LAST, TownMaker
from tests.sql.built import AS_OF, make_home
from tests.sql.recorded import record
from tests.sql.town_rows import pack

TOWNS = 8
# Totals that money, the CAF and the kitchen rest on; no name, ref or line key, which call people by their refs.
TOTALS = {
    "amounts": "select service_label, day, sum(amount) from fct_priced_lines group by all order by all",
    "hours": "select * exclude (structure_label) from fct_caf_hours order by all",
    "meals": "select * from fct_meals order by all",
    "stays": "select service_label, day, count(*) from fct_stays group by all order by all",
}


@pytest.fixture(scope="module", params=ENGINES)
def purged(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Records, dict[str, Any], dict[str, Any], Path]]:
    """Random towns, built; then every file and badge number purged years later, and the same days built again."""
    home = tmp_path_factory.mktemp("purged") / "home"
    if request.param == "sqlite":
        url, records = make_home(home, TOWNS)
    else:
        home.mkdir()
        cluster = request.getfixturevalue("postgres_cluster")
        records = postgres_copy(cluster, EMPTY, system_clock)
        record(records, pack([TownMaker(seed).town() for seed in range(TOWNS)], FIRST, LAST))
        url = records.engine.url.render_as_string(hide_password=False)
    _end_enrolments(records)
    before = _figures(publish_without_dbt(home, url, AS_OF).path)
    records.close()
    later = open_records(url, HandClock(instant_at(LAST.replace(year=LAST.year + 4), 600, "Europe/Paris")))
    for code, months in (("badge_number", 3), ("family_file", 24)):
        keep_for(later, SETUP, NewRetention(code, months, date(2020, 1, 1), "Essai"))
        while (drawn := purges.draw_up_purge(later, SETUP, code)) is not None:
            purges.carry_out(later, SETUP, purges.order_purge(later, SETUP, drawn, "Fin de conservation"))
    second = publish_without_dbt(home, url, AS_OF)
    yield later, before, _figures(second.path), second.path
    later.close()


def _end_enrolments(records: Records) -> None:
    """End each enrolment after the days that are computed, so that files are no longer in use."""
    with records.write(SETUP, "end") as write:
        write.session.execute(
            update(Enrolment).where(Enrolment.valid_to.is_(None)).values(valid_to=LAST + timedelta(days=60))
        )


def _figures(path: Path) -> dict[str, Any]:
    with duckdb.connect(str(path), read_only=True) as connection:
        connection.execute("set schema = 'marts'")
        return {name: connection.execute(query).fetchall() for name, query in TOTALS.items()}


def test_amounts_hours_meals_and_stays_are_the_same(
    purged: tuple[Records, dict[str, Any], dict[str, Any], Path],
) -> None:
    _, before, after, _ = purged
    assert all(before.values())
    assert after == before


def test_addresses_have_lost_all_but_the_commune_that_prices_rest_on(
    purged: tuple[Records, dict[str, Any], dict[str, Any], Path],
) -> None:
    with purged[0].read() as session:
        kept = session.scalars(select(Address)).all()
    assert kept
    assert {(row.street, row.extra, row.postcode, row.former_commune) for row in kept} == {(None,) * 4}
    assert all(row.commune for row in kept)


def test_every_tap_that_counted_has_lost_its_number_and_keeps_its_child(
    purged: tuple[Records, dict[str, Any], dict[str, Any], Path],
) -> None:
    records = purged[0]
    with records.read() as session:
        told = session.execute(select(Tap.tap_id, Tap.badge_uid, Tap.child_ref)).all()
        carried = set(session.scalars(select(TapChild.tap_id)))
        names = session.execute(select(Person.first_name, Person.last_name, Person.ref)).all()
    assert carried
    assert all(row.badge_uid is None and row.child_ref is None for row in told if row.tap_id in carried)
    assert {(row.first_name, row.last_name) for row in names} == {("Personne", "anonymisée")}
    assert all(row.ref.startswith("anonyme-") for row in names)


def test_no_erased_name_ref_or_badge_is_in_the_next_build(
    purged: tuple[Records, dict[str, Any], dict[str, Any], Path],
) -> None:
    with duckdb.connect(str(purged[3]), read_only=True) as connection:
        tables = [
            name
            for (name,) in connection.execute(
                "select schema_name || '.' || table_name from duckdb_tables()"
            ).fetchall()
        ]
        texts = [str(row) for name in tables for row in connection.execute(f"from {name}").fetchall()]
    assert texts
    needles = [f"{number}.{what}" for number in range(TOWNS) for what in ("famille", "enfant", "payeur", "parent")]
    assert [(needle, text[:200]) for text in texts for needle in needles if needle in text] == []
    assert [path for path in purged[3].parent.glob("*.duckdb") if path != purged[3]] == []
