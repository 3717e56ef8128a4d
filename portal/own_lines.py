"""The one gate to priced lines: a reader gets the lines of the payers they are, and nothing else.

Every month is computed now from the records by `warehouse.family` (the same SQL as the published marts), so the
portal always shows what has just been noted and never waits for a build.
"""

from __future__ import annotations

from datetime import date

from domain.errors import NotFound
from domain.lines import PricedLine
from portal.context import PortalContext
from records.operations.family_view import FamilyView
from warehouse.family import family_lines


def own_lines(
    context: PortalContext, families: list[FamilyView], first_day: date, last_day: date
) -> list[PricedLine]:
    """Return the reader's own lines from the first day to the last, both included.

    `families` must come from `my_families` of the reader: its `payers` are those that the reader is.
    """
    now = context.records.clock()
    found: dict[str, PricedLine] = {}
    for family in families:
        mine = {payer.payer_ref for payer in family.payers}
        if not mine:
            continue
        lines = family_lines(context.records, context.home, family.family_ref, first_day, last_day, now=now)
        found.update({line.line_key: line for line in lines if line.payer_ref in mine})
    return list(found.values())


def own_line(context: PortalContext, families: list[FamilyView], line_key: str, day: date) -> PricedLine:
    """Return one of the reader's own lines; raises NotFound, the same for another family's as for none."""
    for line in own_lines(context, families, day, day):
        if line.line_key == line_key:
            return line
    raise NotFound("Cette ligne n'existe pas dans votre dossier.", line_key=line_key)
