"""The family file: families, people with their addresses and telephones, members, payers, classes."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, Date, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

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
    Ref,
    one_of,
    ordered_range,
    references,
    unique_where_null,
)


class Family(Editable, Base):
    """[M] One row per dossier famille; `merged_into_id` keeps a merge reversible.

    `letter_name` is how letters begin when two people share a payer (« Monsieur et Madame Fournier »).
    """

    __tablename__ = "family"
    __table_args__ = ({"info": EDITABLE},)

    id: Mapped[Id]
    ref: Mapped[Ref]
    name: Mapped[Label]
    letter_name: Mapped[str | None] = mapped_column(String(200))
    merged_into_id: Mapped[int | None] = references("family.id", nullable=True)
    anonymised_at: Mapped[Micros | None]


class Person(Editable, Base):
    """[M] One row per human, once: names as given, and an accent-free upper-case `search_key`.

    `sex` and the two codes of the place of birth are what API Particulier asks of an allocataire (CAF notes §4.2).
    """

    __tablename__ = "person"
    __table_args__ = (one_of("sex", "F", "M"), {"info": EDITABLE})

    id: Mapped[Id]
    ref: Mapped[Ref]
    civility: Mapped[str | None] = mapped_column(String(40))
    first_name: Mapped[Label]
    last_name: Mapped[Label]
    used_name: Mapped[str | None] = mapped_column(String(200))
    search_key: Mapped[str] = mapped_column(String(400), index=True)
    birth_date: Mapped[date | None] = mapped_column(Date)
    email: Mapped[str | None] = mapped_column(String(200))
    occupation: Mapped[str | None] = mapped_column(String(200))
    sex: Mapped[str | None] = mapped_column(String(1))
    birth_commune_code: Mapped[str | None] = mapped_column(String(5))
    birth_country_code: Mapped[str | None] = mapped_column(String(5))
    merged_into_id: Mapped[int | None] = references("person.id", nullable=True)
    anonymised_at: Mapped[Micros | None]


class PersonPhone(Editable, Base):
    """[M] person × number: several telephones, called in the order of `rank`."""

    __tablename__ = "person_phone"
    __table_args__ = (
        UniqueConstraint("person_id", "number"),
        one_of("kind", "mobile", "home", "work", "other"),
        {"info": EDITABLE},
    )

    id: Mapped[Id]
    person_id: Mapped[int] = references("person.id", index=False)
    number: Mapped[str] = mapped_column(String(40), index=True)
    kind: Mapped[Code]
    rank: Mapped[int]
    note: Mapped[str | None] = mapped_column(String(200))


class Address(Dated, Editable, Base):
    """[M] family or person × range: where they live; a person's own address comes before the file's.

    `commune` is the commune nouvelle and is always given; the former commune has its own field (domain notes §3).
    """

    __tablename__ = "address"
    __table_args__ = (
        CheckConstraint("(family_id is null) <> (person_id is null)", name="one_owner"),
        unique_where_null("address_family", "person_id", "family_id", "valid_from"),
        unique_where_null("address_person", "family_id", "person_id", "valid_from"),
        ordered_range(),
        {"info": EDITABLE},
    )

    id: Mapped[Id]
    family_id: Mapped[int | None] = references("family.id", nullable=True)
    person_id: Mapped[int | None] = references("person.id", nullable=True)
    street: Mapped[str | None] = mapped_column(String(200))
    extra: Mapped[str | None] = mapped_column(String(200))
    postcode: Mapped[str | None] = mapped_column(String(10))
    commune: Mapped[Label]
    former_commune: Mapped[str | None] = mapped_column(String(200))
    is_reliable: Mapped[bool] = mapped_column(default=True)


class FamilyMember(Editable, Base):
    """[M] family × person × role over a range; contacts may be forbidden to collect.

    `emergency_rank` is the order in which people are called (1 first, NULL = not called).
    """

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
    emergency_rank: Mapped[int | None]
    valid_from: Mapped[Day]
    valid_to: Mapped[date | None] = mapped_column(Date)


class Payer(Editable, Base):
    """[M] One row per person or body that receives invoices of a family file; two payers, two invoices.

    `merged_into_id`: two payers that a merge of files or people made one; facts about either are the kept one's.
    """

    __tablename__ = "payer"
    __table_args__ = (
        CheckConstraint("(person_id is null) <> (body_id is null)", name="person_or_body"),
        one_of("notice_channel", "sms", "email", "none"),
        {"info": EDITABLE},
    )

    id: Mapped[Id]
    ref: Mapped[Ref]
    family_id: Mapped[int] = references("family.id")
    person_id: Mapped[int | None] = references("person.id", nullable=True)
    body_id: Mapped[int | None] = references("paying_body.id", nullable=True)
    notice_channel: Mapped[Code]
    wants_paper: Mapped[bool]
    merged_into_id: Mapped[int | None] = references("payer.id", nullable=True)


class ClassMembership(Editable, Base):
    """[M] person × class over a range."""

    __tablename__ = "class_membership"
    __table_args__ = (UniqueConstraint("person_id", "class_id", "valid_from"), ordered_range(), {"info": EDITABLE})

    id: Mapped[Id]
    person_id: Mapped[int] = references("person.id", index=False)
    class_id: Mapped[int] = references("school_class.id")
    valid_from: Mapped[Day]
    valid_to: Mapped[date | None] = mapped_column(Date)
