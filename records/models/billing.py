"""Month end: settings, runs and their drafts, invoices, credit notes and the circuit that decides of them."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

from sqlalchemy import CheckConstraint, Date, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from records.models.base import (
    IMMUTABLE,
    VERSIONED,
    Base,
    Code,
    Day,
    Id,
    Label,
    Micros,
    Recorded,
    facts,
    one_of,
    references,
    sealed_by_run,
)

RUN_STATES = ("drafting", "drafted", "issued", "abandoned")
CANCELLATION_STEPS = ("asked", "relayed", "accepted", "refused")
NUMBERED = ("invoice", "credit_note")
CODES = ("code_establishment", "code_period", "code_product", "code_issuer", "code_post")
_ISSUED = text("state = 'issued'")


class BillingSetting(Recorded, Base):
    """[V] valid_from × seq: how the town bills, as it decided; the last stands.

    An invoice is due on `due_day` of the `due_months`-th month after the month billed. Under `cancel_from_cents` no
    invoice is cancelled: a régularisation corrects it. `credits_are_strict`: a credit offsets its own service only.
    """

    __tablename__ = "billing_setting"
    __table_args__ = (
        UniqueConstraint("valid_from", "seq"),
        CheckConstraint("fiscal_year_month between 1 and 12", name="fiscal_year_month"),
        CheckConstraint("due_months between 0 and 12 and due_day between 1 and 28", name="due"),
        CheckConstraint("cancel_from_cents >= 0", name="cancel_from"),
        {"info": VERSIONED},
    )

    id: Mapped[Id]
    valid_from: Mapped[Day]
    seq: Mapped[int]
    decision: Mapped[Label]
    fiscal_year_month: Mapped[int]
    due_months: Mapped[int]
    due_day: Mapped[int]
    cancel_from_cents: Mapped[Micros]
    credits_are_strict: Mapped[bool]


class PaperSetting(Recorded, Base):
    """[V] valid_from × seq: what the town prints around its invoices; the last stands.

    The five codes of the tobacconist's DataMatrix come from the accountant, all together or none
    (domain.payment_code); `sums_debtor_key` is how the accountant reads one of its keys.
    """

    __tablename__ = "paper_setting"
    __table_args__ = (
        UniqueConstraint("valid_from", "seq"),
        CheckConstraint(
            " and ".join(f"({one} is null) = ({other} is null)" for one, other in pairwise(CODES)),
            name="codes_together",
        ),
        {"info": VERSIONED},
    )

    id: Mapped[Id]
    valid_from: Mapped[Day]
    seq: Mapped[int]
    decision: Mapped[Label]
    sender: Mapped[str] = mapped_column(Text)
    ways_to_pay: Mapped[str] = mapped_column(Text)
    remedies: Mapped[str] = mapped_column(Text)
    code_establishment: Mapped[str | None] = mapped_column(String(3))
    code_period: Mapped[str | None] = mapped_column(String(1))
    code_product: Mapped[str | None] = mapped_column(String(3))
    code_issuer: Mapped[str | None] = mapped_column(String(6))
    code_post: Mapped[str | None] = mapped_column(String(6))
    sums_debtor_key: Mapped[bool]


class CreditRule(Recorded, Base):
    """[V] payer × service × seq: « application stricte » of this payer's credits on a service; the last stands."""

    __tablename__ = "credit_rule"
    __table_args__ = (UniqueConstraint("payer_id", "service_id", "seq"), {"info": VERSIONED})

    id: Mapped[Id]
    payer_id: Mapped[int] = references("payer.id", index=False)
    service_id: Mapped[int] = references("service.id")
    seq: Mapped[int]
    is_strict: Mapped[bool]
    reason: Mapped[Label]


class BillingRun(Recorded, Base):
    """[I once issued] One row per making of a month's invoices, from one published snapshot.

    Its drafts show nowhere before it is issued; one run of a month is issued at most. `month` is its first day.
    `change_seq` is the state of records that its snapshot shows, `issued_seq` the write that issued it.
    """

    __tablename__ = "billing_run"
    __table_args__ = (
        Index("uq_billing_run_issued_month", "month", unique=True, sqlite_where=_ISSUED, postgresql_where=_ISSUED),
        one_of("state", *RUN_STATES),
        CheckConstraint(
            "state <> 'issued' or (issued_on is not null and due_on is not null and issued_seq is not null)",
            name="issued_is_dated",
        ),
        {"info": sealed_by_run("id")},
    )

    id: Mapped[Id]
    month: Mapped[Day]
    state: Mapped[Code]
    snapshot_id: Mapped[Code]
    snapshot_sha256: Mapped[str] = mapped_column(String(64))
    change_seq: Mapped[Micros]
    threshold_cents: Mapped[Micros]
    fiscal_year: Mapped[int | None]
    issued_on: Mapped[date | None] = mapped_column(Date)
    due_on: Mapped[date | None] = mapped_column(Date)
    issued_seq: Mapped[Micros | None]
    finished_at: Mapped[Micros | None]
    finished_by: Mapped[str | None] = mapped_column(String(80))


class RunPlace(Base):
    """[I once issued] run × structure: the places whose month was confirmed, and whose lines the run bills."""

    __tablename__ = "run_place"
    __table_args__ = (UniqueConstraint("run_id", "structure_id"), {"info": sealed_by_run()})

    id: Mapped[Id]
    run_id: Mapped[int] = references("billing_run.id", index=False)
    structure_id: Mapped[int] = references("structure.id")


class InvoiceDraft(Base):
    """[I once issued] run × payer: what a run bills or holds back under the threshold, with every line of it.

    `lines_cents` + `adjustments_cents` - `aside_cents` + `carried_cents` = `total_cents`. Aside: credits kept for
    their own service (negative: kept by this run; positive: kept before and used now). `body` is canonical JSON,
    its lines the `run_line` of the data model, one body a payer (docs/adr/0021).
    """

    __tablename__ = "invoice_draft"
    __table_args__ = (
        UniqueConstraint("run_id", "payer_id"),
        CheckConstraint(
            "total_cents = lines_cents + adjustments_cents - aside_cents + carried_cents", name="total"
        ),
        {"info": sealed_by_run()},
    )

    id: Mapped[Id]
    run_id: Mapped[int] = references("billing_run.id", index=False)
    payer_id: Mapped[int] = references("payer.id")
    is_held: Mapped[bool]
    lines_cents: Mapped[Micros]
    adjustments_cents: Mapped[Micros]
    aside_cents: Mapped[Micros]
    carried_cents: Mapped[Micros]
    total_cents: Mapped[Micros]
    line_count: Mapped[int]
    body: Mapped[str] = mapped_column(Text)
    body_sha256: Mapped[str] = mapped_column(String(64))


class CarriedDraft(Base):
    """[I once issued] draft × earlier draft held under the threshold, which it takes over."""

    __tablename__ = "carried_draft"
    __table_args__ = (UniqueConstraint("draft_id", "carried_id"), {"info": sealed_by_run()})

    id: Mapped[Id]
    run_id: Mapped[int] = references("billing_run.id")
    draft_id: Mapped[int] = references("invoice_draft.id", index=False)
    carried_id: Mapped[int] = references("invoice_draft.id")


class NumberSequence(Base):
    """[M] kind × fiscal year: the last number given; changed only in the short transaction that gives more."""

    __tablename__ = "number_sequence"
    __table_args__ = (UniqueConstraint("kind", "fiscal_year"), one_of("kind", *NUMBERED))

    id: Mapped[Id]
    kind: Mapped[Code]
    fiscal_year: Mapped[int]
    last: Mapped[int]


class Invoice(Recorded, Base):
    """[I] fiscal_year × number, without a gap: what a payer is asked for, in cents, for all services of a month.

    `previous_balance_cents` is what the ledger said the payer still owed then (negative: in their favour).
    """

    __tablename__ = "invoice"
    __table_args__ = (
        UniqueConstraint("fiscal_year", "number"),
        UniqueConstraint("draft_id"),
        CheckConstraint("number >= 1", name="number"),
        CheckConstraint("total_cents > 0", name="total"),
        {"info": IMMUTABLE},
    )

    id: Mapped[Id]
    fiscal_year: Mapped[int]
    number: Mapped[int]
    run_id: Mapped[int] = references("billing_run.id")
    draft_id: Mapped[int] = references("invoice_draft.id", index=False)
    payer_id: Mapped[int] = references("payer.id")
    ledger_entry_id: Mapped[int] = references("ledger_entry.id")
    total_cents: Mapped[Micros]
    previous_balance_cents: Mapped[Micros]
    issued_on: Mapped[Day]
    due_on: Mapped[Day]
    body_sha256: Mapped[str] = mapped_column(String(64))


class Cancellation(Recorded, Base):
    """[I] One row per cancellation asked of an invoice, whole or in part; its steps say what became of it.

    `bills_again`: the whole invoice was wrong, and its lines are billed anew by the next run.
    """

    __tablename__ = "cancellation"
    __table_args__ = (
        CheckConstraint("amount_cents > 0", name="amount"),
        CheckConstraint("is_total or not bills_again", name="bills_again_when_total"),
        {"info": facts("reason")},
    )

    id: Mapped[Id]
    invoice_id: Mapped[int] = references("invoice.id")
    amount_cents: Mapped[Micros]
    is_total: Mapped[bool]
    bills_again: Mapped[bool]
    reason: Mapped[Label]


class CancellationStep(Recorded, Base):
    """[I] cancellation × seq: asked, relayed by the administration, then accepted or refused by finance."""

    __tablename__ = "cancellation_step"
    __table_args__ = (
        UniqueConstraint("cancellation_id", "seq"),
        UniqueConstraint("cancellation_id", "step"),
        one_of("step", *CANCELLATION_STEPS),
        {"info": facts("reason")},
    )

    id: Mapped[Id]
    cancellation_id: Mapped[int] = references("cancellation.id", index=False)
    seq: Mapped[int]
    step: Mapped[Code]
    reason: Mapped[Label]


class CreditNote(Recorded, Base):
    """[I] fiscal_year × number, without a gap: what an accepted cancellation takes off an invoice, in cents."""

    __tablename__ = "credit_note"
    __table_args__ = (
        UniqueConstraint("fiscal_year", "number"),
        UniqueConstraint("cancellation_id"),
        CheckConstraint("number >= 1", name="number"),
        CheckConstraint("amount_cents > 0", name="amount"),
        {"info": IMMUTABLE},
    )

    id: Mapped[Id]
    fiscal_year: Mapped[int]
    number: Mapped[int]
    cancellation_id: Mapped[int] = references("cancellation.id", index=False)
    invoice_id: Mapped[int] = references("invoice.id")
    ledger_entry_id: Mapped[int] = references("ledger_entry.id")
    amount_cents: Mapped[Micros]
    bills_again: Mapped[bool]
    issued_on: Mapped[Day]
    change_seq: Mapped[Micros]
