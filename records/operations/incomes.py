"""What early-childhood fees rest on: annual income, dependent children, AEEH; only ever added (CAF notes §1.1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from records.actors import Actor, Right
from records.database import Records, Write
from records.models import Family, Income, Payer
from records.operations.lookup import add, invalid
from records.operations.merged import ids_with_merged, kept_by_ref, payer_of
from records.operations.registry import Scope, operation

SOURCES = ("caf", "msa", "caf_or_msa", "tax_notice", "payslips", "declared", "none")


@dataclass(frozen=True, slots=True)
class NewIncome:
    """The base of a whole year in cents, from a day on, for the whole file or one payer.

    `children` are the dependent ones, `aeeh` those of them who open the AEEH. Source `none`: nothing was given, and
    the amount is 0: pricing then takes the floor, and says so.
    """

    effective_from: date
    income_year: int
    annual_cents: int
    children: int
    aeeh: int
    source: str
    payer_ref: str | None = None


@dataclass(frozen=True, slots=True)
class IncomeLine:
    """An income as it was recorded; `is_standing` unless a later one of the same day and payer corrects it."""

    income_id: int
    effective_from: date
    income_year: int
    annual_cents: int
    children: int
    aeeh: int
    source: str
    payer_ref: str | None
    is_standing: bool


@operation(Right.EDIT_FAMILIES, Scope.ANYWHERE)
def add_income(records: Records, actor: Actor, family_ref: str, income: NewIncome) -> int:
    """Add the income of a family from a day on; earlier ones stay. Returns its id. Raises InvalidData, NotFound."""
    check_income(income)
    with records.write(actor, "add_income") as write:
        family = kept_by_ref(write.session, Family, family_ref)
        payer = payer_of(write.session, family, income.payer_ref)
        return add_income_row(write, family.id, None if payer is None else payer.id, income)


@operation(Right.SEE_FAMILIES, Scope.ANYWHERE)
def incomes_of(records: Records, actor: Actor, family_ref: str) -> list[IncomeLine]:
    """Return every income ever recorded of a file, the newest day of effect first. Raises NotFound."""
    with records.read() as session:
        family = kept_by_ref(session, Family, family_ref)
        return _lines(session, family)


def check_income(income: NewIncome) -> None:
    """Raise InvalidData for an income that cannot be."""
    if income.source not in SOURCES:
        raise invalid(f"Origine des ressources inconnue : « {income.source} ».", source=income.source)
    if income.annual_cents < 0:
        raise invalid("Des ressources ne peuvent pas être négatives : indiquez 0.")
    if income.source == "none" and income.annual_cents != 0:
        raise invalid("Des ressources qui n'ont pas été données n'ont pas de montant.")
    if not 0 <= income.aeeh <= income.children:
        raise invalid("Les enfants qui ouvrent l'AEEH sont parmi les enfants à charge.")


def add_income_row(write: Write, family_id: int, payer_id: int | None, income: NewIncome) -> int:
    """Add an income inside an open write, pointing at the one it corrects: same scope, same day of effect."""
    families = ids_with_merged(write.session, Family, family_id)
    payers = [] if payer_id is None else ids_with_merged(write.session, Payer, payer_id)
    corrected = write.session.scalar(
        select(Income.id)
        .where(
            Income.family_id.in_(families),
            Income.payer_id.is_(None) if payer_id is None else Income.payer_id.in_(payers),
            Income.effective_from == income.effective_from,
        )
        .order_by(Income.id.desc())
        .limit(1)
    )
    return add(
        write,
        Income(
            family_id=family_id,
            payer_id=payer_id,
            effective_from=income.effective_from,
            income_year=income.income_year,
            annual_cents=income.annual_cents,
            children_count=income.children,
            aeeh_count=income.aeeh,
            source=income.source,
            replaces_id=corrected,
            recorded_at=write.now,
            recorded_by=write.actor.signature,
        ),
    )


def _lines(session: Session, family: Family) -> list[IncomeLine]:
    rows = session.execute(
        select(Income, Payer.ref)
        .outerjoin(Payer, Payer.id == Income.payer_id)
        .where(Income.family_id.in_(ids_with_merged(session, Family, family.id)))
        .order_by(Income.effective_from.desc(), Income.id.desc())
    ).all()
    replaced = {row.replaces_id for row, _ in rows}
    return [
        IncomeLine(
            row.id,
            row.effective_from,
            row.income_year,
            row.annual_cents,
            row.children_count,
            row.aeeh_count,
            row.source,
            payer_ref,
            row.id not in replaced,
        )
        for row, payer_ref in rows
    ]
