"""Roles of accounts: given for a time, taken back, and lent to a deputy (domain notes §10)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session as Work

from domain.errors import NotAllowed
from domain.french import short_date
from records.actors import RIGHTS_OF_ROLE, Actor, Right
from records.database import Records, Write
from records.models import RoleGrant, Structure
from records.operations.authority import keeping_administrators, require_authority
from records.operations.lookup import add, by_ref, invalid
from records.operations.registry import operation
from records.operations.sessions import account_of
from records.operations.versions import check_range, close

# Seasonal clerks lose their role by themselves.
_MUST_END = frozenset({"clerk"})
_APPOINTS_ALL = "super_admin"


@dataclass(frozen=True, slots=True)
class NewGrant:
    """A role over [valid_from, valid_to), in the whole collectivity or at one structure.

    `commune` narrows the figures of an elected official.
    """

    role: str
    valid_from: date
    valid_to: date | None = None
    structure_ref: str | None = None
    commune: str | None = None


@dataclass(frozen=True, slots=True)
class NewLoan:
    """A role lent to a deputy over [valid_from, valid_to), and why; `structure_ref` None lends it as it is held."""

    lender: str
    deputy: str
    role: str
    valid_from: date
    valid_to: date
    reason: str
    structure_ref: str | None = None


@operation(Right.MANAGE_ACCOUNTS)
def grant_role(records: Records, actor: Actor, login: str, grant: NewGrant) -> None:
    """Give a role to an account over a range of days. Raises NotAllowed for one's own account."""
    check_grant(grant)
    with records.write(actor, "grant_role") as write:
        account = account_of(write.session, login)
        check_giver(actor, grant.role, account.id)
        if grant.role == "family" and account.person_id is None:
            raise invalid("Un compte de famille appartient à un adulte du dossier.", login=login)
        add_grant(write, account.id, grant)


@operation(Right.MANAGE_ACCOUNTS)
def revoke_role(records: Records, actor: Actor, login: str, grant: NewGrant) -> int:
    """Take a role back from the day `grant.valid_from` on, with what was lent of it; returns how many grants ended.

    A grant that would never have held a whole day disappears, and stays in the audit.
    """
    day = grant.valid_from
    with records.write(actor, "revoke_role") as write:
        session = write.session
        account = account_of(session, login)
        require_authority(session, actor, account, write.now, opens=False)
        structure_id = by_ref(session, Structure, grant.structure_ref).id if grant.structure_ref else None
        held = session.scalars(
            select(RoleGrant).where(
                RoleGrant.account_id == account.id,
                RoleGrant.role == grant.role,
                RoleGrant.structure_id.is_not_distinct_from(structure_id),
                or_(RoleGrant.valid_to.is_(None), RoleGrant.valid_to > day),
            )
        ).all()
        if not held:
            raise invalid(f"« {login} » n'a pas le rôle « {grant.role} » là, le {short_date(day)}.", login=login)
        lent = session.scalars(
            select(RoleGrant).where(RoleGrant.lent_from_id.in_([row.id for row in held]), RoleGrant.valid_to > day)
        ).all()
        with keeping_administrators(write):
            for row in (*lent, *held):
                _end(write, row, day)
        return len(lent) + len(held)


@operation(Right.MANAGE_ACCOUNTS)
def lend_role(records: Records, actor: Actor, loan: NewLoan) -> int:
    """Lend a role to a deputy: no wider and no longer than its holder has it; returns the id of the loan.

    It ends by itself, and with the holder's. What is lent is not lent again.
    """
    check_range(loan.valid_from, loan.valid_to)
    if not loan.reason.strip():
        raise invalid("Dites pourquoi ce rôle est prêté, par exemple « congé de maternité ».")
    with records.write(actor, "lend_role") as write:
        session = write.session
        lender, deputy = account_of(session, loan.lender), account_of(session, loan.deputy)
        if lender.id == deputy.id:
            raise invalid("Un rôle se prête à quelqu'un d'autre.")
        check_giver(actor, loan.role, deputy.id)
        asked = by_ref(session, Structure, loan.structure_ref).id if loan.structure_ref else None
        held = _held(session, lender.id, loan, asked)
        return add(
            write,
            RoleGrant(
                account_id=deputy.id,
                role=held.role,
                structure_id=asked if asked is not None else held.structure_id,
                commune=held.commune,
                lent_from_id=held.id,
                reason=loan.reason.strip(),
                valid_from=loan.valid_from,
                valid_to=loan.valid_to,
            ),
        )


def check_grant(grant: NewGrant) -> None:
    """Raise InvalidData for a role that does not exist, or over days that do not hold together."""
    if grant.role not in RIGHTS_OF_ROLE:
        raise invalid(f"Rôle inconnu : « {grant.role} ».", role=grant.role)
    check_range(grant.valid_from, grant.valid_to)
    if grant.role in _MUST_END and grant.valid_to is None:
        raise invalid("Un agent de saisie saisonnier a une date de fin : donnez-la.", role=grant.role)
    if grant.commune is not None and grant.role != "elected":
        raise invalid("Seul le rôle d'élu se limite à une commune.", role=grant.role)


def check_giver(giver: Actor, role: str, account_id: int | None) -> None:
    """Raise NotAllowed for a role given to oneself, or that of IT given by somebody who has it not."""
    if giver.account_id is not None and giver.account_id == account_id:
        raise NotAllowed(
            "Personne ne change ses propres rôles. Rien n'a été enregistré. Demandez-le à un autre administrateur.",
            actor=giver.name,
        )
    is_above = Right.MANAGE_ACCOUNTS in giver.rights or any(g.role == _APPOINTS_ALL for g in giver.grants)
    if role == _APPOINTS_ALL and not is_above:
        raise NotAllowed(
            "Seul un super-administrateur donne ce rôle. Rien n'a été enregistré. Demandez-le-lui.",
            actor=giver.name,
        )


def add_grant(write: Write, account_id: int, grant: NewGrant) -> None:
    """Add a checked grant and its audit; raises InvalidData when the same one begins that day already."""
    structure_id = by_ref(write.session, Structure, grant.structure_ref).id if grant.structure_ref else None
    values = {key: value for key, value in asdict(grant).items() if key != "structure_ref"}
    add(write, RoleGrant(account_id=account_id, structure_id=structure_id, **values))


def _held(session: Work, lender_id: int, loan: NewLoan, structure_id: int | None) -> RoleGrant:
    """Return the grant that a loan is taken from: the lender's own, there, over all of its days."""
    there = or_(RoleGrant.structure_id.is_(None), RoleGrant.structure_id == structure_id)
    rows = session.scalars(
        select(RoleGrant)
        .where(
            RoleGrant.account_id == lender_id,
            RoleGrant.role == loan.role,
            RoleGrant.lent_from_id.is_(None),
            RoleGrant.valid_from <= loan.valid_from,
            or_(RoleGrant.valid_to.is_(None), RoleGrant.valid_to >= loan.valid_to),
            *([] if structure_id is None else [there]),
        )
        .order_by(RoleGrant.id)
    ).all()
    if not rows or loan.role == "family":
        raise invalid(
            f"« {loan.lender} » n'a pas ce rôle là, en propre, du {short_date(loan.valid_from)} au "
            f"{short_date(loan.valid_to)}. Vérifiez le rôle, le lieu et les dates."
        )
    if structure_id is None and len({row.structure_id for row in rows}) > 1:
        raise invalid(f"« {loan.lender} » a ce rôle en plusieurs lieux. Dites lequel est prêté.")
    return rows[0]


def _end(write: Write, row: RoleGrant, day: date) -> None:
    if row.valid_from < day:
        close(write, row, day)
        return
    old = {"account_id": row.account_id, "role": row.role, "structure_id": row.structure_id}
    old |= {"valid_from": row.valid_from, "valid_to": row.valid_to, "reason": row.reason}
    write.audit("role_grant", row.id, old=old, new={"state": "removed"})
    # A loan that ended earlier still points at its grant: it cannot have, since it never held a day.
    write.session.delete(row)
    write.session.flush()
