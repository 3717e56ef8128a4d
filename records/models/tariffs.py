"""Tariffs as data: a version decided by the council, and its rules as condition + effect (docs/adr/0005)."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from records.models.base import EDITABLE, VERSIONED, Base, Code, Day, Editable, Id, Label, Ref, one_of, references

UNITS = ("meal", "unit_begun", "formula")


class Tariff(Editable, Base):
    """[M] One row per price list of a service."""

    __tablename__ = "tariff"
    __table_args__ = ({"info": EDITABLE},)

    id: Mapped[Id]
    ref: Mapped[Ref]
    service_id: Mapped[int] = references("service.id")
    label: Mapped[Label]


class TariffVersion(Base):
    """[V] tariff × valid_from: the council decision; a tariff has no end, a new version starts."""

    __tablename__ = "tariff_version"
    __table_args__ = (UniqueConstraint("tariff_id", "valid_from"), {"info": VERSIONED})

    id: Mapped[Id]
    tariff_id: Mapped[int] = references("tariff.id", index=False)
    valid_from: Mapped[Day]
    decision: Mapped[Label]


class TariffRule(Base):
    """[V] version × ordinal: the first rule whose conditions all hold gives the price.

    Conditions: NULL = any; QF bands are half-open `[qf_from_e2, qf_to_e2)` in hundredths. Effect: `flat` is
    `amount_e4` (ten-thousandths of a euro) per `unit`: a meal, a unit begun of the service's rounding, a formula.
    """

    __tablename__ = "tariff_rule"
    __table_args__ = (
        UniqueConstraint("version_id", "ordinal"),
        one_of("form", "flat"),
        one_of("unit", *UNITS),
        CheckConstraint("amount_e4 >= 0", name="amount_not_negative"),
        CheckConstraint("qf_from_e2 is null or qf_to_e2 is null or qf_to_e2 > qf_from_e2", name="band_order"),
        {"info": VERSIONED},
    )

    id: Mapped[Id]
    version_id: Mapped[int] = references("tariff_version.id", index=False)
    ordinal: Mapped[int]
    label: Mapped[Label]
    category: Mapped[str | None] = mapped_column(String(40))
    formula: Mapped[str | None] = mapped_column(String(40))
    qf_from_e2: Mapped[int | None]
    qf_to_e2: Mapped[int | None]
    form: Mapped[Code]
    unit: Mapped[Code]
    amount_e4: Mapped[int]
