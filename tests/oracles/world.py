"""A small town in plain Python, as the oracles read it: no import of Marelle, nothing computed.

Times are naive wall-clock datetimes of the one place. Money and QF are Decimal euros and points.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True)
class Formula:
    code: str
    start: int
    end: int
    half_days: int
    with_meal: bool


@dataclass(frozen=True)
class Rule:
    """The rule of a service from a day on; minutes of the day."""

    since: date
    weekdays: tuple[int, ...] = (0, 1, 3, 4)
    period: str = "school"
    slot: tuple[int, int] = (990, 1110)
    grace: int = 15
    anti_bounce_seconds: int = 120
    needs_departure: bool = True
    rounding: int = 30
    tolerance: int = 0
    basis: str = "presence"
    undecided: str = "billed"
    caf: str = "slot_full"
    meal: bool = False
    priced: bool = True
    qf: str = "on_day"


@dataclass(frozen=True)
class Price:
    """One row of a price list; None = whatever."""

    unit: str
    price: Decimal
    category: str | None = None
    formula: str | None = None
    qf_from: Decimal | None = None
    qf_to: Decimal | None = None


@dataclass(frozen=True)
class PriceList:
    since: date
    prices: tuple[Price, ...]


@dataclass(frozen=True)
class Service:
    ref: str
    kind: str
    rules: tuple[Rule, ...]
    formulas: tuple[Formula, ...] = ()
    price_lists: tuple[PriceList, ...] = ()
    caf_kind: str = "periscolaire_evening"


@dataclass(frozen=True)
class Pattern:
    weekday: int
    week: str | None = None
    anchor: date | None = None
    formula: str | None = None
    since: date = date(2026, 9, 1)
    until: date | None = None


@dataclass(frozen=True)
class EnrolledPayer:
    payer: str
    rule: str = "all"
    since: date = date(2026, 9, 1)
    until: date | None = None


@dataclass(frozen=True)
class Enrolment:
    service: str
    category: str
    patterns: tuple[Pattern, ...]
    payers: tuple[EnrolledPayer, ...]
    since: date = date(2026, 9, 1)
    until: date | None = None


@dataclass(frozen=True)
class Booking:
    service: str
    day: date
    action: str
    formula: str | None = None


@dataclass(frozen=True)
class Decision:
    """`at` for a decided arrival or departure; `made_at` is when somebody decided."""

    service: str
    day: date
    kind: str
    made_at: datetime
    at: datetime | None = None


@dataclass(frozen=True)
class Tap:
    """`how` is badge, present, left (roll call) or undo, which names the number of the tap it takes back."""

    at: datetime
    how: str
    service: str | None = None
    undoes: int | None = None


@dataclass(frozen=True)
class Custody:
    since: date
    anchor: date
    pattern: str
    payers: tuple[str, str]


@dataclass(frozen=True)
class Qf:
    """`payer` None = the whole family file; `recorded` orders those of one day; `corrects` is another's number."""

    value: Decimal
    since: date
    source: str = "caf"
    payer: str | None = None
    recorded: int = 0
    corrects: int | None = None


@dataclass(frozen=True)
class Hole:
    """Taps missing between two moments; `silent`: the terminal has not been heard since the first."""

    since: datetime
    until: datetime
    silent: bool = False


@dataclass
class Child:
    """One child with a family file of its own."""

    ref: str
    born: date | None = date(2018, 5, 4)
    regimes: list[tuple[date, str]] = field(default_factory=lambda: [(date(2026, 9, 1), "RG")])
    diets: list[str] = field(default_factory=list)
    payers: list[str] = field(default_factory=lambda: ["parent"])
    qfs: list[Qf] = field(default_factory=list)
    custody: list[Custody] = field(default_factory=list)
    enrolments: list[Enrolment] = field(default_factory=list)
    bookings: list[Booking] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    taps: list[Tap] = field(default_factory=list)


@dataclass
class Town:
    """One place with its services, one calendar, and one child."""

    now: datetime
    services: list[Service]
    child: Child
    school_year: tuple[date, date] = (date(2026, 9, 1), date(2027, 7, 3))
    special_days: dict[date, str] = field(default_factory=dict)
    holes: list[Hole] = field(default_factory=list)
    caf_caps: dict[str, list[tuple[date, Decimal]]] = field(default_factory=dict)

    def service(self, ref: str) -> Service:
        """Return the service of that name."""
        return next(service for service in self.services if service.ref == ref)
