"""On Arrow tables, for one family, the models have the columns that they have on tables (rows: tests/cases)."""

from __future__ import annotations

from datetime import timedelta

from tests.harness.memory_warehouse import MemoryWarehouse
from tests.oracles.random_towns import FIRST, LAST, TownMaker
from tests.sql.town_rows import pack
from warehouse.family import TARGETS
from warehouse.fed import FedWarehouse
from warehouse.project import CompiledProject

COLUMNS = """
select schema_name, table_name, column_name, data_type from duckdb_columns()
where database_name = 'marelle' and schema_name in ('raw', 'intermediate', 'marts') order by all
"""


def test_columns_have_the_types_of_the_tables_and_nothing_of_a_question_stays(compiled: CompiledProject) -> None:
    fed = FedWarehouse(compiled, TARGETS)
    found = fed.connection.execute(COLUMNS).fetchall()
    assert len(found) > 1_000
    assert found == MemoryWarehouse(compiled, TARGETS).connection.execute(COLUMNS).fetchall()

    count = "select (select count(*) from raw.tap), (select count(*) from marts.fct_priced_lines)"
    with fed.filled(pack([TownMaker(1).town()], FIRST, LAST).rows) as connection:
        assert all(connection.execute(count).fetchall()[0])
    assert fed.connection.execute(count).fetchall() == [(0, 0)]


def test_a_question_about_other_days_or_another_town_is_answered_as_by_a_new_warehouse(
    compiled: CompiledProject,
) -> None:
    town, other = TownMaker(1).town(), TownMaker(2).town()
    before = pack([town], FIRST, LAST).rows
    everything = "from marts.fct_priced_lines order by all"
    fed = FedWarehouse(compiled, TARGETS)
    for rows in (pack([town], FIRST, LAST - timedelta(days=1)).rows, pack([other], FIRST, LAST).rows):
        with fed.filled(before) as connection:
            assert connection.execute(everything).fetchall()
        with fed.filled(rows) as connection:
            found = connection.execute(everything).fetchall()
        with FedWarehouse(compiled, TARGETS).filled(rows) as connection:
            assert found == connection.execute(everything).fetchall()
        assert found
