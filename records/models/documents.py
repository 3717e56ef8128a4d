"""Papers of a file: kinds that staff define, what each service asks for, and files named by their SHA-256."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, Date, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from records.models.base import (
    EDITABLE,
    VERSIONED,
    Base,
    Code,
    Dated,
    Day,
    Editable,
    Id,
    Label,
    Micros,
    Recorded,
    Ref,
    one_of,
    ordered_range,
    references,
    unique_where_null,
)

DOCUMENT_SUBJECTS = ("family", "adult", "child", "payer", "enrolment")


class DocumentKind(Dated, Editable, Base):
    """[M] One row per kind of paper that staff define; `months_valid` NULL = no expiry of its own."""

    __tablename__ = "document_kind"
    __table_args__ = (
        one_of("about", *DOCUMENT_SUBJECTS),
        CheckConstraint("months_valid is null or months_valid > 0", name="months_valid"),
        ordered_range(),
        {"info": EDITABLE},
    )

    id: Mapped[Id]
    ref: Mapped[Ref]
    label: Mapped[Label]
    about: Mapped[Code]
    months_valid: Mapped[int | None]
    is_health: Mapped[bool]


class DocumentRequirement(Dated, Editable, Base):
    """[M] document kind × service (NULL = every service) over a range: what makes the list of missing papers."""

    __tablename__ = "document_requirement"
    __table_args__ = (
        UniqueConstraint("kind_id", "service_id", "valid_from"),
        unique_where_null("document_requirement_everywhere", "service_id", "kind_id", "valid_from"),
        ordered_range(),
        {"info": EDITABLE},
    )

    id: Mapped[Id]
    kind_id: Mapped[int] = references("document_kind.id", index=False)
    service_id: Mapped[int | None] = references("service.id", nullable=True)
    is_mandatory: Mapped[bool]


class Document(Recorded, Editable, Base):
    """[M] One row per paper received: its kind, whose it is, when it ends; it serves every service."""

    __tablename__ = "document"
    __table_args__ = (
        one_of("state", "received", "accepted", "refused"),
        CheckConstraint("expires_on is null or issued_on is null or expires_on > issued_on", name="expiry_order"),
        {"info": EDITABLE},
    )

    id: Mapped[Id]
    kind_id: Mapped[int] = references("document_kind.id")
    family_id: Mapped[int] = references("family.id")
    person_id: Mapped[int | None] = references("person.id", nullable=True)
    payer_id: Mapped[int | None] = references("payer.id", nullable=True)
    title: Mapped[Label]
    received_on: Mapped[Day]
    issued_on: Mapped[date | None] = mapped_column(Date)
    expires_on: Mapped[date | None] = mapped_column(Date, index=True)
    state: Mapped[Code]
    refusal: Mapped[str | None] = mapped_column(String(200))


class StoredFile(Editable, Base):
    """[M] One row per file kept beside the database, named by the SHA-256 of its bytes, until `erased_at`."""

    __tablename__ = "stored_file"
    __table_args__ = (CheckConstraint("size_bytes > 0", name="not_empty"), {"info": EDITABLE})

    id: Mapped[Id]
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    media_type: Mapped[str] = mapped_column(String(100))
    size_bytes: Mapped[Micros]
    is_encrypted: Mapped[bool]
    stored_at: Mapped[Micros]
    erased_at: Mapped[Micros | None]


class DocumentFile(Base):
    """[V] document × page: the file of a page or side; the same file may serve two documents."""

    __tablename__ = "document_file"
    __table_args__ = (UniqueConstraint("document_id", "page"), {"info": VERSIONED})

    id: Mapped[Id]
    document_id: Mapped[int] = references("document.id", index=False)
    page: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64), ForeignKey("stored_file.sha256"), index=True)
