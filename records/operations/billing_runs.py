"""The making of a month's invoices: a run, its drafts kept by parts, and what is left of a run given up.

Drafts are housekeeping until their run is issued: no audit and no step of `change_seq`, as job progress.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date
from hashlib import sha256

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from domain.french import month_name
from records.actors import Actor, Right
from records.database import Records
from records.models import BillingRun, CarriedDraft, CreditNote, InvoiceDraft, Payer, RunPlace, Structure
from records.operations.lookup import chunks, ids_by_ref, invalid
from records.operations.month_states import CONFIRMED, LOCKED, month_state
from records.operations.registry import operation

DRAFTING, DRAFTED, ISSUED, ABANDONED = "drafting", "drafted", "issued", "abandoned"


@dataclass(frozen=True, slots=True)
class RunBasis:
    """What a run bills from: the month (its first day), the snapshot's identity, the threshold, the places."""

    month: date
    snapshot_id: str
    snapshot_sha256: str
    change_seq: int
    threshold_cents: int
    structure_refs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """What a run bills one payer, in cents; `body` is canonical JSON, `carried_ids` the drafts it takes over."""

    payer_ref: str
    is_held: bool
    lines_cents: int
    adjustments_cents: int
    aside_cents: int
    carried_cents: int
    total_cents: int
    line_count: int
    body: str
    carried_ids: tuple[int, ...] = ()


_KEPT_OF_A_DRAFT = [field.name for field in fields(Draft) if field.name not in ("payer_ref", "carried_ids")]


@dataclass(frozen=True, slots=True)
class OpenRun:
    """A run to fill: `after_payer_ref` is the last payer already drafted, None for none."""

    run_id: int
    is_resumed: bool
    after_payer_ref: str | None
    drafted: int


@operation(Right.KEEP_ACCOUNTS)
def open_run(records: Records, actor: Actor, basis: RunBasis) -> OpenRun:
    """Open a run, or go on with the one of the same snapshot; runs of other snapshots are given up.

    Raises InvalidData when the month is issued, or when the snapshot does not show all that was issued.
    """
    with records.upkeep() as work:
        refuse_issued(work, basis.month)
        refuse_older_than_invoices(work, basis.change_seq)
        places = ids_by_ref(work, Structure, basis.structure_refs)
        refuse_unconfirmed(work, basis.month, sorted(places.values()))
        waiting = list(work.scalars(select(BillingRun).where(BillingRun.state.in_((DRAFTING, DRAFTED)))))
        for run in waiting:
            if (run.month, run.snapshot_sha256) == (basis.month, basis.snapshot_sha256):
                last, count = _drafted(work, run.id)
                return OpenRun(run.id, True, last, count)
        for run in waiting:
            _abandon(work, run, records.clock(), actor.signature)
        fields = {name: value for name, value in asdict(basis).items() if name != "structure_refs"}
        run = BillingRun(**fields, state=DRAFTING, recorded_at=records.clock(), recorded_by=actor.signature)
        work.add(run)
        work.flush()
        rows = [{"run_id": run.id, "structure_id": structure_id} for structure_id in sorted(places.values())]
        if rows:
            work.execute(insert(RunPlace), rows)
        return OpenRun(run.id, False, None, 0)


@operation(Right.KEEP_ACCOUNTS)
def keep_drafts(records: Records, actor: Actor, run_id: int, drafts: Sequence[Draft]) -> None:
    """Keep a part of a run's drafts, in one transaction: an interruption loses the part in hand alone."""
    hashes = [sha256(draft.body.encode()).hexdigest() for draft in drafts]
    with records.upkeep() as work:
        _drafting(work, run_id)
        payers = ids_by_ref(work, Payer, [draft.payer_ref for draft in drafts])
        rows = []
        for draft, body_sha256 in zip(drafts, hashes, strict=True):
            own = {name: getattr(draft, name) for name in _KEPT_OF_A_DRAFT}
            rows.append({"run_id": run_id, "payer_id": payers[draft.payer_ref], "body_sha256": body_sha256, **own})
        work.execute(insert(InvoiceDraft), rows)
        _keep_carried(work, run_id, {payers[draft.payer_ref]: draft.carried_ids for draft in drafts})


@operation(Right.KEEP_ACCOUNTS)
def close_drafts(records: Records, actor: Actor, run_id: int, expected: int) -> None:
    """Say that every payer is drafted; raises InvalidData when their number is not the one expected."""
    with records.upkeep() as work:
        run = _drafting(work, run_id)
        found = work.scalar(select(func.count()).select_from(InvoiceDraft).where(InvoiceDraft.run_id == run_id))
        if found != expected:
            raise invalid(
                f"La préparation des factures a {found} payeurs au lieu de {expected}. Relancez la facturation.",
                run_id=run_id,
            )
        run.state = DRAFTED


@operation(Right.KEEP_ACCOUNTS)
def abandon_runs(records: Records, actor: Actor, month: date) -> int:
    """Give up the runs of a month that were not issued, with their drafts; returns how many."""
    with records.upkeep() as work:
        waiting = list(
            work.scalars(
                select(BillingRun).where(BillingRun.month == month, BillingRun.state.in_((DRAFTING, DRAFTED)))
            )
        )
        for run in waiting:
            _abandon(work, run, records.clock(), actor.signature)
        return len(waiting)


def refuse_older_than_invoices(session: Session, change_seq: int) -> None:
    """Raise InvalidData when invoices or credit notes came after a state of records: it would bill them twice."""
    run = session.scalar(select(func.max(BillingRun.issued_seq))) or 0
    note = session.scalar(select(func.max(CreditNote.change_seq))) or 0
    if max(run, note) > change_seq:
        raise invalid(
            "Des factures ou des avoirs ont été émis depuis le calcul des chiffres. Relancez la facturation : elle "
            "repart de chiffres à jour.",
            change_seq=change_seq,
        )


def refuse_unconfirmed(session: Session, month: date, structure_ids: Sequence[int]) -> None:
    """Raise InvalidData when one of the places is open for the month."""
    for structure_id in structure_ids:
        if month_state(session, structure_id, month) not in (CONFIRMED, LOCKED):
            name = session.get_one(Structure, structure_id).name
            raise invalid(
                f"{month_name(month).capitalize()} n'est plus confirmé pour {name}. Demandez à sa coordination ou "
                "à sa direction de le confirmer, puis relancez la facturation.",
                structure_id=structure_id,
            )


def refuse_issued(session: Session, month: date) -> None:
    """Raise InvalidData when a month is invoiced already."""
    issued = select(BillingRun.id).where(BillingRun.month == month, BillingRun.state == ISSUED)
    if session.scalar(issued) is not None:
        raise invalid(
            f"{month_name(month).capitalize()} est déjà facturé. Ce qui a changé depuis viendra en "
            "régularisation avec les prochaines factures.",
            month=month,
        )


def _drafting(work: Session, run_id: int) -> BillingRun:
    run = work.get(BillingRun, run_id, with_for_update=True)
    if run is None or run.state != DRAFTING:
        raise invalid("Cette préparation de factures n'est plus ouverte. Relancez la facturation.", run_id=run_id)
    return run


def _drafted(work: Session, run_id: int) -> tuple[str | None, int]:
    """Return the last payer drafted, in the order of their references, and how many there are."""
    row = work.execute(
        select(func.max(Payer.ref), func.count())
        .select_from(InvoiceDraft)
        .join(Payer, Payer.id == InvoiceDraft.payer_id)
        .where(InvoiceDraft.run_id == run_id)
    ).one()
    return row[0], row[1]


def _keep_carried(work: Session, run_id: int, carried: dict[int, tuple[int, ...]]) -> None:
    wanted = {payer_id: ids for payer_id, ids in carried.items() if ids}
    rows = []
    for part in chunks(sorted(wanted)):
        of_payers = select(InvoiceDraft.payer_id, InvoiceDraft.id).where(
            InvoiceDraft.run_id == run_id, InvoiceDraft.payer_id.in_(part)
        )
        for payer_id, draft_id in work.execute(of_payers):
            rows += [
                {"run_id": run_id, "draft_id": draft_id, "carried_id": carried_id}
                for carried_id in wanted[payer_id]
            ]
    if rows:
        work.execute(insert(CarriedDraft), rows)


def _abandon(work: Session, run: BillingRun, now: int, signature: str) -> None:
    """Give a run up: its drafts go, for they name people; that there was a run stays."""
    for table in (CarriedDraft, InvoiceDraft, RunPlace):
        work.execute(delete(table).where(table.run_id == run.id))
    work.execute(
        update(BillingRun)
        .where(BillingRun.id == run.id)
        .values(state=ABANDONED, finished_at=now, finished_by=signature)
    )
