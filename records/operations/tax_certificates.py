"""What a payer's yearly certificate says: what their payments of the year paid, of which frozen lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.errors import NotFound
from domain.french import typeset
from domain.frozen_bodies import read_body
from domain.payment_allocation import Movement, allocate, in_proportion
from domain.tax_certificate import CertificateFacts, CertifiedChild, Line, billed_lines
from records.actors import Actor, Right
from records.database import Records
from records.models import CarriedDraft, Collectivity, CreditNote, Invoice, InvoiceDraft, LedgerEntry, Payer, Person
from records.operations.family_search import local_day_of
from records.operations.family_view import my_families
from records.operations.invoice_papers import payer_ids
from records.operations.merged import kept_by_ref, kept_ids
from records.operations.paper_readers import letterhead, reader_address, reader_name, readers
from records.operations.paper_settings import paper_on
from records.operations.registry import Scope, operation


@dataclass(frozen=True, slots=True)
class MyCertificate:
    """A year in which the reader paid something, as a payer."""

    payer_ref: str
    year: int


@operation(Right.SEE_MONEY, Scope.ANYWHERE)
def certificate_facts(records: Records, actor: Actor, payer_ref: str, year: int) -> CertificateFacts:
    """Return what the certificate of a payer's calendar year rests on; raises NotFound when nothing was paid."""
    with records.read() as session:
        return _facts(session, kept_by_ref(session, Payer, payer_ref), year, records.clock())


@operation(Right.SEE_OWN_FAMILY)
def my_certificates(records: Records, actor: Actor) -> list[MyCertificate]:
    """Return the years over in which the payers that the actor is paid something, the last first."""
    payers = payer_ids(records, my_families(records, actor))
    with records.read() as session:
        today, kept = local_day_of(session, records.clock()), kept_ids(session, Payer)
        paid = select(LedgerEntry.payer_id, LedgerEntry.occurred_on).where(
            LedgerEntry.payer_id.in_(payers), LedgerEntry.kind == "payment"
        )
        years = {(kept.of(payer_id), day.year) for payer_id, day in session.execute(paid) if day.year < today.year}
        named = select(Payer.id, Payer.ref).where(Payer.id.in_({each for each, _ in years}))
        refs = {payer_id: ref for payer_id, ref in session.execute(named)}
        found = [MyCertificate(refs[payer_id], year) for payer_id, year in years]
        return sorted(found, key=lambda each: (-each.year, each.payer_ref))


@operation(Right.SEE_OWN_FAMILY)
def my_certificate(records: Records, actor: Actor, payer_ref: str, year: int) -> CertificateFacts:
    """Return the reader's own certificate of a year that is over; raises NotFound for another's too."""
    if MyCertificate(payer_ref, year) not in my_certificates(records, actor):
        raise _nothing_paid(payer_ref, year)
    with records.read() as session:
        return _facts(session, kept_by_ref(session, Payer, payer_ref), year, records.clock())


def _facts(session: Session, payer: Payer, year: int, now: int) -> CertificateFacts:
    ids = kept_ids(session, Payer).with_merged([payer.id])
    movements = _movements(session, ids)
    found = allocate(movements, date(year, 1, 1), date(year + 1, 1, 1))
    if not found.total:
        raise _nothing_paid(payer.ref, year)
    paid: dict[Line, int] = defaultdict(int)
    lines = _lines_of(session, list(found.invoices))
    for invoice_id, cents in found.invoices.items():
        for line, share in in_proportion(cents, lines[invoice_id]).items():
            paid[line] += share
    today = local_day_of(session, now)
    reader = readers(session, [payer.id], today)[payer.id]
    address, _ = reader_address(reader)
    people = select(Person.ref, Person.first_name, Person.last_name, Person.birth_date).where(
        Person.ref.in_({child for child, _, _ in paid})
    )
    return CertificateFacts(
        year,
        today,
        payer.ref,
        reader_name(reader),
        (reader_name(reader, on_letter=True), *address),
        dict(paid),
        found.total - sum(paid.values()),
        {row.ref: CertifiedChild(row.first_name, row.last_name, row.birth_date) for row in session.execute(people)},
        letterhead(session.get_one(Collectivity, 1), paper_on(session, today)),
    )


def _movements(session: Session, payer_ids: Collection[int]) -> list[Movement]:
    """Return the movements of an account in their order; what a credit note gives back is off its own invoice."""
    invoices = {
        row.ledger_entry_id: row for row in session.scalars(select(Invoice).where(Invoice.payer_id.in_(payer_ids)))
    }
    given_back: dict[int, int] = defaultdict(int)
    credit_entries = set()
    of_invoices = CreditNote.invoice_id.in_([row.id for row in invoices.values()])
    for note in session.scalars(select(CreditNote).where(of_invoices)):
        given_back[note.invoice_id] += note.amount_cents
        credit_entries.add(note.ledger_entry_id)
    entries = session.scalars(
        select(LedgerEntry)
        .where(LedgerEntry.payer_id.in_(payer_ids))
        .order_by(LedgerEntry.occurred_on, LedgerEntry.id)
    )
    return [
        Movement(
            entry.occurred_on,
            entry.amount_cents - (given_back[invoice.id] if invoice else 0),
            entry.kind == "payment",
            None if invoice is None else invoice.id,
        )
        for entry in entries
        if entry.id not in credit_entries
        for invoice in (invoices.get(entry.id),)
    ]


def _lines_of(session: Session, invoice_ids: Collection[int]) -> dict[int, dict[Line, int]]:
    """Return what each invoice asks for by line, what it carries from former months included."""
    found: dict[int, dict[Line, int]] = {invoice_id: defaultdict(int) for invoice_id in invoice_ids}
    own = select(Invoice.id, InvoiceDraft.body).join(InvoiceDraft, InvoiceDraft.id == Invoice.draft_id)
    carried = (
        select(Invoice.id, InvoiceDraft.body)
        .join(CarriedDraft, CarriedDraft.draft_id == Invoice.draft_id)
        .join(InvoiceDraft, InvoiceDraft.id == CarriedDraft.carried_id)
    )
    for statement in (own, carried):
        for invoice_id, body in session.execute(statement.where(Invoice.id.in_(invoice_ids))):
            for line, cents in billed_lines(read_body(body)).items():
                found[invoice_id][line] += cents
    return found


def _nothing_paid(payer_ref: str, year: int) -> NotFound:
    return NotFound(
        typeset(
            f"Aucun versement n'est enregistré pour ce payeur en {year} : il n'y a pas d'attestation à donner."
        ),
        payer=payer_ref,
    )
