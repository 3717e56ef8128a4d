"""Figures of a declaration put into a published snapshot: a small table, so that a test says what is declared."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from domain.caf_declarations import Control, Figure
from warehouse.snapshot import read_pointer

_FIGURES = (
    "structure_id bigint, structure_ref varchar, structure_label varchar, year integer, period varchar, "
    "block varchar, position integer, code varchar, value decimal(18, 4), unit varchar, fault varchar"
)
_CONTROLS = (
    "structure_ref varchar, structure_label varchar, year integer, control varchar, child_ref varchar, "
    "service_ref varchar, day date, quantity bigint"
)


def publish_figures(
    home: Path, about: tuple[str, int, str], figures: Sequence[Figure], controls: Sequence[Control] = ()
) -> None:
    """Make a structure's year and period say these figures, and nothing else of any structure.

    Call it before the snapshot is opened: a published file is read once.
    """
    structure_ref, year, period = about
    with duckdb.connect(str(read_pointer(home).path)) as connection:
        connection.execute(f"create or replace table marts.fct_caf_declaration_figures ({_FIGURES})")
        connection.execute(f"create or replace table marts.fct_caf_controls ({_CONTROLS})")
        for each in figures:
            connection.execute(
                "insert into marts.fct_caf_declaration_figures values (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    structure_ref, structure_ref, year, period, each.block, each.position, each.code, each.value,
                    each.unit, each.fault,
                ],
            )  # fmt: skip
        for one in controls:
            connection.execute(
                "insert into marts.fct_caf_controls values (?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    structure_ref,
                    structure_ref,
                    year,
                    one.code,
                    one.child_ref,
                    one.service_ref,
                    one.day,
                    one.quantity,
                ],
            )


def publish_counted_days(home: Path) -> None:
    """Let each published stay count for the minutes between its ends: before the snapshot is opened."""
    with duckdb.connect(str(read_pointer(home).path)) as connection:
        connection.execute(
            "create or replace view marts.fct_caf_child_days as "
            "select structure_ref, service_ref, child_ref, day, 'real' as caf_hour_rule, "
            "cast(sum(left_minute - arrived_minute) as integer) as realised_minutes, "
            "cast(null as decimal(14, 4)) as billed_minutes, true as is_declared, true as counts_billed, "
            "'from_6' as age_group, 'RG' as regime_group, false as is_aeeh, "
            "cast(null as varchar) as held_back, cast(null as varchar) as fault "
            "from marts.fct_stays group by all"
        )
