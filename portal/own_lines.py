"""The one gate to priced lines: a reader gets the lines of the payers they are, and nothing else.

Every month is computed now from the records by `warehouse.family` (the same SQL as the published marts), so the
portal always shows what has just been noted and never waits for a build.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from domain.errors import NotFound
from domain.lines import CoveredLine, PricedLine
from domain.shares import Shares
from portal.context import PortalContext
from records.operations.family_view import FamilyView
from warehouse.family import family_prices


@dataclass(frozen=True, slots=True)
class OwnLines:
    """The reader's own lines, and what bodies pay of them."""

    lines: list[PricedLine]
    shares: Shares


def own_lines(context: PortalContext, families: list[FamilyView], first_day: date, last_day: date) -> OwnLines:
    """Return the reader's own lines from the first day to the last, both included.

    `families` must come from `my_families` of the reader: its `payers` are those that the reader is.
    """
    now = context.records.clock()
    found: dict[str, PricedLine] = {}
    covered: list[CoveredLine] = []
    for family in families:
        mine = {payer.payer_ref for payer in family.payers}
        if not mine:
            continue
        prices = family_prices(context.records, context.home, family.family_ref, first_day, last_day, now=now)
        found.update({line.line_key: line for line in prices.lines if line.payer_ref in mine})
        covered += [each for each in prices.covered if each.payer_ref in mine]
    return OwnLines(list(found.values()), Shares.of(covered))


def own_line(
    context: PortalContext, families: list[FamilyView], line_key: str, day: date
) -> tuple[PricedLine, Shares]:
    """Return one of the reader's own lines and who pays of it; NotFound, the same for another's as for none."""
    own = own_lines(context, families, day, day)
    for line in own.lines:
        if line.line_key == line_key:
            return line, own.shares
    raise NotFound("Cette ligne n'existe pas dans votre dossier.", line_key=line_key)
