"""Personal accounts, dated roles and sessions: one log-in for staff and families (docs/adr/0010)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Date, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from records.models.base import (
    EDITABLE,
    Base,
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
    """[M] One row per person who logs in; `person_id` links a family account to its adult."""

    __tablename__ = "account"
    __table_args__ = ({"info": EDITABLE},)

    id: Mapped[Id]
    login: Mapped[str] = mapped_column(String(120), unique=True)
    display_name: Mapped[Label]
    password_hash: Mapped[str] = mapped_column(String(200))
    person_id: Mapped[int | None] = references("person.id", nullable=True)
    disabled_at: Mapped[Micros | None]


class RoleGrant(Editable, Base):
    """[M] account × role × structure (NULL = whole collectivity) over a range of days."""

    __tablename__ = "role_grant"
    __table_args__ = (
        UniqueConstraint("account_id", "role", "structure_id", "valid_from"),
        unique_where_null("role_grant_everywhere", "structure_id", "account_id", "role", "valid_from"),
        one_of("role", *ROLES),
        ordered_range(),
        {"info": EDITABLE},
    )

    id: Mapped[Id]
    account_id: Mapped[int] = references("account.id", index=False)
    role: Mapped[str] = mapped_column(String(40))
    structure_id: Mapped[int | None] = references("structure.id", nullable=True)
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
