"""Services, where they are offered, their formulas and their dated rules."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, Date, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from records.models.base import (
    EDITABLE,
    VERSIONED,
    Base,
    Code,
    Day,
    Editable,
    Id,
    Label,
    Ref,
    one_of,
    ordered_range,
    references,
    unique_where_null,
)

SERVICE_KINDS = (
    "canteen",
    "morning_care",
    "evening_care",
    "tap_activity",
    "leisure_wednesday",
    "leisure_holiday",
    "sejour",
    "youth_club",
    "daycare",
    "transport",
    "drop_in",
)
CAF_KINDS = (
    "periscolaire_morning",
    "periscolaire_midday",
    "periscolaire_evening",
    "periscolaire_wednesday",
    "extrascolaire",
    "youth",
    "eaje",
    "none",
)
QF_RULES = ("on_day", "month_start", "school_year", "january", "january_september")
YEARLY_QF_RULES = ("school_year", "january")
QF_BACKDATINGS = ("from_effect", "from_record", "from_record_month")
ROUNDING_ON = ("duration", "ends", "arrival", "departure")
ROUNDING_MODES = ("begun", "nearest", "elapsed")
CAF_HOUR_RULES = ("slot_full", "formula_capped", "billed_unit", "sejour", "real", "none")


class Service(Editable, Base):
    """[M] One row per activity that children are enrolled in."""

    __tablename__ = "service"
    __table_args__ = (one_of("kind", *SERVICE_KINDS), one_of("caf_kind", *CAF_KINDS), {"info": EDITABLE})

    id: Mapped[Id]
    ref: Mapped[Ref]
    label: Mapped[Label]
    kind: Mapped[Code]
    caf_kind: Mapped[Code]


class ServicePlace(Editable, Base):
    """[M] service × structure over a range: where a service is offered."""

    __tablename__ = "service_place"
    __table_args__ = (
        UniqueConstraint("service_id", "structure_id", "valid_from"),
        ordered_range(),
        {"info": EDITABLE},
    )

    id: Mapped[Id]
    service_id: Mapped[int] = references("service.id", index=False)
    structure_id: Mapped[int] = references("structure.id")
    valid_from: Mapped[Day]
    valid_to: Mapped[date | None] = mapped_column(Date)


class ServiceFormula(Editable, Base):
    """[M] service × code: a way to attend (half day, day with meal…) with its hours in local minutes."""

    __tablename__ = "service_formula"
    __table_args__ = (
        UniqueConstraint("service_id", "code"),
        CheckConstraint("end_minute > start_minute", name="order"),
        CheckConstraint("half_days in (1, 2)", name="half_days"),
        {"info": EDITABLE},
    )

    id: Mapped[Id]
    service_id: Mapped[int] = references("service.id", index=False)
    code: Mapped[Code]
    label: Mapped[Label]
    start_minute: Mapped[int]
    end_minute: Mapped[int]
    half_days: Mapped[int]
    with_meal: Mapped[bool]


class ServiceRule(Base):
    """[V] service × structure (NULL = everywhere) × valid_from: every rule of the service, dated.

    `weekday_mask` has bit 0 for Monday; `period` says in which weeks it opens; minutes are local;
    `rounding_minutes` is the unit that is billed, of the duration or of the ends that `rounding_on` names (outwards
    when `begun`), the tolerance taken off first; `grace_minutes` is how far outside its slot a tap still belongs to
    it. `qf_rule` says how a QF takes effect: the one of the day, the one that stood on the first of its month (a
    change counts from the next month), on 1 September, on 1 January, or on both, until the next such day; with
    `qf_known_on` (month × 100 + day) a yearly rule takes the one that stood on the last such day before. By
    `qf_backdating` a QF recorded late counts from its own date (what was invoiced is then settled), or not before
    the day or the month in which it was recorded. Source: the council's règlement, kept in `decision`.
    """

    __tablename__ = "service_rule"
    __table_args__ = (
        UniqueConstraint("service_id", "structure_id", "valid_from"),
        unique_where_null("service_rule_everywhere", "structure_id", "service_id", "valid_from"),
        one_of("period", "school", "holiday", "any"),
        one_of("bill_basis", "presence", "booking"),
        one_of("caf_hour_rule", *CAF_HOUR_RULES),
        one_of("undecided_default", "billed", "not_billed", "no_line"),
        one_of("qf_rule", *QF_RULES),
        one_of("qf_backdating", *QF_BACKDATINGS),
        CheckConstraint(
            "qf_known_on is null or (qf_known_on between 101 and 1231 and qf_rule in ('school_year', 'january'))",
            name="qf_known_on",
        ),
        one_of("rounding_on", *ROUNDING_ON),
        one_of("rounding_mode", *ROUNDING_MODES),
        CheckConstraint("slot_end_minute > slot_start_minute", name="slot_order"),
        CheckConstraint("weekday_mask between 1 and 127", name="weekday_mask"),
        CheckConstraint("rounding_minutes > 0 and anti_bounce_seconds >= 0", name="positive"),
        {"info": VERSIONED},
    )

    id: Mapped[Id]
    service_id: Mapped[int] = references("service.id", index=False)
    structure_id: Mapped[int | None] = references("structure.id", nullable=True)
    valid_from: Mapped[Day]
    decision: Mapped[Label]
    period: Mapped[Code]
    weekday_mask: Mapped[int]
    slot_start_minute: Mapped[int]
    slot_end_minute: Mapped[int]
    grace_minutes: Mapped[int]
    anti_bounce_seconds: Mapped[int]
    needs_departure: Mapped[bool]
    rounding_minutes: Mapped[int]
    rounding_on: Mapped[Code] = mapped_column(default="duration")
    rounding_mode: Mapped[Code] = mapped_column(default="begun")
    tolerance_minutes: Mapped[int]
    bill_basis: Mapped[Code]
    undecided_default: Mapped[Code]
    qf_rule: Mapped[Code]
    qf_known_on: Mapped[int | None]
    qf_backdating: Mapped[Code] = mapped_column(default="from_effect")
    caf_hour_rule: Mapped[Code]
    serves_meal: Mapped[bool]
    is_priced: Mapped[bool]
    note: Mapped[str | None] = mapped_column(String(400))
