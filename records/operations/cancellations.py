"""Cancelling an invoice, whole or in part: a coordinator asks, the administration relays, finance decides.

What is accepted becomes a credit note, numbered without a gap, and a credit in the ledger (domain notes §8).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from domain.errors import NotFound
from domain.french import euros, month_name
from domain.invoices import credit_note_text, fiscal_year_of, number_text
from domain.time import local_day
from records.actors import Actor, Right
from records.database import Records, Write
from records.models import (
    BillingRun,
    Cancellation,
    CancellationStep,
    Collectivity,
    CreditNote,
    Invoice,
    LedgerEntry,
)
from records.operations.billing_settings import billing_on
from records.operations.invoice_issue import take_numbers
from records.operations.invoices import find_invoice
from records.operations.lookup import add, invalid
from records.operations.registry import Scope, operation

ASKED, RELAYED, ACCEPTED, REFUSED = "asked", "relayed", "accepted", "refused"
_ENDED = (ACCEPTED, REFUSED)
_REASON_LENGTH_MAX = 200


@dataclass(frozen=True, slots=True)
class CancellationAsked:
    """A cancellation of an invoice, by its number: all of it when `amount_cents` is None.

    `bills_again`: the invoice was wrong as a whole, its lines are billed anew by the next run.
    """

    number: str
    reason: str
    amount_cents: int | None = None
    bills_again: bool = False


@dataclass(frozen=True, slots=True)
class CancellationLine:
    """A cancellation that waits for somebody: `step` asked waits for the administration, relayed for finance."""

    cancellation_id: int
    number: str
    amount_cents: int
    is_total: bool
    reason: str
    step: str
    recorded_at: int
    recorded_by: str


@operation(Right.SEE_MONEY, Scope.ANYWHERE)
def ask_cancellation(records: Records, actor: Actor, asked: CancellationAsked) -> int:
    """Ask that an invoice be cancelled, whole or in part; returns the id. One waits at a time for an invoice.

    Raises InvalidData under the town's threshold, and for more than what is left of the invoice.
    """
    reason = _reason(asked.reason)
    with records.write(actor, "ask_cancellation") as write:
        invoice = find_invoice(write.session, asked.number)
        left = left_of(write.session, invoice)
        amount = left if asked.amount_cents is None else asked.amount_cents
        _refuse(write, invoice, asked, (amount, left))
        row = Cancellation(
            invoice_id=invoice.id,
            amount_cents=amount,
            is_total=asked.amount_cents is None,
            bills_again=asked.bills_again,
            reason=reason,
            recorded_at=write.now,
            recorded_by=actor.signature,
        )
        cancellation_id = add(write, row)
        _step(write, cancellation_id, ASKED, reason)
        return cancellation_id


@operation(Right.ADMINISTER)
def relay_cancellation(records: Records, actor: Actor, cancellation_id: int, reason: str) -> None:
    """Pass a cancellation on to finance, with the administration's opinion."""
    with records.write(actor, "relay_cancellation") as write:
        _waiting_for(write.session, cancellation_id, ASKED)
        _step(write, cancellation_id, RELAYED, _reason(reason))


@operation(Right.KEEP_ACCOUNTS)
def decide_cancellation(
    records: Records, actor: Actor, cancellation_id: int, is_accepted: bool, reason: str
) -> str | None:
    """Accept or refuse a relayed cancellation; returns the number of the credit note, None when refused."""
    with records.write(actor, "decide_cancellation") as write:
        asked = _waiting_for(write.session, cancellation_id, RELAYED)
        _step(write, cancellation_id, ACCEPTED if is_accepted else REFUSED, _reason(reason))
        return _credit(write, asked) if is_accepted else None


@operation(Right.SEE_MONEY, Scope.ANYWHERE)
def waiting_cancellations(records: Records, actor: Actor) -> Sequence[CancellationLine]:
    """Return the cancellations that nobody has decided yet, the oldest first."""
    with records.read() as session:
        rows = session.execute(
            select(Cancellation, Invoice)
            .join(Invoice, Invoice.id == Cancellation.invoice_id)
            .where(Cancellation.id.not_in(_ended()))
            .order_by(Cancellation.id)
        ).all()
        return [_line(session, asked, invoice) for asked, invoice in rows]


def left_of(session: Session, invoice: Invoice) -> int:
    """Return what credit notes have left of an invoice, in cents; payments are no part of it."""
    credited = session.scalar(
        select(func.coalesce(func.sum(CreditNote.amount_cents), 0)).where(CreditNote.invoice_id == invoice.id)
    )
    return invoice.total_cents - int(credited or 0)


def _refuse(write: Write, invoice: Invoice, asked: CancellationAsked, amounts: tuple[int, int]) -> None:
    amount, left = amounts
    if amount <= 0 or amount > left:
        raise invalid(f"Il reste {euros(left)} sur cette facture : le montant à annuler va jusque-là.", left=left)
    if asked.bills_again and (asked.amount_cents is not None or left != invoice.total_cents):
        raise invalid(
            "Une facture n'est refaite que si elle est annulée en entier et n'a encore aucun avoir. Pour une "
            "partie, laissez la correction venir en régularisation."
        )
    setting = billing_on(write.session, _today(write))
    if amount < setting.cancel_from_cents:
        raise invalid(
            f"Une annulation se demande à partir de {euros(setting.cancel_from_cents)}. En dessous, corrigez la "
            "présence ou le dossier : la différence vient en régularisation sur la prochaine facture.",
            threshold=setting.cancel_from_cents,
        )
    waiting = select(Cancellation.id).where(Cancellation.invoice_id == invoice.id, Cancellation.id.not_in(_ended()))
    if write.session.scalar(waiting) is not None:
        raise invalid("Une annulation de cette facture attend déjà une décision. Faites-la décider d'abord.")


def _ended() -> Select[int]:
    return select(CancellationStep.cancellation_id).where(CancellationStep.step.in_(_ENDED))


def _reason(text: str) -> str:
    if not text.strip() or len(text) > _REASON_LENGTH_MAX:
        raise invalid(f"Dites pourquoi, en {_REASON_LENGTH_MAX} caractères au plus.")
    return text.strip()


def _last_step(session: Session, cancellation_id: int) -> CancellationStep:
    return session.scalars(
        select(CancellationStep)
        .where(CancellationStep.cancellation_id == cancellation_id)
        .order_by(CancellationStep.seq.desc())
        .limit(1)
    ).one()


def _waiting_for(session: Session, cancellation_id: int, step: str) -> Cancellation:
    row = session.get(Cancellation, cancellation_id)
    if row is None:
        raise NotFound("Cette demande d'annulation n'existe pas. Rien n'a été enregistré.", id=cancellation_id)
    last = _last_step(session, cancellation_id).step
    if last in _ENDED:
        raise invalid("Cette annulation est déjà décidée.", step=last)
    if last != step:
        words = {ASKED: "Elle est déjà relayée aux finances.", RELAYED: "L'administration ne l'a pas relayée."}
        raise invalid(f"Cette annulation n'en est pas là. {words[step]}", step=last)
    return row


def _step(write: Write, cancellation_id: int, step: str, reason: str) -> None:
    count = write.session.scalar(select(func.count()).where(CancellationStep.cancellation_id == cancellation_id))
    row = CancellationStep(
        cancellation_id=cancellation_id,
        seq=(count or 0) + 1,
        step=step,
        reason=reason,
        recorded_at=write.now,
        recorded_by=write.actor.signature,
    )
    add(write, row)


def _credit(write: Write, asked: Cancellation) -> str:
    """Write the credit note and its ledger entry; returns its number."""
    invoice = write.session.get_one(Invoice, asked.invoice_id)
    today = _today(write)
    year = fiscal_year_of(today, billing_on(write.session, today).fiscal_year_month)
    (number,) = take_numbers(write.session, "credit_note", year, 1)
    text = credit_note_text(year, number)
    month = write.session.get_one(BillingRun, invoice.run_id).month
    signed = {"recorded_at": write.now, "recorded_by": write.actor.signature}
    entry = LedgerEntry(
        payer_id=invoice.payer_id,
        kind="adjustment",
        amount_cents=-asked.amount_cents,
        label=f"Avoir n° {text} sur la facture n° {number_text(invoice.fiscal_year, invoice.number)}, "
        f"{month_name(month)}",
        occurred_on=today,
        **signed,
    )
    note = CreditNote(
        fiscal_year=year,
        number=number,
        cancellation_id=asked.id,
        invoice_id=invoice.id,
        ledger_entry_id=add(write, entry),
        amount_cents=asked.amount_cents,
        bills_again=asked.bills_again,
        issued_on=today,
        change_seq=write.change_seq,
        **signed,
    )
    add(write, note)
    return text


def _today(write: Write) -> date:
    return local_day(write.now, write.session.scalars(select(Collectivity.timezone)).one())


def _line(session: Session, asked: Cancellation, invoice: Invoice) -> CancellationLine:
    last = _last_step(session, asked.id)
    return CancellationLine(
        asked.id,
        number_text(invoice.fiscal_year, invoice.number),
        asked.amount_cents,
        asked.is_total,
        asked.reason,
        last.step,
        last.recorded_at,
        last.recorded_by,
    )
