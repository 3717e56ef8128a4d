"""What families allow and answer: authorisations and complementary questions of kinds that staff define."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, Date, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from records.models.base import (
    EDITABLE,
    Base,
    Code,
    Dated,
    Editable,
    Id,
    Label,
    Ref,
    one_of,
    ordered_range,
    references,
)

ANSWER_TYPES = ("yes_no", "text", "number", "date", "choice")


class AuthorisationKind(Dated, Editable, Base):
    """[M] One row per kind of authorisation: photo, leave alone, hospitalisation, transport, authorised persons…"""

    __tablename__ = "authorisation_kind"
    __table_args__ = (ordered_range(), {"info": EDITABLE})

    id: Mapped[Id]
    ref: Mapped[Ref]
    label: Mapped[Label]
    needs_both_guardians: Mapped[bool]
    is_mandatory: Mapped[bool]


class Authorisation(Dated, Editable, Base):
    """[M] child × kind × who answers, over a range: allowed or refused; no row = not answered, never « yes »."""

    __tablename__ = "authorisation"
    __table_args__ = (
        UniqueConstraint("person_id", "kind_id", "given_by_id", "valid_from"),
        ordered_range(),
        {"info": EDITABLE},
    )

    id: Mapped[Id]
    person_id: Mapped[int] = references("person.id", index=False)
    kind_id: Mapped[int] = references("authorisation_kind.id")
    given_by_id: Mapped[int] = references("person.id")
    is_allowed: Mapped[bool]
    signed_on: Mapped[date | None] = mapped_column(Date)
    document_id: Mapped[int | None] = references("document.id", nullable=True)
    detail: Mapped[str | None] = mapped_column(String(400))


class Question(Dated, Editable, Base):
    """[M] One row per complementary question, of one service or of all; `choices` is a JSON list for `choice`."""

    __tablename__ = "question"
    __table_args__ = (
        one_of("answer_type", *ANSWER_TYPES),
        one_of("about", "child", "adult"),
        CheckConstraint("(answer_type = 'choice') = (choices is not null)", name="choices"),
        ordered_range(),
        {"info": EDITABLE},
    )

    id: Mapped[Id]
    ref: Mapped[Ref]
    service_id: Mapped[int | None] = references("service.id", nullable=True)
    about: Mapped[Code]
    label: Mapped[Label]
    answer_type: Mapped[Code]
    choices: Mapped[str | None] = mapped_column(Text)
    is_mandatory: Mapped[bool]
    rank: Mapped[int]


class Answer(Dated, Editable, Base):
    """[M] question × person over a range; `value` is written as its type says (`oui`/`non`, 2026-09-01, 12.5…)."""

    __tablename__ = "answer"
    __table_args__ = (
        UniqueConstraint("question_id", "person_id", "valid_from"),
        ordered_range(),
        {"info": EDITABLE},
    )

    id: Mapped[Id]
    question_id: Mapped[int] = references("question.id", index=False)
    person_id: Mapped[int] = references("person.id")
    value: Mapped[str] = mapped_column(String(400))
