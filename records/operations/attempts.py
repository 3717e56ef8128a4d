"""Guesses at a secret, counted: by what is guessed, then by the network address that they come from.

A name waits longer and longer after a few failures; they are forgotten by a success, or after a day. An address, by
which a whole school goes out, has a wider allowance that comes back little by little: successes give back their own
attempt and nothing more, or an account of one's own would wash away guesses.
"""

from __future__ import annotations

from sqlalchemy import delete, or_, text
from sqlalchemy.orm import Session as Work

from domain.errors import MarelleError
from domain.french import plural, typeset
from domain.time import MICROS_PER_MINUTE, MICROS_PER_SECOND
from records.database import Records
from records.models import LoginAttempt
from records.operations.sessions import sha256

FREE_ATTEMPTS = 5
FREE_ATTEMPTS_OF_ADDRESS = 50
# An address in use all day long gets 30 attempts an hour back: far from what guessing needs.
ADDRESS_FORGETS_ONE_SECONDS = 120
WAIT_SECONDS_FIRST = 30
WAIT_SECONDS_MAX = 15 * 60
# Failures of a name are forgotten after a day without one.
ATTEMPTS_KEPT_MINUTES = 24 * 60


class TooManyAttempts(MarelleError):
    """Somebody must wait before the next attempt; `wait_seconds` says how long."""

    code = "too_many_attempts"


def count_attempt(records: Records, name: str, now: int, refusal: str) -> None:
    """Count one more attempt at a name, before its secret is looked at.

    Raises TooManyAttempts, with the refusal and how long to wait, while it must wait.
    """
    with records.upkeep() as work:
        row = _row(work, name, now)
        if _is_old(row, now):
            row.failures = 0
        wait_seconds = _wait_seconds(row.failures) - (now - row.last_failed_at) // MICROS_PER_SECOND
        if wait_seconds > 0:
            raise _too_many(refusal, wait_seconds)
        row.failures += 1
        row.last_failed_at = now


def count_attempt_from(records: Records, address: str, now: int) -> None:
    """Count one more attempt from a network address. Raises TooManyAttempts while its allowance is used up."""
    with records.upkeep() as work:
        row = _row(work, _address(address), now)
        span = ADDRESS_FORGETS_ONE_SECONDS * MICROS_PER_SECOND
        # `last_failed_at` is how far time has been counted: what is left of a span counts next time.
        forgotten = max(0, now - row.last_failed_at) // span
        if forgotten >= row.failures:
            row.failures, row.last_failed_at = 0, now
        else:
            row.failures, row.last_failed_at = row.failures - forgotten, row.last_failed_at + forgotten * span
        if row.failures >= FREE_ATTEMPTS_OF_ADDRESS:
            wait_seconds = -(-(row.last_failed_at + span - now) // MICROS_PER_SECOND)
            raise _too_many("Trop d'essais depuis ce réseau : la connexion y est bloquée un moment.", wait_seconds)
        row.failures += 1


def give_back(work: Work, *names: str) -> None:
    """Take back the attempt that has just been counted at each name: it was no guess."""
    for name in names:
        row = work.get(LoginAttempt, sha256(name), with_for_update=True)
        if row is not None:
            row.failures = max(0, row.failures - 1)
    work.flush()


def give_back_from(work: Work, address: str | None) -> None:
    """Take back the attempt that has just been counted from an address, when there is one."""
    if address is not None:
        give_back(work, _address(address))


def forget_attempts(work: Work, name: str, now: int) -> None:
    """Forget the failures of a name that has just succeeded, and whatever is a day old."""
    old = LoginAttempt.last_failed_at < now - ATTEMPTS_KEPT_MINUTES * MICROS_PER_MINUTE
    work.execute(delete(LoginAttempt).where(or_(LoginAttempt.login_hash == sha256(name), old)))


def _address(address: str) -> str:
    return f"adresse {address}"


def _row(work: Work, name: str, now: int) -> LoginAttempt:
    """Return the locked row of a name, new without failures."""
    work.execute(
        text(
            "insert into login_attempt (login_hash, failures, last_failed_at) values (:name, 0, :now) "
            "on conflict (login_hash) do nothing"
        ),
        {"name": sha256(name), "now": now},
    )
    return work.get_one(LoginAttempt, sha256(name), with_for_update=True)


def _is_old(row: LoginAttempt, now: int) -> bool:
    return row.last_failed_at < now - ATTEMPTS_KEPT_MINUTES * MICROS_PER_MINUTE


def _too_many(what: str, wait_seconds: int) -> TooManyAttempts:
    minutes = plural(-(-wait_seconds // 60), "minute")
    return TooManyAttempts(typeset(f"{what} Réessayez dans {minutes}."), wait_seconds=wait_seconds)


def _wait_seconds(failures: int) -> int:
    """Return how long a name rests after its last failure: nothing at first, then doubling."""
    if failures < FREE_ATTEMPTS:
        return 0
    return min(WAIT_SECONDS_FIRST << min(failures - FREE_ATTEMPTS, 10), WAIT_SECONDS_MAX)
