"""What a town claims from each body for a month, slowly (domain notes §8); imports nothing of Marelle.

One line per decision and month: how many lines it pays a part of, their price, and the part that the body owes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tests.oracles.coverages import Covered
from tests.oracles.world import Town


@dataclass(frozen=True, order=True)
class Claim:
    """The line of one decision in the statement of one month; `month` is its first day."""

    month: date
    child: str
    decision: str
    body: str
    unit: str
    first: date
    last: date
    lines: int
    days: int
    units: Decimal
    price: Decimal
    amount: Decimal
    provisional: bool


def claims(town: Town, parts: Sequence[Covered]) -> list[Claim]:
    """Return the lines of every monthly statement, from the parts of bodies."""
    decisions = {(child.ref, each.ref): each for child in [town.child, *town.siblings] for each in child.coverages}
    found = []
    for month, child, ref in sorted({_about(part) for part in parts}):
        own = [part for part in parts if _about(part) == (month, child, ref)]
        days = sorted({part.line.day for part in own})
        found.append(
            Claim(
                month,
                child,
                ref,
                decisions[child, ref].body,
                decisions[child, ref].unit,
                days[0],
                days[-1],
                len(own),
                len(days),
                sum((part.units for part in own), Decimal(0)),
                sum((part.line.amount or Decimal(0) for part in own), Decimal(0)),
                sum((part.amount for part in own), Decimal(0)),
                any(part.line.provisional for part in own),
            )
        )
    return found


def _about(part: Covered) -> tuple[date, str, str]:
    return part.line.day.replace(day=1), part.line.child, part.coverage
