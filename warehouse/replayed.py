"""What a published file keeps beside its marts, so that a year can be priced again under another grid.

Lines alike with all that a rule may ask of them and their days, and what the ranks of siblings rest on; no name,
badge or tap.
"""

from __future__ import annotations

import duckdb

SCHEMA = "replay"
LINES = "lines"
READ_BY_REPLAYS = ("int_pricing__circumstances", "int_pricing__psu_scale")
_NOT_KEPT = (
    "line_id, day, day_kind, tariff_id, tariff_version_id, tariff_label, tariff_decision, tariff_valid_from, "
    "unit_step_e4, unit_step_mode, rank_basis, line_count"
)
# By table: the model of the build, and what of it is kept.
_KEPT = {
    LINES: f"select * exclude ({_NOT_KEPT}) "  # noqa: S608 (ours)
    "replace (list_transform(days, lambda each : {'day': each.day, 'day_kind': each.day_kind}) as days) "
    "from marelle.intermediate.int_pricing__circumstances "
    "order by service_id, family_id, child_id, day, kind, payer_id",
    "persons": "select person_id, person_ref, birth_date from marelle.staging.stg_records__persons "
    "where person_id in (select person_id from marelle.staging.stg_records__family_members where role = 'child' "
    "union all select child_id from marelle.intermediate.int_pricing__circumstances) order by all",
    "family_members": "select family_id, person_id, role, valid_from, valid_to "
    "from marelle.staging.stg_records__family_members where role = 'child' order by all",
    "enrolments": "select child_id, service_id, valid_from, valid_to "
    "from marelle.staging.stg_records__enrolments order by all",
    "payers": "select payer_id, payer_ref from marelle.staging.stg_records__payers order by all",
    "psu_scale": "select * from marelle.intermediate.int_pricing__psu_scale order by all",
}


def keep_replay(connection: duckdb.DuckDBPyConnection, database: str) -> None:
    """Write into an attached database what a replay needs of the build open as `marelle`, READ_BY_REPLAYS of it."""
    connection.execute(f"create schema {database}.{SCHEMA}")
    for name, query in _KEPT.items():
        connection.execute(f"create table {database}.{SCHEMA}.{name} as {query}")
