"""Personal accounts of staff and families, and the door to all that concerns them (docs/adr/0010, 0015)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session as Work

from records.actors import Actor, Right
from records.database import Records, Write
from records.models import Account, Person, RoleGrant, Session, Structure, TotpSecret
from records.operations.account_links import SentLink, hand_over, make_link
from records.operations.authority import keeping_administrators, require_authority, today_of
from records.operations.lookup import change, chunks, invalid
from records.operations.merged import kept_ids_by_ref
from records.operations.passwords import NO_PASSWORD, PASSWORD_COST, PasswordCost, check_password, hashed
from records.operations.registry import Scope, operation
from records.operations.roles import (
    NewGrant,
    add_grant,
    check_giver,
    check_grant,
    grant_role,
)
from records.operations.sessions import (
    ABSOLUTE_MINUTES,
    IDLE_MINUTES,
    account_of,
    actor_of_session,
    close_sessions,
    log_out,
    normal,
)
from records.operations.sign_in import (
    CodeWanted,
    Credentials,
    LogInRefused,
    log_in,
    sign_in,
)

__all__ = [
    "ABSOLUTE_MINUTES",
    "IDLE_MINUTES",
    "CodeWanted",
    "Credentials",
    "LogInRefused",
    "NewGrant",
    "PasswordCost",
    "actor_of_session",
    "grant_role",
    "log_in",
    "log_out",
    "sign_in",
]


@dataclass(frozen=True, slots=True)
class NewAccount:
    """A person who logs in with a password already chosen; `person_ref` makes it a family's adult's.

    `email` is where messages go when the log-in is no address.
    """

    login: str
    display_name: str
    password: str
    grants: tuple[NewGrant, ...]
    person_ref: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True)
class NewInvitation:
    """A person who will choose a password by a link; `person_ref` makes it the account of a family's adult."""

    login: str
    display_name: str
    email: str | None
    grants: tuple[NewGrant, ...]
    person_ref: str | None = None


@dataclass(frozen=True, slots=True)
class GrantLine:
    """A role of an account that holds today or later; `lender` is whose it is when it is lent, and why."""

    role: str
    structure_ref: str | None
    valid_from: date
    valid_to: date | None
    lender: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class AccountLine:
    """An account in a list. Instants are µs UTC."""

    login: str
    display_name: str
    email: str | None
    is_activated: bool
    is_disabled: bool
    has_second_factor: bool
    last_seen_at: int | None
    grants: tuple[GrantLine, ...]


@operation(Right.MANAGE_ACCOUNTS)
def create_account(records: Records, actor: Actor, account: NewAccount, cost: PasswordCost = PASSWORD_COST) -> int:
    """Create an account with its roles; returns its id."""
    return create_accounts(records, actor, [account], cost)[0]


@operation(Right.MANAGE_ACCOUNTS)
def create_accounts(
    records: Records, actor: Actor, accounts: Sequence[NewAccount], cost: PasswordCost = PASSWORD_COST
) -> list[int]:
    """Create accounts in one transaction; returns their ids. Logins ignore case."""
    for each in accounts:
        _check(actor, each.login, each.display_name, each.person_ref, each.grants)
        check_password(each.password, (each.login, each.display_name))
    hashes = [hashed(each.password, cost) for each in accounts]  # slow on purpose: not inside the write
    with records.write(actor, "create_accounts") as write:
        session = write.session
        _refuse_known_logins(session, [normal(each.login) for each in accounts])
        people = kept_ids_by_ref(session, Person, [each.person_ref for each in accounts if each.person_ref])
        rows = [
            Account(
                login=normal(each.login),
                display_name=each.display_name,
                password_hash=password_hash,
                password_set_at=write.now,
                email=each.email,
                person_id=people[each.person_ref] if each.person_ref else None,
            )
            for each, password_hash in zip(accounts, hashes, strict=True)
        ]
        session.add_all(rows)
        session.flush()
        for each, row in zip(accounts, rows, strict=True):
            write.audit("account", row.id, old=None, new={**asdict(each), "password": "…"})
            for grant in each.grants:
                add_grant(write, row.id, grant)
        return [row.id for row in rows]


@operation(Right.MANAGE_ACCOUNTS)
def invite(records: Records, actor: Actor, invitation: NewInvitation) -> SentLink:
    """Create an account without a password; sends its person the link to choose one (`account_links.hand_over`)."""
    _check(actor, invitation.login, invitation.display_name, invitation.person_ref, invitation.grants)
    with records.write(actor, "invite") as write:
        return _invite(write, invitation)


@operation(Right.EDIT_FAMILIES, Scope.ANYWHERE)
def invite_family(records: Records, actor: Actor, person_ref: str, email: str, valid_from: date) -> SentLink:
    """Open the portal to an adult, whose e-mail is the log-in; sends them the activation link (domain notes §9)."""
    if "@" not in email.strip("@ "):
        raise invalid(f"« {email} » n'est pas une adresse e-mail. Vérifiez-la avec la famille.")
    with records.write(actor, "invite_family") as write:
        (person_id,) = kept_ids_by_ref(write.session, Person, [person_ref]).values()
        person = write.session.get_one(Person, person_id)
        name = f"{person.first_name} {person.used_name or person.last_name}"
        grants = (NewGrant("family", valid_from),)
        return _invite(write, NewInvitation(email, name, email.strip(), grants, person_ref))


@operation(Right.MANAGE_ACCOUNTS)
def disable_account(records: Records, actor: Actor, login: str) -> None:
    """Close an account at once, with its sessions; what it did stays signed. Never the last administrator's."""
    with records.write(actor, "disable_account") as write:
        account = account_of(write.session, login)
        require_authority(write.session, actor, account, write.now, opens=False)
        with keeping_administrators(write):
            change(write, account, {"disabled_at": account.disabled_at or write.now})
        close_sessions(write.session, account.id)


@operation(Right.MANAGE_ACCOUNTS)
def enable_account(records: Records, actor: Actor, login: str) -> None:
    """Open a closed account again, with the roles that still hold. Raises NotAllowed for one's own."""
    with records.write(actor, "enable_account") as write:
        account = account_of(write.session, login)
        check_giver(actor, "", account.id)
        require_authority(write.session, actor, account, write.now, opens=True)
        change(write, account, {"disabled_at": None})


@operation(Right.MANAGE_ACCOUNTS)
def list_accounts(records: Records, actor: Actor) -> list[AccountLine]:
    """Return every account by log-in, with the roles that hold today or later."""
    with records.read() as session:
        grants = _grant_lines(session, today_of(session, records.clock()))
        factors = set(session.scalars(select(TotpSecret.account_id).where(TotpSecret.confirmed_at.is_not(None))))
        seen = {
            account_id: last
            for account_id, last in session.execute(
                select(Session.account_id, func.max(Session.last_seen_at)).group_by(Session.account_id)
            )
        }
        return [
            AccountLine(
                row.login,
                row.display_name,
                row.email,
                not row.must_change_password,
                row.disabled_at is not None,
                row.id in factors,
                seen.get(row.id),
                tuple(grants.get(row.id, [])),
            )
            for row in session.scalars(select(Account).order_by(Account.login))
        ]


def _invite(write: Write, invitation: NewInvitation) -> SentLink:
    session, login = write.session, normal(invitation.login)
    _refuse_known_logins(session, [login])
    people = kept_ids_by_ref(session, Person, [invitation.person_ref] if invitation.person_ref else [])
    account = Account(
        login=login,
        display_name=invitation.display_name,
        password_hash=NO_PASSWORD,
        must_change_password=True,
        email=invitation.email,
        person_id=people[invitation.person_ref] if invitation.person_ref else None,
    )
    session.add(account)
    session.flush()
    write.audit("account", account.id, old=None, new=asdict(invitation))
    for grant in invitation.grants:
        add_grant(write, account.id, grant)
    return hand_over(write, account, make_link(session, account, "activate", write.now))


def _check(actor: Actor, login: str, display_name: str, person_ref: str | None, grants: Sequence[NewGrant]) -> None:
    if not normal(login) or not display_name.strip():
        raise invalid("Un compte a un identifiant et un nom.", login=login)
    for grant in grants:
        check_grant(grant)
        check_giver(actor, grant.role, None)
    if person_ref is None and any(grant.role == "family" for grant in grants):
        raise invalid("Un compte de famille appartient à un adulte du dossier.", login=login)


def _refuse_known_logins(session: Work, logins: Sequence[str]) -> None:
    taken = [login for login in logins if logins.count(login) > 1]
    for part in chunks(logins):
        taken += session.scalars(select(Account.login).where(Account.login.in_(part)))
    if taken:
        raise invalid(f"Identifiant déjà utilisé : « {taken[0]} ».", logins=taken)


def _grant_lines(session: Work, today: date) -> dict[int, list[GrantLine]]:
    places = dict(session.execute(select(Structure.id, Structure.ref)).all())
    logins = dict(session.execute(select(Account.id, Account.login)).all())
    rows = session.scalars(select(RoleGrant).order_by(RoleGrant.valid_from, RoleGrant.id)).all()
    owners = {row.id: row.account_id for row in rows}
    found: dict[int, list[GrantLine]] = {}
    for row in rows:
        if row.valid_to is None or row.valid_to > today:
            place = places[row.structure_id] if row.structure_id is not None else None
            lender = logins[owners[row.lent_from_id]] if row.lent_from_id is not None else None
            line = GrantLine(row.role, place, row.valid_from, row.valid_to, lender, row.reason)
            found.setdefault(row.account_id, []).append(line)
    return found
