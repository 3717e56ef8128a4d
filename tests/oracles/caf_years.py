"""A random calendar year of places with every kind of service the CAF funds; imports nothing of Marelle."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random

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
    Service,
    Tap,
    Town,
)

YEAR = 2026
FIRST, LAST = date(YEAR, 1, 1), date(YEAR, 12, 31)
BEFORE = date(YEAR - 2, 9, 1)
NOW = datetime(YEAR + 1, 2, 1, 8, 0)  # noqa: DTZ001 (the wall clock of the one place)
SCALE = Scale(Decimal("10.00"), Decimal("9.20"), Decimal("8.50"), Decimal("0.60"), Decimal("3.90"))
WEEK, SCHOOL = (0, 1, 2, 3, 4), (0, 1, 3, 4)
HOLIDAYS = ((date(YEAR, 2, 7), date(YEAR, 2, 23)), (date(YEAR, 7, 4), date(YEAR, 9, 1)))
FORMULAS = (
    Formula("matin", 465, 720, 1, False),
    Formula("apres-midi", 810, 1095, 1, False),
    Formula("journee-repas", 465, 1095, 2, True),
)
SHARED = 0.72  # how often a child who is awaited comes


def place(seed: int) -> CafPlace:
    """Return a place of three children, its convention and its accounts."""
    random = Random(seed)
    services = _services(random)
    children = [
        _child(random, "enfant", date(YEAR - 3, random.randint(1, 12), 5), services, ("creche",)),
        _child(
            random,
            "grand",
            date(YEAR - 6, random.randint(2, 11), 14),
            services,
            tuple(s.ref for s in services[1:5]),
        ),
        _child(random, "ado", date(YEAR - 12, random.randint(2, 11), 20), services, ("jeunes", "creche")),
    ]
    child = children[0]
    child.regimes = [(BEFORE, random.choice(["sncf", "msa"])), (date(YEAR, random.randint(2, 11), 9), "general")]
    child.incomes = [Income(Decimal(random.randrange(0, 90_000)), BEFORE, random.randint(1, 4))]
    special = {
        first + timedelta(days=offset): "school_holiday"
        for first, end in HOLIDAYS
        for offset in range((end - first).days)
    }
    special |= {date(YEAR, 5, 1): "public_holiday", date(YEAR, 11, 11): "public_holiday"}
    special |= {date(YEAR, 5, day): "shut" for day in (18, 19, 20, 21, 22)}
    town = Town(
        NOW,
        services,
        child,
        siblings=children[1:],
        school_year=(BEFORE, date(YEAR + 1, 7, 3)),
        special_days=special,
        reasons={"maladie": 3, "eviction": 0},
    )
    convention = Convention(
        places=random.choice([10, 20]),
        meals=random.random() < 0.7,
        plan_mercredi=True,
        reference_wednesday_minutes=random.choice([0, 600, 6_000]),
        general=random.choice([None, Decimal("0.93")]),
    )
    charges = Decimal(random.randrange(50_000, 900_000)).scaleb(-2)
    rights = {"grand": [(date(YEAR, 3, 2), True), (date(YEAR, 10, 1), False)]}
    own = {
        activity: Decimal(random.randrange(1_000, 300_000)).scaleb(-2)
        for activity in ("eaje", "periscolaire", "extrascolaire")
        if random.random() < 0.7
    }
    return CafPlace(town, convention, charges, rights, own, Decimal(random.randrange(50_000, 600_000)).scaleb(-2))


def _services(random: Random) -> list[Service]:
    kinds = (None, "contract", "overtime", "deduction")
    scale = tuple(Price("hour", form="psu", basis="collective", kind=kind) for kind in kinds)
    free = (PriceList(BEFORE, (Price("unit_begun", Decimal("0.75")),)),)
    creche = Rule(
        BEFORE, weekdays=WEEK, period="any", slot=(450, 1110), grace=30,
        rounding=random.choice([1, 15, 30]), rounding_on=random.choice(["ends", "duration"]),
        caf="real", undecided="billed",
    )  # fmt: skip
    unit = random.choice(["day", "half_day", "hour", "unit_begun"])
    return [
        Service("creche", "daycare", (creche,), (), (PriceList(BEFORE, scale),), "eaje"),
        Service("soir", "evening_care", (Rule(BEFORE, grace=45),), (), free, "periscolaire_evening"),
        Service(
            "cantine", "canteen", (Rule(BEFORE, slot=(705, 815), needs_departure=False, rounding=110),), (),
            (PriceList(BEFORE, (Price("meal", Decimal("2.80")),)),), "periscolaire_midday",
        ),
        Service(
            "mercredi", "leisure_wednesday",
            (Rule(BEFORE, weekdays=(2,), slot=(465, 1095), caf="formula_capped"),), FORMULAS,
            (PriceList(BEFORE, (Price("formula", Decimal("8.00")),)),), "periscolaire_wednesday",
        ),
        Service(
            "vacances", "leisure_holiday",
            (Rule(BEFORE, weekdays=WEEK, period="holiday", slot=(480, 1080), rounding=60, caf="billed_unit"),), (),
            (PriceList(BEFORE, (Price(unit, Decimal("9.50")),)),), "extrascolaire",
        ),
        Service(
            "jeunes", "youth_club",
            (Rule(BEFORE, weekdays=(2, 5), period="any", slot=(840, 1110), caf="real"),), (),
            (PriceList(BEFORE, (Price("session", Decimal("0")),)),), "youth",
        ),
    ]  # fmt: skip


def _child(random: Random, ref: str, born: date, services: list[Service], attends: tuple[str, ...]) -> Child:
    child = Child(ref, born=born)
    for name in attends:
        service = next(each for each in services if each.ref == name)
        rule = service.rules[0]
        span = (510, 990) if name == "creche" else None
        formula = random.choice(FORMULAS).code if name == "mercredi" else None
        patterns = tuple(Pattern(day, formula=formula, since=BEFORE, span=span) for day in rule.weekdays)
        is_contract = name == "creche" and ref == "enfant"
        until = date(YEAR + 1, 1, 1)
        contracts = (Contract(FIRST, until, 2400, 45, random.choice([11, 12])),) if is_contract else ()
        payer = EnrolledPayer("parent", since=BEFORE)
        child.enrolments.append(Enrolment(name, "enfant", patterns, (payer,), BEFORE, None, None, contracts))
        _attend(random, child, service)
    return child


def _attend(random: Random, child: Child, service: Service) -> None:
    """Draw the days of a year, whatever the calendar says of them: a tap on a shut day counts for nobody."""
    start, end = service.rules[0].slot
    day = FIRST
    while day <= LAST:
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
