"""The lines of a past year as a grid on trial sees them: alike lines are one, counted.

A line keeps only what a rule of its service's grid asks for. So ten million lines become a few hundred thousand
prices to compute, and the amounts are the same: rules see nothing else of a line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

from warehouse.replayed import LINES, SCHEMA

Rule = Mapping[str, Any]
PUBLISHED = f"published.{SCHEMA}"
# Cents of a price that custody shares depend on the other shares: such a line stays itself.
_IS_SHARE = "lines.share_days is not null"
COUNT = "line_count"

_OF_VERSION = {
    "tariff_id": "versions.tariff_id",
    "tariff_version_id": "versions.tariff_version_id",
    "tariff_label": "versions.tariff_label",
    "tariff_decision": "versions.tariff_decision",
    "tariff_valid_from": "versions.valid_from",
    "unit_step_e4": "versions.unit_step_e4",
    "unit_step_mode": "versions.unit_step_mode",
    "rank_basis": "versions.rank_basis",
}
_DAYS = ("month", "days")
# What lines alike may differ by from day to day, and a rule may ask, with the type that the models read.
_OF_DAYS = {"day_kind": "varchar", "begun_minutes": "integer"}
_OF_RANKS = ("sibling_rank", "sibling_count")
# What priced lines tell and no price rests on, with the type that the models read.
_UNSEEN = {
    "enrolment_id": "bigint",
    "structure_id": "bigint",
    "rounding_minutes": "integer",
    "rounding_on": "varchar",
    "rounding_mode": "varchar",
    "qf_rule": "varchar",
    "qf_id": "bigint",
    "qf_source": "varchar",
    "qf_effective_from": "date",
    "income_id": "bigint",
    "is_provisional": "boolean",
}


def _given(*names: str) -> Callable[[Rule], bool]:
    return lambda rule: any(rule.get(name) is not None for name in names)


def _asks_qf(rule: Rule) -> bool:
    return _given("qf_from_e2", "qf_to_e2")(rule) or rule["form"] == "linear" or rule.get("basis") == "qf"


def _asks_income(rule: Rule) -> bool:
    named = ("income_from_cents", "income_to_cents", "children_from", "children_to")
    return _given(*named)(rule) or rule["form"] == "psu" or rule.get("basis") == "income"


def _is_psu(rule: Rule) -> bool:
    return bool(rule["form"] == "psu")


# A column of the lines, and whether a rule asks for it. What is not named here is always kept.
_ASKED: dict[str, Callable[[Rule], bool]] = {
    "situation": _given("situation"),
    "is_booked_late": _given("is_booked_late"),
    "origin": _given("origin"),
    "day_kind": _given("day_kind"),
    "residence": _given("residence"),
    "school_level": _given("level"),
    "age_months": _given("age_from_months", "age_to_months"),
    "lead_minutes": _given("lead_from_minutes", "lead_to_minutes"),
    "sibling_rank": _given("rank_from", "rank_to"),
    "sibling_count": _given("siblings_from", "siblings_to"),
    "qf_value": _asks_qf,
    "annual_cents": _asks_income,
    "children_count": _asks_income,
    "aeeh_count": _asks_income,
    "begun_minutes": _given("unit_minutes"),
    "rounded_minutes": lambda rule: rule.get("unit") in ("hour", "minute"),
}


@dataclass(frozen=True, slots=True)
class TriedLines:
    """The days replayed, `[first, end)`, and the rules tried by service (its id in the published file)."""

    first: date
    end: date
    rules: Mapping[int, Sequence[Rule]]

    def services_asking(self, asks: Callable[[Rule], bool]) -> list[int]:
        """Return the services of which a rule asks for something."""
        return [service for service, rules in self.rules.items() if any(map(asks, rules))]

    @property
    def ranked(self) -> list[int]:
        """The services whose grid ranks siblings."""
        return self.services_asking(lambda rule: any(_ASKED[name](rule) for name in _OF_RANKS))


def count_lines(connection: duckdb.DuckDBPyConnection, tried: TriedLines) -> None:
    """Make the table that the pricing models read (`int_pricing__circumstances`), one row for lines alike.

    The connection has the published file as `published`, and the versions tried in `int_pricing__versions`, and the
    ranks of `int_pricing__ranks` when some service ranks siblings.
    """
    columns = [
        (name, kind)
        for name, kind, *_ in connection.execute(f"describe {PUBLISHED}.{LINES}").fetchall()
        if name not in _DAYS
    ]
    seen = [f"{_seen(name, kind, tried)} as {name}" for name, kind in columns]
    seen += [f"{_seen('day', 'date', tried)} as day", "cast(null as date) as month"]
    seen += [f"{_seen(name, kind, tried)} as {name}" for name, kind in _OF_DAYS.items()]
    seen += [f"lines.{name}" for name in _OF_VERSION]
    ranks = (
        "left join marelle.intermediate.int_pricing__ranks as ranks on lines.child_id = ranks.child_id "
        "and lines.service_id = ranks.service_id and lines.day = ranks.day and lines.payer_id = ranks.payer_id"
        if tried.ranked
        else ""
    )
    connection.execute(
        f"""
        create table marelle.intermediate.int_pricing__circumstances as
        select row_number() over () as line_id, * from (
            select {", ".join(seen)}, cast(sum(lines.{COUNT}) as bigint) as {COUNT}
            from ({_tried_days(tried)}) as lines
            {ranks}
            group by all
        )
        """  # noqa: S608 (our names, and ids)
    )


def _tried_days(tried: TriedLines) -> str:
    """Return the lines alike with the version that prices them: the days that must stay exact one by one."""
    of_version = ", ".join(f"{expression} as {name}" for name, expression in _OF_VERSION.items())
    exact = [_IS_SHARE]
    of_days = [service for name in _OF_DAYS for service in tried.services_asking(_ASKED[name])]
    if by_day := {*tried.ranked, *tried.services_asking(_is_psu), *of_days}:
        exact.append(f"lines.service_id in ({_ids(by_day)})")
    first, end = f"date '{tried.first}'", f"date '{tried.end}'"
    return f"""
        select *, on_day.day, {", ".join(f"on_day.{name}" for name in _OF_DAYS)}
        from (
        select * exclude (days, tried_days), case when is_exact then 1 else len(tried_days) end as {COUNT},
            unnest(
                case
                    when is_exact
                        then list_transform(tried_days, lambda one : {{{_a_day("one.day", "one.{}")}}})
                    else [{{{_a_day("since", "null")}}}]
                end
            ) as on_day
        from (
            select lines.*, {of_version}, {" or ".join(exact)} as is_exact,
                greatest(versions.valid_from, {first}) as since,
                least(coalesce(versions.valid_to, {end}), {end}) as until,
                list_filter(lines.days, lambda each : each.day >= since and each.day < until) as tried_days
            from {PUBLISHED}.{LINES} as lines
            inner join marelle.intermediate.int_pricing__versions as versions
                on lines.service_id = versions.service_id
            where {_of_year(tried, tried.rules)}
        )
        where len(tried_days) > 0
        )
    """  # noqa: S608 (our names, and ids)


def _a_day(day: str, each: str) -> str:
    """Return the fields of a structure of a day, and of what of that day a rule may ask."""
    return ", ".join([f"'day': {day}", *(f"'{name}': {each.format(name)}" for name in _OF_DAYS)])


def _of_year(tried: TriedLines, services: Iterable[int]) -> str:
    return (
        f"lines.service_id in ({_ids(services)}) and not lines.is_provisional and lines.kind <> 'sejour' "
        f"and lines.month >= date '{tried.first}' and lines.month < date '{tried.end}'"
    )


def _ids(services: Iterable[int]) -> str:
    return ", ".join(str(int(each)) for each in services)


def _seen(name: str, kind: str, tried: TriedLines) -> str:
    """Return what a grouped line keeps of a column."""
    if name == "child_id":
        return f"case when {_IS_SHARE} then lines.child_id else 0 end"
    if name == "payer_id":
        return f"case when {_IS_SHARE} then lines.payer_id end"
    if name == "day":
        psu = tried.services_asking(_is_psu)
        exact = [_IS_SHARE, *([f"lines.service_id in ({_ids(psu)})"] if psu else [])]
        return f"case when {' or '.join(exact)} then lines.day else lines.since end"
    if name in _UNSEEN:
        return f"cast(null as {kind})"
    if name not in _ASKED:
        return f"lines.{name}"
    asking = tried.services_asking(_ASKED[name])
    if not asking:
        return f"cast(null as {kind})"
    source = "ranks" if name in _OF_RANKS else "lines"
    return f"case when lines.service_id in ({_ids(asking)}) then {source}.{name} end"


def show_ranked_lines(connection: duckdb.DuckDBPyConnection, tried: TriedLines) -> None:
    """Give the model of ranks what it reads of the lines of services that rank."""
    connection.execute(
        "create view marelle.intermediate.int_pricing__lines as "  # noqa: S608 (our names, and ids)
        f"select *, on_day.day, on_day.day_kind from (select * exclude (days), service_id as tariff_id, "
        f"unnest(days) as on_day from {PUBLISHED}.{LINES} as lines where {_of_year(tried, tried.ranked)})"
    )
