"""What issued runs say of one line: the invoice that bills it, and those that corrected it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.errors import NotFound
from domain.explained_invoices import Mention
from domain.frozen_bodies import read_body
from domain.invoice_text import NOBODY
from domain.invoices import number_text
from records.actors import Actor, Right
from records.database import Records
from records.models import BillingRun, Invoice, InvoiceDraft, Payer, Person
from records.operations.family_view import my_families
from records.operations.merged import kept_ids
from records.operations.registry import Scope, operation

__all__ = ["line_mentions", "my_line_mentions"]

_PARTS = 5  # child~service~day~kind~payer (docs/data.md, line_key)


@operation(Right.SEE_MONEY, Scope.ANYWHERE)
def line_mentions(records: Records, actor: Actor, line_key: str) -> list[Mention]:
    """Return where issued runs name a line, the first first; none when it is not invoiced. Raises NotFound."""
    with records.read() as session:
        return _mentions(session, line_key, None)


@operation(Right.SEE_OWN_FAMILY)
def my_line_mentions(records: Records, actor: Actor, line_key: str) -> list[Mention]:
    """Return the same for a line of a payer that the actor is; none for another's."""
    mine = {payer.payer_id for family in my_families(records, actor) for payer in family.payers}
    with records.read() as session:
        return _mentions(session, line_key, mine)


def _mentions(session: Session, line_key: str, only_payers: Collection[int] | None) -> list[Mention]:
    parts = line_key.split("~")
    try:
        day = date.fromisoformat(parts[2])
    except (IndexError, ValueError):
        raise _no_such(line_key) from None
    if len(parts) != _PARTS:
        raise _no_such(line_key)
    child_ref, service_ref, _day, kind, payer_ref = parts
    payers = kept_ids(session, Payer)
    payer_id = session.scalar(select(Payer.id).where(Payer.ref == payer_ref))
    if payer_id is None or (only_payers is not None and payers.of(payer_id) not in only_payers):
        return []
    children = _names(session, child_ref)
    rows = session.execute(
        select(InvoiceDraft.body, Invoice.fiscal_year, Invoice.number, BillingRun.month, BillingRun.issued_on)
        .join(BillingRun, BillingRun.id == InvoiceDraft.run_id)
        .outerjoin(Invoice, Invoice.draft_id == InvoiceDraft.id)
        .where(
            InvoiceDraft.payer_id.in_(payers.with_merged([payers.of(payer_id)])),
            BillingRun.state == "issued",
            BillingRun.month >= day.replace(day=1),
        )
        .order_by(BillingRun.month, InvoiceDraft.id)
    )
    found = []
    for row in rows:
        number = None if row.number is None else number_text(row.fiscal_year, row.number)
        body, on = read_body(row.body), day.isoformat()
        for group in body["lines"]:
            if group["child"] in children and group["service"] == service_ref:
                told = (number, row.month, row.issued_on, children[group["child"]])
                found += [
                    Mention(*told, group=group, day=each)
                    for each in group["days"]
                    if (each["day"], each["kind"]) == (on, kind)
                ]
        for each in body["adjustments"]:
            is_it = (each["service"], each["day"], each["kind"]) == (service_ref, on, kind)
            if is_it and each["child"] in children:
                told = (number, row.month, row.issued_on, children[each["child"]])
                found.append(Mention(*told, adjustment=each))
    return found


def _names(session: Session, child_ref: str) -> dict[str, str]:
    """Return the first name of a child under each reference that a merge made the same."""
    child_id = session.scalar(select(Person.id).where(Person.ref == child_ref))
    if child_id is None:
        return {child_ref: NOBODY}
    people = kept_ids(session, Person)
    ids = people.with_merged([people.of(child_id)])
    rows = session.execute(select(Person.ref, Person.first_name).where(Person.id.in_(ids)))
    return {row.ref: row.first_name for row in rows}


def _no_such(line_key: str) -> NotFound:
    return NotFound("Cette ligne n'existe pas.", line_key=line_key)
