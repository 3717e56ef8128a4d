"""What coverages ask of one family's prices: earlier days for limits, and what a quote supposes."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from domain.coverages import COUNTING_STATES
from records.models import Coverage
from warehouse.columns import LOADED
from warehouse.family_rows import FamilyScope
from warehouse.raw import RawRow

_STATE = LOADED["coverage"].index("state")
_NUMBER = LOADED["coverage"].index("decision_number")
_SUPPOSED = 2**61  # ids of links that a quote supposes come after every one recorded


def first_day_needed(session: Session, scope: FamilyScope, supposed: Collection[str]) -> date:
    """Return the first day whose lines decide what bodies pay on the days of the scope.

    A limit counts from the first day of its coverage or its calendar year, all of a month together; the bodies that
    pay before it on those earlier days may have limits too, so that the answer may move more than once.
    """
    coverages = session.scalars(
        select(Coverage).where(
            Coverage.child_id.in_(scope.people),
            or_(Coverage.state.in_(COUNTING_STATES), Coverage.ref.in_(supposed)),
            Coverage.valid_from <= scope.last_day,
            or_(Coverage.valid_to.is_(None), Coverage.valid_to > scope.first_day),
        )
    ).all()
    first, before = scope.first_day, None
    while first != before:
        before = first
        first = min([first, *_starts(coverages, first)])
    return first


def _starts(coverages: Collection[Coverage], first: date) -> Iterator[date]:
    for each in coverages:
        if each.valid_from >= first:
            continue
        is_whole = each.unit == "total" and (each.amount_cents or each.unit_ceiling_cents) is not None
        if is_whole or each.ceiling_cents is not None or each.units_max is not None:
            yield each.valid_from
        if each.year_units_max is not None:
            yield max(each.valid_from, date(first.year, 1, 1))
        # Hours of a contract given back are shared as the month that they correct was.
        yield max(each.valid_from, first.replace(day=1))


def suppose_applied(rows: dict[str, list[RawRow]], supposed: Collection[str]) -> None:
    """Change raw rows as if each named coverage were notified and applied to all enrolments of its child."""
    if not supposed:
        return
    coverages, links = rows["coverage"], rows["coverage_enrolment"]
    columns = LOADED["coverage"]
    reference, child = columns.index("ref"), columns.index("child_id")
    known = {(link[1], link[2]) for link in links}
    for place, row in enumerate(coverages):
        if row[reference] in supposed:
            said = list(row)
            said[_STATE], said[_NUMBER] = "notified", row[_NUMBER] or row[reference]
            coverages[place] = tuple(said)
            for enrolment in rows["enrolment"]:
                if enrolment[1] == row[child] and (row[0], enrolment[0]) not in known:
                    links.append((_SUPPOSED + len(links), row[0], enrolment[0], ""))
