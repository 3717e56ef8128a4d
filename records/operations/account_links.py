"""Links that let a person choose a password: to activate an account, or because the password is forgotten.

A link works once and for a time; only its fingerprint is kept. It goes to the account's own mail: whoever asks for
it never holds it, or an administrator could become anybody. Only a command on the server prints one.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace

from sqlalchemy import select, update
from sqlalchemy.orm import Session as Work

from domain.errors import MarelleError
from domain.french import typeset
from domain.time import MICROS_PER_MINUTE
from records.actors import Actor, Right
from records.database import Records, Write
from records.models import Account, AccountLink
from records.operations.attempts import count_attempt_from, forget_attempts
from records.operations.authority import require_authority
from records.operations.lookup import invalid
from records.operations.messages import mail_of, post_link
from records.operations.passwords import NO_PASSWORD, PASSWORD_COST, PasswordCost, new_hash, replace_password
from records.operations.registry import operation
from records.operations.sessions import account_of, close_sessions, normal, sha256

ACTIVATE_MINUTES = 14 * 24 * 60
RESET_MINUTES = 60
# A person who has just asked is not sent another one: a mailbox cannot be flooded.
ASK_AGAIN_MINUTES = 5
_TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class SentLink:
    """A link on its way to its person. `token` is None when it left by mail. `expires_at` is µs UTC."""

    login: str
    email: str | None
    purpose: str
    token: str | None
    expires_at: int


class LinkRefused(MarelleError):
    """The link is unknown, was used or is too old: all three are told the same."""

    code = "link_refused"
    words = typeset("Ce lien ne fonctionne pas : il a déjà servi, ou il est trop ancien. Demandez-en un nouveau.")

    def __init__(self) -> None:
        super().__init__(self.words)


def make_link(work: Work, account: Account, purpose: str, now: int) -> SentLink:
    """Make a link for an account (`activate` or `reset`); those made before no longer work.

    The caller must hand it over (`hand_over`, or a message): only its fingerprint is kept.
    """
    _use_up(work, account.id, now)
    token = _a_token()
    minutes = ACTIVATE_MINUTES if purpose == "activate" else RESET_MINUTES
    expires_at = now + minutes * MICROS_PER_MINUTE
    work.add(
        AccountLink(
            token_hash=sha256(token), account_id=account.id, purpose=purpose, created_at=now, expires_at=expires_at
        )
    )
    return SentLink(account.login, account.email, purpose, token, expires_at)


def _a_token() -> str:
    """Return a new secret; never one that begins as an option of a command, where it is typed too."""
    while (token := secrets.token_urlsafe(_TOKEN_BYTES)).startswith("-"):
        pass
    return token


@operation(Right.MANAGE_ACCOUNTS)
def reset_account(records: Records, actor: Actor, login: str) -> SentLink:
    """Close an account's sessions and make its password useless; sends its person the link to choose another one.

    Raises NotAllowed for an account with more rights than one's own, InvalidData when it has no mail (`hand_over`).
    """
    with records.write(actor, "reset_account") as write:
        account = account_of(write.session, login)
        require_authority(write.session, actor, account, write.now, opens=True)
        if account.disabled_at is not None:
            raise invalid(f"Le compte « {login} » est fermé. Rouvrez-le d'abord.", login=login)
        if not account.must_change_password:
            replace_password(write, account, NO_PASSWORD)
            account.must_change_password = True
        close_sessions(write.session, account.id)
        return hand_over(write, account, make_link(write.session, account, "activate", write.now))


def hand_over(write: Write, account: Account, link: SentLink) -> SentLink:
    """Post a link to its account's mail; returns it without its token. Raises InvalidData when there is no mail.

    A command on the server prints the link instead: whoever has the machine's shell may do everything.
    """
    if Right.MANAGE_ACCOUNTS in write.actor.rights:
        return link
    if mail_of(account) is None:
        raise invalid(
            f"Le compte « {link.login} » n'a pas d'adresse e-mail où envoyer le lien. Sur le serveur, la commande "
            "« marelle accounts » affiche un jeton à remettre en main propre.",
            login=link.login,
        )
    post_link(write.session, account, link.purpose, (str(link.token), link.expires_at), write.now)
    return replace(link, token=None)


def ask_for_reset(records: Records, login: str, address: str | None = None) -> None:
    """Post a link to somebody who has forgotten a password, when there is somebody to post it to.

    Nothing tells whether there was: which names exist is nobody's business. Raises TooManyAttempts by address.
    """
    now = records.clock()
    if address is not None:
        count_attempt_from(records, address, now)
    with records.upkeep() as work:
        account = work.scalar(
            select(Account).where(Account.login == normal(login), Account.disabled_at.is_(None)).with_for_update()
        )
        if account is None or mail_of(account) is None:
            return
        lately = now - ASK_AGAIN_MINUTES * MICROS_PER_MINUTE
        waiting = select(AccountLink.token_hash).where(
            AccountLink.account_id == account.id, AccountLink.used_at.is_(None), AccountLink.created_at > lately
        )
        if work.scalar(waiting.limit(1)) is None:
            link = make_link(work, account, "reset", now)
            post_link(work, account, "reset", (str(link.token), link.expires_at), now)


def account_of_link(records: Records, token: str) -> str:
    """Return the log-in that a link is for; raises LinkRefused."""
    with records.read() as work:
        return _account(work, token, records.clock()).login


def use_link(records: Records, token: str, password: str, cost: PasswordCost = PASSWORD_COST) -> str:
    """Choose a password with a link, once; returns the log-in. Raises LinkRefused, InvalidData for a weak one.

    Every open session of the account is closed, and failed attempts are forgotten.
    """
    with records.read() as work:
        account = _account(work, token, records.clock())
    password_hash = new_hash(records, account, password, cost)
    actor = Actor(account.display_name, account_id=account.id, person_id=account.person_id)
    with records.write(actor, "use_link") as write:
        # Read again under the lock: of two uses at once, one is refused.
        account = _account(write.session, token, write.now)
        _use_up(write.session, account.id, write.now)
        replace_password(write, account, password_hash)
        close_sessions(write.session, account.id)
        forget_attempts(write.session, account.login, write.now)
        return account.login


def _account(work: Work, token: str, now: int) -> Account:
    link = work.scalar(
        select(AccountLink).where(
            AccountLink.token_hash == sha256(token), AccountLink.used_at.is_(None), AccountLink.expires_at > now
        )
    )
    account = None if link is None else work.get_one(Account, link.account_id)
    if account is None or account.disabled_at is not None:
        raise LinkRefused
    return account


def _use_up(work: Work, account_id: int, now: int) -> None:
    work.execute(
        update(AccountLink)
        .where(AccountLink.account_id == account_id, AccountLink.used_at.is_(None))
        .values(used_at=now)
    )
