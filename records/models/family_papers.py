"""What goes with a family file: notes, signatures, the yearly check, and the journal of merges."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, Date, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from records.models.base import (
    EDITABLE,
    IMMUTABLE,
    Base,
    BigInt,
    Code,
    Dated,
    Day,
    Editable,
    Id,
    Recorded,
    facts,
    one_of,
    ordered_range,
    references,
)

NOTE_KINDS = ("general", "address", "contact", "money", "pickup")
PAPERS = ("family_file", "enrolment", "rules", "mandate", "authorisation", "quote")


class Note(Dated, Recorded, Editable, Base):
    """[M] family (and maybe one of its people) × kind over a range; `opens_with_file` ones are shown first."""

    __tablename__ = "note"
    __table_args__ = (one_of("kind", *NOTE_KINDS), ordered_range(), {"info": EDITABLE})

    id: Mapped[Id]
    family_id: Mapped[int] = references("family.id")
    person_id: Mapped[int | None] = references("person.id", nullable=True)
    kind: Mapped[Code]
    text: Mapped[str] = mapped_column(Text)
    opens_with_file: Mapped[bool]


class Signature(Recorded, Base):
    """[I] One row per paper signed (or rules accepted): who, when, on which paper, by which delegation.

    Files and enrolments without a row are unsigned (domain notes §3). A mistake is taken back by a new row that
    `replaces_id` it, with `is_withdrawn` when nothing was signed at all.
    """

    __tablename__ = "signature"
    __table_args__ = (
        one_of("paper", *PAPERS),
        one_of("channel", "paper", "portal"),
        CheckConstraint("replaces_id is not null or not is_withdrawn", name="withdrawn_replaces"),
        CheckConstraint("paper <> 'enrolment' or enrolment_id is not null", name="enrolment"),
        CheckConstraint("paper <> 'rules' or service_id is not null", name="rules_of_service"),
        {"info": facts("comment")},
    )

    id: Mapped[Id]
    family_id: Mapped[int] = references("family.id")
    signer_id: Mapped[int] = references("person.id")
    paper: Mapped[Code]
    enrolment_id: Mapped[int | None] = references("enrolment.id", nullable=True)
    service_id: Mapped[int | None] = references("service.id", nullable=True)
    document_id: Mapped[int | None] = references("document.id", nullable=True)
    delegation_id: Mapped[int | None] = references("delegation.id", nullable=True)
    signed_on: Mapped[Day]
    channel: Mapped[Code]
    comment: Mapped[str | None] = mapped_column(String(200))
    is_withdrawn: Mapped[bool] = mapped_column(default=False)
    replaces_id: Mapped[int | None] = references("signature.id", nullable=True)


class FamilyReview(Editable, Base):
    """[M] family × school year: last year's file sent out, received back, complete (domain notes §10)."""

    __tablename__ = "family_review"
    __table_args__ = (UniqueConstraint("family_id", "school_year_id"), {"info": EDITABLE})

    id: Mapped[Id]
    family_id: Mapped[int] = references("family.id", index=False)
    school_year_id: Mapped[int] = references("school_year.id")
    clerk_id: Mapped[int | None] = references("account.id", nullable=True)
    asked_on: Mapped[date | None] = mapped_column(Date)
    received_on: Mapped[date | None] = mapped_column(Date)
    completed_on: Mapped[date | None] = mapped_column(Date)
    reminded_on: Mapped[date | None] = mapped_column(Date)


class Merge(Recorded, Base):
    """[I] One row per merge of two families or two people, or per merge taken back (`undoes_id`)."""

    __tablename__ = "merge"
    __table_args__ = (
        one_of("entity", "family", "person"),
        CheckConstraint("kept_id <> merged_id", name="two_rows"),
        UniqueConstraint("undoes_id"),
        Index("ix_merge_entity_merged", "entity", "merged_id"),
        {"info": facts("reason")},
    )

    id: Mapped[Id]
    entity: Mapped[Code]
    kept_id: Mapped[int] = mapped_column(BigInt)
    merged_id: Mapped[int] = mapped_column(BigInt)
    reason: Mapped[str | None] = mapped_column(String(200))
    undoes_id: Mapped[int | None] = references("merge.id", index=False, nullable=True)


class MergeMove(Base):
    """[I] merge × editable row × column that it changed: the ids it pointed to before and after.

    What is no pointer (who may collect, and until when) is told as text in `old_value` and `new_value`. Facts are
    never moved: they keep their ids and are read through `merged_into_id` (docs/adr/0012).
    """

    __tablename__ = "merge_move"
    __table_args__ = (UniqueConstraint("merge_id", "table_name", "row_id", "column_name"), {"info": IMMUTABLE})

    id: Mapped[Id]
    merge_id: Mapped[int] = references("merge.id", index=False)
    table_name: Mapped[Code]
    row_id: Mapped[int] = mapped_column(BigInt)
    column_name: Mapped[Code]
    old_id: Mapped[int | None] = mapped_column(BigInt)
    new_id: Mapped[int | None] = mapped_column(BigInt)
    old_value: Mapped[str | None] = mapped_column(String(40))
    new_value: Mapped[str | None] = mapped_column(String(40))
