"""Is a price list whole? Tried value by value on each thing that it asks; imports nothing of Marelle.

« trou »: somebody has no price; « double »: a QF or an income has two prices; « jamais »: a row never gives one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import product
from typing import Any

from tests.oracles.tariffs import MODIFIERS, Known, holds
from tests.oracles.world import Income, Price, PriceList

DAY = date(2026, 11, 24)
CENT = Decimal("0.01")
_PLAIN = Price("")
BANDS = ("qf_from", "qf_to", "income_from", "income_to")


def verdict(prices: PriceList, categories: Sequence[str], formulas: Sequence[str]) -> set[str]:
    """Return what is wrong with the ordinary rows of a list; nothing when it is whole."""
    rows = [row for row in prices.prices if row.form not in MODIFIERS and row.kind is None]
    found = {"double"} if any(_claim_the_same(one, other) for one, other in _pairs(rows)) else set()
    reached: set[int] = set()
    for known in everybody(rows, categories, formulas):
        places = [place for place, row in enumerate(rows) if holds(row, known)]
        reached |= set(places[:1])
        if not places:
            found.add("trou")
    if len(reached) < len(rows):
        found.add("jamais")
    return found


def _pairs(rows: Sequence[Price]) -> list[tuple[Price, Price]]:
    return [(one, other) for place, one in enumerate(rows) for other in rows[place + 1 :]]


def _claim_the_same(one: Price, other: Price) -> bool:
    """Say whether two bands of the same list meet; a row without a band after some with one is « all the rest »."""
    is_the_rest = _is_unbounded(other) and not _is_unbounded(one)
    if is_the_rest or _bare(one) != _bare(other):
        return False
    return any(holds(one, known) and holds(other, known) for known in everybody([one, other], [], []))


def _is_unbounded(row: Price) -> bool:
    return all(getattr(row, name) is None for name in BANDS)


def _bare(row: Price) -> Price:
    """Return the conditions of a row without its bands, and without what it does."""
    names = (
        "unit",
        "price",
        "form",
        "rate",
        "basis",
        "floor",
        "ceiling",
        "price_to",
        "above_ceiling",
        "applies_to",
    )
    nothing: dict[str, Any] = dict.fromkeys(BANDS)
    same: dict[str, Any] = {name: getattr(_PLAIN, name) for name in names}
    return replace(row, **nothing, **same)


def everybody(rows: Sequence[Price], categories: Sequence[str], formulas: Sequence[str]) -> list[Known]:
    """Return one of each: every value that a row names and one that none names, every edge of a band."""
    qfs = {Decimal(0), *_edges(rows, "qf_from"), *_edges(rows, "qf_to")}
    incomes = {Decimal(0), *_edges(rows, "income_from"), *_edges(rows, "income_to")}
    children = {1, *(n for row in rows for n in _around(row.children_from, row.children_to))}
    named = {*categories, *_values(rows, "category")} or {"?"}
    ways: list[str | None] = [*formulas] or [None]
    known = []
    for category, formula, residence, level, situation in product(
        sorted(named) + (["?"] if any(row.category is None for row in rows) else []),
        ways,
        [*_values(rows, "residence"), "outside"],
        [*_values(rows, "level"), "?"],
        [*_values(rows, "situation"), "present"],
    ):
        known += [
            Known(
                DAY, "school_day", category=category, formula=formula, residence=residence, level=level,
                situation=situation, qf=qf, income=Income(12 * income, DAY, children=count), rank=1, age=60,
            )
            for qf, income, count in product(qfs, incomes, children)
        ]  # fmt: skip
    return known


def _edges(rows: Sequence[Price], name: str) -> list[Decimal]:
    edges = [getattr(row, name) for row in rows if getattr(row, name) is not None]
    return [max(Decimal(0), value) for edge in edges for value in (edge - CENT, edge, edge + CENT)]


def _values(rows: Sequence[Price], name: str) -> list[str]:
    return sorted({getattr(row, name) for row in rows if getattr(row, name) is not None})


def _around(low: int | None, high: int | None) -> list[int]:
    return [max(0, edge + step) for edge in (low, high) if edge is not None for step in (-1, 0, 1)]
