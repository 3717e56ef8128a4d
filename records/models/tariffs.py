"""Tariffs as data: a version decided by the council, and its rules as condition + effect (docs/adr/0005, 0020)."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from domain.tariffs import (
    APPLIES_TO,
    BASES,
    DAY_KINDS,
    FORMS,
    INCOME_BASES,
    MODIFIERS,
    ORIGINS,
    PACKAGE_BASES,
    PSU_BASES,
    RANK_BASES,
    RULE_KINDS,
    SITUATIONS,
    STEP_MODES,
    UNITS,
)
from records.models.base import (
    EDITABLE,
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
    references,
)


def _listed(codes: tuple[str, ...]) -> str:
    return ", ".join(f"'{code}'" for code in codes)


def _ordered(first: str, last: str, name: str, *, is_inclusive: bool = False) -> CheckConstraint:
    """Return a CHECK that a band is not empty; an end that is not given is no bound."""
    sign = ">=" if is_inclusive else ">"
    return CheckConstraint(f"{first} is null or {last} is null or {last} {sign} {first}", name=name)


class Tariff(Editable, Base):
    """[M] One row per price list of a service."""

    __tablename__ = "tariff"
    __table_args__ = ({"info": EDITABLE},)

    id: Mapped[Id]
    ref: Mapped[Ref]
    service_id: Mapped[int] = references("service.id")
    label: Mapped[Label]


class TariffVersion(Base):
    """[V] tariff × valid_from: the council decision; a tariff has no end, a new version starts.

    `unit_step_e4`: the unit price is rounded to this step (100 = the cent; NULL = only the line is), half up, or
    always `up` or `down` by `unit_step_mode`. By `rank_basis` siblings are ranked, the eldest first, and counted:
    the payer's file's children, or those enrolled, or there.
    `package_basis`: a membership is due as soon as a child is enrolled in its period
    (also when NULL), or once they have come.
    """

    __tablename__ = "tariff_version"
    __table_args__ = (
        UniqueConstraint("tariff_id", "valid_from"),
        one_of("rank_basis", *RANK_BASES),
        one_of("package_basis", *PACKAGE_BASES),
        CheckConstraint("unit_step_e4 > 0", name="unit_step"),
        one_of("unit_step_mode", *STEP_MODES),
        CheckConstraint("unit_step_mode is null or unit_step_e4 is not null", name="mode_has_step"),
        {"info": VERSIONED},
    )

    id: Mapped[Id]
    tariff_id: Mapped[int] = references("tariff.id", index=False)
    valid_from: Mapped[Day]
    decision: Mapped[Label]
    unit_step_e4: Mapped[int | None]
    unit_step_mode: Mapped[str | None] = mapped_column(String(40))
    rank_basis: Mapped[str | None] = mapped_column(String(40))
    package_basis: Mapped[str | None] = mapped_column(String(40))


class TariffRule(Base):
    """[V] version × ordinal: conditions, and an effect on the price.

    Conditions: NULL = any, but a NULL `kind` = the ordinary line of the day. Half-open: QF (`_e2`), monthly
    income, age in months, lead (minutes between receipt of the booking and the slot's start); inclusive: ranks,
    dependent children, siblings (counted by the version's `rank_basis`). Base forms: the first rule whose
    conditions all hold gives the price of a `unit` (`unit_begun`: the service's, or `unit_minutes`), in
    ten-thousandths of a euro (`_e4`): `flat` amount, `rate` amount + `rate_e6` of the basis within floor and
    ceiling, `linear` from amount at `qf_from` to `amount_to` at `qf_to`, `psu` the State's scale. Modifiers (add,
    percent, replace, minimum, maximum): all that hold, in order, on the unit price or on the line.
    """

    __tablename__ = "tariff_rule"
    __table_args__ = (
        UniqueConstraint("version_id", "ordinal"),
        one_of("form", *FORMS),
        one_of("unit", *UNITS),
        one_of("kind", *RULE_KINDS),
        one_of("situation", *SITUATIONS),
        one_of("origin", *ORIGINS),
        one_of("day_kind", *DAY_KINDS),
        one_of("basis", *BASES),
        one_of("applies_to", *APPLIES_TO),
        CheckConstraint("form = 'add' or amount_e4 >= 0", name="amount_not_negative"),
        CheckConstraint(
            "case when form in ('percent', 'psu') then amount_e4 is null "
            "else form = 'rate' or amount_e4 is not null end",
            name="amount_given",
        ),
        CheckConstraint(
            "(form = 'linear') = (amount_to_e4 is not null) and (amount_to_e4 is null or amount_to_e4 >= 0)",
            name="amount_to",
        ),
        CheckConstraint(
            "form <> 'linear' or (qf_from_e2 is not null and qf_to_e2 is not null)", name="linear_has_band"
        ),
        CheckConstraint("(rate_e6 is not null) = (form in ('rate', 'percent'))", name="rate_given"),
        CheckConstraint("rate_e6 >= -1000000 and (form = 'percent' or rate_e6 >= 0)", name="rate_bounds"),
        CheckConstraint(
            f"case form when 'rate' then basis is not null and basis in ({_listed(INCOME_BASES)}) "
            f"when 'psu' then basis is not null and basis in ({_listed(PSU_BASES)}) else basis is null end",
            name="basis_given",
        ),
        CheckConstraint("form = 'rate' or (floor_e4 is null and ceiling_e4 is null)", name="bounds_of_rate"),
        CheckConstraint("floor_e4 >= 0", name="floor_not_negative"),
        _ordered("floor_e4", "ceiling_e4", "bounds_order", is_inclusive=True),
        CheckConstraint("(above_ceiling is not null) = (form = 'psu')", name="above_ceiling_given"),
        CheckConstraint(f"(applies_to is not null) = (form in ({_listed(MODIFIERS)}))", name="applies_to_given"),
        CheckConstraint(f"(unit is null) = (form in ({_listed(MODIFIERS)}))", name="unit_given"),
        CheckConstraint("form <> 'psu' or unit = 'hour'", name="psu_is_hourly"),
        _ordered("qf_from_e2", "qf_to_e2", "band_order"),
        _ordered("income_from_cents", "income_to_cents", "income_order"),
        _ordered("age_from_months", "age_to_months", "age_order"),
        _ordered("lead_from_minutes", "lead_to_minutes", "lead_order"),
        _ordered("rank_from", "rank_to", "rank_order", is_inclusive=True),
        _ordered("children_from", "children_to", "children_order", is_inclusive=True),
        _ordered("siblings_from", "siblings_to", "siblings_order", is_inclusive=True),
        CheckConstraint(
            "unit_minutes is null "
            "or (unit is not null and unit = 'unit_begun' and unit_minutes between 1 and 1440)",
            name="unit_minutes",
        ),
        {"info": VERSIONED},
    )

    id: Mapped[Id]
    version_id: Mapped[int] = references("tariff_version.id", index=False)
    ordinal: Mapped[int]
    label: Mapped[Label]
    kind: Mapped[str | None] = mapped_column(String(40))
    category: Mapped[str | None] = mapped_column(String(40))
    formula: Mapped[str | None] = mapped_column(String(40))
    residence: Mapped[str | None] = mapped_column(String(40))
    level: Mapped[str | None] = mapped_column(String(40))
    situation: Mapped[str | None] = mapped_column(String(40))
    is_booked_late: Mapped[bool | None]
    origin: Mapped[str | None] = mapped_column(String(40))
    day_kind: Mapped[str | None] = mapped_column(String(40))
    qf_from_e2: Mapped[int | None]
    qf_to_e2: Mapped[int | None]
    income_from_cents: Mapped[Micros | None]
    income_to_cents: Mapped[Micros | None]
    rank_from: Mapped[int | None]
    rank_to: Mapped[int | None]
    age_from_months: Mapped[int | None]
    age_to_months: Mapped[int | None]
    children_from: Mapped[int | None]
    children_to: Mapped[int | None]
    siblings_from: Mapped[int | None]
    siblings_to: Mapped[int | None]
    lead_from_minutes: Mapped[int | None]
    lead_to_minutes: Mapped[int | None]
    form: Mapped[Code]
    unit: Mapped[str | None] = mapped_column(String(40))
    unit_minutes: Mapped[int | None]
    applies_to: Mapped[str | None] = mapped_column(String(40))
    amount_e4: Mapped[int | None]
    amount_to_e4: Mapped[int | None]
    rate_e6: Mapped[int | None]
    basis: Mapped[str | None] = mapped_column(String(40))
    floor_e4: Mapped[int | None]
    ceiling_e4: Mapped[int | None]
    above_ceiling: Mapped[bool | None]


class ResidenceZone(Base):
    """[V] commune × valid_from: the zone of residence of its inhabitants; a commune not listed is `outside`.

    `commune_key` is the search key of the commune's name (domain.names), `decision` the council's.
    """

    __tablename__ = "residence_zone"
    __table_args__ = (UniqueConstraint("commune_key", "valid_from"), {"info": VERSIONED})

    id: Mapped[Id]
    commune: Mapped[Label]
    commune_key: Mapped[Label]
    zone: Mapped[Code]
    valid_from: Mapped[Day]
    decision: Mapped[Label]
