"""How the town bills: dated settings, and the « application stricte » of a payer's credits (domain notes §8)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.errors import ParameterMissing
from domain.french import short_date, typeset
from records.actors import Actor, Right
from records.database import Records
from records.models import BillingSetting, CreditRule, Payer, Service
from records.operations.lookup import add, by_ref, invalid
from records.operations.merged import kept_by_ref
from records.operations.registry import operation
from records.operations.versions import add_version, version_on

_REASON_LENGTH_MAX = 200


@dataclass(frozen=True, slots=True)
class NewBillingSetting:
    """How the town bills from a day on; amounts in cents, `decision` says who decided it (BillingSetting)."""

    valid_from: date
    decision: str
    cancel_from_cents: int
    fiscal_year_month: int = 1
    due_months: int = 2
    due_day: int = 15
    credits_are_strict: bool = False


@operation(Right.EDIT_REFERENCE)
def set_billing(records: Records, actor: Actor, setting: NewBillingSetting) -> int:
    """Say how the town bills from a day on; returns the row's id. Former settings stay, for the days before."""
    if not setting.decision.strip():
        raise invalid("Dites qui a décidé de ces réglages de facturation, par exemple « Délibération 2026-12 ».")
    if not 1 <= setting.fiscal_year_month <= 12 or not 0 <= setting.due_months <= 12:
        raise invalid("Le premier mois de l'exercice va de 1 à 12, le délai de paiement de 0 à 12 mois.")
    if not 1 <= setting.due_day <= 28:
        raise invalid("Le jour d'échéance va de 1 à 28 : il existe ainsi tous les mois.")
    if setting.cancel_from_cents < 0:
        raise invalid("Le montant à partir duquel une facture s'annule n'est pas négatif.")
    with records.write(actor, "set_billing") as write:
        return add_version(write, BillingSetting, {}, asdict(setting)).id


@operation(Right.KEEP_ACCOUNTS)
def set_credit_rule(
    records: Records, actor: Actor, payer_and_service: tuple[str, str], is_strict: bool, reason: str
) -> int:
    """Say whether a payer's credits on a service offset that service alone; returns the row's id.

    `payer_and_service` are their references. Turned off, a credit that was stuck offsets anything in the next run.
    """
    if not reason.strip() or len(reason) > _REASON_LENGTH_MAX:
        raise invalid(f"Dites pourquoi, en {_REASON_LENGTH_MAX} caractères au plus.")
    with records.write(actor, "set_credit_rule") as write:
        payer = kept_by_ref(write.session, Payer, payer_and_service[0])
        service = by_ref(write.session, Service, payer_and_service[1])
        count = write.session.scalar(
            select(func.count()).where(CreditRule.payer_id == payer.id, CreditRule.service_id == service.id)
        )
        row = CreditRule(
            payer_id=payer.id,
            service_id=service.id,
            seq=(count or 0) + 1,
            is_strict=is_strict,
            reason=reason.strip(),
            recorded_at=write.now,
            recorded_by=actor.signature,
        )
        return add(write, row)


def billing_on(session: Session, day: date) -> BillingSetting:
    """Return the settings in force on a day; raises ParameterMissing before the first."""
    found = version_on(session, BillingSetting, {}, day)
    if found is None:
        raise ParameterMissing(
            typeset(
                f"Les réglages de facturation ne sont pas saisis au {short_date(day)} : exercice, échéance, seuil "
                "d'annulation. À l'administration de les saisir, avec la décision qui les fixe."
            ),
            parameter="billing_setting",
            day=day,
        )
    return found
