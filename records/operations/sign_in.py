"""Logging in: password, second factor when the account has one, and the wait that guessing meets."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, or_, select, text
from sqlalchemy.orm import Session as Work

from domain.errors import MarelleError
from domain.french import plural, typeset
from domain.time import MICROS_PER_MINUTE, MICROS_PER_SECOND
from records.actors import Actor
from records.database import Records
from records.models import Account, LoginAttempt
from records.operations.passwords import PASSWORD_COST, PasswordCost, is_right, nobodys_hash
from records.operations.second_factor import accepts_code, has_second_factor
from records.operations.sessions import actor_of, normal, open_session, sha256

FREE_ATTEMPTS = 5
# A whole school goes out by one address: it may miss more often than one person.
FREE_ATTEMPTS_OF_ADDRESS = 50
WAIT_SECONDS_FIRST = 30
WAIT_SECONDS_MAX = 15 * 60
# Failures are forgotten after a day without one.
ATTEMPTS_KEPT_MINUTES = 24 * 60


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
    address = None if given.address is None else f"adresse {given.address}"
    if address is not None:
        _count_attempt(records, address, now, FREE_ATTEMPTS_OF_ADDRESS)
    _count_attempt(records, name, now, FREE_ATTEMPTS)
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
        raise CodeWanted(
            typeset("Donnez aussi le code à six chiffres de votre application, ou un code de secours.")
        )
    with records.upkeep() as work:
        if wants_code and not accepts_code(work, account.id, given.code or "", now):
            raise _refusal()
        _forget_attempts(work, name, address, now)
        return open_session(work, account, now), actor_of(work, account, now)


def forget_name(work: Work, login: str) -> None:
    """Forget the failures of a name: its person has just chosen a new password."""
    work.execute(delete(LoginAttempt).where(LoginAttempt.login_hash == sha256(normal(login))))


def _refusal() -> LogInRefused:
    return LogInRefused(
        typeset(
            "Connexion refusée : l'identifiant, le mot de passe ou le code n'est pas le bon. "
            "Vérifiez-les, ou demandez de l'aide à votre mairie."
        )
    )


def _count_attempt(records: Records, name: str, now: int, free: int) -> None:
    """Count one more attempt on a name or from an address; raises LogInRefused while it must wait."""
    with records.upkeep() as work:
        work.execute(
            text(
                "insert into login_attempt (login_hash, failures, last_failed_at) values (:name, 0, :now) "
                "on conflict (login_hash) do nothing"
            ),
            {"name": sha256(name), "now": now},
        )
        row = work.get_one(LoginAttempt, sha256(name), with_for_update=True)
        wait_seconds = _wait_seconds(row.failures, free) - (now - row.last_failed_at) // MICROS_PER_SECOND
        if wait_seconds > 0:
            raise LogInRefused(
                typeset(
                    "Trop d'essais pour cet identifiant : la connexion est bloquée pour le protéger. "
                    f"Réessayez dans {plural(-(-wait_seconds // 60), 'minute')}."
                ),
                wait_seconds=wait_seconds,
            )
        row.failures += 1
        row.last_failed_at = now


def _forget_attempts(work: Work, name: str, address: str | None, now: int) -> None:
    """Forget the failures of a name that has just logged in, and whatever is a day old.

    An address keeps its failures, less this success: an account of one's own must not wash away guesses.
    """
    if address is not None:
        row = work.get(LoginAttempt, sha256(address), with_for_update=True)
        if row is not None:
            row.failures = max(0, row.failures - 1)
            work.flush()
    old = LoginAttempt.last_failed_at < now - ATTEMPTS_KEPT_MINUTES * MICROS_PER_MINUTE
    work.execute(delete(LoginAttempt).where(or_(LoginAttempt.login_hash == sha256(name), old)))


def _wait_seconds(failures: int, free: int) -> int:
    """Return how long a name or an address rests after its last failure: nothing at first, then doubling."""
    if failures < free:
        return 0
    return min(WAIT_SECONDS_FIRST << min(failures - free, 10), WAIT_SECONDS_MAX)
