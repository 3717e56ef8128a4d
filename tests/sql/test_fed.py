"""On Arrow tables, for one family, the models have the columns that they have on tables (rows: tests/cases)."""

from __future__ import annotations

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
