"""Bodies that pay for others: who they are, and what each has agreed to take over (prise en charge)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, Date, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from records.models.base import (
    EDITABLE,
    Base,
    Code,
    Dated,
    Editable,
    Id,
    Label,
    Micros,
    Recorded,
    Ref,
    facts,
    one_of,
    ordered_range,
    references,
)

BODY_KINDS = ("caf", "msa", "department", "works_council", "guardian", "home", "other_town", "employer", "other")
COVERAGE_STATES = ("asked", "quoted", "notified", "applied", "used_up", "refused", "cancelled")
COVERAGE_KINDS = ("decision", "yearly_quote", "msa_voucher", "caf_leisure", "works_council")
COVERAGE_FORMS = ("percent", "flat", "cap", "scale")
COVERAGE_UNITS = ("hour", "half_day", "day", "meal", "month", "total")


class PayingBody(Dated, Editable, Base):
    """[M] One row per body that pays or looks after children: département, MSA, works council, home, guardian…"""

    __tablename__ = "paying_body"
    __table_args__ = (one_of("kind", *BODY_KINDS), ordered_range(), {"info": EDITABLE})

    id: Mapped[Id]
    ref: Mapped[Ref]
    name: Mapped[Label]
    kind: Mapped[Code]
    siret: Mapped[str | None] = mapped_column(String(14))
    street: Mapped[str | None] = mapped_column(String(200))
    postcode: Mapped[str | None] = mapped_column(String(10))
    commune: Mapped[str | None] = mapped_column(String(200))
    email: Mapped[str | None] = mapped_column(String(200))
    phone: Mapped[str | None] = mapped_column(String(40))


class Coverage(Dated, Editable, Base):
    """[M] body × child × decision over a range: what the body pays, bodies in the order of `rank`.

    `percent` takes `percent_e4` of what is left, up to `unit_ceiling_cents` per `unit`; `flat` pays `amount_cents`
    per `unit`, `cap` pays up to it, `scale` what the body's own scale gives that day; none pays more than is left.
    Each up to `ceiling_cents` and `units_max` in all, and `year_units_max` a calendar year; with `holidays_only`,
    on days of school holidays alone. States: asked → quoted → notified → applied → used up (notes §8).
    """

    __tablename__ = "coverage"
    __table_args__ = (
        UniqueConstraint("body_id", "child_id", "decision_number"),
        one_of("state", *COVERAGE_STATES),
        one_of("kind", *COVERAGE_KINDS),
        one_of("form", *COVERAGE_FORMS),
        one_of("unit", *COVERAGE_UNITS),
        CheckConstraint("(form = 'percent') = (percent_e4 is not null)", name="percent"),
        CheckConstraint("(form in ('percent', 'scale')) = (amount_cents is null)", name="amount"),
        CheckConstraint("form = 'percent' or unit_ceiling_cents is null", name="unit_ceiling"),
        CheckConstraint("unit_ceiling_cents is null or unit_ceiling_cents > 0", name="unit_ceiling_positive"),
        CheckConstraint("year_units_max is null or year_units_max > 0", name="year_units_positive"),
        CheckConstraint("percent_e4 is null or percent_e4 between 1 and 10000", name="percent_bounds"),
        CheckConstraint("amount_cents is null or amount_cents > 0", name="amount_positive"),
        CheckConstraint("ceiling_cents is null or ceiling_cents > 0", name="ceiling_positive"),
        CheckConstraint(
            "state not in ('notified', 'applied', 'used_up') or decision_number is not null", name="decision_number"
        ),
        ordered_range(),
        {"info": EDITABLE},
    )

    id: Mapped[Id]
    ref: Mapped[Ref]
    body_id: Mapped[int] = references("paying_body.id", index=False)
    child_id: Mapped[int] = references("person.id")
    service_id: Mapped[int | None] = references("service.id", nullable=True)
    decision_number: Mapped[str | None] = mapped_column(String(60))
    state: Mapped[Code]
    kind: Mapped[Code]
    form: Mapped[Code]
    percent_e4: Mapped[int | None]
    amount_cents: Mapped[Micros | None]
    unit: Mapped[Code]
    unit_ceiling_cents: Mapped[Micros | None]
    units_max: Mapped[int | None]
    year_units_max: Mapped[int | None]
    holidays_only: Mapped[bool]
    ceiling_cents: Mapped[Micros | None]
    rank: Mapped[int]
    document_id: Mapped[int | None] = references("document.id", nullable=True)


class CoverageEnrolment(Editable, Base):
    """[M] coverage × enrolment: where the director applied it; `removed_on` takes it off from that day on."""

    __tablename__ = "coverage_enrolment"
    __table_args__ = (UniqueConstraint("coverage_id", "enrolment_id"), {"info": EDITABLE})

    id: Mapped[Id]
    coverage_id: Mapped[int] = references("coverage.id", index=False)
    enrolment_id: Mapped[int] = references("enrolment.id")
    removed_on: Mapped[date | None] = mapped_column(Date)


class CoverageEvent(Recorded, Base):
    """[I] coverage × seq: each change of state, and why; `amount_cents` is what was quoted."""

    __tablename__ = "coverage_event"
    __table_args__ = (
        UniqueConstraint("coverage_id", "seq"),
        one_of("state", *COVERAGE_STATES),
        CheckConstraint("amount_cents is null or state = 'quoted'", name="quoted_amount"),
        {"info": facts("comment")},
    )

    id: Mapped[Id]
    coverage_id: Mapped[int] = references("coverage.id", index=False)
    seq: Mapped[int]
    state: Mapped[Code]
    comment: Mapped[str | None] = mapped_column(String(400))
    amount_cents: Mapped[Micros | None]
