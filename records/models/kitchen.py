"""What the kitchen says: menus, dated settings, orders and what was sent of them, what was left, trays ticked."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, Date, String, UniqueConstraint
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
    Recorded,
    one_of,
    references,
    unique_where_null,
)

DISHES = ("meat", "poultry", "fish", "vegetarian", "other")
HORIZONS = ("supplier", "firm", "day_before", "morning")  # from the earliest to the last adjustment
WASTE_KINDS = ("unserved", "plates")
PACK_MAX, MINIMUM_MAX, PORTIONS_MAX, GRAMS_MAX = 100, 1_000, 100_000, 10_000_000


class Menu(Editable, Base):
    """[M] day × structure (NULL = wherever nothing else is said): what is served, and what its main dish is.

    `dish` is what the estimate learns from; a vegetarian one is the weekly menu of the law EGalim.
    """

    __tablename__ = "menu"
    __table_args__ = (
        UniqueConstraint("structure_id", "day"),
        unique_where_null("menu_everywhere", "structure_id", "day"),
        one_of("dish", *DISHES),
        {"info": EDITABLE},
    )

    id: Mapped[Id]
    structure_id: Mapped[int | None] = references("structure.id", index=False, nullable=True)
    day: Mapped[date] = mapped_column(Date, index=True)
    label: Mapped[Label]
    dish: Mapped[Code]


class KitchenSetting(Recorded, Base):
    """[V] structure (NULL = the whole town) × valid_from × seq: how meals are ordered; the last version stands.

    Portions come by `pack`, at least `minimum` a delivery of a diet. The supplier is told `supplier_days` before
    the meal, firmly `firm_days` before. `missing_cents` is what a meal too few costs, `wasted_cents` one too many.
    """

    __tablename__ = "kitchen_setting"
    __table_args__ = (
        UniqueConstraint("structure_id", "valid_from", "seq"),
        unique_where_null("kitchen_setting_everywhere", "structure_id", "valid_from", "seq"),
        CheckConstraint(f"pack between 1 and {PACK_MAX}", name="pack"),
        CheckConstraint(f"minimum between 0 and {MINIMUM_MAX}", name="minimum"),
        CheckConstraint("firm_days >= 1 and supplier_days >= firm_days", name="horizons"),
        CheckConstraint("missing_cents > 0 and wasted_cents > 0", name="costs"),
        {"info": VERSIONED},
    )

    id: Mapped[Id]
    structure_id: Mapped[int | None] = references("structure.id", index=False, nullable=True)
    valid_from: Mapped[Day]
    seq: Mapped[int]
    decision: Mapped[Label]
    supplier: Mapped[Label]
    mail: Mapped[str | None] = mapped_column(String(200))
    pack: Mapped[int]
    minimum: Mapped[int]
    supplier_days: Mapped[int]
    firm_days: Mapped[int]
    missing_cents: Mapped[int]
    wasted_cents: Mapped[int]


class MealOrder(Recorded, Base):
    """[I] structure × service × day × diet × horizon × seq: meals ordered; the last version of a horizon stands.

    A later horizon takes the place of an earlier one. `proposed` is what the estimate came to, NULL without one.
    """

    __tablename__ = "meal_order"
    __table_args__ = (
        UniqueConstraint("day", "structure_id", "service_id", "diet_code", "horizon", "seq"),
        one_of("horizon", *HORIZONS),
        CheckConstraint(f"quantity between 0 and {PORTIONS_MAX}", name="quantity"),
        {"info": IMMUTABLE},
    )

    id: Mapped[Id]
    structure_id: Mapped[int] = references("structure.id")
    service_id: Mapped[int] = references("service.id")
    day: Mapped[Day]
    diet_code: Mapped[str] = mapped_column(String(200))
    diet_label: Mapped[Label]
    horizon: Mapped[Code]
    seq: Mapped[int]
    quantity: Mapped[int]
    proposed: Mapped[int | None]
    reason: Mapped[str | None] = mapped_column(String(400))


class MealDispatch(Recorded, Base):
    """[I] One row per order sent to a supplier: days `[first_day, end_day)`, where to, the digest of its lines."""

    __tablename__ = "meal_dispatch"
    __table_args__ = (
        one_of("horizon", *HORIZONS),
        CheckConstraint("end_day > first_day", name="order"),
        {"info": IMMUTABLE},
    )

    id: Mapped[Id]
    horizon: Mapped[Code]
    first_day: Mapped[Day]
    end_day: Mapped[Day]
    supplier: Mapped[Label]
    mail: Mapped[str] = mapped_column(String(200))
    portions: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))


class MealWaste(Recorded, Base):
    """[I] structure × service × day × kind × seq: grams weighed, not served or left on plates; the last stands."""

    __tablename__ = "meal_waste"
    __table_args__ = (
        UniqueConstraint("day", "structure_id", "service_id", "kind", "seq"),
        one_of("kind", *WASTE_KINDS),
        CheckConstraint(f"grams between 0 and {GRAMS_MAX}", name="grams"),
        {"info": IMMUTABLE},
    )

    id: Mapped[Id]
    structure_id: Mapped[int] = references("structure.id")
    service_id: Mapped[int] = references("service.id")
    day: Mapped[Day]
    kind: Mapped[Code]
    seq: Mapped[int]
    grams: Mapped[int]


class TrayMark(Recorded, Base):
    """[I] person × service × day × seq: the tray of somebody with a PAI was served, or not after all."""

    __tablename__ = "tray_mark"
    __table_args__ = (UniqueConstraint("day", "service_id", "person_id", "seq"), {"info": IMMUTABLE})

    id: Mapped[Id]
    person_id: Mapped[int] = references("person.id")
    service_id: Mapped[int] = references("service.id")
    structure_id: Mapped[int] = references("structure.id")
    day: Mapped[Day]
    seq: Mapped[int]
    is_served: Mapped[bool]
