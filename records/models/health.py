"""Health of a person, with a right of its own, encrypted at rest; each reading leaves a row."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Date, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from records.encryption import EncryptedText
from records.models.base import (
    EDITABLE,
    Base,
    Code,
    Dated,
    Day,
    Editable,
    Id,
    Label,
    Micros,
    facts,
    one_of,
    ordered_range,
    references,
)

HEALTH_KINDS = ("allergy", "pai", "treatment", "vaccination", "doctor", "other")
SERVING_KINDS = ("allergy", "pai")  # what a terminal shows to those who serve


class Diet(Editable, Base):
    """[M] person × diet over a range; `panier_repas` is seated and listed, never ordered (domain notes §3)."""

    __tablename__ = "diet"
    __table_args__ = (ordered_range(), {"info": EDITABLE})

    id: Mapped[Id]
    person_id: Mapped[int] = references("person.id")
    code: Mapped[Code]
    label: Mapped[Label]
    valid_from: Mapped[Day]
    valid_to: Mapped[date | None] = mapped_column(Date)


class HealthNote(Dated, Editable, Base):
    """[M] person × kind × text over a range: what staff must act on, never the nature of a disability.

    `label` is read at a glance, `detail` is the rest (dose, telephone of the doctor). A vaccination holds from the
    day it was done; an allergy has no end unless the medical paper gives one (CAF notes §6).
    """

    __tablename__ = "health_note"
    __table_args__ = (one_of("kind", *HEALTH_KINDS), ordered_range(), {"info": EDITABLE})

    id: Mapped[Id]
    person_id: Mapped[int] = references("person.id")
    kind: Mapped[Code]
    label: Mapped[str] = mapped_column(EncryptedText("health_note.label"))
    detail: Mapped[str | None] = mapped_column(EncryptedText("health_note.detail"))
    document_id: Mapped[int | None] = references("document.id", nullable=True)


class HealthAccess(Base):
    """[I] One row per reading of somebody's health data: who, whose, when, by which operation."""

    __tablename__ = "health_access"
    __table_args__ = (
        Index("ix_health_access_person_read", "person_id", "read_at"),
        {"info": facts("reader")},
    )

    id: Mapped[Id]
    person_id: Mapped[int] = references("person.id", index=False)
    account_id: Mapped[int | None] = references("account.id", nullable=True)
    reader: Mapped[str | None] = mapped_column(String(80))
    read_at: Mapped[Micros]
    operation: Mapped[str] = mapped_column(String(80))
