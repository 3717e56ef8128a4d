"""Payers of a month whose notice could not leave: somebody must tell them, by telephone or by letter."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.invoices import number_text
from domain.notices import UNTOLD, notice_of
from records.actors import Actor, Right
from records.database import Records
from records.models import BillingRun, Invoice, Payer, PayingBody, Person, PersonPhone
from records.operations.registry import Scope, operation


@dataclass(frozen=True, slots=True)
class UntoldPayer:
    """A payer who has an invoice and was told of it by nobody: why (domain.notices), and how to reach them."""

    number: str
    payer_ref: str
    payer_name: str
    why: str
    phones: tuple[str, ...]


@operation(Right.SEE_MONEY, Scope.ANYWHERE)
def untold_payers(records: Records, actor: Actor, month: date) -> list[UntoldPayer]:
    """Return who cannot be told of an invoice of a month (its first day) as the records are today, by number."""
    with records.read() as session:
        rows = session.execute(
            select(
                Invoice.fiscal_year,
                Invoice.number,
                Payer.ref,
                Payer.notice_channel,
                Person.id,
                Person.first_name,
                Person.last_name,
                func.coalesce(Person.email, PayingBody.email).label("email"),
                PayingBody.name,
            )
            .join(BillingRun, BillingRun.id == Invoice.run_id)
            .join(Payer, Payer.id == Invoice.payer_id)
            .outerjoin(Person, Person.id == Payer.person_id)
            .outerjoin(PayingBody, PayingBody.id == Payer.body_id)
            .where(BillingRun.month == month)
            .order_by(Invoice.fiscal_year, Invoice.number)
        ).all()
        untold = [(row, why) for row in rows if (why := notice_of(row.notice_channel, row.email)) in UNTOLD]
        phones = _phones(session, [row.id for row, _ in untold if row.id is not None])
    return [
        UntoldPayer(
            number_text(row.fiscal_year, row.number),
            row.ref,
            row.name or f"{row.last_name.upper()} {row.first_name}",
            why,
            tuple(phones[row.id]),
        )
        for row, why in untold
    ]


def _phones(session: Session, person_ids: Sequence[int]) -> defaultdict[int | None, list[str]]:
    found: defaultdict[int | None, list[str]] = defaultdict(list)
    rows = session.scalars(
        select(PersonPhone).where(PersonPhone.person_id.in_(person_ids)).order_by(PersonPhone.rank, PersonPhone.id)
    )
    for row in rows:
        found[row.person_id].append(row.number)
    return found
