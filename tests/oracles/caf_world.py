"""A place as the CAF sees it: a town of the oracles, its convention, its accounts; imports nothing of Marelle."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from tests.oracles.world import Town


@dataclass(frozen=True)
class Convention:
    """What the convention with the CAF says of a place, all year; `general` is a share of 1."""

    places: int = 20
    meals: bool = True
    diapers: bool = True
    plan_mercredi: bool = False
    reference_wednesday_minutes: int | None = None
    general: Decimal | None = None
    rounding: str = "floor"


@dataclass
class CafPlace:
    """`aeeh`: by child, from which day the child opens it or no longer does.

    `charges` are shared by the activities of the place, None: no accounts; `own` are of one of them.
    `until_september` are the shared charges of its nine first months.
    """

    town: Town
    convention: Convention | None = None
    charges: Decimal | None = None
    aeeh: dict[str, list[tuple[date, bool]]] = field(default_factory=dict)
    own: dict[str, Decimal] = field(default_factory=dict)
    until_september: Decimal | None = None


@dataclass(frozen=True)
class Scale:
    """The amounts of a year that no text gave us: fictitious ones in tests, None where the scale is silent.

    `by_regime`: the supplements follow the share of the general régime; None where nobody said so.
    """

    high: Decimal | None = None
    middle: Decimal | None = None
    low: Decimal | None = None
    pso: Decimal | None = None
    inclusive: Decimal | None = None
    by_regime: bool | None = None
