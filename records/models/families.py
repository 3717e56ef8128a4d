"""The family file: families, people, payers, QF, régime, diets, health notes, custody, classes."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, Date, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from records.models.base import (
    EDITABLE,
    IMMUTABLE,
    VERSIONED,
    Base,
    Code,
    Day,
    Editable,
    Id,
    Label,
    Micros,
    Ref,
    one_of,
    ordered_range,
    references,
)

QF_UNKNOWN_E2 = 999_900  # « 9999 », entered until the real one arrives (domain notes §3)


class Family(Editable, Base):
    """[M] One row per dossier famille; `merged_into_id` keeps a merge reversible."""

    __tablename__ = "family"
    __table_args__ = ({"info": EDITABLE},)

    id: Mapped[Id]
    ref: Mapped[Ref]
    name: Mapped[Label]
    commune: Mapped[Label]
    former_commune: Mapped[str | None] = mapped_column(String(200))
    merged_into_id: Mapped[int | None] = references("family.id", nullable=True)


class Person(Editable, Base):
    """[M] One row per human, once: names as given, and an accent-free upper-case `search_key`."""

    __tablename__ = "person"
    __table_args__ = ({"info": EDITABLE},)

    id: Mapped[Id]
    ref: Mapped[Ref]
    civility: Mapped[str | None] = mapped_column(String(40))
    first_name: Mapped[Label]
    last_name: Mapped[Label]
    used_name: Mapped[str | None] = mapped_column(String(200))
    search_key: Mapped[str] = mapped_column(String(400), index=True)
    birth_date: Mapped[date | None] = mapped_column(Date)
    email: Mapped[str | None] = mapped_column(String(200))
    phone: Mapped[str | None] = mapped_column(String(40))


class FamilyMember(Editable, Base):
    """[M] family × person × role over a range; contacts may be forbidden to collect."""

    __tablename__ = "family_member"
    __table_args__ = (
        UniqueConstraint("family_id", "person_id", "role", "valid_from"),
        one_of("role", "guardian", "child", "contact"),
        one_of("pickup", "yes", "no", "forbidden"),
        ordered_range(),
        {"info": EDITABLE},
    )

    id: Mapped[Id]
    family_id: Mapped[int] = references("family.id", index=False)
    person_id: Mapped[int] = references("person.id")
    role: Mapped[Code]
    kinship: Mapped[str | None] = mapped_column(String(60))
    pickup: Mapped[Code]
    valid_from: Mapped[Day]
    valid_to: Mapped[date | None] = mapped_column(Date)


class Payer(Editable, Base):
    """[M] One row per person or body that receives invoices of a family file; two payers, two invoices."""

    __tablename__ = "payer"
    __table_args__ = (
        CheckConstraint("(person_id is null) <> (body_name is null)", name="person_or_body"),
        one_of("notice_channel", "sms", "email", "none"),
        {"info": EDITABLE},
    )

    id: Mapped[Id]
    ref: Mapped[Ref]
    family_id: Mapped[int] = references("family.id")
    person_id: Mapped[int | None] = references("person.id", nullable=True)
    body_name: Mapped[str | None] = mapped_column(String(200))
    notice_channel: Mapped[Code]
    wants_paper: Mapped[bool]


class Qf(Base):
    """[I] family × payer (NULL = the whole file) × effective day × recording: a new QF is added, never edited.

    `value_e2` is in hundredths; 9999 with source `default` means « not known yet ». Source: domain notes §3.
    """

    __tablename__ = "qf"
    __table_args__ = (
        Index("ix_qf_family_effective", "family_id", "effective_from"),
        one_of("source", "caf", "msa", "computed", "default"),
        CheckConstraint("value_e2 >= 0", name="value_not_negative"),
        {"info": IMMUTABLE},
    )

    id: Mapped[Id]
    family_id: Mapped[int] = references("family.id", index=False)
    payer_id: Mapped[int | None] = references("payer.id", nullable=True)
    effective_from: Mapped[Day]
    recorded_at: Mapped[Micros]
    value_e2: Mapped[int]
    source: Mapped[Code]
    replaces_id: Mapped[int | None] = references("qf.id", nullable=True)


class Regime(Base):
    """[I] family × effective day: the fund the family belongs to; CAF wants hours split by its group."""

    __tablename__ = "regime"
    __table_args__ = (
        one_of("caf_group", "RG", "MSA", "AUTRE"),
        {"info": IMMUTABLE},
    )

    id: Mapped[Id]
    family_id: Mapped[int] = references("family.id")
    effective_from: Mapped[Day]
    recorded_at: Mapped[Micros]
    code: Mapped[Code]
    caf_group: Mapped[Code]
    allocataire_number: Mapped[str | None] = mapped_column(String(20))


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


class HealthNote(Editable, Base):
    """[M] person × kind × label over a range: what serving staff must act on, never the nature of a disability."""

    __tablename__ = "health_note"
    __table_args__ = (one_of("kind", "allergy", "pai"), ordered_range(), {"info": EDITABLE})

    id: Mapped[Id]
    person_id: Mapped[int] = references("person.id")
    kind: Mapped[Code]
    label: Mapped[Label]
    valid_from: Mapped[Day]
    valid_to: Mapped[date | None] = mapped_column(Date)


class CustodyCalendar(Base):
    """[V] child × valid_from: which of two payers has the child each day of a 14-day cycle.

    `pattern` is 14 characters « 1 » or « 2 » from `anchor_on`; ISO week parity alone is wrong (53 weeks in 2026).
    """

    __tablename__ = "custody_calendar"
    __table_args__ = (
        UniqueConstraint("child_id", "valid_from"),
        CheckConstraint("length(pattern) = 14", name="fourteen_days"),
        CheckConstraint("payer_1_id <> payer_2_id", name="two_payers"),
        {"info": VERSIONED},
    )

    id: Mapped[Id]
    child_id: Mapped[int] = references("person.id", index=False)
    valid_from: Mapped[Day]
    anchor_on: Mapped[Day]
    pattern: Mapped[str] = mapped_column(String(14))
    payer_1_id: Mapped[int] = references("payer.id")
    payer_2_id: Mapped[int] = references("payer.id")


class ClassMembership(Editable, Base):
    """[M] person × class over a range."""

    __tablename__ = "class_membership"
    __table_args__ = (UniqueConstraint("person_id", "class_id", "valid_from"), ordered_range(), {"info": EDITABLE})

    id: Mapped[Id]
    person_id: Mapped[int] = references("person.id", index=False)
    class_id: Mapped[int] = references("school_class.id")
    valid_from: Mapped[Day]
    valid_to: Mapped[date | None] = mapped_column(Date)
