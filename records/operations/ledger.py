"""What each payer owes: entries that are only added, and their sum."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from records.actors import Actor, Right
from records.database import Records
from records.models import LedgerEntry, Payer
from records.operations.lookup import chunks, invalid
from records.operations.merged import kept_ids, kept_ids_by_ref
from records.operations.registry import operation

KINDS = ("opening", "invoice", "payment", "adjustment")


@dataclass(frozen=True, slots=True)
class NewEntry:
    """A movement of a payer's account in cents: positive is owed, negative is in their favour."""

    payer_ref: str
    kind: str
    amount_cents: int
    label: str
    occurred_on: date


@operation(Right.KEEP_ACCOUNTS)
def add_entries(records: Records, actor: Actor, entries: Sequence[NewEntry]) -> list[int]:
    """Add movements in one transaction; returns their ids. A payment is never owed, an invoice always is."""
    for entry in entries:
        if entry.kind not in KINDS:
            raise invalid(f"Nature d'écriture inconnue : « {entry.kind} ».", kind=entry.kind)
        if (entry.kind == "payment" and entry.amount_cents > 0) or (
            entry.kind == "invoice" and entry.amount_cents < 0
        ):
            raise invalid(f"Le signe de l'écriture « {entry.label} » ne va pas avec sa nature.", kind=entry.kind)
    with records.write(actor, "add_entries") as write:
        payers = kept_ids_by_ref(write.session, Payer, [entry.payer_ref for entry in entries])
        rows = [
            LedgerEntry(
                payer_id=payers[entry.payer_ref],
                kind=entry.kind,
                amount_cents=entry.amount_cents,
                label=entry.label,
                occurred_on=entry.occurred_on,
                recorded_at=write.now,
                recorded_by=actor.signature,
            )
            for entry in entries
        ]
        write.session.add_all(rows)
        write.session.flush()
        for entry, row in zip(entries, rows, strict=True):
            write.audit("ledger_entry", row.id, old=None, new=asdict(entry))
        return [row.id for row in rows]


def balance(session: Session, payer_ids: Iterable[int]) -> dict[int, int]:
    """Return what each payer owes, in cents, whoever was merged into them included; nothing without movements."""
    found = dict.fromkeys(payer_ids, 0)
    kept = kept_ids(session, Payer)
    for part in chunks(sorted(kept.with_merged(found))):
        rows = session.execute(
            select(LedgerEntry.payer_id, func.sum(LedgerEntry.amount_cents))
            .where(LedgerEntry.payer_id.in_(part))
            .group_by(LedgerEntry.payer_id)
        )
        for payer_id, cents in rows:
            owing = payer_id if payer_id in found else kept.of(payer_id)
            found[owing] += int(cents)
    return found
