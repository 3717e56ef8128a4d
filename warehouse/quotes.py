"""The quote of a prise en charge: what a family would pay with and without it, by the published models' own SQL."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path

from domain.lines import CoveredLine, PricedLine
from records.actors import Actor
from records.database import Records
from records.operations.coverage_lists import CoverageToQuote, coverage_to_quote
from warehouse.family import Change, PlannedDay, family_prices

__all__ = ["CoverageQuote", "PlannedDay", "QuotedLine", "quote_of_coverage"]

_NOTHING = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class QuotedLine:
    """A line of the child: its price, what the body would pay of it, and what others pay with it; euros."""

    line: PricedLine
    covered: Decimal
    by_others: Decimal

    @property
    def family(self) -> Decimal:
        """Return what is left to the family."""
        assert self.line.amount is not None  # lines without a price are not quoted
        return self.line.amount - self.covered - self.by_others


@dataclass(frozen=True, slots=True)
class CoverageQuote:
    """What a body would pay from the first to the last day, both included, and the family with it or not; euros.

    `unpriced` are the lines of the child that cannot be priced yet: they are in no sum.
    """

    about: CoverageToQuote
    first_day: date
    last_day: date
    lines: tuple[QuotedLine, ...]
    unpriced: tuple[PricedLine, ...]
    price: Decimal
    covered: Decimal
    family_without: Decimal
    family_with: Decimal


def quote_of_coverage(
    records: Records, home: Path, actor: Actor, ref: str, days: tuple[date, date, tuple[PlannedDay, ...]]
) -> CoverageQuote:
    """Return the quote of a coverage that was asked, over the days `(first, last, planned)`; nothing is written.

    The child's bookings and enrolments count, with the days planned besides. Raises InvalidData once the body has
    answered, NotFound for an unknown coverage or a service where the child is not enrolled.
    """
    about = coverage_to_quote(records, actor, ref)
    first, last, planned = days
    change = Change(planned)
    lines: dict[str, PricedLine] = {}
    without: dict[str, CoveredLine] = {}
    covered: list[CoveredLine] = []
    for family_ref in about.family_refs:
        asked = (records, home, family_ref, first, last)
        alone = family_prices(*asked, now=records.clock(), change=change)
        lines |= {line.line_key: line for line in alone.lines if _concerns(about, line)}
        without |= {f"{each.line_key} {each.coverage_ref}": each for each in alone.covered}
        supposed = replace(change, applied_coverages=(ref,))
        covered += family_prices(*asked, now=records.clock(), change=supposed).covered
    return _quote(about, (first, last), lines.values(), without.values(), covered)


def _concerns(about: CoverageToQuote, line: PricedLine) -> bool:
    return line.child_ref == about.child_ref and about.service_ref in (None, line.service_ref)


def _quote(
    about: CoverageToQuote,
    days: tuple[date, date],
    lines: Iterable[PricedLine],
    without: Iterable[CoveredLine],
    covered: Iterable[CoveredLine],
) -> CoverageQuote:
    own, others = _sums(covered, about.ref)
    _, alone = _sums(without, about.ref)
    priced = [
        (line, line.amount)
        for line in sorted(lines, key=lambda line: (line.day, line.service_ref, line.line_key))
        if line.amount is not None
    ]
    price = sum((amount for _, amount in priced), _NOTHING)
    paid = sum((own[line.line_key] for line, _ in priced), _NOTHING)
    paid_by_others = sum((others[line.line_key] for line, _ in priced), _NOTHING)
    return CoverageQuote(
        about=about,
        first_day=days[0],
        last_day=days[1],
        lines=tuple(QuotedLine(line, own[line.line_key], others[line.line_key]) for line, _ in priced),
        unpriced=tuple(line for line in lines if line.amount is None),
        price=price,
        covered=paid,
        family_without=price - sum((alone[line.line_key] for line, _ in priced), _NOTHING),
        family_with=price - paid - paid_by_others,
    )


def _sums(covered: Iterable[CoveredLine], ref: str) -> tuple[dict[str, Decimal], dict[str, Decimal]]:
    """Return what a coverage pays of each line, and what the others do."""
    own: dict[str, Decimal] = defaultdict(lambda: _NOTHING)
    others: dict[str, Decimal] = defaultdict(lambda: _NOTHING)
    seen = {(each.line_key, each.coverage_ref): each for each in covered}
    for each in seen.values():
        (own if each.coverage_ref == ref else others)[each.line_key] += each.amount
    return own, others
