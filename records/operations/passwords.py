"""Passwords of accounts: their hash (argon2id), the rule they follow, and the last ones, not to be taken again."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, select

from domain.passwords import CHARACTERS_MAX, weakness
from records.database import Records, Write
from records.models import Account, PasswordHistory
from records.operations.lookup import invalid

# A password just left is not taken again; nobody is made to change one (CNIL, délibération 2022-100).
KEPT_HASHES = 3
NO_PASSWORD = "!"  # noqa: S105 - what no password verifies, until the person has chosen one
_TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class PasswordCost:
    """The work of one argon2id hash."""

    passes: int
    memory_kib: int
    lanes: int


# OWASP's first choice for argon2id (Password Storage Cheat Sheet, 2024): about 30 ms here.
PASSWORD_COST = PasswordCost(passes=2, memory_kib=19_456, lanes=1)


def check_password(password: str, own_words: Sequence[str | None]) -> None:
    """Raise InvalidData for a password that is too weak or that others would guess from what they know."""
    refused = weakness(password, [word for word in own_words if word])
    if refused is not None:
        raise invalid(refused)


def hashed(password: str, cost: PasswordCost) -> str:
    """Return the hash of a password; slow on purpose: never inside a write."""
    return PasswordHasher(time_cost=cost.passes, memory_cost=cost.memory_kib, parallelism=cost.lanes).hash(password)


def is_right(password_hash: str, password: str) -> bool:
    """Return whether a password is the one of a hash; slow on purpose."""
    if len(password) > CHARACTERS_MAX:
        return False
    try:
        return PasswordHasher().verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


@lru_cache
def nobodys_hash(cost: PasswordCost) -> str:
    """Return the hash of a password that nobody has."""
    return hashed(secrets.token_urlsafe(_TOKEN_BYTES), cost)


def new_hash(records: Records, account: Account, password: str, cost: PasswordCost) -> str:
    """Check a new password of an account, by the rule and against its last ones; returns its hash. Slow."""
    check_password(password, (account.login, account.display_name, account.email))
    with records.read() as session:
        earlier = session.scalars(
            select(PasswordHistory.password_hash).where(PasswordHistory.account_id == account.id)
        ).all()
    if any(is_right(each, password) for each in (account.password_hash, *earlier)):
        raise invalid("Vous avez déjà eu ce mot de passe. Choisissez-en un autre.")
    return hashed(password, cost)


def replace_password(write: Write, account: Account, password_hash: str) -> None:
    """Give an account its new hash and keep the old one among the last; the audit says that it changed, no more."""
    session = write.session
    if account.password_hash != NO_PASSWORD:
        session.add(PasswordHistory(account_id=account.id, password_hash=account.password_hash, set_at=write.now))
        session.flush()
    kept = session.scalars(
        select(PasswordHistory.id)
        .where(PasswordHistory.account_id == account.id)
        .order_by(PasswordHistory.id.desc())
        .limit(KEPT_HASHES)
    ).all()
    session.execute(
        delete(PasswordHistory).where(PasswordHistory.account_id == account.id, PasswordHistory.id.not_in(kept))
    )
    account.password_hash = password_hash
    account.password_set_at = write.now
    account.must_change_password = False
    account.row_version += 1
    write.audit("account", account.id, old={"password": "…"}, new={"password": "…"})
