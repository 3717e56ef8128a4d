"""Messages that wait to leave: written inside the write they tell of, then carried and ticked off."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session as Work

from records.actors import Actor, Right
from records.database import Records
from records.models import Account, MessageOutbox
from records.models.messages import LINK_KINDS
from records.operations.registry import operation
from records.operations.sessions import sha256

ATTEMPTS_MAX = 8
BY_POST = "poste:"  # before the reference of a person who has no mail address: printed, never carried
_LATEST = 200


@dataclass(frozen=True, slots=True)
class WaitingMessage:
    """A message to carry: `content` is what its kind needs (`login`, `name`, `token`). `expires_at` is µs UTC."""

    message_id: int
    kind: str
    address: str
    content: dict[str, Any]
    expires_at: int


@dataclass(frozen=True, slots=True)
class Letter:
    """What somebody is told by mail: a kind, the key by which it leaves once, where to, and what it says."""

    kind: str
    key: str
    address: str
    content: dict[str, Any]
    account_id: int | None = None


@dataclass(frozen=True, slots=True)
class MessageLine:
    """A message in a list, without what it says. Instants are µs UTC; `done_at` is when it left or was given up."""

    message_id: int
    kind: str
    address: str
    state: str
    attempts: int
    last_error: str | None
    created_at: int
    done_at: int | None


def mail_of(account: Account) -> str | None:
    """Return where an account's mail goes: its address, else its log-in when that is one, as families' are."""
    return account.email or (account.login if "@" in account.login else None)


def post_link(work: Work, account: Account, purpose: str, link: tuple[str, int], now: int) -> None:
    """Write the message that carries a link (its token, when it ends) to its account's mail; earlier ones stop."""
    token, expires_at = link
    address = mail_of(account)
    assert address is not None
    work.execute(
        update(MessageOutbox)
        .where(
            MessageOutbox.account_id == account.id,
            MessageOutbox.state == "waiting",
            MessageOutbox.kind.in_(LINK_KINDS),
        )
        .values(state="given_up", content=None, done_at=now)
    )
    content = {"login": account.login, "name": account.display_name, "token": token}
    post_letter(work, Letter(purpose, f"link-{sha256(token)}", address, content, account.id), now, expires_at)


def post_letter(work: Work, letter: Letter, now: int, expires_at: int) -> None:
    """Write a message that waits to leave, in the write that it tells of. Instants are µs UTC."""
    work.add(
        MessageOutbox(
            key=letter.key,
            kind=letter.kind,
            account_id=letter.account_id,
            address=letter.address,
            content=json.dumps(letter.content, ensure_ascii=False),
            state="waiting",
            created_at=now,
            expires_at=expires_at,
        )
    )


@operation(Right.RUN_JOBS)
def waiting_messages(records: Records, actor: Actor) -> list[WaitingMessage]:
    """Return the messages to carry, oldest first; those whose time is over are given up first."""
    now = records.clock()
    with records.upkeep() as work:
        work.execute(
            update(MessageOutbox)
            .where(MessageOutbox.state == "waiting", MessageOutbox.expires_at <= now)
            .values(state="given_up", content=None, done_at=now)
        )
        rows = work.scalars(
            select(MessageOutbox)
            .where(MessageOutbox.state == "waiting", MessageOutbox.address.not_like(f"{BY_POST}%"))
            .order_by(MessageOutbox.id)
        )
        return [
            WaitingMessage(row.id, row.kind, row.address, json.loads(row.content or "{}"), row.expires_at)
            for row in rows
        ]


@operation(Right.RUN_JOBS)
def tick_off(records: Records, actor: Actor, message_id: int, error: str | None = None) -> None:
    """Note that a message left, or why it did not; after eight failures it is given up."""
    now = records.clock()
    with records.upkeep() as work:
        row = work.get_one(MessageOutbox, message_id, with_for_update=True)
        row.attempts += 1
        row.last_error = None if error is None else error[:400]
        if error is None or row.attempts >= ATTEMPTS_MAX:
            row.state = "sent" if error is None else "given_up"
            row.content, row.done_at = None, now


@operation(Right.MANAGE_ACCOUNTS)
def list_messages(records: Records, actor: Actor) -> list[MessageLine]:
    """Return the latest messages, newest first, without what they say."""
    with records.read() as session:
        rows = session.scalars(select(MessageOutbox).order_by(MessageOutbox.id.desc()).limit(_LATEST))
        return [
            MessageLine(
                row.id, row.kind, row.address, row.state, row.attempts, row.last_error, row.created_at, row.done_at
            )
            for row in rows
        ]
