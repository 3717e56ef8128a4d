"""A priced line found by its key, without making the key of every line."""

from __future__ import annotations

import duckdb

from domain.lines import PricedLine
from warehouse.rows import MARTS, priced_lines


def line_of_key(cursor: duckdb.DuckDBPyConnection, line_key: str) -> list[PricedLine]:
    """Return the line of a key, or none: its parts lead to lines alike, whose days alone then make keys."""
    parts = line_key.split("~")
    if len(parts) != 5:
        return []
    child_ref, service_ref, _, kind, payer_ref = parts
    return priced_lines(
        cursor,
        f"from {MARTS}.fct_priced_lines "
        "where payer_ref = ? and child_ref = ? and service_ref = ? and kind = ? and line_key = ?",
        [payer_ref, child_ref, service_ref, kind, line_key],
    )
