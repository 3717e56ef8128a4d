"""Issuing a run: one short transaction checks the months and the snapshot, gives the numbers and publishes all."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, Select, func, insert, select
from sqlalchemy.orm import Session

from domain.french import month_name
from domain.invoices import due_date, fiscal_year_of, number_text
from domain.notices import BY_MAIL, MAILED_FOR_SMS, UNTOLD, notice_of
from domain.time import MICROS_PER_SECOND, local_day
from records.actors import Actor, Right
from records.database import Records, Write
from records.models import (
    BillingRun,
    Collectivity,
    Invoice,
    InvoiceDraft,
    LedgerEntry,
    MessageOutbox,
    NumberSequence,
    Payer,
    PayingBody,
    Person,
    RunPlace,
)
from records.operations.billing_runs import DRAFTED, ISSUED, refuse_older_than_invoices, refuse_unconfirmed
from records.operations.billing_settings import billing_on
from records.operations.ledger import balance
from records.operations.lookup import invalid
from records.operations.month_states import LOCKED, month_state, say_month
from records.operations.registry import operation

_NOTICE_SECONDS = 30 * 86_400


@dataclass(frozen=True, slots=True)
class Issued:
    """What a run gave: how many invoices, their numbers, what they ask for in cents, and how many payers wait.

    `mailed` payers are told by a mail, `mailed_for_sms` of them though they chose an SMS; `untold` by nothing.
    """

    run_id: int
    month: date
    invoices: int
    first_number: str | None
    last_number: str | None
    total_cents: int
    held: int
    due_on: date
    mailed: int
    mailed_for_sms: int
    untold: int


@operation(Right.KEEP_ACCOUNTS)
def issue_run(records: Records, actor: Actor, run_id: int) -> Issued:
    """Number and publish all invoices of a drafted run, lock its months, write the ledger and the notices.

    All or nothing. Raises InvalidData when a place was reopened or when invoices came meanwhile, ParameterMissing
    without billing settings.
    """
    with records.write(actor, "issue_run") as write:
        run = write.session.get(BillingRun, run_id, with_for_update=True)
        if run is None or run.state != DRAFTED:
            raise invalid(
                "Ces factures ne sont pas prêtes, ou déjà émises. Relancez la facturation.", run_id=run_id
            )
        refuse_older_than_invoices(write.session, run.change_seq)
        places = list(write.session.scalars(select(RunPlace.structure_id).where(RunPlace.run_id == run_id)))
        refuse_unconfirmed(write.session, run.month, places)
        dated = _dates(write, run.month)
        drafts = _to_number(write.session, run_id)
        numbers = take_numbers(write.session, "invoice", dated.fiscal_year, len(drafts))
        _publish(write, run, dated, list(zip(numbers, drafts, strict=True)))
        for structure_id in places:
            if month_state(write.session, structure_id, run.month) != LOCKED:
                say_month(write, structure_id, run.month, (LOCKED, None))
        return _close(write, run, dated, (numbers, drafts))


def take_numbers(session: Session, kind: str, fiscal_year: int, count: int) -> range:
    """Return the next numbers of a sequence: given for good if the transaction commits, else not given at all."""
    row = session.scalar(
        select(NumberSequence)
        .where(NumberSequence.kind == kind, NumberSequence.fiscal_year == fiscal_year)
        .with_for_update()
    )
    if row is None:
        row = NumberSequence(kind=kind, fiscal_year=fiscal_year, last=0)
        session.add(row)
    first = row.last + 1
    row.last += count
    session.flush()
    return range(first, first + count)


@dataclass(frozen=True, slots=True)
class _Dated:
    issued_on: date
    due_on: date
    fiscal_year: int


def _dates(write: Write, month: date) -> _Dated:
    zone = write.session.scalars(select(Collectivity.timezone)).one()
    today = local_day(write.now, zone)
    setting = billing_on(write.session, today)
    # Invoices made late are not due before they exist.
    due_on = max(due_date(month, setting.due_months, setting.due_day), today)
    return _Dated(today, due_on, fiscal_year_of(today, setting.fiscal_year_month))


def _to_number(session: Session, run_id: int) -> Sequence[Row[Any]]:
    """Return what is to be invoiced in the order of its numbers: by the payers' references."""
    statement: Select[*tuple[Any, ...]] = (
        select(
            InvoiceDraft.id,
            InvoiceDraft.payer_id,
            InvoiceDraft.total_cents,
            InvoiceDraft.body_sha256,
            Payer.notice_channel,
            func.coalesce(Person.email, PayingBody.email).label("email"),
            func.coalesce(Person.first_name + " " + Person.last_name, PayingBody.name).label("name"),
        )
        .join(Payer, Payer.id == InvoiceDraft.payer_id)
        .outerjoin(Person, Person.id == Payer.person_id)
        .outerjoin(PayingBody, PayingBody.id == Payer.body_id)
        .where(InvoiceDraft.run_id == run_id, InvoiceDraft.is_held.is_(False))
        .order_by(Payer.ref)
    )
    return session.execute(statement).all()


def _publish(write: Write, run: BillingRun, dated: _Dated, numbered: Sequence[tuple[int, Row[Any]]]) -> None:
    """Write the ledger entries, the invoices and the notices."""
    if not numbered:
        return
    session, signed = write.session, {"recorded_at": write.now, "recorded_by": write.actor.signature}
    owed = balance(session, [draft.payer_id for _, draft in numbered])
    entries = [
        {
            "payer_id": draft.payer_id,
            "kind": "invoice",
            "amount_cents": draft.total_cents,
            "label": f"Facture n° {number_text(dated.fiscal_year, number)}, {month_name(run.month)}",
            "occurred_on": dated.issued_on,
            **signed,
        }
        for number, draft in numbered
    ]
    entry_ids = session.scalars(
        insert(LedgerEntry).returning(LedgerEntry.id, sort_by_parameter_order=True), entries
    )
    invoices = [
        {
            "fiscal_year": dated.fiscal_year,
            "number": number,
            "run_id": run.id,
            "draft_id": draft.id,
            "payer_id": draft.payer_id,
            "ledger_entry_id": entry_id,
            "total_cents": draft.total_cents,
            "previous_balance_cents": owed[draft.payer_id],
            "issued_on": dated.issued_on,
            "due_on": dated.due_on,
            "body_sha256": draft.body_sha256,
            **signed,
        }
        for entry_id, (number, draft) in zip(entry_ids, numbered, strict=True)
    ]
    session.execute(insert(Invoice), invoices)
    notices = [
        _notice(write, run, dated, (number, draft, owed[draft.payer_id]))
        for number, draft in numbered
        if _told(draft) in BY_MAIL
    ]
    if notices:
        session.execute(insert(MessageOutbox), notices)


def _told(draft: Row[Any]) -> str:
    return notice_of(draft.notice_channel, draft.email)


def _notice(write: Write, run: BillingRun, dated: _Dated, numbered: tuple[int, Row[Any], int]) -> dict[str, Any]:
    """Return the mail of an invoice; its last fact is what the payer owed before, in cents, as on the paper."""
    number, draft, owed = numbered
    text = number_text(dated.fiscal_year, number)
    content = {
        "name": draft.name,
        "number": text,
        "month": run.month.isoformat(),
        "cents": draft.total_cents,
        "previous_cents": owed,
        "due_on": dated.due_on.isoformat(),
    }
    if _told(draft) == MAILED_FOR_SMS:
        content["asked_sms"] = True
    return {
        "key": f"invoice-{text}",
        "kind": "invoice",
        "address": draft.email,
        "content": json.dumps(content),
        "state": "waiting",
        "attempts": 0,
        "created_at": write.now,
        "expires_at": write.now + _NOTICE_SECONDS * MICROS_PER_SECOND,
    }


def _close(write: Write, run: BillingRun, dated: _Dated, made: tuple[range, Sequence[Row[Any]]]) -> Issued:
    """Seal the run and audit it: one row for all, each invoice being a signed fact itself."""
    numbers, drafts = made
    held = write.session.scalars(
        select(InvoiceDraft.id).where(InvoiceDraft.run_id == run.id, InvoiceDraft.is_held.is_(True))
    ).all()
    texts = [number_text(dated.fiscal_year, number) for number in numbers]
    issued = Issued(
        run.id,
        run.month,
        len(drafts),
        texts[0] if texts else None,
        texts[-1] if texts else None,
        sum(draft.total_cents for draft in drafts),
        len(held),
        dated.due_on,
        sum(_told(draft) in BY_MAIL for draft in drafts),
        sum(_told(draft) == MAILED_FOR_SMS for draft in drafts),
        sum(_told(draft) in UNTOLD for draft in drafts),
    )
    run.state, run.issued_seq = ISSUED, write.change_seq
    run.issued_on, run.due_on, run.fiscal_year = dated.issued_on, dated.due_on, dated.fiscal_year
    run.finished_at, run.finished_by = write.now, write.actor.signature
    new = {"state": ISSUED, "invoices": issued.invoices, "total_cents": issued.total_cents, "held": issued.held}
    told = {"mailed": issued.mailed, "mailed_for_sms": issued.mailed_for_sms, "untold": issued.untold}
    numbered = {"first_number": issued.first_number, "last_number": issued.last_number}
    write.audit("billing_run", run.id, old={"state": DRAFTED}, new={**new, **numbered, **told, "month": run.month})
    return issued
