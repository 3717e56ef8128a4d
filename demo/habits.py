"""Who uses what, on which weekdays: the enrolments of the plan.

Each weekday of each service has a number of children to reach (domain notes §2); families with the greatest need
of care come first, so that the same children come from week to week.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from demo.calendar import SchoolYearDates
from demo.people import PUPIL_LEVELS, PlannedChild, PlannedFamily
from demo.scope import Scope
from demo.source import minute_of

SCHOOL_WEEKDAYS = (0, 1, 3, 4)
WEDNESDAY = 2
# Children planned a day in a town of 300: a few more than those who will come.
PLANNED_A_DAY = {"cantine": 199, "garderie-matin": 52, "garderie-soir": 73, "mercredi": 67}
DAYCARE_PLANNED_A_DAY = 13
ALTERNATE_SHARE = 0.30  # of the children in shared custody: care in one parent's weeks only
# Of the pupils: enrolled without fixed days, they come when they need to.
ON_DEMAND_SHARE = {"cantine": 0.04, "garderie-matin": 0.06, "garderie-soir": 0.10, "mercredi": 0.05}
FORMULAS = (("journee-repas", 50), ("matin-repas", 18), ("apres-midi", 14), ("matin", 10), ("journee", 8))
DAYCARE_HOURS = (("08:15", "12:15"), ("08:30", "16:30"), ("09:00", "12:00"), ("09:00", "17:00"), ("13:30", "17:30"))


@dataclass(frozen=True, slots=True)
class PlannedPattern:
    """A weekday of an enrolment; `week` is A or B from `anchor_on`, or None for every week."""

    weekday: int
    week: str | None = None
    anchor_on: date | None = None
    formula: str | None = None
    start_minute: int | None = None
    end_minute: int | None = None

    def holds(self, day: date) -> bool:
        """Return True when the day is one of the pattern's."""
        if day.weekday() != self.weekday:
            return False
        if self.week is None or self.anchor_on is None:
            return True
        return ((day - self.anchor_on).days // 7) % 2 == "AB".index(self.week)


@dataclass(frozen=True, slots=True)
class PlannedEnrolment:
    """A person at a service and place for one school year; no pattern means without fixed days."""

    ref: str
    person_ref: str
    service: str
    structure: str
    category: str
    year: SchoolYearDates
    payer_refs: tuple[str, ...]
    patterns: tuple[PlannedPattern, ...]

    def pattern_on(self, day: date) -> PlannedPattern | None:
        """Return the pattern that expects the person on a day."""
        if not self.year.holds(day):
            return None
        return next((pattern for pattern in self.patterns if pattern.holds(day)), None)


@dataclass(frozen=True, slots=True)
class _Wish:
    family: PlannedFamily
    child: PlannedChild
    score: float


class HabitMaker:
    """Turns families into enrolments; everything it draws comes from the seed."""

    def __init__(self, scope: Scope, families: Sequence[PlannedFamily]) -> None:
        self.scope = scope
        self.town = scope.town
        self.families = families
        self.anchor_on = monday_before(scope.period.years[0].starts_on)

    def make(self) -> list[PlannedEnrolment]:
        """Return every enrolment of children and of adults who eat, in a stable order."""
        enrolments: list[PlannedEnrolment] = []
        for year in self.scope.period.years:
            for service in ("cantine", "garderie-matin", "garderie-soir"):
                enrolments += self._school_service(service, year)
            enrolments += self._wednesdays(year)
            enrolments += self._daycare(year)
            enrolments += self._adults(year)
        return enrolments

    def _school_service(self, service: str, year: SchoolYearDates) -> list[PlannedEnrolment]:
        days: dict[str, list[PlannedPattern]] = {}
        pupils = self._pupils(service, year)
        target = round(PLANNED_A_DAY[service] * self.scope.scale)
        for weekday in SCHOOL_WEEKDAYS:
            for wish in self._chosen(pupils, target, service, weekday):
                days.setdefault(wish.child.ref, []).append(self._pattern(wish, service, weekday))
        found = []
        for wish in pupils:
            patterns = tuple(days.get(wish.child.ref, ()))
            if patterns or self._on_demand(service, wish, year):
                category = wish.child.meal_category if service == "cantine" else "enfant"
                found.append(self._enrolment(wish, service, wish.child.school, year, (category, patterns)))
        return found

    def _on_demand(self, service: str, wish: _Wish, year: SchoolYearDates) -> bool:
        source = self.scope.stream("on-demand", service, year.ref, wish.child.ref)
        return bool(wish.family.logins) or source.random() < ON_DEMAND_SHARE[service]

    def _wednesdays(self, year: SchoolYearDates) -> list[PlannedEnrolment]:
        found = []
        place = self.town.service("mercredi").places[0]
        pupils = self._pupils("mercredi", year)
        planned = self._chosen(pupils, round(PLANNED_A_DAY["mercredi"] * self.scope.scale), "mercredi", WEDNESDAY)
        regular = {wish.child.ref for wish in planned}
        for wish in pupils:
            patterns: tuple[PlannedPattern, ...] = ()
            if wish.child.ref in regular:
                source = self.scope.stream("formula", wish.family.ref)
                formula = source.choices([code for code, _ in FORMULAS], [weight for _, weight in FORMULAS])[0]
                patterns = (self._pattern(wish, "mercredi", WEDNESDAY, formula),)
            elif not self._on_demand("mercredi", wish, year):
                continue
            found.append(self._enrolment(wish, "mercredi", place, year, ("enfant", patterns)))
        return found

    def _daycare(self, year: SchoolYearDates) -> list[PlannedEnrolment]:
        service = self.town.service("halte-garderie")
        infants = [
            _Wish(family, child, 0.0)
            for family in self.families
            for child in family.children
            if self._level(child, year) < 0
        ]
        if not infants:
            return []
        share = min(0.95, DAYCARE_PLANNED_A_DAY * self.scope.scale / len(infants))
        found = []
        for wish in infants:
            source = self.scope.stream("daycare", year.ref, wish.child.ref)
            start, end = (minute_of(text) for text in source.choice(DAYCARE_HOURS))
            patterns = tuple(
                PlannedPattern(weekday, start_minute=start, end_minute=end)
                for weekday in service.rule.weekdays
                if source.random() < share
            )
            found.append(self._enrolment(wish, service.ref, service.places[0], year, ("enfant", patterns)))
        return found

    def _adults(self, year: SchoolYearDates) -> list[PlannedEnrolment]:
        return [
            PlannedEnrolment(
                ref=f"I-{year.starts_on.year}-cantine-{ref}",
                person_ref=ref,
                service="cantine",
                structure=eater.structure,
                category=eater.category,
                year=year,
                payer_refs=(eater_payer_ref(ref),),
                patterns=tuple(PlannedPattern(weekday) for weekday in eater.weekdays),
            )
            for ref, eater in self.scope.eaters.items()
        ]

    # ---------------------------------------------------------------------------------------------- choosing

    def _pupils(self, service: str, year: SchoolYearDates) -> list[_Wish]:
        """Return the year's pupils with how much their family wants the service, greatest need first."""
        wishes = []
        for family in self.families:
            lean = self.scope.stream("lean", service, family.ref).uniform(-0.25, 0.25)
            for child in family.children:
                if 0 <= self._level(child, year) < len(PUPIL_LEVELS):
                    own = self.scope.stream("lean", service, child.ref).uniform(-0.05, 0.05)
                    wishes.append(_Wish(family, child, family.need + lean + own + (2 if family.logins else 0)))
        return sorted(wishes, key=lambda wish: (-wish.score, wish.child.ref))

    def _chosen(self, pupils: Iterable[_Wish], target: int, service: str, weekday: int) -> list[_Wish]:
        """Return the children planned that weekday: the neediest, with some change from one weekday to another."""
        varied = sorted(
            pupils,
            key=lambda wish: (
                -(wish.score + self.scope.stream("day", service, weekday, wish.family.ref).gauss(0, 0.05))
            ),
        )
        chosen: list[_Wish] = []
        weight = 0.0
        for wish in varied:
            if weight >= target:
                break
            chosen.append(wish)
            weight += 0.5 if self._alternates(wish, service) else 1.0
        return chosen

    def _alternates(self, wish: _Wish, service: str) -> bool:
        if not wish.family.is_shared or wish.family.logins:
            return False
        return self.scope.stream("alternate", service, wish.family.ref).random() < ALTERNATE_SHARE

    def _pattern(self, wish: _Wish, service: str, weekday: int, formula: str | None = None) -> PlannedPattern:
        if not self._alternates(wish, service):
            return PlannedPattern(weekday, formula=formula)
        week = self.scope.stream("week", wish.family.ref).choice("AB")
        return PlannedPattern(weekday, week, self.anchor_on, formula)

    def _enrolment(
        self,
        wish: _Wish,
        service: str,
        structure: str,
        year: SchoolYearDates,
        detail: tuple[str, tuple[PlannedPattern, ...]],
    ) -> PlannedEnrolment:
        category, patterns = detail
        return PlannedEnrolment(
            ref=f"I-{year.starts_on.year}-{service}-{wish.child.ref}",
            person_ref=wish.child.ref,
            service=service,
            structure=structure,
            category=category,
            year=year,
            payer_refs=tuple(payer.ref for payer in wish.family.payers),
            patterns=patterns,
        )

    def _level(self, child: PlannedChild, year: SchoolYearDates) -> int:
        return self.scope.level(child, year.starts_on.year)


def monday_before(day: date) -> date:
    """Return the Monday of the day's week."""
    return date.fromordinal(day.toordinal() - day.weekday())


def eater_payer_ref(person_ref: str) -> str:
    """Return the payer ref of an adult who eats."""
    return f"Y{person_ref}"
