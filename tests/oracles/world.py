"""A small town in plain Python, as the oracles read it: no import of Marelle, nothing computed.

Times are naive wall-clock datetimes of the one place. Money and QF are Decimal euros and points.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any


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
    rounding_on: str = "duration"
    rounding_mode: str = "begun"
    basis: str = "presence"
    undecided: str = "billed"
    caf: str = "slot_full"
    meal: bool = False
    priced: bool = True
    qf: str = "on_day"
    qf_known_on: tuple[int, int] | None = None
    qf_backdating: str = "from_effect"


@dataclass(frozen=True)
class Price:
    """One row of a price list: conditions (None = whatever), then what it does to the price.

    `price` is the amount of the row: a unit's price, what is added to a rate, what a modifier adds or sets.
    `rate` is a share: 0.0036 of the QF or of the monthly income, or the +0.5 of a modifier.
    """

    unit: str
    price: Decimal = Decimal(0)
    category: str | None = None
    formula: str | None = None
    qf_from: Decimal | None = None
    qf_to: Decimal | None = None
    form: str = "flat"
    kind: str | None = None
    residence: str | None = None
    level: str | None = None
    rank_from: int | None = None
    rank_to: int | None = None
    age_from: int | None = None
    age_to: int | None = None
    children_from: int | None = None
    children_to: int | None = None
    siblings_from: int | None = None
    siblings_to: int | None = None
    unit_minutes: int | None = None
    situation: str | None = None
    booked_late: bool | None = None
    origin: str | None = None
    lead_from: int | None = None
    lead_to: int | None = None
    day_kind: str | None = None
    income_from: Decimal | None = None
    income_to: Decimal | None = None
    rate: Decimal | None = None
    basis: str | None = None
    floor: Decimal | None = None
    ceiling: Decimal | None = None
    price_to: Decimal | None = None
    above_ceiling: bool = False
    applies_to: str = "unit"


@dataclass(frozen=True)
class PriceList:
    """`step`: unit prices are rounded to it, half up unless `step_mode` says up or down.

    `rank_basis`: among which children of the file siblings are ranked.
    """

    since: date
    prices: tuple[Price, ...]
    step: Decimal | None = None
    rank_basis: str | None = None
    package_basis: str = "enrolled"
    step_mode: str | None = None


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
    """A day of the week; `span` are the minutes agreed, for services booked from–to."""

    weekday: int
    week: str | None = None
    anchor: date | None = None
    formula: str | None = None
    since: date = date(2026, 9, 1)
    until: date | None = None
    span: tuple[int, int] | None = None


@dataclass(frozen=True)
class EnrolledPayer:
    payer: str
    rule: str = "all"
    since: date = date(2026, 9, 1)
    until: date | None = None


@dataclass(frozen=True)
class Contract:
    """Early-childhood care agreed by the year: minutes a week, weeks of the year, months it is paid over.

    `deducted` are the minutes of closures and holidays taken off the year before it is shared out; `unbilled` is
    the month (1–12) without a bill; until `free_until`, days of adaptation: no overtime.
    """

    since: date
    until: date
    minutes_a_week: int
    weeks: int
    months: int
    deducted: int = 0
    unbilled: int | None = None
    free_until: date | None = None


@dataclass(frozen=True)
class Enrolment:
    service: str
    category: str
    patterns: tuple[Pattern, ...]
    payers: tuple[EnrolledPayer, ...]
    since: date = date(2026, 9, 1)
    until: date | None = None
    sejour: str | None = None
    contracts: tuple[Contract, ...] = ()


@dataclass(frozen=True)
class Booking:
    """`received` is when the family asked; `late`: taken after the deadline; `span`: the minutes asked for."""

    service: str
    day: date
    action: str
    formula: str | None = None
    late: bool = False
    received: datetime = datetime(2026, 9, 1, 8, 0)  # noqa: DTZ001 (the wall clock of the one place)
    span: tuple[int, int] | None = None


@dataclass(frozen=True)
class Decision:
    """`at` for a decided arrival or departure; `made_at` is when somebody decided."""

    service: str
    day: date
    kind: str
    made_at: datetime
    at: datetime | None = None
    reason: str | None = None


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
class HolidayHalves:
    """Who has each half of a holiday (autumn, christmas, winter, spring, summer) from a day on.

    `alternates`: the other way round in the years whose parity is not that of `year`.
    """

    since: date
    holiday: str
    year: int
    alternates: bool
    payers: tuple[str, str]


@dataclass(frozen=True)
class Qf:
    """`payer` None = the whole family file; `recorded`: µs since 1970; `corrects` is another's number."""

    value: Decimal
    since: date
    source: str = "caf"
    payer: str | None = None
    recorded: int = 0
    corrects: int | None = None


@dataclass(frozen=True)
class Income:
    """What a household earns in a year, its dependent children and how many of them receive AEEH."""

    annual: Decimal
    since: date
    children: int = 1
    aeeh: int = 0
    payer: str | None = None
    recorded: int = 0
    corrects: int | None = None
    source: str = "caf"


@dataclass(frozen=True)
class Home:
    """Where the file, or one of its payers, lives from a day on."""

    commune: str
    since: date
    payer: str | None = None


@dataclass(frozen=True)
class Zone:
    commune: str
    code: str
    since: date


@dataclass(frozen=True)
class Sejour:
    """A trip over the days `[start, end)`; `price_lists` are its own, else those of its service."""

    ref: str
    service: str
    start: date
    end: date
    cancelled: bool = False
    price_lists: tuple[PriceList, ...] = ()


@dataclass(frozen=True)
class Coverage:
    """What a body pays: `percent` of what is left, `flat` or `cap` up to so much per unit, or by its `scale`.

    `unit_ceiling` is the most a percentage pays per unit, `year_units` the units of a calendar year; `enrolments`
    are the numbers of the child's enrolments it was applied to.
    """

    ref: str
    body: str
    form: str
    unit: str
    since: date
    until: date | None = None
    rank: int = 1
    percent: Decimal | None = None
    amount: Decimal | None = None
    unit_ceiling: Decimal | None = None
    units_max: int | None = None
    year_units: int | None = None
    holidays_only: bool = False
    ceiling: Decimal | None = None
    state: str = "applied"
    enrolments: tuple[int, ...] = (0,)


@dataclass(frozen=True)
class AidScale:
    """What a body pays per unit by QF from a day on: rows `[from, to)` → euros, nothing outside them.

    `qf`: the QF of the day itself (`on_day`), or that of 1 January before it (`january`).
    """

    since: date
    bands: tuple[tuple[Decimal, Decimal, Decimal], ...]
    qf: str = "on_day"


@dataclass(frozen=True)
class Hole:
    """Taps missing between two moments; `silent`: the terminal has not been heard since the first."""

    since: datetime
    until: datetime
    silent: bool = False


@dataclass
class Child:
    """One child; `payers`, `qfs`, `incomes`, `homes` and `regimes` are those of its family file.

    `regimes` are funds from a day on: a group (RG, MSA, AUTRE), or a code, recorded as AUTRE.
    `exchanged` are days given to one payer whatever the calendar says; the last word stands, None takes it back.
    """

    ref: str
    born: date | None = date(2018, 5, 4)
    regimes: list[tuple[date, str]] = field(default_factory=lambda: [(date(2026, 9, 1), "RG")])
    diets: list[str] = field(default_factory=list)
    payers: list[str] = field(default_factory=lambda: ["parent"])
    qfs: list[Qf] = field(default_factory=list)
    incomes: list[Income] = field(default_factory=list)
    homes: list[Home] = field(default_factory=list)
    levels: list[tuple[date, str]] = field(default_factory=list)
    coverages: list[Coverage] = field(default_factory=list)
    custody: list[Custody] = field(default_factory=list)
    exchanged: list[tuple[date, str | None]] = field(default_factory=list)
    halves: list[HolidayHalves] = field(default_factory=list)
    enrolments: list[Enrolment] = field(default_factory=list)
    bookings: list[Booking] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    taps: list[Tap] = field(default_factory=list)


@dataclass
class Town:
    """One place with its services, one calendar, one child, and the other children of the same file.

    `holidays` are the days off school of the whole zone, `special_days` those of the place, which name them too;
    `aid_scales` are those of each body; `in_service_days` are the reasons whose days are those of the service.
    A town never changes once it is made: `memory` keeps what the oracles have already worked out of it.
    """

    now: datetime
    services: list[Service]
    child: Child
    siblings: list[Child] = field(default_factory=list)
    school_year: tuple[date, date] = (date(2026, 9, 1), date(2027, 7, 3))
    special_days: dict[date, str] = field(default_factory=dict)
    holes: list[Hole] = field(default_factory=list)
    caf_caps: dict[str, list[tuple[date, Decimal]]] = field(default_factory=dict)
    zones: list[Zone] = field(default_factory=list)
    sejours: list[Sejour] = field(default_factory=list)
    reasons: dict[str, int | None] = field(default_factory=dict)
    in_service_days: frozenset[str] = frozenset()
    holidays: tuple[date, ...] = ()
    aid_scales: dict[str, tuple[AidScale, ...]] = field(default_factory=dict)
    memory: dict[Hashable, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def service(self, ref: str) -> Service:
        """Return the service of that name."""
        return next(service for service in self.services if service.ref == ref)

    def views(self) -> list[Town]:
        """Return the same town seen by each child of the file in turn."""
        if "views" not in self.memory:
            children = [self.child, *self.siblings]
            self.memory["views"] = [
                self._seen_by(child, [other for other in children if other is not child]) for child in children
            ]
        views: list[Town] = self.memory["views"]
        return views

    def _seen_by(self, child: Child, others: list[Child]) -> Town:
        file = self.child
        mine = replace(
            child, payers=file.payers, qfs=file.qfs, incomes=file.incomes, homes=file.homes, regimes=file.regimes
        )
        return replace(self, child=mine, siblings=others)
