"""Personal accounts, dated roles and sessions: one log-in for staff and families (docs/adr/0010)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, Date, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from records.encryption import EncryptedText
from records.models.base import (
    EDITABLE,
    Base,
    Code,
    Day,
    Editable,
    Id,
    Label,
    Micros,
    one_of,
    ordered_range,
    references,
    unique_where_null,
)

ROLES = (
    "super_admin",
    "admin_school",
    "admin_early_childhood",
    "referent",
    "sector_manager",
    "coordinator",
    "leisure_director",
    "daycare_director",
    "teacher",
    "clerk",
    "finance",
    "kitchen",
    "agent",
    "elected",
    "family",
)


class Account(Editable, Base):
    """[M] One row per person who logs in; `person_id` links a family account to its adult.

    A new account has no password until its person chooses one by a link: until then `must_change_password`.
    """

    __tablename__ = "account"
    __table_args__ = ({"info": EDITABLE},)

    id: Mapped[Id]
    login: Mapped[str] = mapped_column(String(120), unique=True)
    display_name: Mapped[Label]
    password_hash: Mapped[str] = mapped_column(String(200))
    password_set_at: Mapped[Micros | None]
    must_change_password: Mapped[bool] = mapped_column(default=False)
    email: Mapped[str | None] = mapped_column(String(200))
    person_id: Mapped[int | None] = references("person.id", nullable=True)
    disabled_at: Mapped[Micros | None]


class RoleGrant(Editable, Base):
    """[M] account × role × structure (NULL = whole collectivity) over a range of days.

    A deputy's grant names the one it stands for (`lent_from_id`) and why: it must be no wider and no longer.
    `commune` narrows an elected official's figures. Grants lapse by themselves (domain notes §10).
    """

    __tablename__ = "role_grant"
    __table_args__ = (
        UniqueConstraint("account_id", "role", "structure_id", "valid_from"),
        unique_where_null("role_grant_everywhere", "structure_id", "account_id", "role", "valid_from"),
        one_of("role", *ROLES),
        CheckConstraint("lent_from_id is null or (valid_to is not null and reason is not null)", name="lent"),
        ordered_range(),
        {"info": EDITABLE},
    )

    id: Mapped[Id]
    account_id: Mapped[int] = references("account.id", index=False)
    role: Mapped[str] = mapped_column(String(40))
    structure_id: Mapped[int | None] = references("structure.id", nullable=True)
    commune: Mapped[str | None] = mapped_column(String(200))
    lent_from_id: Mapped[int | None] = references("role_grant.id", nullable=True)
    reason: Mapped[str | None] = mapped_column(String(200))
    valid_from: Mapped[Day]
    valid_to: Mapped[date | None] = mapped_column(Date)


class Session(Base):
    """One row per open log-in; only the SHA-256 of the cookie is kept."""

    __tablename__ = "session"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[int] = references("account.id")
    created_at: Mapped[Micros]
    last_seen_at: Mapped[Micros]
    expires_at: Mapped[Micros]


class LoginAttempt(Base):
    """One row per log-in name with recent failures, known to us or not; removed by a success or by time.

    The name is kept as SHA-256: people type their password there by mistake.
    """

    __tablename__ = "login_attempt"

    login_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    failures: Mapped[int]
    last_failed_at: Mapped[Micros] = mapped_column(index=True)


class PasswordHistory(Base):
    """account × instant: hashes of earlier passwords, so that one is not taken again; rewritten freely."""

    __tablename__ = "password_history"

    id: Mapped[Id]
    account_id: Mapped[int] = references("account.id")
    password_hash: Mapped[str] = mapped_column(String(200))
    set_at: Mapped[Micros]


class TotpSecret(Editable, Base):
    """[M] account (one at most): the secret of a second factor, in force once confirmed.

    `last_step` is the last time step accepted, so that a code seen over a shoulder does not work twice.
    """

    __tablename__ = "totp_secret"
    __table_args__ = (UniqueConstraint("account_id"), {"info": EDITABLE})

    id: Mapped[Id]
    account_id: Mapped[int] = references("account.id", index=False)
    secret: Mapped[str] = mapped_column(EncryptedText("totp_secret.secret"))
    created_at: Mapped[Micros]
    confirmed_at: Mapped[Micros | None]
    last_step: Mapped[Micros | None]


class RecoveryCode(Base):
    """account × code: what replaces a lost second factor, once; only hashes are kept; rewritten freely."""

    __tablename__ = "recovery_code"
    __table_args__ = (UniqueConstraint("account_id", "code_hash"),)

    id: Mapped[Id]
    account_id: Mapped[int] = references("account.id", index=False)
    code_hash: Mapped[str] = mapped_column(String(200))
    used_at: Mapped[Micros | None]


class AccountLink(Base):
    """One row per link sent by e-mail, to activate an account or change a password; only its SHA-256 is kept."""

    __tablename__ = "account_link"
    __table_args__ = (one_of("purpose", "activate", "reset"),)

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[int] = references("account.id")
    purpose: Mapped[Code]
    created_at: Mapped[Micros]
    expires_at: Mapped[Micros]
    used_at: Mapped[Micros | None]
