"""Erasing accounts: nobody logs in with what is left, and nothing they signed names them any more."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import delete, select

from records.actors import Actor
from records.database import Write
from records.models import Account, LoginAttempt
from records.operations.erasure import ERASED_ACCOUNT, ERASED_LOGIN, Eraser
from records.operations.passwords import NO_PASSWORD
from records.operations.sessions import sha256

_OF_ACCOUNT = (
    "session",
    "account_link",
    "message_outbox",
    "password_history",
    "totp_secret",
    "recovery_code",
)


def erase_accounts(write: Write, eraser: Eraser, account_ids: Collection[int]) -> None:
    """Anonymise accounts with all that opens them; the grants they had stay, without a name."""
    session = write.session
    rows = session.scalars(select(Account).where(Account.id.in_(account_ids))).all()
    for table in _OF_ACCOUNT:
        eraser.erase(table, "account_id", account_ids)
    for row in rows:
        session.execute(delete(LoginAttempt).where(LoginAttempt.login_hash == sha256(row.login)))
    eraser.unsign([Actor(row.display_name, account_id=row.id).signature for row in rows])
    eraser.blank("health_access", "account_id", account_ids, ("reader",))
    eraser.replace_each("account", [row.id for row in rows], {"login": ERASED_LOGIN + "{}"})
    nobody = {
        "display_name": ERASED_ACCOUNT,
        "email": None,
        "person_id": None,
        "password_hash": NO_PASSWORD,
        "must_change_password": True,
    }
    eraser.replace("account", "id", account_ids, nobody)
    open_ones = [row.id for row in rows if row.disabled_at is None]
    eraser.replace("account", "id", open_ones, {"disabled_at": write.now})
