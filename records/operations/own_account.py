"""What a person does with their own account; the token of their session says who they are, whatever their roles."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from records.database import Records
from records.models import Account, RecoveryCode
from records.operations.attempts import count_attempt, forget_attempts
from records.operations.lookup import invalid
from records.operations.messages import mail_of
from records.operations.passwords import PASSWORD_COST, PasswordCost, is_right, new_hash, replace_password
from records.operations.second_factor import (
    Enrolment,
    begin_second_factor,
    forget_second_factor,
    has_second_factor,
    new_recovery_codes,
    own_actor,
)
from records.operations.sessions import OpenSession, close_sessions, sessions_of

_WAITS = "Trop d'essais de votre mot de passe actuel. Rien n'a été enregistré."


@dataclass(frozen=True, slots=True)
class OwnAccount:
    """One's own account; `codes_left` are the recovery codes that were not used. `password_set_at` is µs UTC."""

    login: str
    display_name: str
    email: str | None
    password_set_at: int | None
    has_second_factor: bool
    codes_left: int


def change_password(records: Records, token: str, old: str, new: str, cost: PasswordCost = PASSWORD_COST) -> None:
    """Change one's own password; every other session of the account is closed. Raises InvalidData, NotAllowed.

    Wrong guesses of the old one wait, as at log-in: TooManyAttempts.
    """
    account = _confirmed(records, token, old)
    password_hash = new_hash(records, account, new, cost)
    with records.write(own_actor(records, token), "change_password") as write:
        row = write.session.get_one(Account, account.id, with_for_update=True)
        if row.row_version != account.row_version:
            raise invalid("Ce compte vient de changer ailleurs. Reconnectez-vous, puis recommencez.")
        replace_password(write, row, password_hash)
        close_sessions(write.session, row.id, but_token=token)


def begin_own_second_factor(records: Records, token: str, password: str) -> Enrolment:
    """Draw a secret for one's own second factor, with one's password: whoever took the session cannot lock it.

    Raises InvalidData, NotAllowed, TooManyAttempts.
    """
    _confirmed(records, token, password)
    return begin_second_factor(records, token)


def renew_recovery_codes(records: Records, token: str, password: str) -> list[str]:
    """Replace one's own recovery codes, with one's password; returns them, shown once. Raises as its neighbours."""
    account = _confirmed(records, token, password)
    with records.write(own_actor(records, token), "renew_recovery_codes") as write:
        if not has_second_factor(write.session, account.id):
            raise invalid("Votre compte n'a pas de second facteur.")
        write.audit("totp_secret", account.id, old=None, new={"recovery_codes": "renewed"})
        return new_recovery_codes(write.session, account.id)


def remove_own_second_factor(records: Records, token: str, password: str) -> None:
    """Take one's own second factor away, with one's password. Raises InvalidData, NotAllowed, TooManyAttempts."""
    account = _confirmed(records, token, password)
    with records.write(own_actor(records, token), "remove_own_second_factor") as write:
        forget_second_factor(write, account.id)


def my_account(records: Records, token: str) -> OwnAccount:
    """Return what a person may know of their own account. Raises NotAllowed."""
    actor = own_actor(records, token)
    with records.read() as work:
        account = work.get_one(Account, actor.account_id)
        unused = (RecoveryCode.account_id == account.id, RecoveryCode.used_at.is_(None))
        return OwnAccount(
            account.login,
            account.display_name,
            mail_of(account),
            account.password_set_at,
            has_second_factor(work, account.id),
            work.scalar(select(func.count()).select_from(RecoveryCode).where(*unused)) or 0,
        )


def my_sessions(records: Records, token: str) -> list[OpenSession]:
    """Return one's own open sessions, latest first; this one is marked."""
    actor = own_actor(records, token)
    assert actor.account_id is not None
    with records.read() as work:
        return sessions_of(work, actor.account_id, records.clock(), token)


def close_my_other_sessions(records: Records, token: str) -> int:
    """Close one's own sessions everywhere else; returns how many."""
    actor = own_actor(records, token)
    assert actor.account_id is not None
    with records.upkeep() as work:
        return close_sessions(work, actor.account_id, but_token=token)


def _confirmed(records: Records, token: str, password: str) -> Account:
    """Return the account behind a session, its password given again; whoever took the session guesses slowly."""
    actor = own_actor(records, token)
    now, name = records.clock(), f"mot de passe du compte {actor.account_id}"
    count_attempt(records, name, now, _WAITS)
    with records.read() as work:
        account = work.get_one(Account, actor.account_id)
    if not is_right(account.password_hash, password):
        raise invalid("Ce n'est pas votre mot de passe actuel.")
    with records.upkeep() as work:
        forget_attempts(work, name, now)
    return account
