"""What a published file keeps beside its marts, so that a year can be priced again under another grid.

Lines alike with all that a rule may ask of them and their days, which are those that are told, and what the ranks
of siblings rest on; no name, badge or tap.
"""

from __future__ import annotations

import duckdb

SCHEMA = "replay"
LINES = "lines"
READ_BY_REPLAYS = ("int_pricing__psu_scale",)
_TOLD = "intermediate.int_pricing__told"
_COLUMNS = (
    "month", "child_id", "service_id", "structure_id", "enrolment_id", "kind", "rule_kind", "situation",
    "formula_code", "half_days", "units_begun", "rounded_minutes", "is_due",
    "is_booked_late", "origin", "lead_minutes", "rounding_minutes", "rounding_on", "rounding_mode", "qf_rule",
    "is_provisional", "held_back", "period", "day_count", "minutes_over", "line_fault", "payer_id", "family_id",
    "payer_fault", "share_days", "share_of_days", "qf_id", "qf_value", "qf_source", "qf_effective_from",
    "income_id", "annual_cents", "children_count", "aeeh_count", "residence", "school_level", "sibling_rank",
    "sibling_count", "age_months", "days",
)  # fmt: skip
# By table: the model of the build, and what of it is kept.
_KEPT = {
    "persons": "select person_id, person_ref, birth_date from marelle.staging.stg_records__persons "
    "where person_id in (select person_id from marelle.staging.stg_records__family_members where role = 'child' "
    "union all select child_id from marelle.intermediate.int_pricing__told) order by all",
    "family_members": "select family_id, person_id, role, valid_from, valid_to "
    "from marelle.staging.stg_records__family_members where role = 'child' order by all",
    "enrolments": "select child_id, service_id, valid_from, valid_to "
    "from marelle.staging.stg_records__enrolments order by all",
    "payers": "select payer_id, payer_ref from marelle.staging.stg_records__payers order by all",
    "psu_scale": "select * from marelle.intermediate.int_pricing__psu_scale order by all",
}


def keep_replay(connection: duckdb.DuckDBPyConnection, database: str) -> None:
    """Write into an attached database what a replay needs of the build open as `marelle`, READ_BY_REPLAYS of it.

    The lines are a view of those told there, whatever name the file is attached under.
    """
    connection.execute(f"create schema {database}.{SCHEMA}")
    for name, query in _KEPT.items():
        connection.execute(f"create table {database}.{SCHEMA}.{name} as {query}")
    connection.execute(f"use {database}")
    # A line told has no category where none is asked for: its text is then empty.
    lines = f"select {', '.join(_COLUMNS)}, nullif(category, '') as category from {_TOLD}"  # noqa: S608 (ours)
    connection.execute(f"create view {SCHEMA}.{LINES} as {lines}")
    connection.execute("use marelle")
