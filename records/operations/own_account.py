"""What a person does with their own account; the token of their session says who they are, whatever their roles."""

from __future__ import annotations

from records.database import Records
from records.models import Account
from records.operations.attempts import count_attempt, forget_attempts
from records.operations.lookup import invalid
from records.operations.passwords import PASSWORD_COST, PasswordCost, is_right, new_hash, replace_password
from records.operations.second_factor import forget_second_factor, own_actor
from records.operations.sessions import OpenSession, close_sessions, sessions_of

_WAITS = "Trop d'essais de votre mot de passe actuel. Rien n'a été enregistré."


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


def remove_own_second_factor(records: Records, token: str, password: str) -> None:
    """Take one's own second factor away, with one's password. Raises InvalidData, NotAllowed, TooManyAttempts."""
    account = _confirmed(records, token, password)
    with records.write(own_actor(records, token), "remove_own_second_factor") as write:
        forget_second_factor(write, account.id)


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
