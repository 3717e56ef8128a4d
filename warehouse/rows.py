"""From rows of the marts to the dataclasses that readers are given."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb

from domain.lines import CoveredLine, LineTap, PricedLine, PriceStep
from warehouse.errors import SnapshotMissing

_TOO_OLD = (
    "Les chiffres publiés ont été calculés par une version plus ancienne, qui n'avait pas ceux-ci. "
    "Relancez « marelle warehouse build »."
)
MARTS = "marelle.marts"  # the published file is attached under one name, whatever its own


@dataclass(frozen=True, slots=True)
class StayRow:
    """One child × service × day × stay number (mart fct_stays); `arrived_at` and `left_at` are µs UTC.

    `is_open`: still there as far as is known. A derived end is the slot's own, told as such, never a tap.
    """

    child_ref: str
    child_first_name: str
    child_last_name: str
    class_label: str | None
    structure_ref: str
    structure_label: str
    service_ref: str
    service_label: str
    service_kind: str
    day: date
    stay_no: int
    arrived_at: int | None
    left_at: int | None
    arrived_minute: int | None
    left_minute: int | None
    is_open: bool
    is_departure_derived: bool
    is_arrival_derived: bool
    was_expected: bool
    taps: tuple[LineTap, ...]


@dataclass(frozen=True, slots=True)
class CafHoursRow:
    """One structure × service × month × period × age group × régime group × AEEH (mart fct_caf_hours).

    `age_group` is under_6, from_6 or unknown (no birth date); `regime_group` RG, MSA, AUTRE or INCONNU;
    `derived_child_days` counts the child-days of which one end rests on the slot and not on a tap;
    `held_child_days` and `held_hours` wait for missing taps and are in no other column.
    """

    structure_ref: str
    structure_label: str
    service_ref: str
    service_label: str
    caf_kind: str
    month: date
    period: str
    age_group: str
    regime_group: str
    is_aeeh: bool
    children: int
    child_days: int
    derived_child_days: int
    minutes: int
    hours: Decimal
    held_child_days: int
    held_hours: Decimal


@dataclass(frozen=True, slots=True)
class StatementRow:
    """One month × decision (mart fct_third_party_statement): what a body owes, of which price."""

    month: date
    coverage_ref: str
    body_ref: str
    body_name: str
    body_kind: str
    coverage_kind: str
    decision_number: str
    child_ref: str
    child_first_name: str
    child_last_name: str
    structure_labels: str
    first_day: date
    last_day: date
    line_count: int
    day_count: int
    unit: str
    units: Decimal
    price: Decimal
    amount: Decimal
    is_provisional: bool


@dataclass(frozen=True, slots=True)
class VoucherRow:
    """One structure × voucher over a quarter: days and euros that the body owes."""

    structure_ref: str
    structure_label: str
    body_ref: str
    body_name: str
    coverage_ref: str
    decision_number: str
    child_ref: str
    child_first_name: str
    child_last_name: str
    day_count: int
    units: Decimal
    unit: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class PricingFaultRow:
    """One line × fault (mart fct_pricing_faults): what is missing, and who must act, in French."""

    line_key: str
    code: str
    message: str
    day: date
    child_ref: str
    service_ref: str
    structure_ref: str


@dataclass(frozen=True, slots=True)
class CoherenceFaultRow:
    """One rule × record at fault (mart fct_coherence_faults): who must act, on which file, and what to do."""

    fault_key: str
    rule: str
    severity: str
    owner_role: str
    message: str
    link_kind: str
    link_ref: str
    child_ref: str | None
    family_ref: str | None
    service_ref: str | None
    structure_ref: str | None
    day: date | None


@dataclass(frozen=True, slots=True)
class UnresolvedTapRow:
    """One tap × reason (mart fct_unresolved_taps) that counts for no child yet, with what a person can do."""

    tap_id: str
    reason: str
    message: str
    day: date
    occurred_minute: int
    occurred_at: int
    kind: str
    structure_ref: str
    structure_label: str
    device_label: str
    service_ref: str | None
    badge_uid: str | None
    child_ref: str | None
    typed_name: str | None


@dataclass(frozen=True, slots=True)
class HeldBackRow:
    """One child × service × day (mart fct_held_back) of which something waits, with what a person can do.

    `reason` is hole, silent_terminal or undated; `is_presence_unknown`: nobody knows whether the child came.
    """

    day: date
    reason: str
    message: str
    child_ref: str
    child_first_name: str
    child_last_name: str
    service_ref: str
    service_label: str
    structure_ref: str
    structure_label: str
    device_label: str
    is_presence_unknown: bool
    holds_line: bool
    holds_hours: bool
    holds_meal: bool


def among_structures(structure_refs: Iterable[str] | None) -> tuple[str, list[Any]]:
    """Return the condition that keeps some structures (None: all of them), and its values."""
    if structure_refs is None:
        return "", []
    return "and structure_ref in (select unnest(?))", [list(structure_refs)]


_NESTED: dict[str, type[Any]] = {"price_steps": PriceStep}
# Taps are published once, not with each line and each stay: by what these name them.
_OF_LINES = ("child_id", "service_id", "day")
_OF_STAYS = (*_OF_LINES, "stay_no")


def read_rows(connection: duckdb.DuckDBPyConnection, shape: type[Any], rest: str, values: list[Any]) -> list[Any]:
    """Return instances of a dataclass from `select its fields <rest>`; lists of structures become theirs."""
    names = [field.name for field in fields(shape)]
    return [shape(*row) for row in _rows(connection, names, rest, values)]


def priced_lines(connection: duckdb.DuckDBPyConnection, rest: str, values: list[Any]) -> list[PricedLine]:
    """Return priced lines from `select … <rest>`; the same for published marts and for one family live."""
    lines: list[PricedLine] = _with_taps(connection, PricedLine, _OF_LINES, rest, values)
    return lines


def stay_rows(connection: duckdb.DuckDBPyConnection, rest: str, values: list[Any]) -> list[StayRow]:
    """Return stays from `select … <rest>`, with the taps of each."""
    found: list[StayRow] = _with_taps(connection, StayRow, _OF_STAYS, rest, values)
    return found


def _with_taps(
    connection: duckdb.DuckDBPyConnection, shape: type[Any], key: tuple[str, ...], rest: str, values: list[Any]
) -> list[Any]:
    """Return what `read_rows` does of a dataclass that has its taps, oldest first."""
    names = [field.name for field in fields(shape) if field.name != "taps"]
    rows = _rows(connection, [*names, *key], rest, values)
    keys = [row[len(names) :] for row in rows]
    taps = _taps(connection, key, keys) if rows else {}
    return [
        shape(**dict(zip(names, row, strict=False)), taps=tuple(taps.get(found, ())))
        for row, found in zip(rows, keys, strict=True)
    ]


def _taps(
    connection: duckdb.DuckDBPyConnection, key: tuple[str, ...], keys: list[tuple[Any, ...]]
) -> dict[tuple[Any, ...], list[LineTap]]:
    """Return the taps of the children, services and days asked by what names them, oldest first."""
    children, _, days = ({found[place] for found in keys} for place in range(len(_OF_LINES)))
    rows = _rows(
        connection,
        [*key, *(field.name for field in fields(LineTap))],
        f"from {MARTS}.fct_taps where child_id in (select unnest(?)) and day between ? and ? "
        "order by occurred_at, tap_no",
        [sorted(children), min(days), max(days)],
    )
    taps: dict[tuple[Any, ...], list[LineTap]] = {}
    for row in rows:
        taps.setdefault(row[: len(key)], []).append(LineTap(*row[len(key) :]))
    return taps


def _rows(
    connection: duckdb.DuckDBPyConnection, names: list[str], rest: str, values: list[Any]
) -> list[tuple[Any, ...]]:
    """Return the rows of `select names <rest>`; raises SnapshotMissing of figures that had not all of them yet."""
    try:
        rows = connection.execute(f"select {', '.join(names)} {rest}", values).fetchall()
    except (duckdb.CatalogException, duckdb.BinderException) as missing:  # a table, a column
        raise SnapshotMissing(_TOO_OLD) from missing
    for place, kind in [(names.index(name), kind) for name, kind in _NESTED.items() if name in names]:
        rows = [(*row[:place], _parts(kind, row[place]), *row[place + 1 :]) for row in rows]
    return rows


def covered_lines(connection: duckdb.DuckDBPyConnection, rest: str, values: list[Any]) -> list[CoveredLine]:
    """Return what bodies pay of lines, from `select … <rest>`; the same published and live."""
    lines: list[CoveredLine] = read_rows(connection, CoveredLine, rest, values)
    return lines


def _parts(kind: type[Any], found: list[dict[str, Any]] | None) -> tuple[Any, ...]:
    return tuple(kind(**each) for each in found or ())
