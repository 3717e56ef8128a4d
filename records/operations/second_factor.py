"""The second factor of an account: codes of an application (TOTP, RFC 6238), and codes that replace it once."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor import InvalidToken
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from sqlalchemy import delete, select
from sqlalchemy.orm import Session as Work

from domain.errors import NotAllowed
from domain.time import MICROS_PER_SECOND
from records.actors import Actor, Right
from records.database import Records, Write
from records.models import Account, RecoveryCode, TotpSecret
from records.operations.authority import require_authority
from records.operations.lookup import change, invalid
from records.operations.registry import operation
from records.operations.sessions import account_of, actor_of_session, sha256

STEP_SECONDS = 30
_STEPS_AROUND = 1  # a telephone's clock may be one step early or late
_DIGITS = 6
_SECRET_BYTES = 20
RECOVERY_CODES = 8
_ISSUER = "Marelle"


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an application needs, shown once: the secret to type, or its address to show as a QR code."""

    secret: str
    address: str


def begin_second_factor(records: Records, token: str) -> Enrolment:
    """Draw a new secret for one's own account, in force once a code confirms it. Raises NotAllowed, InvalidData."""
    actor = own_actor(records, token)
    key = secrets.token_bytes(_SECRET_BYTES)
    with records.write(actor, "begin_second_factor") as write:
        account = write.session.get_one(Account, actor.account_id)
        if has_second_factor(write.session, account.id):
            raise invalid("Votre compte a déjà un second facteur. Retirez-le d'abord.")
        write.session.execute(delete(TotpSecret).where(TotpSecret.account_id == account.id))
        secret = base64.b32encode(key).decode()
        write.session.add(TotpSecret(account_id=account.id, secret=secret, created_at=write.now))
        write.audit("totp_secret", account.id, old=None, new={"state": "begun"})
        return Enrolment(secret, _totp(secret).get_provisioning_uri(account.login, _ISSUER))


def confirm_second_factor(records: Records, token: str, code: str) -> list[str]:
    """Put one's second factor in force with a first code; returns the recovery codes, shown once."""
    actor = own_actor(records, token)
    with records.write(actor, "confirm_second_factor") as write:
        row = _secret_of(write.session, actor.account_id)
        if row is None or row.confirmed_at is not None:
            raise invalid("Aucun second facteur n'attend de confirmation. Recommencez depuis votre compte.")
        step = _step_of(row, code, write.now)
        if step is None:
            raise invalid(
                "Ce code n'est pas le bon. Vérifiez l'heure de votre téléphone, puis donnez le code affiché."
            )
        change(write, row, {"confirmed_at": write.now})
        row.last_step = step
        return new_recovery_codes(write.session, row.account_id)


def new_recovery_codes(work: Work, account_id: int) -> list[str]:
    """Replace the recovery codes of an account; returns the new ones, kept as fingerprints only."""
    codes = [secrets.token_hex(5) for _ in range(RECOVERY_CODES)]
    work.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    work.add_all(RecoveryCode(account_id=account_id, code_hash=sha256(each)) for each in codes)
    return codes


@operation(Right.MANAGE_ACCOUNTS)
def remove_second_factor(records: Records, actor: Actor, login: str) -> None:
    """Take the second factor of an account away, when its person has lost telephone and recovery codes."""
    with records.write(actor, "remove_second_factor") as write:
        account = account_of(write.session, login)
        require_authority(write.session, actor, account, write.now, opens=True)
        forget_second_factor(write, account.id)


def forget_second_factor(write: Write, account_id: int) -> None:
    """Remove secret and recovery codes; raises InvalidData when there is none."""
    if _secret_of(write.session, account_id) is None:
        raise invalid("Ce compte n'a pas de second facteur.")
    write.session.execute(delete(TotpSecret).where(TotpSecret.account_id == account_id))
    write.session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    write.audit("totp_secret", account_id, old={"state": "in force"}, new={"state": "removed"})


def has_second_factor(work: Work, account_id: int) -> bool:
    """Return whether an account logs in with a code too."""
    row = _secret_of(work, account_id)
    return row is not None and row.confirmed_at is not None


def accepts_code(work: Work, account_id: int, code: str, now: int) -> bool:
    """Return whether a code of the application or a recovery code is good, and use it up: neither works twice."""
    row = work.scalar(select(TotpSecret).where(TotpSecret.account_id == account_id).with_for_update())
    if row is None:
        return False
    step = _step_of(row, code, now)
    if step is not None:
        row.last_step = step
        return True
    spare = work.scalar(
        select(RecoveryCode)
        .where(
            RecoveryCode.account_id == account_id,
            RecoveryCode.code_hash == sha256("".join(code.split()).lower()),
            RecoveryCode.used_at.is_(None),
        )
        .with_for_update()
    )
    if spare is None:
        return False
    spare.used_at = now
    return True


def own_actor(records: Records, token: str) -> Actor:
    """Return who is behind a session's token; raises NotAllowed when it has ended."""
    actor = actor_of_session(records, token)
    if actor is None or actor.account_id is None:
        raise NotAllowed("Votre session est fermée. Rien n'a été enregistré. Reconnectez-vous.")
    return actor


def _secret_of(work: Work, account_id: int | None) -> TotpSecret | None:
    return work.scalar(select(TotpSecret).where(TotpSecret.account_id == account_id))


def _totp(secret: str) -> TOTP:
    # SHA-1 is what applications know; HMAC does not need its resistance to collisions (RFC 6238 §1.2).
    return TOTP(base64.b32decode(secret), _DIGITS, SHA1(), STEP_SECONDS)  # noqa: S303


def _step_of(row: TotpSecret, code: str, now: int) -> int | None:
    """Return the time step of a good code, later than the last one accepted; None when it is not good."""
    digits = "".join(code.split())
    if len(digits) != _DIGITS or not (digits.isascii() and digits.isdigit()):
        return None
    current = now // (STEP_SECONDS * MICROS_PER_SECOND)
    for step in range(current - _STEPS_AROUND, current + _STEPS_AROUND + 1):
        if row.last_step is not None and step <= row.last_step:
            continue
        try:
            _totp(row.secret).verify(digits.encode(), step * STEP_SECONDS)
        except InvalidToken:
            continue
        return step
    return None
