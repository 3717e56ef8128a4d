"""Personal accounts, dated roles and sessions: one log-in for staff and families (docs/adr/0010)."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, or_, select, text
from sqlalchemy.orm import Session as Work

from domain.errors import MarelleError, NotAllowed
from domain.french import plural, typeset
from domain.time import MICROS_PER_MINUTE, MICROS_PER_SECOND, local_day
from records.actors import RIGHTS_OF_ROLE, Actor, Grant, Right
from records.database import Records, Write
from records.models import Account, Collectivity, LoginAttempt, Person, RoleGrant, Session, Structure
from records.operations.lookup import by_ref, chunks, ids_by_ref, in_force_on, invalid
from records.operations.registry import operation
from records.operations.teachers import classes_taught

IDLE_MINUTES = 30
ABSOLUTE_MINUTES = 12 * 60
# A session is marked as seen at most this often: pages that refresh by themselves write nothing more.
SEEN_EVERY_SECONDS = 60
FREE_ATTEMPTS = 5
WAIT_SECONDS_FIRST = 30
WAIT_SECONDS_MAX = 15 * 60
# A name's failures are forgotten after a day without one.
ATTEMPTS_KEPT_MINUTES = 24 * 60
# With throttled log-ins CNIL's recommendation of 2022 asks for 50 bits: 12 characters that are not all digits.
PASSWORD_CHARACTERS_MIN = 12
PASSWORD_CHARACTERS_MAX = 200
_TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class PasswordCost:
    """The work of one argon2id hash."""

    passes: int
    memory_kib: int
    lanes: int


# OWASP's first choice for argon2id (Password Storage Cheat Sheet, 2024): about 30 ms here.
PASSWORD_COST = PasswordCost(passes=2, memory_kib=19_456, lanes=1)


@dataclass(frozen=True, slots=True)
class NewGrant:
    """A role over [valid_from, valid_to), in the whole collectivity or at one structure."""

    role: str
    valid_from: date
    valid_to: date | None = None
    structure_ref: str | None = None


@dataclass(frozen=True, slots=True)
class NewAccount:
    """A person who logs in; `person_ref` makes it the account of a family's adult."""

    login: str
    display_name: str
    password: str
    grants: tuple[NewGrant, ...]
    person_ref: str | None = None


class LogInRefused(MarelleError):
    """The name or the password is wrong, or there were too many attempts; never says which names exist."""

    code = "log_in_refused"


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
        _check_account(each)
    hasher = _hasher(cost)
    hashes = [hasher.hash(each.password) for each in accounts]  # slow on purpose: not inside the write
    with records.write(actor, "create_accounts") as write:
        session = write.session
        _refuse_known_logins(session, [_normal(each.login) for each in accounts])
        people = ids_by_ref(session, Person, [each.person_ref for each in accounts if each.person_ref])
        rows = [
            Account(
                login=_normal(each.login),
                display_name=each.display_name,
                password_hash=password_hash,
                person_id=people[each.person_ref] if each.person_ref else None,
            )
            for each, password_hash in zip(accounts, hashes, strict=True)
        ]
        session.add_all(rows)
        session.flush()
        for each, row in zip(accounts, rows, strict=True):
            write.audit("account", row.id, old=None, new={**asdict(each), "password": "…"})
            for grant in each.grants:
                _add_grant(write, row.id, grant)
        return [row.id for row in rows]


@operation(Right.MANAGE_ACCOUNTS)
def grant_role(records: Records, actor: Actor, login: str, grant: NewGrant) -> None:
    """Give a role to an account over a range of days."""
    _check_role(grant)
    with records.write(actor, "grant_role") as write:
        account = write.session.scalar(select(Account).where(Account.login == _normal(login)))
        if account is None:
            raise invalid(f"Compte inconnu : « {login} ».", login=login)
        _add_grant(write, account.id, grant)
        write.audit("role_grant", account.id, old=None, new={"login": login, **asdict(grant)})


def log_in(
    records: Records, login: str, password: str, now: int, cost: PasswordCost = PASSWORD_COST
) -> tuple[str, Actor]:
    """Open a session; returns its token, shown once, and who acts. Raises LogInRefused.

    Each attempt is counted before the password is looked at, so that parallel guesses wait like the others.
    """
    name = _normal(login)
    _count_attempt(records, name, now)
    with records.read() as session:
        account = session.scalar(select(Account).where(Account.login == name, Account.disabled_at.is_(None)))
    # An unknown name costs the same work as a known one.
    password_hash = _nobody(cost) if account is None else account.password_hash
    is_right = len(password) <= PASSWORD_CHARACTERS_MAX and _verify(password_hash, password)
    if account is None or not is_right:
        raise LogInRefused(
            typeset(
                "Connexion refusée : l'identifiant ou le mot de passe n'est pas le bon. "
                "Vérifiez-les, ou demandez de l'aide à votre mairie."
            )
        )
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    with records.upkeep() as work:
        _forget_attempts(work, name, now)
        work.execute(
            delete(Session).where(or_(Session.expires_at <= now, Session.last_seen_at <= _idle_since(now)))
        )
        work.add(
            Session(
                token_hash=_sha256(token),
                account_id=account.id,
                created_at=now,
                last_seen_at=now,
                expires_at=now + ABSOLUTE_MINUTES * MICROS_PER_MINUTE,
            )
        )
        return token, _actor(work, account, now)


def actor_of_session(records: Records, token: str, *, is_activity: bool = True) -> Actor | None:
    """Return who is behind a token, None when the session has ended: 30 min idle, 12 h in all, or closed.

    A page that refreshes by itself asks with `is_activity=False`: nobody may be in front of it any more.
    """
    now = records.clock()
    with records.read() as work:
        row = work.get(Session, _sha256(token))
        if row is None or row.expires_at <= now or row.last_seen_at <= _idle_since(now):
            return None
        account = work.get_one(Account, row.account_id)
        if account.disabled_at is not None:
            return None
        actor = _actor(work, account, now)
    if is_activity and now - row.last_seen_at >= SEEN_EVERY_SECONDS * MICROS_PER_SECOND:
        _mark_seen(records, row.token_hash, now)
    return actor


def log_out(records: Records, token: str) -> None:
    """Close the session of a token, if it is open."""
    with records.upkeep() as work:
        work.execute(delete(Session).where(Session.token_hash == _sha256(token)))


def _check_account(account: NewAccount) -> None:
    if not _normal(account.login) or not account.display_name.strip():
        raise invalid("Un compte a un identifiant et un nom.", login=account.login)
    if _normal(account.login) in account.password.casefold():
        raise invalid("Le mot de passe ne doit pas contenir l'identifiant.", login=account.login)
    long_enough = PASSWORD_CHARACTERS_MIN <= len(account.password) <= PASSWORD_CHARACTERS_MAX
    if not long_enough or account.password.isdigit() or len(set(account.password)) < 5:
        raise invalid(
            f"Mot de passe trop faible : il faut au moins {PASSWORD_CHARACTERS_MIN} caractères variés, "
            "qui ne soient pas tous des chiffres.",
            login=account.login,
        )
    for grant in account.grants:
        _check_role(grant)
    if account.person_ref is None and any(grant.role == "family" for grant in account.grants):
        raise invalid("Un compte de famille appartient à un adulte du dossier.", login=account.login)


def _check_role(grant: NewGrant) -> None:
    if grant.role not in RIGHTS_OF_ROLE:
        raise invalid(f"Rôle inconnu : « {grant.role} ».", role=grant.role)


def _refuse_known_logins(session: Work, logins: Sequence[str]) -> None:
    taken = [login for login in logins if logins.count(login) > 1]
    for part in chunks(logins):
        taken += session.scalars(select(Account.login).where(Account.login.in_(part)))
    if taken:
        raise invalid(f"Identifiant déjà utilisé : « {taken[0]} ».", logins=taken)


def _add_grant(write: Write, account_id: int, grant: NewGrant) -> None:
    structure_id = by_ref(write.session, Structure, grant.structure_ref).id if grant.structure_ref else None
    write.session.add(
        RoleGrant(
            account_id=account_id,
            role=grant.role,
            structure_id=structure_id,
            valid_from=grant.valid_from,
            valid_to=grant.valid_to,
        )
    )


def _count_attempt(records: Records, name: str, now: int) -> None:
    """Count one more attempt on a name, known to us or not; raises LogInRefused while it must wait."""
    with records.upkeep() as work:
        work.execute(
            text(
                "insert into login_attempt (login_hash, failures, last_failed_at) values (:name, 0, :now) "
                "on conflict (login_hash) do nothing"
            ),
            {"name": _sha256(name), "now": now},
        )
        row = work.get_one(LoginAttempt, _sha256(name), with_for_update=True)
        wait_seconds = _wait_seconds(row.failures) - (now - row.last_failed_at) // MICROS_PER_SECOND
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


def _forget_attempts(work: Work, name: str, now: int) -> None:
    """Forget the failures of a name that has just logged in, and those of any name that are a day old."""
    old = LoginAttempt.last_failed_at < now - ATTEMPTS_KEPT_MINUTES * MICROS_PER_MINUTE
    work.execute(delete(LoginAttempt).where(or_(LoginAttempt.login_hash == _sha256(name), old)))


def _wait_seconds(failures: int) -> int:
    """Return how long a name rests after its last failure: nothing at first, then doubling."""
    if failures < FREE_ATTEMPTS:
        return 0
    return min(WAIT_SECONDS_FIRST << min(failures - FREE_ATTEMPTS, 10), WAIT_SECONDS_MAX)


def _actor(work: Work, account: Account, now: int) -> Actor:
    """Return the actor of an account with the roles in force today in the collectivity's zone."""
    zone = work.scalar(select(Collectivity.timezone))
    if zone is None:
        raise NotAllowed("Cette installation n'est pas terminée : la collectivité n'est pas encore décrite.")
    today = local_day(now, zone)
    grants = work.scalars(
        select(RoleGrant)
        .where(
            RoleGrant.account_id == account.id,
            *in_force_on(today, RoleGrant.valid_from, RoleGrant.valid_to),
        )
        .order_by(RoleGrant.id)
    )
    return Actor(
        name=account.display_name,
        grants=tuple(Grant(grant.role, grant.structure_id, grant.commune) for grant in grants),
        account_id=account.id,
        person_id=account.person_id,
        classes=classes_taught(work, account.id, today),
    )


def _mark_seen(records: Records, token_hash: str, now: int) -> None:
    with records.upkeep() as work:
        row = work.get(Session, token_hash)
        if row is not None and row.last_seen_at < now:
            row.last_seen_at = now


def _idle_since(now: int) -> int:
    return now - IDLE_MINUTES * MICROS_PER_MINUTE


def _normal(login: str) -> str:
    return login.strip().casefold()


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _hasher(cost: PasswordCost) -> PasswordHasher:
    return PasswordHasher(time_cost=cost.passes, memory_cost=cost.memory_kib, parallelism=cost.lanes)


@lru_cache
def _nobody(cost: PasswordCost) -> str:
    """Return the hash of a password that nobody has."""
    return _hasher(cost).hash(secrets.token_urlsafe(_TOKEN_BYTES))


def _verify(password_hash: str, password: str) -> bool:
    try:
        return PasswordHasher().verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False
