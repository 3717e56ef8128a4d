"""Logging in: password, second factor when the account has one, and the wait that guessing meets."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from domain.errors import MarelleError
from domain.french import typeset
from records.actors import Actor
from records.database import Records
from records.models import Account
from records.operations.attempts import (
    TooManyAttempts,
    count_attempt,
    count_attempt_from,
    forget_attempts,
    give_back,
    give_back_from,
)
from records.operations.passwords import PASSWORD_COST, PasswordCost, is_right, nobodys_hash
from records.operations.second_factor import accepts_code, has_second_factor
from records.operations.sessions import actor_of, normal, open_session

_WAITS = "Trop d'essais pour cet identifiant : la connexion est bloquée pour le protéger."


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a person gives to log in; `address` is the network address they come from, when it is known."""

    login: str
    password: str
    code: str | None = None
    address: str | None = None


class LogInRefused(MarelleError):
    """The name or the password is wrong, or there were too many attempts; never says which names exist."""

    code = "log_in_refused"


class CodeWanted(LogInRefused):
    """The password is right, and the account also wants a code of its second factor."""

    code = "code_wanted"


def log_in(
    records: Records, login: str, password: str, now: int, cost: PasswordCost = PASSWORD_COST
) -> tuple[str, Actor]:
    """Open a session with a name and a password alone: `sign_in` without a code or an address."""
    return sign_in(records, Credentials(login, password), now, cost)


def sign_in(
    records: Records, given: Credentials, now: int, cost: PasswordCost = PASSWORD_COST
) -> tuple[str, Actor]:
    """Open a session; returns its token, shown once, and who acts. Raises LogInRefused, CodeWanted.

    Each attempt is counted before the password is looked at, so that parallel guesses wait like the others: by
    name, and by address when it is known, so that one password tried on many names waits too.
    """
    name = normal(given.login)
    _count(records, name, given.address, now)
    with records.read() as session:
        account = session.scalar(select(Account).where(Account.login == name, Account.disabled_at.is_(None)))
        wants_code = account is not None and has_second_factor(session, account.id)
    # An unknown name costs the same work as a known one without a password of its own.
    known = account is not None and not account.must_change_password
    is_good = is_right(
        account.password_hash if account is not None and known else nobodys_hash(cost), given.password
    )
    if account is None or not known or not is_good:
        raise _refusal()
    if wants_code and not (given.code or "").strip():
        with records.upkeep() as work:
            # The right password is no guess: the code that follows is the one attempt of this log-in.
            give_back(work, name)
            give_back_from(work, given.address)
        raise CodeWanted(
            typeset("Donnez aussi le code à six chiffres de votre application, ou un code de secours.")
        )
    with records.upkeep() as work:
        if wants_code and not accepts_code(work, account.id, given.code or "", now):
            raise _refusal()
        give_back_from(work, given.address)
        forget_attempts(work, name, now)
        return open_session(work, account, now), actor_of(work, account, now)


def _count(records: Records, name: str, address: str | None, now: int) -> None:
    try:
        if address is not None:
            count_attempt_from(records, address, now)
        count_attempt(records, name, now, _WAITS)
    except TooManyAttempts as waiting:
        raise LogInRefused(waiting.message, **waiting.fields) from waiting


def _refusal() -> LogInRefused:
    return LogInRefused(
        typeset(
            "Connexion refusée : l'identifiant, le mot de passe ou le code n'est pas le bon. "
            "Vérifiez-les, ou demandez de l'aide à votre mairie."
        )
    )
