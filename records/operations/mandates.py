"""SEPA mandates: draft → awaiting signature → active → revoked; a changed IBAN opens a new mandate (notes §3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.french import typeset
from records.actors import Actor, Right
from records.database import Records, Write
from records.models import Mandate, MandateEvent, Payer
from records.operations.lookup import add, change, invalid
from records.operations.merged import ids_with_merged, kept_by_ref, kept_ids
from records.operations.registry import Scope, operation

NEXT = {
    "draft": ("awaiting_signature", "revoked"),
    "awaiting_signature": ("active", "revoked"),
    "active": ("revoked",),
    "revoked": (),
}
STATE_WORDS = {
    "draft": "brouillon",
    "awaiting_signature": "en attente de signature",
    "active": "actif",
    "revoked": "révoqué",
}
_LETTERS_FROM = 55  # A is 10 in the check of ISO 13616


@dataclass(frozen=True, slots=True)
class NewMandate:
    """The account to debit, as the payer gives it; `rum` is the town's unique reference of the mandate."""

    rum: str
    payer_ref: str
    holder_name: str
    iban: str
    debit_day: int
    bic: str | None = None


@dataclass(frozen=True, slots=True)
class MandateLine:
    """A mandate as a list shows it: only the end of the IBAN."""

    rum: str
    payer_ref: str
    state: str
    iban_end: str
    debit_day: int
    signed_on: date | None
    replaces_rum: str | None
    row_version: int

    @property
    def may_debit(self) -> bool:
        """True once it is signed and active: until then nothing is debited."""
        return self.state == "active"


@operation(Right.EDIT_BANK, Scope.ANYWHERE)
def open_mandate(records: Records, actor: Actor, mandate: NewMandate) -> int:
    """Open the draft of a mandate; returns its id. It replaces the payer's open one only once it is active.

    Raises InvalidData for an IBAN whose check digits are wrong, the same account as the open one, or a taken RUM.
    """
    iban = "".join(mandate.iban.split()).upper()
    _check(mandate, iban)
    with records.write(actor, "open_mandate") as write:
        session = write.session
        payer = kept_by_ref(session, Payer, mandate.payer_ref)
        if session.scalar(select(Mandate.id).where(Mandate.rum == mandate.rum)) is not None:
            raise invalid(f"La RUM « {mandate.rum} » est déjà utilisée. Donnez-en une autre.", rum=mandate.rum)
        known = session.scalars(
            select(Mandate)
            .where(Mandate.payer_id.in_(ids_with_merged(session, Payer, payer.id)), Mandate.state != "revoked")
            .order_by(Mandate.id)
        ).all()
        if any(each.iban == iban for each in known):
            raise invalid("Un mandat existe déjà pour ce compte. Utilisez-le, ou révoquez-le d'abord.")
        row = Mandate(
            rum=mandate.rum,
            payer_id=payer.id,
            state="draft",
            holder_name=mandate.holder_name.strip(),
            iban=iban,
            iban_end=iban[-4:],
            bic=mandate.bic,
            debit_day=mandate.debit_day,
            replaces_id=known[-1].id if known else None,
        )
        mandate_id = add(write, row)
        _tell(write, row, None)
        return mandate_id


@operation(Right.EDIT_BANK, Scope.ANYWHERE)
def move_mandate(records: Records, actor: Actor, rum: str, state: str, signed_on: date | None = None) -> None:
    """Move a mandate to its next state; an active one revokes the one it replaces. Raises InvalidData.

    `signed_on` is asked for when it becomes active. Nothing goes back: a mistake is revoked and opened again.
    """
    with records.write(actor, "move_mandate") as write:
        row = _mandate(write.session, rum)
        if state not in NEXT[row.state]:
            raise invalid(
                typeset(
                    f"Un mandat {STATE_WORDS[row.state]} ne peut pas devenir « {STATE_WORDS.get(state, state)} »."
                ),
                rum=rum,
            )
        if state == "active":
            if signed_on is None:
                raise invalid("Indiquez le jour de la signature : un mandat actif est signé.")
            payer_id = kept_ids(write.session, Payer).of(row.payer_id)
            payers = ids_with_merged(write.session, Payer, payer_id)
            for other in write.session.scalars(
                select(Mandate).where(Mandate.payer_id.in_(payers), Mandate.state == "active")
            ).all():
                change(write, other, {"state": "revoked"})
                _tell(write, other, f"Remplacé par {row.rum}")
                write.session.flush()
            change(write, row, {"state": state, "signed_on": signed_on})
        else:
            change(write, row, {"state": state})
        _tell(write, row, None)


@operation(Right.SEE_BANK, Scope.ANYWHERE)
def list_mandates(records: Records, actor: Actor, payer_ref: str) -> list[MandateLine]:
    """Return the mandates of a payer, the newest first, with the end of their IBAN only."""
    with records.read() as session:
        payer = kept_by_ref(session, Payer, payer_ref)
        rows = session.scalars(
            select(Mandate)
            .where(Mandate.payer_id.in_(ids_with_merged(session, Payer, payer.id)))
            .order_by(Mandate.id.desc())
        ).all()
        rums = {row.id: row.rum for row in rows}
        return [
            MandateLine(
                row.rum,
                payer_ref,
                row.state,
                row.iban_end,
                row.debit_day,
                row.signed_on,
                None if row.replaces_id is None else rums[row.replaces_id],
                row.row_version,
            )
            for row in rows
        ]


def _check(mandate: NewMandate, iban: str) -> None:
    if not is_iban(iban):
        raise invalid("Cet IBAN n'est pas juste : vérifiez-le sur le RIB, chiffre par chiffre.")
    if not 1 <= mandate.debit_day <= 28:
        raise invalid("Le jour de prélèvement va de 1 à 28.", debit_day=mandate.debit_day)
    if not mandate.holder_name.strip():
        raise invalid("Indiquez le titulaire du compte.")


def is_iban(iban: str) -> bool:
    """Return True when the check digits of an IBAN without spaces are right (ISO 13616, modulo 97)."""
    if not (15 <= len(iban) <= 34 and iban.isascii() and iban.isalnum() and iban[:2].isalpha()):
        return False
    digits = "".join(each if each.isdigit() else str(ord(each) - _LETTERS_FROM) for each in iban[4:] + iban[:4])
    return int(digits) % 97 == 1


def _mandate(session: Session, rum: str) -> Mandate:
    row = session.scalar(select(Mandate).where(Mandate.rum == rum))
    if row is None:
        raise invalid(f"Aucun mandat « {rum} ». Vérifiez sa référence.", rum=rum)
    return row


def _tell(write: Write, row: Mandate, comment: str | None) -> None:
    """Write the event of a mandate's new state."""
    seq = write.session.scalar(select(func.count()).where(MandateEvent.mandate_id == row.id)) or 0
    add(
        write,
        MandateEvent(
            mandate_id=row.id,
            seq=seq + 1,
            kind=row.state,
            comment=comment,
            recorded_at=write.now,
            recorded_by=write.actor.signature,
        ),
    )
