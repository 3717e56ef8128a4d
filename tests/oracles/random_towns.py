"""Small towns made from seeds, with every oddity that the oracles and the warehouse must agree on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from tests.oracles.random_bodies import BodyMaker
from tests.oracles.random_grids import BEFORE, LEVELS, ZONES, GridMaker
from tests.oracles.world import (
    Booking,
    Child,
    Contract,
    Custody,
    Decision,
    EnrolledPayer,
    Enrolment,
    Formula,
    Hole,
    HolidayHalves,
    Pattern,
    Qf,
    Rule,
    Sejour,
    Service,
    Tap,
    Town,
)

FIRST, LAST = date(2026, 11, 18), date(2026, 12, 1)  # a month begins in it
NOW = datetime(2026, 11, 26, 17, 10)  # noqa: DTZ001 (the wall clock of the one place)
DAYS = [FIRST + timedelta(days=offset) for offset in range((LAST - FIRST).days + 1)]
HOLIDAYS = tuple(
    first + timedelta(days=offset)
    for first, count in ((date(2026, 10, 17), 16), (date(2026, 11, 28), 4), (date(2026, 12, 19), 15))
    for offset in range(count)
)  # of the whole zone: one begins when nobody has come yet
AT_SCHOOL = [day for day in DAYS if day not in HOLIDAYS]
SINCE = date(2026, 9, 1)
CAPS = {
    "wednesday_day_cap": [(date(2018, 9, 3), Decimal(540))],
    "wednesday_half_day_cap": [(date(2018, 9, 3), Decimal(240))],
}
NOON = 12 * 3_600_000_000


def _noon(day: date) -> int:
    """Return the middle of a day, in µs since 1970."""
    return (day - date(1970, 1, 1)) // timedelta(microseconds=1) + NOON


FORMULAS = (
    Formula("matin", 465, 720, 1, False),
    Formula("matin-repas", 465, 810, 1, True),
    Formula("apres-midi", 810, 1095, 1, False),
    Formula("journee-repas", 465, 1095, 2, True),
)
SLOTS = {
    "matin": (450, 510),
    "cantine": (705, 815),
    "soir": (990, 1110),
    "mercredi": (465, 1095),
    "halte": (480, 1080),
    "creche": (450, 1110),
    "jeunes": (840, 1110),
    "sejours": (480, 1080),
}
KINDS = {
    "matin": "morning_care",
    "cantine": "canteen",
    "soir": "evening_care",
    "mercredi": "leisure_wednesday",
    "halte": "daycare",
    "creche": "daycare",
    "jeunes": "youth_club",
    "sejours": "sejour",
}
CAF_RULES = {"mercredi": "formula_capped", "halte": "real", "creche": "real"}
SOMETIMES = {"creche": 0.6, "jeunes": 0.5, "sejours": 0.35}  # else nine times out of ten
LATE = ("occurrence", "minute", "unit_begun", "hour")
PACKAGES: dict[str, dict[str, Sequence[str]]] = {
    "creche": {"contract": ("hour",), "overtime": ("hour", "hour", "minute", "unit_begun"), "deduction": ("hour",)},
    "jeunes": {"membership": ("month", "school_year")},
    "sejours": {"sejour": ("sejour", "day", "night")},
}
TRIP = "neige"
AGREED = [(480, 1020), (510, 990), (540, 720), None]
HOURS = {ref: [(480, 1020), (510, 990)] for ref in ("creche", "halte")} | {"soir": [(990, 1051), (1004, 1110)]}
BESIDE = (-8, -7, -1, 0, 0, 1, 4, 5, 6, 8, 9, 10, 11)  # where a unit, half of one, or a tolerance begins and ends
LATE_WORDS = ("late_accepted", "late_accepted", "late_accepted", "late_waived")
CATEGORIES = ("enfant", "panier_repas", "autre")
PAYERS = ("mere", "pere")
QUOTIENTS = [Decimal(q) for q in ("0", "349.99", "350", "599.99", "600", "742", "9999")]
LINE_KINDS = {"canteen": "meal", "leisure_wednesday": "formula"}


class TownMaker:
    """Makes one small town from a seed."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.pick = self.random.choice
        self.grids = GridMaker(self.random)
        self.bodies = BodyMaker(self.random, SINCE, DAYS)

    def town(self) -> Town:
        child = self._child("enfant")
        child.payers = list(PAYERS)
        child.incomes, child.homes = self.grids.incomes(), self.grids.homes()
        child.regimes = [(d, g) for d, g in ((SINCE, "RG"), (date(2026, 11, 19), "MSA")) if self._often()]
        child.qfs = [self._qf(number) for number in range(self.pick([0, 1, 1, 2, 3, 4]))]
        kinds = ["school_holiday", "school_holiday", "public_holiday", "bridge", "shut"]
        special = {self.pick(AT_SCHOOL): self.pick(kinds) for _ in range(3)} if self._often() else {}
        return Town(
            NOW,
            [self._service(ref) for ref in KINDS],
            child,
            siblings=[self._child(name) for name in self.pick([(), (), ("aine",), ("aine", "benjamin")])],
            special_days=special | dict.fromkeys(HOLIDAYS, "school_holiday"),
            holes=self._holes(),
            caf_caps=CAPS,
            zones=list(ZONES),
            sejours=[self._trip()],
            reasons={"maladie": 3, "hospitalisation": 0, "grippe": 2},
            in_service_days=frozenset({"grippe"}),
            holidays=HOLIDAYS,
            aid_scales={"CAF": tuple(self.bodies.scale() for _ in range(self.pick([0, 1, 2])))},
        )

    def _child(self, ref: str) -> Child:
        child = Child(ref)
        child.born = self.pick([None, date(2020, 11, 24), date(2020, 2, 29), date(2018, 5, 4)])
        child.diets = self.pick([[], [], ["sans_porc"], ["sans_gluten", "sans_porc"], ["panier_repas"]])
        if self._often():
            pattern = "".join(self.pick("12") for _ in range(14))
            child.custody = [Custody(self.pick([SINCE, DAYS[4]]), date(2026, 11, 9), pattern, PAYERS)]
        if self.random.random() < 0.3:
            # Of one day and holiday the records keep one.
            drawn = [self._halves() for _ in range(self.pick([1, 2]))]
            child.halves = list(
                {(each.holiday, each.since): each for each in drawn}.values()
            )  # one each, as recorded
        child.exchanged = [
            (self.pick(DAYS), self.pick([*PAYERS, *PAYERS, None])) for _ in range(self.pick([0, 0, 2, 5]))
        ]
        child.enrolments = [self._enrolment(ref) for ref in KINDS if self.random.random() < SOMETIMES.get(ref, 0.9)]
        absences = self._contract_with_absences(child) if self.random.random() < 0.2 else []
        child.coverages = self.bodies.coverages(child)
        if absences:
            child.coverages = child.coverages[:4]
            child.coverages.append(self.bodies.of_contract(child))
        child.bookings = [self._booking() for _ in range(self.random.randint(0, 8))]
        child.decisions = absences + [self._decision() for _ in range(self.random.randint(0, 8))]
        late = [self._lateness() for _ in range(self.pick([0, 1, 2, 4]))]
        child.decisions += [each for said in late for each in said]
        if any(each.contracts for each in child.enrolments):
            for _ in range(self.pick([0, 0, 1, 2, 4])):
                self._extra_day(child)
            for day in self.random.sample(AT_SCHOOL, self.pick([0, 2, 4])):
                child.decisions += self._there(day) if day <= NOW.date() else []
        child.taps = self._taps([(said[-1].service, said[-1].day) for said in late])
        child.levels = [(SINCE, self.pick(LEVELS))] if self.random.random() < 0.85 else []
        return child

    def _halves(self) -> HolidayHalves:
        holiday, year = self.pick(["autumn", "autumn", "christmas"]), self.pick([2025, 2026])
        payers = self.pick([PAYERS, (PAYERS[1], PAYERS[0])])
        return HolidayHalves(self.pick([SINCE, DAYS[12]]), holiday, year, self.pick([True, False]), payers)

    def _contract_with_absences(self, child: Child) -> list[Decision]:
        """Give a child a contract of which bodies may pay; return absences that give hours back."""
        contract = Contract(self.pick(DAYS[:2]), date(2027, 8, 1), self.pick([540, 2_700]), 44, 11, 0)
        patterns = tuple(Pattern(weekday, span=self.pick(AGREED[:2])) for weekday in (0, 1, 3, 4))
        payers = (EnrolledPayer("mere", "all", SINCE),)
        until = self.pick([None, None, DAYS[7], DAYS[9]])
        one = Enrolment("creche", "enfant", patterns, payers, SINCE, until, contracts=(contract,))
        child.enrolments = [one, *(each for each in child.enrolments if each.service != "creche")]
        days = self.random.sample(DAYS, self.pick([1, 3, 8]))
        return [Decision("creche", day, "absent_justified", NOW, reason="hospitalisation") for day in days]

    def _extra_day(self, child: Child) -> None:
        """Book a day, most often one that no pattern of the contract names, and say what happened."""
        named = {pattern.weekday for each in child.enrolments if each.contracts for pattern in each.patterns}
        past = [day for day in DAYS if day <= NOW.date() and day.weekday() in (0, 1, 3, 4)]
        day = self.pick([*past, *(each for each in past if each.weekday() not in named)])
        child.bookings.append(Booking("creche", day, "book", span=self.pick(AGREED)))
        if self._often():
            child.decisions += self._there(day)
        else:
            reason = self.pick([None, "hospitalisation"])
            midnight = datetime.combine(day, time())
            child.decisions.append(Decision("creche", day, "absent_justified", midnight, reason=reason))

    def _there(self, day: date) -> list[Decision]:
        """Say that a child was at the nursery, most often about the hours of a contract."""
        midnight = datetime.combine(day, time())
        start, end = self.pick(HOURS["creche"])
        came = self.pick([self._minute(start - 30, start + 30), self.random.randint(440, 900)])
        left = max(self.pick([self._minute(end - 30, end + 90), came + self.random.randint(20, 400)]), came + 1)
        at = [midnight + timedelta(minutes=minute) for minute in (came, left)]
        words = [
            Decision("creche", day, "arrival", midnight, at[0]),
            Decision("creche", day, "departure", midnight, at[1]),
        ]
        return words + [Decision("creche", day, "late_accepted", midnight)] * self.pick([0, 1])

    def _holes(self) -> list[Hole]:
        """A hole, or a silence, of a quarter of an hour to three days; most towns have none."""
        count = self.pick([0, 0, 0, 1, 2])
        starts = [self._moment(ref, self._day(ref)) for ref in self.random.sample(list(KINDS), count)]
        return [
            Hole(at, at + timedelta(minutes=self.pick([15, 60, 4_320])), self.pick([True, False])) for at in starts
        ]

    def _trip(self) -> Sejour:
        start = self.pick(DAYS[1:8])
        own = (self.grids.price_list("care", SINCE, packages=PACKAGES["sejours"]),) if not self._often() else ()
        return Sejour(TRIP, "sejours", start, start + timedelta(days=self.random.randint(1, 6)), False, own)

    def _contracts(self) -> tuple[Contract, ...]:
        """No contract, one, or one with an amendment."""
        if not self._often():
            return ()
        one = Contract(
            self.pick([SINCE, SINCE, DAYS[3]]),
            self.pick([date(2027, 8, 1), date(2027, 8, 1), DAYS[10]]),
            self.pick([540, 1_830, 2_700]),
            self.pick([44, 45]),
            11,
            self.pick([0, 0, 1_200]),
            self.pick([None, None, None, 12, 11]),
            self.pick([None, None, DAYS[5]]),
        )
        amended = replace(one, since=self.pick([date(2026, 11, 1), DAYS[6]]), minutes_a_week=1_500, free_until=None)
        return (one, amended) if self.random.random() < 0.25 and amended.since > one.since else (one,)

    def _often(self) -> bool:
        return self.random.random() < 0.6

    def _service(self, ref: str) -> Service:
        kind = KINDS[ref]
        rules = [self._rule(ref, SINCE)] + ([self._rule(ref, self.pick(DAYS))] if not self._often() else [])
        kind_of_line = LINE_KINDS.get(kind, "care")
        packages: dict[str, Sequence[str]] = {**PACKAGES.get(ref, {})}
        if ref not in ("cantine", "jeunes", "sejours") and self._often():
            packages["late_pickup"] = LATE
        lists = (
            [self.grids.price_list(kind_of_line, SINCE, packages=packages)] if self.random.random() < 0.9 else []
        )
        if not self._often():
            lists.append(self.grids.price_list(kind_of_line, date(2026, 11, 20), packages=packages))
        formulas = FORMULAS if ref == "mercredi" and self.random.random() < 0.9 else ()
        return Service(ref, kind, tuple(rules), formulas, tuple(lists), "periscolaire_evening")

    def _rule(self, ref: str, since: date) -> Rule:
        start, end = SLOTS[ref]
        return Rule(
            since,
            weekdays=(2,) if ref == "mercredi" else (0, 1, 3, 4),
            period=self.pick(["school", "school", "any"]) if ref != "creche" else "any",
            slot=(start + self.pick([0, 0, 1, 14]), end + self.pick([0, 0, 1, 14, 15, 20])),
            grace=self.pick([0, 20]),
            anti_bounce_seconds=self.pick([0, 120]),
            needs_departure=ref in ("soir", "mercredi", "halte", "creche"),
            rounding=self.pick([15, 30, 60]),
            tolerance=self.pick([0, 0, 5, 10]),
            rounding_on=self.pick(["duration", "duration", "ends", "arrival", "departure"]),
            rounding_mode=self.pick(["begun", "begun", "nearest", "elapsed"]),
            basis=self.pick(["booking", "presence"]) if ref in ("cantine", "mercredi", "soir") else "presence",
            undecided=self.pick(["billed", "not_billed", "no_line"]),
            caf=CAF_RULES.get(ref, "slot_full"),
            meal=ref in ("cantine", "mercredi"),
            priced=ref != "halte",
            **self._qf_rule(),
        )

    def _qf_rule(self) -> dict[str, Any]:
        code = self.pick(["on_day", "on_day", "month_start", "school_year", "january", "january_september"])
        is_yearly = code in ("school_year", "january")
        return {
            "qf": code,
            "qf_known_on": self.pick([None, (3, 31), (9, 1), (11, 5), (11, 18)]) if is_yearly else None,
            "qf_backdating": self.pick(["from_effect", "from_effect", "from_record", "from_record_month"]),
        }

    def _qf(self, number: int) -> Qf:
        return Qf(
            self.pick(QUOTIENTS),
            self.pick([SINCE, DAYS[3], DAYS[7], *BEFORE]),
            self.pick(["caf", "default"]),
            self.pick([None, None, *PAYERS]),
            recorded=self.random.randint(0, 3) + self.pick([0, *(_noon(day) for day in DAYS[:6:2])]),
            corrects=self.random.randrange(number) if number and self.random.random() < 0.2 else None,
        )

    def _enrolment(self, ref: str) -> Enrolment:
        weekdays = (2,) if ref == "mercredi" else (0, 1, 3, 4)
        formula = self.pick([None, *(f.code for f in FORMULAS)]) if ref == "mercredi" else None
        week = self.pick([None, None, None, "A", "B"])
        anchor = date(2026, 11, 9) if week else None
        payers = tuple(
            EnrolledPayer(payer, self.pick([*5 * ["all"], "custody"]), SINCE, self.pick([*6 * [None], DAYS[8]]))
            for payer in self.pick([(), *7 * [("mere",)], ("pere",), PAYERS])
        )
        span = self.pick(AGREED) if ref == "creche" else None
        patterns = tuple(
            Pattern(weekday, week, anchor, formula, span=span) for weekday in weekdays if self._often()
        )
        until = self.pick([None, None, None, DAYS[9]])
        since = self.pick([SINCE, SINCE, SINCE, DAYS[2]] if ref != "jeunes" else [SINCE, DAYS[2], DAYS[5]])
        trip = TRIP if ref == "sejours" else None
        contracts = self._contracts() if ref == "creche" else ()
        return Enrolment(ref, self.pick(CATEGORIES), patterns, payers, since, until, trip, contracts)

    def _booking(self) -> Booking:
        ref = self.pick(list(KINDS))
        action = self.pick(["book", "book", "cancel", "absence", "accept", "refuse", "wait"])
        formula = self.pick([None, "matin", "journee-repas"]) if ref == "mercredi" else None
        day = self._day(ref)
        received = datetime.combine(day, time()) + timedelta(minutes=self.random.randint(-2000, SLOTS[ref][0] + 20))
        span = self.pick([None, None, *HOURS[ref]]) if ref in HOURS else None
        return Booking(ref, day, action, formula, self.pick([False, False, True]), received, span)

    def _day(self, ref: str) -> date:
        """Return a day, most of the time one on which the service opens."""
        return self.pick([day for day in DAYS if (day.weekday() == 2) == (ref == "mercredi")] + DAYS[:2])

    def _past_day(self, ref: str) -> date:
        """Return such a day on which somebody may have come: nobody taps tomorrow."""
        return self.pick([day for day in [self._day(ref) for _ in range(4)] if day <= NOW.date()] or [NOW.date()])

    def _decision(self) -> Decision:
        absences = ["absent_justified", "absent_unjustified"]
        kind = self.pick([*absences, *absences, "arrival", "departure", *LATE_WORDS, "clear"])
        ref = self.pick(["cantine", "mercredi", "creche"] if kind in absences else list(KINDS))
        day = self._day(ref)
        if kind in ("arrival", "departure"):
            day = self._past_day(ref)
        at = self._moment(ref, day) if kind in ("arrival", "departure") else None
        made = datetime.combine(self.pick([day, day, self.pick(DAYS)]), time(self.pick([7, 12, 19])))
        reason = self.pick([None, "maladie", "hospitalisation", "grippe"]) if kind == "absent_justified" else None
        return Decision(ref, day, kind, made, at, reason)

    def _lateness(self) -> list[Decision]:
        """A child collected after the end of the slot, and what somebody said of it."""
        ref = self.pick([ref for ref in KINDS if ref not in ("cantine", "sejours")])
        day = self._past_day(ref)
        midnight = datetime.combine(day, time())
        left = midnight + timedelta(minutes=self._late_minute(ref))
        words = [self.pick(LATE_WORDS) for _ in range(self.pick([1, 1, 2]))]
        said = [Decision(ref, day, "departure", midnight, left)] if self._often() else []
        return said + [Decision(ref, day, word, midnight) for word in words]

    def _late_minute(self, ref: str) -> int:
        """Return a minute after the end of the slot."""
        return max(self._minute(SLOTS[ref][1], SLOTS[ref][1] + 90), SLOTS[ref][1] + 1)

    def _minute(self, first: int, last: int) -> int:
        """Return a minute between two, often beside a quarter of an hour."""
        minute = self.random.randint(first, last)
        return self.pick([minute, minute // 15 * 15 + self.pick(BESIDE)])

    def _moment(self, ref: str, day: date) -> datetime:
        start, end = SLOTS[ref]
        minute = self._minute(start - 25, end + 25)
        return datetime.combine(day, time()) + timedelta(minutes=minute, seconds=self.pick([0, 0, 30]))

    def _taps(self, late: Sequence[tuple[str, date]]) -> list[Tap]:
        """Taps in the order of time, as one terminal makes them; some take an earlier one back.

        Who is late may come back after the slot.
        """
        wanted = []
        for ref, day in late:
            if self._often():
                start, end = SLOTS[ref]
                minutes = [
                    self.random.randint(start, end),
                    *(self._late_minute(ref) for _ in range(self.pick([1, 3]))),
                ]
                wanted += [(datetime.combine(day, time()) + timedelta(minutes=each), ref) for each in minutes]
        for _ in range(self.random.randint(0, 8)):
            ref = self.pick(list(KINDS))
            day = self._past_day(ref)
            wanted += [(self._moment(ref, day), ref) for _ in range(self.random.randint(1, 3))]
        found: list[Tap] = []
        for at, ref in sorted(wanted):
            how = self.pick(["badge", "badge", "badge", "badge", "present", "left", "undo"])
            if how == "undo" and found:
                found.append(Tap(at, "undo", undoes=self.random.randrange(len(found))))
            elif how != "undo":
                found.append(Tap(at, how, self.pick([None, None, ref, ref, self.pick(list(KINDS))])))
        return found
