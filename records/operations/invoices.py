"""Invoices as staff read them: the list, and one with its lines, its credit notes and what is asked of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from domain.errors import NotFound
from domain.french import staff_name, typeset
from domain.frozen_bodies import read_body
from domain.invoices import credit_note_text, number_text
from records.actors import Actor, Right
from records.database import Records
from records.models import (
    BillingRun,
    Cancellation,
    CancellationStep,
    CreditNote,
    Family,
    Invoice,
    InvoiceDraft,
    Payer,
    PayingBody,
    Person,
)
from records.operations.billing_runs import ISSUED
from records.operations.ledger import balance
from records.operations.paging import FIRST_PAGE, Page, PageAsked, paged
from records.operations.registry import Scope, operation

__all__ = ["InvoiceLine", "InvoiceSeen", "InvoicesAsked", "find_invoice", "list_invoices", "see_invoice"]


@dataclass(frozen=True, slots=True)
class InvoicesAsked:
    """Which invoices: of a month (its first day), of a payer or a family by reference; all without any."""

    month: date | None = None
    payer_ref: str | None = None
    family_ref: str | None = None


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """An invoice in a list. Amounts in cents; `credited_cents` is what credit notes took off it."""

    number: str
    month: date
    payer_ref: str
    payer_name: str
    family_ref: str
    total_cents: int
    credited_cents: int
    previous_balance_cents: int
    issued_on: date
    due_on: date


@dataclass(frozen=True, slots=True)
class CreditSeen:
    """A cancellation asked of an invoice: its last step, and its credit note when it was accepted."""

    cancellation_id: int
    amount_cents: int
    is_total: bool
    bills_again: bool
    reason: str
    step: str
    step_reason: str
    recorded_by: str
    credit_note: str | None


@dataclass(frozen=True, slots=True)
class IssuedMonth:
    """What a month's invoices came to, in cents: those that left, those held under the threshold."""

    issued_on: date
    invoices: int
    total_cents: int
    held: int
    held_cents: int
    adjustments_cents: int


@dataclass(frozen=True, slots=True)
class InvoiceSeen:
    """An invoice with all it holds: `body` as frozen (InvoiceDraft), and what the payer owes today, in cents.

    The body names children by reference; `children` gives their first names as the records have them now.
    """

    line: InvoiceLine
    lines_cents: int
    adjustments_cents: int
    aside_cents: int
    carried_cents: int
    body: Mapping[str, Any]
    children: Mapping[str, str]
    body_sha256: str
    credits: Sequence[CreditSeen]
    payer_owes_cents: int


@operation(Right.SEE_MONEY, Scope.ANYWHERE)
def list_invoices(
    records: Records, actor: Actor, asked: InvoicesAsked, page: PageAsked = FIRST_PAGE
) -> Page[InvoiceLine]:
    """Return issued invoices, the last number first."""
    statement = _lines().order_by(Invoice.fiscal_year.desc(), Invoice.number.desc())
    if asked.month is not None:
        statement = statement.where(BillingRun.month == asked.month.replace(day=1))
    if asked.payer_ref is not None:
        statement = statement.where(Payer.ref == asked.payer_ref)
    if asked.family_ref is not None:
        statement = statement.where(Family.ref == asked.family_ref)
    with records.read() as session:
        return paged(session, statement, page, _line)


@operation(Right.SEE_MONEY, Scope.ANYWHERE)
def issued_month(records: Records, actor: Actor, month: date) -> IssuedMonth | None:
    """Return what the invoices of a month came to, None while they are not issued."""
    with records.read() as session:
        run = session.scalar(select(BillingRun).where(BillingRun.month == month, BillingRun.state == ISSUED))
        if run is None or run.issued_on is None:
            return None
        of_run = select(
            InvoiceDraft.is_held,
            func.count(),
            func.sum(InvoiceDraft.total_cents),
            func.sum(InvoiceDraft.adjustments_cents),
        ).where(InvoiceDraft.run_id == run.id)
        sums = {
            bool(is_held): (count, int(total), int(adjusted))
            for is_held, count, total, adjusted in session.execute(of_run.group_by(InvoiceDraft.is_held))
        }
        invoices, total, adjusted = sums.get(False, (0, 0, 0))
        held, held_total, held_adjusted = sums.get(True, (0, 0, 0))
        return IssuedMonth(run.issued_on, invoices, total, held, held_total, adjusted + held_adjusted)


@operation(Right.SEE_MONEY, Scope.ANYWHERE)
def see_invoice(records: Records, actor: Actor, number: str) -> InvoiceSeen:
    """Return one invoice by its number (« 2026-000123 »); raises NotFound."""
    with records.read() as session:
        invoice = find_invoice(session, number)
        draft = session.get_one(InvoiceDraft, invoice.draft_id)
        line = _line(session.execute(_lines().where(Invoice.id == invoice.id)).one())
        owes = balance(session, [invoice.payer_id])[invoice.payer_id]
        body = read_body(draft.body)
        return InvoiceSeen(
            line,
            draft.lines_cents,
            draft.adjustments_cents,
            draft.aside_cents,
            draft.carried_cents,
            body,
            _children(session, body),
            draft.body_sha256,
            _credits(session, invoice.id),
            owes,
        )


def find_invoice(session: Session, number: str) -> Invoice:
    """Return the invoice of a number as people quote it; raises NotFound."""
    year, _, rank = number.strip().partition("-")
    found = None
    if year.isdecimal() and rank.isdecimal() and len(year) == 4 and len(rank) < 10:
        found = session.scalar(select(Invoice).where(Invoice.fiscal_year == int(year), Invoice.number == int(rank)))
    if found is None:
        raise NotFound(
            typeset(
                f"Aucune facture n° « {number} ». Un numéro s'écrit 2026-000123 ; la liste des factures les donne."
            ),
            number=number,
        )
    return found


def _lines() -> Select[*tuple[Any, ...]]:
    credited = (
        select(func.coalesce(func.sum(CreditNote.amount_cents), 0))
        .where(CreditNote.invoice_id == Invoice.id)
        .correlate(Invoice)
        .scalar_subquery()
    )
    return (
        select(
            Invoice.fiscal_year,
            Invoice.number,
            BillingRun.month,
            Payer.ref.label("payer_ref"),
            Person.first_name,
            Person.last_name,
            PayingBody.name.label("body_name"),
            Family.ref.label("family_ref"),
            Invoice.total_cents,
            credited.label("credited_cents"),
            Invoice.previous_balance_cents,
            Invoice.issued_on,
            Invoice.due_on,
        )
        .join(BillingRun, BillingRun.id == Invoice.run_id)
        .join(Payer, Payer.id == Invoice.payer_id)
        .join(Family, Family.id == Payer.family_id)
        .outerjoin(Person, Person.id == Payer.person_id)
        .outerjoin(PayingBody, PayingBody.id == Payer.body_id)
    )


def _line(row: Row[Any]) -> InvoiceLine:
    return InvoiceLine(
        number_text(row.fiscal_year, row.number),
        row.month,
        row.payer_ref,
        # Not by SQL: SQLite knows no accent, and would write « HéBERT ».
        row.body_name if row.last_name is None else staff_name(row.last_name, row.first_name),
        row.family_ref,
        row.total_cents,
        int(row.credited_cents),
        row.previous_balance_cents,
        row.issued_on,
        row.due_on,
    )


def _children(session: Session, body: Mapping[str, Any]) -> dict[str, str]:
    refs = {each["child"] for each in (*body["lines"], *body["adjustments"])}
    rows = session.execute(select(Person.ref, Person.first_name).where(Person.ref.in_(refs)))
    return {row.ref: row.first_name for row in rows}


def _credits(session: Session, invoice_id: int) -> list[CreditSeen]:
    found = []
    for asked in session.scalars(
        select(Cancellation).where(Cancellation.invoice_id == invoice_id).order_by(Cancellation.id)
    ):
        last = session.scalars(
            select(CancellationStep)
            .where(CancellationStep.cancellation_id == asked.id)
            .order_by(CancellationStep.seq.desc())
            .limit(1)
        ).one()
        note = session.scalar(select(CreditNote).where(CreditNote.cancellation_id == asked.id))
        found.append(
            CreditSeen(
                asked.id,
                asked.amount_cents,
                asked.is_total,
                asked.bills_again,
                asked.reason,
                last.step,
                last.reason,
                last.recorded_by,
                None if note is None else credit_note_text(note.fiscal_year, note.number),
            )
        )
    return found
