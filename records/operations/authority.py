"""On whose account a person may act, and how long somebody is left who can give rights (docs/adr/0015)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session as Work

from domain.errors import NotAllowed
from domain.time import local_day
from records.actors import RIGHTS_OF_ROLE, Actor, Right
from records.database import Write
from records.models import Account, Collectivity, RoleGrant
from records.operations.lookup import invalid

# Their reach is the holder's own file: whoever keeps the files is not beneath it.
_OF_ONES_OWN_FILE = frozenset({Right.SEE_OWN_FAMILY, Right.ASK_FOR_OWN_FAMILY})
_IT = frozenset({"super_admin"})
_ADMINISTRATORS = frozenset(role for role, rights in RIGHTS_OF_ROLE.items() if Right.MANAGE_ACCOUNTS in rights)


def require_authority(session: Work, who: Actor, account: Account, now: int, *, opens: bool) -> None:
    """Raise NotAllowed unless a person may act on an account, by the roles that it has today or later.

    What opens an account (`opens`: a new password, a second factor less, an account or a role again) asks for each
    of its rights where it holds. What closes one asks so of administrators alone: whoever gives a role may take it
    back, but no administrator shuts out another who may do more.
    """
    if Right.MANAGE_ACCOUNTS in who.rights:
        return  # a command on the server: it may do everything
    for grant in _grants(session, account.id, today_of(session, now)):
        if not opens and grant.role not in _ADMINISTRATORS:
            continue
        wanted = RIGHTS_OF_ROLE[grant.role] - _OF_ONES_OWN_FILE
        if not all(who.may(right, grant.structure_id) for right in wanted):
            raise NotAllowed(
                f"Le compte « {account.login} » a des droits que vous n'avez pas. Rien n'a été enregistré. "
                "Demandez-le à quelqu'un qui a les mêmes, ou à qui tient le serveur (commande marelle accounts).",
                actor=who.name,
                login=account.login,
            )


@contextmanager
def keeping_administrators(write: Write) -> Iterator[None]:
    """Raise InvalidData at the end when what was done leaves no administrator on a day that had one.

    Those who count have chosen a password, hold the role in their own name, and for the whole collectivity.
    """
    wanted = ((_IT, "super-administrateur"), (_ADMINISTRATORS, "administrateur"))
    before = [_covered_until(write, roles) for roles, _ in wanted]
    yield
    write.session.flush()
    for (roles, name), earlier in zip(wanted, before, strict=True):
        if _covered_until(write, roles) < earlier:
            raise invalid(
                f"Il ne resterait aucun {name}, aujourd'hui ou plus tard. Donnez d'abord ce rôle à quelqu'un "
                "d'autre, sans fin, et attendez qu'il ait choisi son mot de passe."
            )


def today_of(session: Work, now: int) -> date:
    """Return the collectivity's day of an instant; UTC's before it is described."""
    return local_day(now, session.scalar(select(Collectivity.timezone)) or "UTC")


def _grants(session: Work, account_id: int, today: date) -> Iterable[RoleGrant]:
    return session.scalars(
        select(RoleGrant).where(
            RoleGrant.account_id == account_id, or_(RoleGrant.valid_to.is_(None), RoleGrant.valid_to > today)
        )
    )


def _covered_until(write: Write, roles: frozenset[str]) -> date:
    """Return the first day without a holder of one of the roles from today on: `date.max` when there is none."""
    today = today_of(write.session, write.now)
    rows = write.session.execute(
        select(RoleGrant.valid_from, RoleGrant.valid_to)
        .join(Account, Account.id == RoleGrant.account_id)
        .where(
            RoleGrant.role.in_(roles),
            RoleGrant.structure_id.is_(None),
            RoleGrant.lent_from_id.is_(None),
            Account.disabled_at.is_(None),
            Account.must_change_password.is_(False),
            or_(RoleGrant.valid_to.is_(None), RoleGrant.valid_to > today),
        )
        .order_by(RoleGrant.valid_from)
    )
    reached = today
    for valid_from, valid_to in rows:
        if valid_from > reached:
            break
        reached = max(reached, valid_to or date.max)
    return reached
