"""Rows as the load leaves them in the raw schema, so that many small worlds can be computed in one run."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any

from warehouse.columns import loaded_tables
from warehouse.raw import BuildContext, RawRow

PARIS = "Europe/Paris"
# What a row of a table is, unless it is said otherwise.
_USUAL: dict[str, dict[str, Any]] = {
    "booking": {"received_on": date(2020, 1, 1), "is_late": False},
    "tariff_rule": {"form": "flat"},
}


class RawWorld:
    """Raw rows by table. Values are given as Python has them; ids are numbered from 1 when not given."""

    def __init__(self) -> None:
        self.rows: defaultdict[str, list[RawRow]] = defaultdict(list)
        self._ids: defaultdict[str, int] = defaultdict(int)

    def add(self, table: str, **values: Any) -> int:
        """Add one row and return its id; a column left out is NULL (an error where NULL is not allowed)."""
        columns = loaded_tables()[table].columns
        unknown = set(values) - {column.name for column in columns}
        assert not unknown, f"{table}: no column {unknown}"
        values = {**_USUAL.get(table, {}), **values}
        self._ids[table] += 1
        values.setdefault("id", self._ids[table])
        row: list[int | str] = []
        for column in columns:
            value = values.get(column.name)
            assert not (column.is_number and value is None), f"{table}.{column.name} may not be NULL"
            row.append(int(value) if column.is_number and value is not None else _text(value))
        self.rows[table].append(tuple(row))
        identifier: int = values["id"]
        return identifier

    def about(self, as_of: int, first_day: date, last_day: date, last_line_day: date | None = None) -> RawWorld:
        """Say what the run is about: the instant (µs UTC) and the days; return the world."""
        self.rows.update(BuildContext(as_of, first_day, last_day, last_line_day or last_day).rows())
        return self

    def town(self, school_zone: str = "A", zone: str = PARIS) -> RawWorld:
        """Add the collectivity; return the world."""
        self.rows["collectivity"] = [(zone, school_zone)]
        return self

    def structure(self, ref: str, zone: str = PARIS) -> int:
        """Add a school."""
        return self.add("structure", ref=ref, name=f"École {ref}", kind="school", timezone=zone)

    def service(self, ref: str, kind: str = "evening_care", caf_kind: str = "none") -> int:
        """Add a service."""
        return self.add("service", ref=ref, label=f"Service {ref}", kind=kind, caf_kind=caf_kind)

    def rule(self, service_id: int, **changes: Any) -> int:
        """Add an evening rule, open every day of any period, with some fields changed."""
        usual: dict[str, Any] = {
            "valid_from": date(2020, 1, 1),
            "period": "any",
            "weekday_mask": 127,
            "slot_start_minute": 990,
            "slot_end_minute": 1110,
            "grace_minutes": 15,
            "anti_bounce_seconds": 120,
            "needs_departure": True,
            "rounding_minutes": 30,
            "rounding_on": "duration",
            "rounding_mode": "begun",
            "tolerance_minutes": 0,
            "bill_basis": "presence",
            "undecided_default": "billed",
            "qf_rule": "on_day",
            "caf_hour_rule": "slot_full",
            "serves_meal": False,
            "is_priced": True,
        }
        return self.add("service_rule", service_id=service_id, **{**usual, **changes})

    def offer(self, service_id: int, structure_id: int, **changes: Any) -> int:
        """Offer a service at a place, since 2020."""
        usual = {"valid_from": date(2020, 1, 1)}
        return self.add("service_place", service_id=service_id, structure_id=structure_id, **{**usual, **changes})

    def person(self, ref: str, **changes: Any) -> int:
        """Add a person."""
        usual = {"first_name": ref.capitalize(), "last_name": "Essai"}
        return self.add("person", ref=ref, **{**usual, **changes})

    def tap(self, tap_id: str, **values: Any) -> None:
        """Add a tap; `occurred_at` is its corrected instant in µs UTC."""
        values["occurred_at_corrected"] = values.pop("occurred_at")
        usual = {"kind": "badge", "time_confidence": "synced"}
        self._ids["tap"] += 1
        columns = {"id": self._ids["tap"], "tap_id": tap_id, **usual, **values}
        self.rows["tap"].append(_row("tap", columns))


def _row(table: str, values: dict[str, Any]) -> RawRow:
    return tuple(
        int(values[column.name]) if column.is_number else _text(values.get(column.name))
        for column in loaded_tables()[table].columns
    )


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, date):
        return value.isoformat()
    return str(value)
