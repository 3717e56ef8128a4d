"""What contracts that end before their term ask of one family's prices: all their days, the first to the last."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from records.models import CareContract, Enrolment
from warehouse.family_rows import FamilyScope

_ONE_DAY = timedelta(days=1)


def with_contracts(session: Session, scope: FamilyScope, last_line_day: date) -> tuple[FamilyScope, date]:
    """Return the scope over all days of the contracts cut short in it, and the last day through which to price.

    What is left of a contract is due in the month of its last day: asked for the first days of that month, the rest
    of it counts too.
    """
    contracts = _cut_short(session, scope)
    next_month = date(last_line_day.year + last_line_day.month // 12, last_line_day.month % 12 + 1, 1)
    priced = max([last_line_day, *(last for _, last in contracts if last < next_month)])
    through = max(scope.last_day, priced)
    since = [first for first, last in contracts if scope.first_day <= last <= through]
    return replace(scope, first_day=min([scope.first_day, *since]), last_day=through), priced


def _cut_short(session: Session, scope: FamilyScope) -> list[tuple[date, date]]:
    """Return the first and the last day of the contracts that end before their term."""
    found = session.execute(
        select(CareContract.valid_from, Enrolment.valid_to)
        .join(Enrolment, Enrolment.id == CareContract.enrolment_id)
        .where(Enrolment.person_id.in_(scope.people), Enrolment.valid_to < CareContract.valid_to)
    )
    return [(first, end - _ONE_DAY) for first, end in found if end is not None]
