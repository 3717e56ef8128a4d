"""What a payer's yearly certificate says: their invoices' frozen lines of the year, and what they paid in it."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.errors import NotFound
from domain.french import typeset
from domain.tax_certificate import CertificateFacts, CertifiedChild
from records.actors import Actor, Right
from records.database import Records
from records.models import BillingRun, Collectivity, CreditNote, Invoice, InvoiceDraft, LedgerEntry, Payer, Person
from records.operations.family_search import local_day_of
from records.operations.merged import kept_by_ref, kept_ids
from records.operations.paper_readers import letterhead, reader_address, reader_name, readers
from records.operations.paper_settings import paper_on
from records.operations.registry import Scope, operation

__all__ = ["certificate_facts"]


@operation(Right.SEE_MONEY, Scope.ANYWHERE)
def certificate_facts(records: Records, actor: Actor, payer_ref: str, year: int) -> CertificateFacts:
    """Return what the certificate of a payer's calendar year rests on; raises NotFound without an invoice."""
    with records.read() as session:
        payer = kept_by_ref(session, Payer, payer_ref)
        ids = kept_ids(session, Payer).with_merged([payer.id])
        bodies = _bodies(session, ids)
        of_year = f'"{year}-'
        if not any(of_year in body for body in bodies):
            raise NotFound(
                typeset(f"Rien n'a été facturé à ce payeur pour {year} : il n'y a pas d'attestation à donner."),
                payer=payer_ref,
            )
        read = [json.loads(body) for body in bodies]
        refs = {each["child"] for body in read for each in (*body["lines"], *body["adjustments"])}
        people = select(Person.ref, Person.first_name, Person.last_name, Person.birth_date).where(
            Person.ref.in_(refs)
        )
        today = local_day_of(session, records.clock())
        reader = readers(session, [payer.id], today)[payer.id]
        lines, _ = reader_address(reader)
        return CertificateFacts(
            year,
            today,
            payer.ref,
            reader_name(reader),
            (reader_name(reader, on_letter=True), *lines),
            read,
            {
                row.ref: CertifiedChild(row.first_name, row.last_name, row.birth_date)
                for row in session.execute(people)
            },
            _paid(session, ids, year),
            letterhead(session.get_one(Collectivity, 1), paper_on(session, today)),
        )


def _bodies(session: Session, payer_ids: Collection[int]) -> list[str]:
    """Return the frozen bodies of issued runs that stand: none that is billed anew."""
    undone = select(CreditNote.invoice_id).where(CreditNote.bills_again.is_(True))
    rows = session.scalars(
        select(InvoiceDraft.body)
        .join(BillingRun, BillingRun.id == InvoiceDraft.run_id)
        .outerjoin(Invoice, Invoice.draft_id == InvoiceDraft.id)
        .where(
            InvoiceDraft.payer_id.in_(payer_ids),
            BillingRun.state == "issued",
            Invoice.id.is_(None) | Invoice.id.not_in(undone),
        )
        .order_by(BillingRun.month, InvoiceDraft.id)
    )
    return list(rows)


def _paid(session: Session, payer_ids: Collection[int], year: int) -> int:
    """Return what was paid in a calendar year, in cents: payments are negative in the ledger."""
    total = session.scalar(
        select(func.coalesce(func.sum(LedgerEntry.amount_cents), 0)).where(
            LedgerEntry.payer_id.in_(payer_ids),
            LedgerEntry.kind == "payment",
            LedgerEntry.occurred_on >= date(year, 1, 1),
            LedgerEntry.occurred_on < date(year + 1, 1, 1),
        )
    )
    return -int(total or 0)
