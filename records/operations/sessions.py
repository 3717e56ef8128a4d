"""Open log-ins: who is behind a token, until when, which ones are open, and closing them (docs/adr/0010)."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session as Work

from domain.errors import NotAllowed
from domain.time import MICROS_PER_MINUTE, MICROS_PER_SECOND, local_day
from records.actors import CLASS_ROLES, Actor, Grant, OwnClass, Right
from records.database import Records
from records.models import Account, ClassTeacher, Collectivity, RoleGrant, SchoolClass, Session
from records.operations.authority import require_authority
from records.operations.lookup import in_force_on, invalid
from records.operations.registry import operation

IDLE_MINUTES = 30
ABSOLUTE_MINUTES = 12 * 60
# A session is marked as seen at most this often: pages that refresh by themselves write nothing more.
SEEN_EVERY_SECONDS = 60
_TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class OpenSession:
    """An open log-in, as its owner or an administrator may see it. Instants are µs UTC."""

    created_at: int
    last_seen_at: int
    expires_at: int
    is_this_one: bool = False


def open_session(work: Work, account: Account, now: int) -> str:
    """Open a session of an account and clear away those that have ended; returns its token, kept nowhere."""
    work.execute(delete(Session).where(or_(Session.expires_at <= now, Session.last_seen_at <= _idle_since(now))))
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    work.add(
        Session(
            token_hash=sha256(token),
            account_id=account.id,
            created_at=now,
            last_seen_at=now,
            expires_at=now + ABSOLUTE_MINUTES * MICROS_PER_MINUTE,
        )
    )
    return token


def actor_of_session(records: Records, token: str, *, is_activity: bool = True) -> Actor | None:
    """Return who is behind a token, None when the session has ended: 30 min idle, 12 h in all, or closed.

    A page that refreshes by itself asks with `is_activity=False`: nobody may be in front of it any more.
    """
    now = records.clock()
    with records.read() as work:
        row = work.get(Session, sha256(token))
        if row is None or row.expires_at <= now or row.last_seen_at <= _idle_since(now):
            return None
        account = work.get_one(Account, row.account_id)
        if account.disabled_at is not None:
            return None
        actor = actor_of(work, account, now)
    if is_activity and now - row.last_seen_at >= SEEN_EVERY_SECONDS * MICROS_PER_SECOND:
        _mark_seen(records, row.token_hash, now)
    return actor


def log_out(records: Records, token: str) -> None:
    """Close the session of a token, if it is open."""
    with records.upkeep() as work:
        work.execute(delete(Session).where(Session.token_hash == sha256(token)))


def sessions_of(work: Work, account_id: int, now: int, token: str | None = None) -> list[OpenSession]:
    """Return the open sessions of an account, latest first; the token's own is marked."""
    rows = work.scalars(
        select(Session)
        .where(Session.account_id == account_id, Session.expires_at > now, Session.last_seen_at > _idle_since(now))
        .order_by(Session.last_seen_at.desc(), Session.created_at.desc())
    )
    own = None if token is None else sha256(token)
    return [OpenSession(r.created_at, r.last_seen_at, r.expires_at, r.token_hash == own) for r in rows]


def close_sessions(work: Work, account_id: int, but_token: str | None = None) -> int:
    """Close the sessions of an account, all or all but one; returns how many."""
    wanted = [Session.account_id == account_id]
    if but_token is not None:
        wanted.append(Session.token_hash != sha256(but_token))
    count = work.scalar(select(func.count()).select_from(Session).where(*wanted)) or 0
    work.execute(delete(Session).where(*wanted))
    return count


@operation(Right.MANAGE_ACCOUNTS)
def list_sessions(records: Records, actor: Actor, login: str) -> list[OpenSession]:
    """Return the open sessions of an account, latest first."""
    with records.read() as work:
        return sessions_of(work, account_of(work, login).id, records.clock())


@operation(Right.MANAGE_ACCOUNTS)
def revoke_sessions(records: Records, actor: Actor, login: str) -> int:
    """Close every session of an account: whoever used it must log in again. Returns how many."""
    with records.write(actor, "revoke_sessions") as write:
        account = account_of(write.session, login)
        require_authority(write.session, actor, account, write.now, opens=False)
        closed = close_sessions(write.session, account.id)
        write.audit("account", account.id, old=None, new={"sessions_closed": closed})
        return closed


def account_of(work: Work, login: str) -> Account:
    """Return the account of a log-in, whatever its case; raises InvalidData."""
    account = work.scalar(select(Account).where(Account.login == normal(login)))
    if account is None:
        raise invalid(f"Compte inconnu : « {login} ».", login=login)
    return account


def actor_of(work: Work, account: Account, now: int) -> Actor:
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
    ).all()
    classes: set[OwnClass] = set()
    if any(grant.role in CLASS_ROLES for grant in grants):
        classes |= _classes_taught(work, account.id, today)
    for lent in [grant.lent_from_id for grant in grants if grant.role in CLASS_ROLES and grant.lent_from_id]:
        # A deputy takes the class of the teacher they stand for.
        classes |= _classes_taught(work, work.get_one(RoleGrant, lent).account_id, today)
    return Actor(
        name=account.display_name,
        grants=tuple(Grant(grant.role, grant.structure_id, grant.commune) for grant in grants),
        account_id=account.id,
        person_id=account.person_id,
        classes=frozenset(classes),
    )


def _classes_taught(work: Work, account_id: int, day: date) -> frozenset[OwnClass]:
    """Return the classes of an account on a day, and where they are."""
    rows = work.execute(
        select(SchoolClass.id, SchoolClass.structure_id)
        .join(ClassTeacher, ClassTeacher.class_id == SchoolClass.id)
        .where(
            ClassTeacher.account_id == account_id,
            *in_force_on(day, ClassTeacher.valid_from, ClassTeacher.valid_to),
        )
    )
    return frozenset(OwnClass(class_id, structure_id) for class_id, structure_id in rows)


def normal(login: str) -> str:
    """Return a log-in as it is kept: without spaces around it, in small letters."""
    return login.strip().casefold()


def sha256(text: str) -> str:
    """Return the fingerprint under which a token or a name is kept."""
    return hashlib.sha256(text.encode()).hexdigest()


def _mark_seen(records: Records, token_hash: str, now: int) -> None:
    with records.upkeep() as work:
        row = work.get(Session, token_hash)
        if row is not None and row.last_seen_at < now:
            row.last_seen_at = now


def _idle_since(now: int) -> int:
    return now - IDLE_MINUTES * MICROS_PER_MINUTE
