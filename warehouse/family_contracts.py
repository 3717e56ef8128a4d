"""What a contract that ends before its term asks of one family's prices: every day since it began."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from records.models import CareContract, Enrolment
from warehouse.family_rows import FamilyScope


def contracts_since(session: Session, scope: FamilyScope) -> date:
    """Return the first day of the scope, or that of the oldest contract that is cut short within its days."""
    first = session.scalar(
        select(func.min(CareContract.valid_from))
        .join(Enrolment, Enrolment.id == CareContract.enrolment_id)
        .where(
            Enrolment.person_id.in_(scope.people),
            Enrolment.valid_to < CareContract.valid_to,
            Enrolment.valid_to > scope.first_day,
            Enrolment.valid_to <= scope.last_day + timedelta(days=1),
        )
    )
    return scope.first_day if first is None else min(scope.first_day, first)
