"""A random calendar year of places with every kind of service the CAF funds; imports nothing of Marelle."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import NamedTuple

from tests.oracles.caf_world import CafPlace, Convention, Scale
from tests.oracles.world import (
    Child,
    Contract,
    Decision,
    EnrolledPayer,
    Enrolment,
    Formula,
    Income,
    Pattern,
    Price,
    PriceList,
    Rule,
    Sejour,
    Service,
    Tap,
    Town,
)

SCALE = Scale(Decimal("10.00"), Decimal("9.20"), Decimal("8.50"), Decimal("0.60"), Decimal("3.90"))
WEEK = (0, 1, 2, 3, 4)
FORMULAS = (
    Formula("matin", 465, 720, 1, False),
    Formula("apres-midi", 810, 1095, 1, False),
    Formula("journee-repas", 465, 1095, 2, True),
)
LEISURE = ("soir", "cantine", "avant", "mercredi", "vacances")
SHARED = 0.72  # how often a child who is awaited comes
FUNDS = ("general", "msa", "maritime", "rsi")


class Draw(NamedTuple):
    """What the parts of a place are drawn with: its chance, and the calendar year."""

    random: Random
    year: int

    @property
    def first(self) -> date:
        """The first day."""
        return date(self.year, 1, 1)

    @property
    def last(self) -> date:
        """The last day."""
        return date(self.year, 12, 31)

    @property
    def before(self) -> date:
        """A day from which all was known long before."""
        return date(self.year - 2, 9, 1)


def place(seed: int, year: int) -> CafPlace:
    """Return a place of three children in a calendar year, its convention and its accounts."""
    random = Random(seed)
    draw = Draw(random, year)
    services = _services(draw)
    children = [
        _child(draw, "enfant", date(year - 4, random.randint(1, 12), 5), services, ("creche",)),
        _child(draw, "grand", date(year - 6, random.randint(2, 11), 14), services, LEISURE),
        _child(draw, "ado", date(year - 12, random.randint(2, 11), 20), services, ("jeunes", "creche")),
    ]
    child, grand = children[:2]
    child.regimes = [
        (draw.before, random.choice(["sncf", "msa"])),
        (date(year, random.randint(2, 11), 9), "general"),
    ]
    grand.regimes = [(draw.before, random.choice(FUNDS))]
    child.incomes = [
        Income(Decimal(random.randrange(0, 90_000)), draw.before, random.randint(1, 4), random.choice([0, 0, 1]))
    ]
    trips = _trips(draw, grand)
    holidays = ((date(year, 2, 7), date(year, 2, 23)), (date(year, 7, 4), date(year, 9, 1)))
    special = {
        first + timedelta(days=offset): "school_holiday"
        for first, end in holidays
        for offset in range((end - first).days)
    }
    special |= {date(year, 5, 1): "public_holiday", date(year, 11, 11): "public_holiday"}
    special |= {date(year, 5, day): "shut" for day in (18, 19, 20, 21, 22)}
    town = Town(
        datetime(year + 1, 2, 1, 8, 0),  # noqa: DTZ001 (the wall clock of the one place)
        services,
        child,
        siblings=children[1:],
        school_year=(draw.before, date(year + 1, 7, 3)),
        special_days=special,
        sejours=trips,
        reasons={"maladie": 3, "eviction": 0},
    )
    convention = Convention(
        places=random.choice([10, 20]),
        meals=random.random() < 0.7,
        plan_mercredi=True,
        reference_wednesday_minutes=random.choice([0, 600, 6_000]),
        general=random.choice([None, Decimal("0.93")]),
    )
    charges = Decimal(random.randrange(50_000, 2_900_000)).scaleb(-2)
    rights = {"grand": [(date(year, 3, 2), True), (date(year, 10, 1), False)]}
    own = {
        activity: Decimal(random.randrange(1_000, 300_000)).scaleb(-2)
        for activity in ("eaje", "periscolaire", "extrascolaire")
        if random.random() < 0.7
    }
    return CafPlace(town, convention, charges, rights, own, Decimal(random.randrange(50_000, 600_000)).scaleb(-2))


def _trips(draw: Draw, child: Child) -> list[Sejour]:
    """Enrol the child in a stay of five days, and perhaps in one too long to be attached to a leisure centre."""
    trips = []
    for ref, start, days in (("mer", date(draw.year, 7, 6), 5), ("ski", date(draw.year, 2, 9), 6)):
        trip = Sejour(ref, "sejours", start, start + timedelta(days=days))
        patterns = tuple(Pattern(weekday, since=draw.before) for weekday in WEEK)
        payer = EnrolledPayer("parent", since=draw.before)
        child.enrolments.append(
            Enrolment("sejours", "enfant", patterns, (payer,), trip.start, trip.end, sejour=ref)
        )
        for offset in range(days):
            day = start + timedelta(days=offset)
            if day.weekday() in WEEK and draw.random.random() < SHARED:
                child.taps.append(Tap(_at(day, 500 + draw.random.randrange(60)), "present", "sejours"))
        trips.append(trip)
    return trips


def _creche(draw: Draw) -> tuple[Rule, ...]:
    """Return the rules of the crèche: its rounding may change in the middle of the year."""
    rules = [
        Rule(
            since, weekdays=WEEK, period="any", slot=(450, 1110), grace=30,
            rounding=draw.random.choice([1, 15, 30]), rounding_on=draw.random.choice(["ends", "duration"]),
            caf="real", undecided="billed",
        )
        for since in (draw.before, date(draw.year, 7, 1))
    ]  # fmt: skip
    return tuple(rules[: draw.random.choice([1, 2])])


def _services(draw: Draw) -> list[Service]:
    random, before = draw.random, draw.before
    kinds = (None, "contract", "overtime", "deduction")
    scale = tuple(Price("hour", form="psu", basis="collective", kind=kind) for kind in kinds)
    free = (PriceList(before, (Price("unit_begun", Decimal("0.75")),)),)
    unit = random.choice(["day", "half_day", "hour", "unit_begun"])
    return [
        Service("creche", "daycare", _creche(draw), (), (PriceList(before, scale),), "eaje"),
        Service("soir", "evening_care", (Rule(before, grace=45),), (), free, "periscolaire_evening"),
        Service(
            "cantine", "canteen", (Rule(before, slot=(705, 815), needs_departure=False, rounding=110),), (),
            (PriceList(before, (Price("meal", Decimal("2.80")),)),), "periscolaire_midday",
        ),
        Service(
            "avant", "morning_care", (Rule(before, weekdays=(2,), slot=(400, 465), needs_departure=False),), (),
            free, "periscolaire_wednesday",
        ),
        Service(
            "mercredi", "leisure_wednesday",
            (Rule(before, weekdays=(2,), slot=(465, 1095), caf="formula_capped"),), FORMULAS,
            (PriceList(before, (Price("formula", Decimal("8.00")),)),), "periscolaire_wednesday",
        ),
        Service(
            "vacances", "leisure_holiday",
            (Rule(before, weekdays=WEEK, period="holiday", slot=(480, 1080), rounding=60, caf="billed_unit"),), (),
            (PriceList(before, (Price(unit, Decimal("9.50")),)),), "extrascolaire",
        ),
        Service(
            "jeunes", "youth_club",
            (Rule(before, weekdays=(2, 5), period="any", slot=(840, 1110), caf="real"),), (),
            (PriceList(before, (Price("session", Decimal("0")),)),), "youth",
        ),
        Service(
            "sejours", "sejour",
            (Rule(before, weekdays=WEEK, period="holiday", slot=(480, 1080), needs_departure=False, caf="sejour",
                  priced=False),),
            (), (), "extrascolaire",
        ),
    ]  # fmt: skip


def _contract(draw: Draw) -> Contract:
    """Return the care of the year: closures may be taken off it, and its first weeks be an adaptation."""
    return Contract(
        draw.first,
        date(draw.year + 1, 1, 1),
        2400,
        45,
        draw.random.choice([11, 12]),
        deducted=draw.random.choice([0, 0, 2_400]),
        free_until=draw.random.choice([None, date(draw.year, 1, 20)]),
    )


def _child(draw: Draw, ref: str, born: date, services: list[Service], attends: tuple[str, ...]) -> Child:
    random, before = draw.random, draw.before
    child = Child(ref, born=born)
    for name in attends:
        service = next(each for each in services if each.ref == name)
        rule = service.rules[0]
        span = (510, 990) if name == "creche" else None
        formula = random.choice(FORMULAS).code if name == "mercredi" else None
        patterns = tuple(Pattern(day, formula=formula, since=before, span=span) for day in rule.weekdays)
        is_contract = name == "creche" and ref == "enfant"
        contracts = (_contract(draw),) if is_contract else ()
        payer = EnrolledPayer("parent", since=before)
        child.enrolments.append(Enrolment(name, "enfant", patterns, (payer,), before, None, None, contracts))
        _attend(draw, child, service)
    return child


def _attend(draw: Draw, child: Child, service: Service) -> None:
    """Draw the days of a year, whatever the calendar says of them: a tap on a shut day counts for nobody."""
    random = draw.random
    start, end = service.rules[0].slot
    day = draw.first
    while day <= draw.last:
        if day.weekday() in service.rules[0].weekdays:
            if random.random() < SHARED:
                arrival = start + random.randrange(0, (end - start) // 2)
                left = random.randrange(arrival + 6, end + 4)
                child.taps.append(Tap(_at(day, arrival), "present", service.ref))
                if random.random() < 0.96:
                    child.taps.append(Tap(_at(day, left), "left", service.ref))
            elif random.random() < 0.4:
                kind = random.choice(["absent_justified", "absent_unjustified"])
                reason = random.choice(["maladie", "eviction"]) if kind == "absent_justified" else None
                child.decisions.append(
                    Decision(service.ref, day, kind, datetime.combine(day, time(19)), None, reason)
                )
        day += timedelta(days=1)


def _at(day: date, minute: int) -> datetime:
    return datetime.combine(day, time(minute // 60, minute % 60))
