"""Contracts of early childhood: signed once, then followed by amendments; nothing of them is rewritten."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.contracts import ContractTerms, faults
from domain.french import short_date
from records.actors import Actor, Right
from records.database import Records
from records.models import CareContract, Enrolment, EnrolmentPattern
from records.operations.lookup import by_ref, invalid
from records.operations.registry import Scope, operation
from records.operations.versions import add_version, check_range, overlap


@dataclass(frozen=True, slots=True)
class NewCareContract:
    """The hours a family reserves over [valid_from, valid_to), in equal months; see records.models.CareContract."""

    enrolment_ref: str
    valid_from: date
    valid_to: date
    minutes_per_week: int
    weeks: int
    months: int
    deducted_minutes: int = 0
    unbilled_month: int | None = None
    free_until: date | None = None


@dataclass(frozen=True, slots=True)
class CareContractLine:
    """A contract as it was signed; `is_replaced` when another of the same day stands instead."""

    contract: NewCareContract
    recorded_by: str
    is_replaced: bool


@operation(Right.EDIT_ENROLMENTS, Scope.PLACE)
def add_care_contract(records: Records, actor: Actor, contract: NewCareContract) -> int:
    """Add a contract, an amendment, or what replaces one of the same day; returns its id.

    Raises InvalidData: outside the enrolment, days without hours, months that are not those billed, an amendment
    that does not begin with a month.
    """
    _check_terms(contract)
    with records.write(actor, "add_care_contract") as write:
        session = write.session
        enrolment = by_ref(session, Enrolment, contract.enrolment_ref)
        actor.require(Right.EDIT_ENROLMENTS, enrolment.structure_id)
        _check_enrolment(enrolment, contract)
        _check_hours(session, enrolment, contract)
        _check_amendment(session, enrolment, contract)
        values = {name: getattr(contract, name) for name in contract.__slots__ if name != "enrolment_ref"}
        return add_version(write, CareContract, {"enrolment_id": enrolment.id}, values).id


@operation(Right.EDIT_ENROLMENTS, Scope.PLACE)
def care_contracts(records: Records, actor: Actor, enrolment_ref: str) -> list[CareContractLine]:
    """Return the contracts of an enrolment by first day, the last recorded of a day last. Raises NotFound."""
    with records.read() as session:
        enrolment = by_ref(session, Enrolment, enrolment_ref)
        actor.require(Right.EDIT_ENROLMENTS, enrolment.structure_id)
        rows = session.scalars(
            select(CareContract)
            .where(CareContract.enrolment_id == enrolment.id)
            .order_by(CareContract.valid_from, CareContract.seq)
        ).all()
        last = {row.valid_from: row.id for row in rows}
        return [_line(row, enrolment_ref, last[row.valid_from] != row.id) for row in rows]


def _line(row: CareContract, enrolment_ref: str, is_replaced: bool) -> CareContractLine:
    contract = NewCareContract(
        enrolment_ref, row.valid_from, row.valid_to, row.minutes_per_week, row.weeks, row.months,
        row.deducted_minutes, row.unbilled_month, row.free_until,
    )  # fmt: skip
    return CareContractLine(contract, row.recorded_by, is_replaced)


def _check_terms(contract: NewCareContract) -> None:
    check_range(contract.valid_from, contract.valid_to)
    if contract.minutes_per_week <= 0 or not 1 <= contract.weeks <= 53 or contract.deducted_minutes < 0:
        raise invalid("Donnez des heures par semaine, et de 1 à 53 semaines.", enrolment=contract.enrolment_ref)
    if contract.unbilled_month is not None and not 1 <= contract.unbilled_month <= 12:
        raise invalid("Le mois sans facture va de 1 (janvier) à 12 (décembre).", enrolment=contract.enrolment_ref)
    if contract.free_until is not None and not contract.valid_from < contract.free_until <= contract.valid_to:
        raise invalid("L'adaptation se termine pendant le contrat.", enrolment=contract.enrolment_ref)
    found = faults(
        ContractTerms(
            contract.valid_from,
            contract.valid_to,
            contract.minutes_per_week,
            contract.weeks,
            contract.months,
            contract.deducted_minutes,
            contract.unbilled_month,
        )
    )
    if found:
        raise invalid(" ".join(found), enrolment=contract.enrolment_ref)


def _check_enrolment(enrolment: Enrolment, contract: NewCareContract) -> None:
    is_inside = contract.valid_from >= enrolment.valid_from and (
        enrolment.valid_to is None or contract.valid_to <= enrolment.valid_to
    )
    if not is_inside:
        raise invalid(
            "Le contrat doit tenir dans l'inscription. Prolongez l'inscription ou corrigez les dates du contrat.",
            enrolment=enrolment.ref,
        )


def _check_hours(session: Session, enrolment: Enrolment, contract: NewCareContract) -> None:
    """Raise InvalidData unless each weekday of the contract has its hours: overtime and deductions rest on them."""
    patterns = [
        each
        for each in session.scalars(select(EnrolmentPattern).where(EnrolmentPattern.enrolment_id == enrolment.id))
        if overlap((each.valid_from, each.valid_to), (contract.valid_from, contract.valid_to))
    ]
    if not patterns or any(each.start_minute is None for each in patterns):
        raise invalid(
            "Le contrat n'a pas d'heures : donnez l'heure d'arrivée et de départ de chaque jour sur l'inscription.",
            enrolment=enrolment.ref,
        )


def _check_amendment(session: Session, enrolment: Enrolment, contract: NewCareContract) -> None:
    """Raise InvalidData for an amendment in the middle of a month: that month is one bill already."""
    running = session.scalar(
        select(CareContract.id)
        .where(
            CareContract.enrolment_id == enrolment.id,
            CareContract.valid_from < contract.valid_from,
            CareContract.valid_to > contract.valid_from,
        )
        .limit(1)
    )
    if running is not None and contract.valid_from.day != 1:
        raise invalid(
            f"Un contrat court déjà le {short_date(contract.valid_from)} : son avenant commence le premier jour "
            "d'un mois.",
            enrolment=enrolment.ref,
        )
