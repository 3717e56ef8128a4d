"""What the papers of invoices say, read for many at once: the frozen body, who reads it, the town's own texts.

Names and addresses are those of the records on the day of reading: facts hold none, so that erasing one is enough.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, Select, and_, select
from sqlalchemy.orm import Session

from domain.errors import NotFound
from domain.french import typeset
from domain.frozen_bodies import read_body
from domain.invoice_sheet import InvoicedChild, InvoiceFacts
from domain.invoices import number_text
from domain.payment_code import payment_code
from records.actors import Actor, Right
from records.database import Records
from records.models import (
    BillingRun,
    ClassMembership,
    Collectivity,
    CreditNote,
    Invoice,
    InvoiceDraft,
    PaperSetting,
    Payer,
    Person,
    SchoolClass,
    Structure,
)
from records.operations.family_search import local_day_of
from records.operations.family_view import FamilyView, my_families
from records.operations.invoices import find_invoice
from records.operations.lookup import chunks, in_force_on
from records.operations.merged import kept_ids
from records.operations.paper_readers import letterhead, reader_address, reader_name, readers
from records.operations.paper_settings import codes_of, paper_on
from records.operations.registry import Scope, operation

__all__ = ["MyInvoice", "invoice_facts", "invoices_of_month", "my_invoice", "my_invoices"]

_MARK_LENGTH = 20


@dataclass(frozen=True, slots=True)
class MyInvoice:
    """One of the reader's own invoices, in a list; amounts in cents, `mark` belongs to its address."""

    number: str
    mark: str
    month: date
    issued_on: date
    due_on: date
    total_cents: int
    credited_cents: int


@operation(Right.SEE_MONEY, Scope.ANYWHERE)
def invoices_of_month(records: Records, actor: Actor, month: date) -> list[str]:
    """Return the numbers of the invoices of a month (its first day), in their order."""
    with records.read() as session:
        rows = session.execute(
            select(Invoice.fiscal_year, Invoice.number)
            .join(BillingRun, BillingRun.id == Invoice.run_id)
            .where(BillingRun.month == month)
            .order_by(Invoice.fiscal_year, Invoice.number)
        )
        return [number_text(*row) for row in rows]


@operation(Right.SEE_MONEY, Scope.ANYWHERE)
def invoice_facts(records: Records, actor: Actor, numbers: Sequence[str]) -> list[InvoiceFacts]:
    """Return what the papers of some invoices say, in the order of the numbers; raises NotFound."""
    with records.read() as session:
        ids = [find_invoice(session, numbers[0]).id] if len(numbers) == 1 else _ids(session, numbers)
        return _facts(session, local_day_of(session, records.clock()), ids)


@operation(Right.SEE_OWN_FAMILY)
def my_invoices(records: Records, actor: Actor) -> list[MyInvoice]:
    """Return the invoices of the payers that the actor is, the last first."""
    payers = payer_ids(records, my_families(records, actor))
    with records.read() as session:
        credited = dict[int, int]()
        statement = _issued().where(Invoice.payer_id.in_(payers)).order_by(Invoice.id.desc())
        rows = session.execute(statement).all()
        notes = select(CreditNote.invoice_id, CreditNote.amount_cents)
        for invoice_id, cents in session.execute(notes.where(CreditNote.invoice_id.in_([row.id for row in rows]))):
            credited[invoice_id] = credited.get(invoice_id, 0) + cents
        return [
            MyInvoice(
                number_text(row.fiscal_year, row.number),
                _mark(row),
                row.month,
                row.issued_on,
                row.due_on,
                row.total_cents,
                credited.get(row.id, 0),
            )
            for row in rows
        ]


@operation(Right.SEE_OWN_FAMILY)
def my_invoice(records: Records, actor: Actor, number: str, mark: str) -> InvoiceFacts:
    """Return one of the reader's own invoices; raises NotFound, the same for another's, a wrong mark or none."""
    payers = payer_ids(records, my_families(records, actor))
    with records.read() as session:
        try:
            invoice = find_invoice(session, number)
        except NotFound:
            raise _no_such(number) from None
        if invoice.payer_id not in payers:
            raise _no_such(number)
        (facts,) = _facts(session, local_day_of(session, records.clock()), [invoice.id])
        if facts.mark != mark:
            raise _no_such(number)
        return facts


def _no_such(number: str) -> NotFound:
    return NotFound("Cette facture n'existe pas dans votre dossier.", number=number)


def payer_ids(records: Records, families: Sequence[FamilyView]) -> frozenset[int]:
    """Return the payers of these files, with those merged into one of them."""
    mine = [payer.payer_id for family in families for payer in family.payers]
    with records.read() as session:
        return kept_ids(session, Payer).with_merged(mine)


def _ids(session: Session, numbers: Sequence[str]) -> list[int]:
    found: dict[str, int] = {}
    pairs = [tuple(int(part) for part in number.split("-")) for number in numbers]
    for year in {year for year, _ in pairs}:
        for part in chunks([rank for of, rank in pairs if of == year]):
            rows = session.execute(
                select(Invoice.id, Invoice.number).where(Invoice.fiscal_year == year, Invoice.number.in_(part))
            )
            found |= {number_text(year, row.number): row.id for row in rows}
    missing = [number for number in numbers if number not in found]
    if missing:
        raise NotFound(typeset(f"Aucune facture n° « {missing[0]} »."), number=missing[0])
    return [found[number] for number in numbers]


def _issued() -> Select[*tuple[Any, ...]]:
    return select(
        Invoice.id,
        Invoice.fiscal_year,
        Invoice.number,
        Invoice.payer_id,
        Invoice.total_cents,
        Invoice.previous_balance_cents,
        Invoice.issued_on,
        Invoice.due_on,
        Invoice.body_sha256,
        BillingRun.month,
    ).join(BillingRun, BillingRun.id == Invoice.run_id)


def _mark(row: Row[Any]) -> str:
    """Return what nobody guesses of an invoice: the digest of its number and of every line of it."""
    told = f"{row.fiscal_year}-{row.number}-{row.body_sha256}"
    return hashlib.sha256(told.encode()).hexdigest()[:_MARK_LENGTH]


def _facts(session: Session, today: date, invoice_ids: Sequence[int]) -> list[InvoiceFacts]:
    rows: dict[int, Row[Any]] = {}
    for part in chunks(invoice_ids):
        statement = _issued().add_columns(InvoiceDraft.body).join(InvoiceDraft, InvoiceDraft.id == Invoice.draft_id)
        rows |= {row.id: row for row in session.execute(statement.where(Invoice.id.in_(part)))}
    kept = kept_ids(session, Payer)
    found_readers = readers(session, {kept.of(row.payer_id) for row in rows.values()}, today)
    bodies = {row.id: read_body(row.body) for row in rows.values()}
    children = _children(
        session, {(row.month, ref) for row in rows.values() for ref in _child_refs(bodies[row.id])}
    )
    settings = {day: paper_on(session, day) for day in {row.issued_on for row in rows.values()}}
    town = session.get_one(Collectivity, 1)
    found = []
    for row in (rows[invoice_id] for invoice_id in invoice_ids):
        reader, setting, body = found_readers[kept.of(row.payer_id)], settings[row.issued_on], bodies[row.id]
        lines, route = reader_address(reader)
        found.append(
            InvoiceFacts(
                number=number_text(row.fiscal_year, row.number),
                month=row.month,
                issued_on=row.issued_on,
                due_on=row.due_on,
                payer_ref=reader.payer_ref,
                payer_name=reader_name(reader),
                recipient=(reader_name(reader, on_letter=True), *lines),
                total_cents=row.total_cents,
                previous_balance_cents=row.previous_balance_cents,
                body=body,
                children={
                    ref: children[row.month, ref] for ref in _child_refs(body) if (row.month, ref) in children
                },
                letterhead=letterhead(town, setting),
                wants_paper=reader.wants_paper,
                route=route,
                payment_code=_code(row, setting),
                mark=_mark(row),
            )
        )
    return found


def _child_refs(body: Mapping[str, Any]) -> set[str]:
    return {each["child"] for each in (*body["lines"], *body["adjustments"])}


def _children(session: Session, asked: Collection[tuple[date, str]]) -> dict[tuple[date, str], InvoicedChild]:
    """Return each child as a month's invoices name it, with the class of the month's first day."""
    found: dict[tuple[date, str], InvoicedChild] = {}
    for month in {month for month, _ in asked}:
        for part in chunks(sorted(ref for of, ref in asked if of == month)):
            rows = session.execute(
                select(
                    Person.ref,
                    Person.first_name,
                    Person.last_name,
                    SchoolClass.name.label("class_name"),
                    Structure.name.label("school"),
                )
                .outerjoin(
                    ClassMembership,
                    and_(
                        ClassMembership.person_id == Person.id,
                        *in_force_on(month, ClassMembership.valid_from, ClassMembership.valid_to),
                    ),
                )
                .outerjoin(SchoolClass, SchoolClass.id == ClassMembership.class_id)
                .outerjoin(Structure, Structure.id == SchoolClass.structure_id)
                .where(Person.ref.in_(part))
            )
            for row in rows:
                place = ", ".join(filter(None, (row.class_name, row.school)))
                found[month, row.ref] = InvoicedChild(row.first_name, row.last_name, place)
    return found


def _code(row: Row[Any], setting: PaperSetting | None) -> str:
    codes = codes_of(setting)
    if codes is None:
        return ""
    return payment_code(codes, row.fiscal_year, int(f"{row.fiscal_year}{row.number:09d}"), row.total_cents)
