"""Small towns made from seeds, with every oddity that the oracles and the warehouse must agree on."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random

from tests.oracles.world import (
    Booking,
    Child,
    Custody,
    Decision,
    EnrolledPayer,
    Enrolment,
    Formula,
    Hole,
    Pattern,
    Price,
    PriceList,
    Qf,
    Rule,
    Service,
    Tap,
    Town,
)

FIRST, LAST = date(2026, 11, 16), date(2026, 11, 29)
NOW = datetime(2026, 11, 26, 17, 10)  # noqa: DTZ001 (the wall clock of the one place)
DAYS = [FIRST + timedelta(days=offset) for offset in range((LAST - FIRST).days + 1)]
SINCE = date(2026, 9, 1)
CAPS = {
    "wednesday_day_cap": [(date(2018, 9, 3), Decimal(540))],
    "wednesday_half_day_cap": [(date(2018, 9, 3), Decimal(240))],
}
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
}
KINDS = {
    "matin": "morning_care",
    "cantine": "canteen",
    "soir": "evening_care",
    "mercredi": "leisure_wednesday",
    "halte": "daycare",
}
CAF_RULES = {"mercredi": "formula_capped", "halte": "real"}
CATEGORIES = ("enfant", "panier_repas", "autre")
PAYERS = ("mere", "pere")
QUOTIENTS = [Decimal(q) for q in ("0", "349.99", "350", "599.99", "600", "742", "9999")]
PRICES = [Decimal(p) for p in ("0", "0.0050", "0.3333", "0.6", "1.0050", "2.2", "2.8", "7.6")]


class TownMaker:
    """Makes one small town from a seed."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.pick = self.random.choice

    def town(self) -> Town:
        child = Child("enfant", payers=list(PAYERS))
        child.born = self.pick([None, date(2020, 11, 24), date(2020, 2, 29), date(2018, 5, 4)])
        child.regimes = [(d, g) for d, g in ((SINCE, "RG"), (date(2026, 11, 19), "MSA")) if self._often()]
        child.diets = self.pick([[], [], ["sans_porc"], ["sans_gluten", "sans_porc"], ["panier_repas"]])
        child.qfs = [self._qf(number) for number in range(self.random.randint(0, 4))]
        if self._often():
            pattern = "".join(self.pick("12") for _ in range(14))
            child.custody = [Custody(self.pick([SINCE, DAYS[4]]), date(2026, 11, 9), pattern, PAYERS)]
        child.enrolments = [self._enrolment(ref) for ref in KINDS if self.random.random() < 0.8]
        child.bookings = [self._booking() for _ in range(self.random.randint(0, 8))]
        child.decisions = [self._decision() for _ in range(self.random.randint(0, 8))]
        child.taps = self._taps()
        special = {self.pick(DAYS): self.pick(["school_holiday", "public_holiday", "bridge"]) for _ in range(2)}
        services = [self._service(ref) for ref in KINDS]
        special = special if self._often() else {}
        return Town(NOW, services, child, special_days=special, holes=self._holes(), caf_caps=CAPS)

    def _holes(self) -> list[Hole]:
        """A hole, or a silence, of a quarter of an hour to three days; most towns have none."""
        count = self.pick([0, 0, 0, 1, 2])
        starts = [self._moment(ref, self._day(ref)) for ref in self.random.sample(list(KINDS), count)]
        return [
            Hole(at, at + timedelta(minutes=self.pick([15, 60, 4_320])), self.pick([True, False])) for at in starts
        ]

    def _often(self) -> bool:
        return self.random.random() < 0.6

    def _service(self, ref: str) -> Service:
        kind = KINDS[ref]
        rules = [self._rule(ref, SINCE)] + ([self._rule(ref, self.pick(DAYS))] if not self._often() else [])
        lists = [self._price_list(kind, SINCE)] if self.random.random() < 0.9 else []
        if not self._often():
            lists.append(self._price_list(kind, date(2026, 11, 20)))
        formulas = FORMULAS if ref == "mercredi" and self.random.random() < 0.9 else ()
        return Service(ref, kind, tuple(rules), formulas, tuple(lists), "periscolaire_evening")

    def _rule(self, ref: str, since: date) -> Rule:
        start, end = SLOTS[ref]
        return Rule(
            since,
            weekdays=(2,) if ref == "mercredi" else (0, 1, 3, 4),
            period=self.pick(["school", "school", "any"]),
            slot=(start, end + self.pick([0, 0, 15])),
            grace=self.pick([0, 20]),
            anti_bounce_seconds=self.pick([0, 120]),
            needs_departure=ref in ("soir", "mercredi", "halte"),
            rounding=self.pick([15, 30, 60]),
            tolerance=self.pick([0, 0, 5, 10]),
            basis=self.pick(["booking", "presence"]) if ref in ("cantine", "mercredi", "soir") else "presence",
            undecided=self.pick(["billed", "not_billed", "no_line"]),
            caf=CAF_RULES.get(ref, "slot_full"),
            meal=ref in ("cantine", "mercredi"),
            priced=ref != "halte",
            qf=self.pick(["on_day", "on_day", "school_year", "january_september"]),
        )

    def _price_list(self, kind: str, since: date) -> PriceList:
        unit = {"canteen": "meal", "leisure_wednesday": "formula"}.get(kind, "unit_begun")
        rows = [Price(unit, self.pick(PRICES), "panier_repas", qf_from=Decimal(0))] if self._often() else []
        if self._often():
            top = self.pick([None, Decimal(600)])
            rows.append(Price(unit, self.pick(PRICES), "enfant", qf_to=Decimal(350)))
            rows.append(Price(unit, self.pick(PRICES), "enfant", qf_from=Decimal(350), qf_to=top))
        if unit == "formula":
            rows += [Price(unit, self.pick(PRICES), formula=formula.code) for formula in FORMULAS if self._often()]
        if self._often():
            rows.append(Price(unit, self.pick(PRICES)))
        return PriceList(since, tuple(rows))

    def _qf(self, number: int) -> Qf:
        return Qf(
            self.pick(QUOTIENTS),
            self.pick([SINCE, DAYS[3], DAYS[7]]),
            self.pick(["caf", "default"]),
            self.pick([None, None, *PAYERS]),
            recorded=self.random.randint(0, 3),
            corrects=self.random.randrange(number) if number and self.random.random() < 0.2 else None,
        )

    def _enrolment(self, ref: str) -> Enrolment:
        weekdays = (2,) if ref == "mercredi" else (0, 1, 3, 4)
        formula = self.pick([None, *(f.code for f in FORMULAS)]) if ref == "mercredi" else None
        week = self.pick([None, None, None, "A", "B"])
        anchor = date(2026, 11, 9) if week else None
        payers = tuple(
            EnrolledPayer(payer, self.pick(["all", "all", "custody"]), SINCE, self.pick([None, None, DAYS[8]]))
            for payer in self.pick([(), ("mere",), ("mere",), ("pere",), PAYERS])
        )
        patterns = tuple(Pattern(weekday, week, anchor, formula) for weekday in weekdays if self._often())
        until = self.pick([None, None, DAYS[9]])
        return Enrolment(ref, self.pick(CATEGORIES), patterns, payers, self.pick([SINCE, SINCE, DAYS[2]]), until)

    def _booking(self) -> Booking:
        ref = self.pick(list(KINDS))
        action = self.pick(["book", "book", "cancel", "absence", "accept", "refuse", "wait"])
        formula = self.pick([None, "matin", "journee-repas"]) if ref == "mercredi" else None
        return Booking(ref, self._day(ref), action, formula)

    def _day(self, ref: str) -> date:
        """Return a day, most of the time one on which the service opens."""
        return self.pick([day for day in DAYS if (day.weekday() == 2) == (ref == "mercredi")] + DAYS[:2])

    def _decision(self) -> Decision:
        absences = ["absent_justified", "absent_unjustified"]
        kind = self.pick([*absences, *absences, "arrival", "departure", "late_accepted", "late_waived", "clear"])
        ref = self.pick(["cantine", "mercredi"] if kind in absences else list(KINDS))
        day = self._day(ref)
        at = self._moment(ref, day) if kind in ("arrival", "departure") else None
        made = datetime.combine(self.pick([day, day, self.pick(DAYS)]), time(self.pick([7, 12, 19])))
        return Decision(ref, day, kind, made, at)

    def _moment(self, ref: str, day: date) -> datetime:
        start, end = SLOTS[ref]
        minute = self.random.randint(start - 25, end + 25)
        return datetime.combine(day, time()) + timedelta(minutes=minute, seconds=self.pick([0, 0, 30]))

    def _taps(self) -> list[Tap]:
        """Taps in the order of time, as one terminal makes them; some take an earlier one back."""
        wanted = []
        for _ in range(self.random.randint(0, 8)):
            ref = self.pick(list(KINDS))
            day = self._day(ref)
            wanted += [(self._moment(ref, day), ref) for _ in range(self.random.randint(1, 3))]
        found: list[Tap] = []
        for at, ref in sorted(wanted):
            how = self.pick(["badge", "badge", "badge", "badge", "present", "left", "undo"])
            if how == "undo" and found:
                found.append(Tap(at, "undo", undoes=self.random.randrange(len(found))))
            elif how != "undo":
                found.append(Tap(at, how, self.pick([None, None, ref, ref, self.pick(list(KINDS))])))
        return found
