"""A line of a declaration opened: what it is made of, the children it counts, and the days of one of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from dashboards.viewmodels.caf_opening_place import opens_without_children
from dashboards.viewmodels.tables import Cell, Table
from dashboards.viewmodels.terminals import KINDS
from domain.caf_audit import RULE_WORDS
from domain.caf_declarations import Figure
from domain.caf_lines import BLOCK_WORDS, figure_words, line_label
from domain.french import NBSP, clock, plural, short_date, staff_name, typeset
from warehouse.reader import FigureChildRow, FigureDayRow, StayRow

_ACTIVITIES = ("eaje_activity", "alsh_peri", "alsh_extra", "youth")
_OF_THE_PLACE = ("opening_hours", "capacity_hours")  # what the place offers; no child makes it
_HUNDREDTH = Decimal("0.01")
# The lines that an amount is made of, in the order people reckon them.
_PSU = (
    "eaje_activity.billed_hours", "eaje_activity.realised_hours", "eaje_activity.invoicing_rate",
    "eaje_activity.family_contributions", "eaje_activity.billed_hours_rg", "result.psu_charges",
    "result.psu_cost_per_hour", "result.psu_price_cap", "result.psu_price_retained", "result.psu_general_rate",
)  # fmt: skip
_RATES = {
    "invoicing_rate": ("billed_hours", "realised_hours"),
    "occupancy_realised": ("realised_hours", "capacity_hours"),
    "occupancy_billed": ("billed_hours", "capacity_hours"),
}
_PSO_BLOCKS = {"periscolaire": "alsh_peri", "extrascolaire": "alsh_extra", "youth": "youth"}
_PSO_COUNTED = ("hours", "hours_rg", "hours_wednesday", "hours_aeeh")
_PSO_RESULTS = ("charges", "cost_per_hour", "price_cap", "price_retained", "general_rate", "new_wednesday_hours")


def opens_to_children(figure: Figure) -> bool:
    """Say whether a line sums days of children."""
    is_counted = figure.unit in ("hours", "children") or figure.code == "family_contributions"
    return figure.block in _ACTIVITIES and is_counted and figure.code not in _OF_THE_PLACE


def openable(figures: Iterable[Figure], *, with_children: bool = True) -> dict[str, str]:
    """Return the lines that open, by their key; those that open to children only for who may read their files."""

    def opens(one: Figure) -> bool:
        if opens_to_children(one):
            return with_children and bool(one.value)
        return one.block == "result" or one.code in _RATES or opens_without_children(one)

    return {each.key: f"{BLOCK_WORDS[each.block]}, {line_label(each.code)}" for each in figures if opens(each)}


def made_of(figure: Figure, figures: Sequence[Figure]) -> Table:
    """Return the lines that a computed one is made of, with their values."""
    if figure.code in _RATES:
        keys: tuple[str, ...] = tuple(f"{figure.block}.{code}" for code in _RATES[figure.code])
    elif figure.code.startswith("psu_"):
        keys = _PSU
    else:
        kind = figure.code.split("_")[1]
        keys = (
            *(f"{_PSO_BLOCKS[kind]}.{code}" for code in _PSO_COUNTED),
            *(f"result.pso_{kind}_{code}" for code in _PSO_RESULTS),
        )
    known = {each.key: each for each in figures}
    rows: list[tuple[Cell, ...]] = [
        (line_label(one.code), "–" if one.value is None else figure_words(one.value, one.unit))
        for key in keys
        if (one := known.get(key)) is not None and one is not figure
    ]
    return Table(("Cette ligne vient de", "Valeur"), tuple(rows), at_right=(1,))


def sentence(figure: Figure, rows: Sequence[FigureChildRow]) -> str:
    """Return that the children add up to the line: « 1 473,00 h : 24 enfants, 301 journées »."""
    days = plural(sum(row.days for row in rows), "journée", "journées")
    value = "–" if figure.value is None else figure_words(figure.value, figure.unit)
    return typeset(f"**{value}** : {plural(len(rows), 'enfant', 'enfants')}, {days}.")


def children_table(figure: Figure, rows: Iterable[FigureChildRow]) -> Table:
    """Return what each child adds to the line; the total is the line itself."""
    lines: list[tuple[Cell, ...]] = []
    total, days = Decimal(0), 0
    for row in rows:
        name = staff_name(row.child_last_name, row.child_first_name)
        lines.append((name, row.days, *(() if figure.unit == "children" else (shown(figure, row.quantity),))))
        total, days = total + row.quantity, days + row.days
    if figure.unit == "children":
        return Table(("Enfant", "Journées"), tuple(lines))
    return Table(("Enfant", "Journées", _unit(figure)), tuple(lines), ("Total", days, shown(figure, total)))


def child_names(rows: Iterable[FigureChildRow]) -> dict[str, str]:
    """Return the children by their reference."""
    return {row.child_ref: staff_name(row.child_last_name, row.child_first_name) for row in rows}


def by_day_and_service(stays: Iterable[StayRow]) -> defaultdict[tuple[date, str], list[StayRow]]:
    """Return the stays of each day at each service, in their order; none where nobody was noted."""
    found: defaultdict[tuple[date, str], list[StayRow]] = defaultdict(list)
    for stay in stays:
        found[stay.day, stay.service_ref].append(stay)
    return found


def days_table(figure: Figure, days: Sequence[FigureDayRow], stays: Iterable[StayRow]) -> Table:
    """Return the days of a child in a line: arrival, departure and what noted them, and what the day adds."""
    found = by_day_and_service(stays)
    lines: list[tuple[Cell, ...]] = []
    for day in days:
        there = found[day.day, day.service_ref]
        lines.append(
            (
                short_date(day.day),
                day.service_label,
                ends_of(there),
                ", ".join(dict.fromkeys(noted_by(stay) for stay in there)) or "facturé, sans présence",
                RULE_WORDS.get(day.caf_hour_rule, day.caf_hour_rule),
                *(() if figure.unit == "children" else (shown(figure, day.quantity),)),
            )
        )
    columns = ("Jour", "Service", "De – à", "Noté par", "Règle")
    return Table(columns if figure.unit == "children" else (*columns, _unit(figure)), tuple(lines))


def ends_of(stays: Iterable[StayRow]) -> str:
    """Return « 16 h 30 – 18 h 10 » of each stay, an hour that nobody noted in brackets."""
    ends = [
        (_time(stay.arrived_minute, stay.is_arrival_derived), _time(stay.left_minute, stay.is_departure_derived))
        for stay in stays
    ]
    return ", ".join(f"{arrived} – {left}" for arrived, left in ends)


def _time(minute: int | None, is_derived: bool) -> str:
    if minute is None:
        return "?"
    return f"({clock(minute)})" if is_derived else clock(minute)


def noted_by(stay: StayRow) -> str:
    """Return what noted a stay: « badge, Borne des Tilleuls »."""
    taps = [f"{KINDS.get(tap.kind, tap.kind)}, {tap.device_label}" for tap in stay.taps if tap.what != "undone"]
    return f"{NBSP}; ".join(dict.fromkeys(taps)) or "décision d'un agent"


def _unit(figure: Figure) -> str:
    return "Euros" if figure.unit == "euros" else "Heures"


def shown(figure: Figure, quantity: Decimal) -> Decimal:
    """Return what adds up to a line: hours of minutes, euros, or days where children are told apart."""
    if figure.unit == "children":
        return quantity.quantize(Decimal(1))
    value = quantity if figure.unit == "euros" else quantity / 60
    return value.quantize(_HUNDREDTH, rounding=ROUND_HALF_UP)
