"""What really happens each day: who comes, who is absent and why, what families asked for in time."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from demo import times
from demo.habits import FORMULAS, PlannedEnrolment, PlannedPattern
from demo.people import PlannedChild, PlannedFamily
from demo.scope import Scope

SICK_A_DAY = 0.012  # chance for a child to fall ill on an open day
AWAY_A_DAY = 0.003  # chance for a planned day off, cancelled in time
NO_SHOW = {
    "cantine": 0.022,
    "garderie-matin": 0.05,
    "garderie-soir": 0.045,
    "mercredi": 0.03,
    "halte-garderie": 0.04,
}
DECLARED_SHARE = 0.5  # of the illnesses: the family says so on the portal
# Children of a full town who come a day although nothing planned them, and those booked for one day.
UNPLANNED_A_DAY = {
    "cantine": 1.1,
    "garderie-matin": 2.0,
    "garderie-soir": 3.5,
    "mercredi": 2.0,
    "halte-garderie": 0.4,
}
NOT_ENROLLED_A_DAY = {"cantine": 0.12, "garderie-soir": 0.12}
BOOKED_A_DAY = {"cantine": 1.6, "mercredi": 2.5, "halte-garderie": 0.8}
# Answers to « absent and expected »: basis for the coordinator's A or AJ (domain notes §6).
BOOKING_SERVICES = ("cantine", "mercredi", "halte-garderie")


@dataclass(frozen=True, slots=True)
class Visit:
    """A person at a service on a day; several presences when they left and came back."""

    person_ref: str
    service: str
    structure: str
    day: date
    presences: tuple[times.Presence, ...]
    is_expected: bool
    family_ref: str


@dataclass(frozen=True, slots=True)
class Absence:
    """Someone expected who did not come; `cause` is sick, trip or unknown."""

    person_ref: str
    service: str
    structure: str
    day: date
    cause: str
    is_declared: bool


@dataclass(frozen=True, slots=True)
class PlannedBooking:
    """What a family asked for one day: book, cancel or absence, received on a day by a channel."""

    person_ref: str
    service: str
    structure: str
    day: date
    action: str
    channel: str
    received_on: date
    reason: str | None = None
    formula: str | None = None


@dataclass
class DayLife:
    """All that happened on a day."""

    day: date
    visits: list[Visit] = field(default_factory=list)
    absences: list[Absence] = field(default_factory=list)
    bookings: list[PlannedBooking] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Spell:
    cause: str
    first_day: date
    is_declared: bool


@dataclass(frozen=True, slots=True)
class _Ask:
    action: str
    channel: str
    received_on: date
    reason: str | None = None
    formula: str | None = None


class LifeMaker:
    """Plays the days of the period in order; each day draws from its own stream."""

    def __init__(
        self, scope: Scope, families: Sequence[PlannedFamily], enrolments: Sequence[PlannedEnrolment]
    ) -> None:
        self.scope = scope
        self.enrolments = enrolments
        self.children: dict[str, PlannedChild] = {c.ref: c for family in families for c in family.children}
        self.family_of = {child.ref: family.ref for family in families for child in family.children}
        self.off = self._spells()
        self.trips = self._trips()

    def make(self) -> list[DayLife]:
        """Return every open day of the period, played."""
        return [self._play(day) for day in self.scope.period.days]

    def _play(self, day: date) -> DayLife:
        life = DayLife(day)
        source = self.scope.stream("life", day)
        free = defaultdict(list)
        for enrolment in self.enrolments:
            rule = self.scope.town.service(enrolment.service).rule
            if day.weekday() not in rule.weekdays or not enrolment.year.holds(day):
                continue
            pattern = enrolment.pattern_on(day)
            if pattern is None:
                free[enrolment.service].append(enrolment)
            else:
                self._expected(life, enrolment, pattern, source)
        for service, enrolments in free.items():
            self._unplanned(life, service, enrolments, source)
        self._not_enrolled(life, source)
        return life

    # ---------------------------------------------------------------------------------------------- expected

    def _expected(
        self, life: DayLife, enrolment: PlannedEnrolment, pattern: PlannedPattern, source: random.Random
    ) -> None:
        spell = self.off.get((enrolment.person_ref, life.day))
        if spell is not None and spell.cause == "away":
            life.bookings.append(self._cancel(enrolment, life.day, spell, source))
        elif spell is not None:
            self._absent(life, enrolment, spell)
        elif enrolment.service == "cantine" and self._is_out(enrolment.person_ref, life.day):
            life.absences.append(_absence(enrolment, life.day, "trip"))
        elif source.random() < NO_SHOW[enrolment.service] and enrolment.person_ref in self.children:
            life.absences.append(_absence(enrolment, life.day, "unknown"))
        else:
            life.visits.append(self._visit(enrolment, life.day, pattern, source))

    def _absent(self, life: DayLife, enrolment: PlannedEnrolment, spell: _Spell) -> None:
        is_declared = spell.is_declared and enrolment.service in BOOKING_SERVICES
        life.absences.append(_absence(enrolment, life.day, spell.cause, is_declared))
        if is_declared:
            life.bookings.append(
                _booking(enrolment, life.day, _Ask("absence", "portal", spell.first_day, reason="Enfant malade"))
            )

    def _cancel(
        self, enrolment: PlannedEnrolment, day: date, spell: _Spell, source: random.Random
    ) -> PlannedBooking:
        received = spell.first_day - timedelta(days=source.randrange(8, 15))
        channel = source.choices(["portal", "email", "phone", "counter"], [70, 12, 8, 10])[0]
        return _booking(enrolment, day, _Ask("cancel", channel, received, reason="Absence prévue"))

    def _visit(
        self, enrolment: PlannedEnrolment, day: date, pattern: PlannedPattern | None, source: random.Random
    ) -> Visit:
        formula = pattern.formula if pattern else None
        return Visit(
            person_ref=enrolment.person_ref,
            service=enrolment.service,
            structure=enrolment.structure,
            day=day,
            presences=tuple(self._presences(enrolment, day, formula, pattern)),
            is_expected=pattern is not None,
            family_ref=self.family_of.get(enrolment.person_ref, enrolment.person_ref),
        )

    def _presences(
        self, enrolment: PlannedEnrolment, day: date, formula: str | None, pattern: PlannedPattern | None
    ) -> list[times.Presence]:
        """Brothers and sisters share the streams of their family, so they come and go together."""
        service = self.scope.town.service(enrolment.service)
        family = self.family_of.get(enrolment.person_ref, enrolment.person_ref)
        usual = self.scope.stream("usual", service.ref, family)
        today = self.scope.stream("today", service.ref, family, day)
        if service.kind == "morning_care":
            return times.morning(service.rule, usual, today)
        if service.kind == "evening_care":
            return times.evening(service.rule, usual, today)
        if service.kind == "leisure_wednesday":
            chosen = formula or today.choices([code for code, _ in FORMULAS], [weight for _, weight in FORMULAS])[0]
            return times.wednesday(next(each for each in service.formulas if each.code == chosen), today)
        if service.kind == "daycare":
            own = self.scope.stream("today", service.ref, enrolment.person_ref, day)
            return times.daycare(pattern, service.rule, own)
        return [times.Presence(service.rule.slot_start_minute * 60, None)]  # the roll call gives the minute

    # ------------------------------------------------------------------------------------- neither planned nor told

    def _unplanned(
        self, life: DayLife, service: str, enrolments: list[PlannedEnrolment], source: random.Random
    ) -> None:
        """Some children without fixed days are booked for the day, some just come."""
        here = [each for each in enrolments if (each.person_ref, life.day) not in self.off]
        source.shuffle(here)
        for enrolment in here[: _draw_count(BOOKED_A_DAY.get(service, 0) * self.scope.scale, source)]:
            here.remove(enrolment)
            self._booked(life, enrolment, source)
        for enrolment in here[: _draw_count(UNPLANNED_A_DAY[service] * self.scope.scale, source)]:
            if enrolment.person_ref in self.children:
                life.visits.append(self._visit(enrolment, life.day, None, source))

    def _booked(self, life: DayLife, enrolment: PlannedEnrolment, source: random.Random) -> None:
        formula = None
        if enrolment.service == "mercredi":
            formula = source.choices([code for code, _ in FORMULAS], [weight for _, weight in FORMULAS])[0]
        received = life.day - timedelta(days=source.randrange(5, 12))
        channel = source.choices(["portal", "counter", "email"], [75, 15, 10])[0]
        life.bookings.append(_booking(enrolment, life.day, _Ask("book", channel, received, formula=formula)))
        pattern = PlannedPattern(life.day.weekday(), formula=formula)
        life.visits.append(self._visit(enrolment, life.day, pattern, source))

    def _not_enrolled(self, life: DayLife, source: random.Random) -> None:
        """A pupil who has a file but no enrolment at the service is there all the same."""
        if life.day.weekday() not in self.scope.town.service("cantine").rule.weekdays:
            return
        year = self.scope.period.year_of(life.day)
        for service, rate in NOT_ENROLLED_A_DAY.items():
            known = {each.person_ref for each in self.enrolments if each.service == service}
            strangers = sorted(
                ref for ref, c in self.children.items() if year.ref in c.class_refs and ref not in known
            )
            for ref in source.sample(strangers, min(len(strangers), _draw_count(rate * self.scope.scale, source))):
                child = self.children[ref]
                visitor = PlannedEnrolment("", ref, service, child.school, "enfant", year, (), ())
                life.visits.append(self._visit(visitor, life.day, None, source))

    # ---------------------------------------------------------------------------------------------- days off

    def _spells(self) -> dict[tuple[str, date], _Spell]:
        """Return, by child and day, the illness or the planned days off that keep the child at home."""
        off: dict[tuple[str, date], _Spell] = {}
        days = self.scope.period.days
        for ref in self.children:
            source = self.scope.stream("spells", ref)
            for index, day in enumerate(days):
                draw = source.random()
                if (ref, day) in off or draw >= SICK_A_DAY + AWAY_A_DAY:
                    continue
                spell = _Spell("sick" if draw < SICK_A_DAY else "away", day, source.random() < DECLARED_SHARE)
                length = source.choices([1, 2, 3, 5], [40, 30, 20, 10])[0]
                for other in days[index : index + length]:
                    off[ref, other] = spell
        return off

    def _trips(self) -> set[tuple[str, date]]:
        """Return the class outings of the period: two classes, one day each, gone over lunch."""
        source = self.scope.stream("trips")
        school_days = [day for day in self.scope.period.days if day.weekday() in (0, 1, 3, 4)]
        if not school_days:
            return set()
        trips = set()
        for _trip in range(2):
            day = source.choice(school_days)
            year = self.scope.period.year_of(day)
            classes = sorted({c.class_refs[year.ref] for c in self.children.values() if year.ref in c.class_refs})
            trips.add((source.choice(classes), day))
        return trips

    def _is_out(self, person_ref: str, day: date) -> bool:
        child = self.children.get(person_ref)
        return child is not None and any(
            trip_day == day and class_ref in child.class_refs.values() for class_ref, trip_day in self.trips
        )


def _absence(enrolment: PlannedEnrolment, day: date, cause: str, is_declared: bool = False) -> Absence:
    return Absence(enrolment.person_ref, enrolment.service, enrolment.structure, day, cause, is_declared)


def _booking(enrolment: PlannedEnrolment, day: date, ask: _Ask) -> PlannedBooking:
    return PlannedBooking(
        person_ref=enrolment.person_ref,
        service=enrolment.service,
        structure=enrolment.structure,
        day=day,
        action=ask.action,
        channel=ask.channel,
        received_on=ask.received_on,
        reason=ask.reason,
        formula=ask.formula,
    )


def _draw_count(mean: float, source: random.Random) -> int:
    """Draw a small count of that mean (Poisson, by counting uniform draws)."""
    if mean <= 0:
        return 0
    count, product = 0, source.random()
    limit = 2.718281828459045**-mean
    while product > limit:
        count += 1
        product *= source.random()
    return count
