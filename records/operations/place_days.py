"""Who is planned at a structure day by day, and whether one more fits: the rows that `domain.capacity` decides on.

Read inside a write. Writes take their turn (`Records.write` locks `change_seq` first, on both engines), so what is
counted here cannot change before the commit, and no place is sold twice (docs/adr/0016).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.capacity import ADULT_MONTHS, Capacity, Full, Occupant, age_in_months, first_full, in_force
from domain.schedule import EnrolmentSchedule, Expectation, Opening, expectations
from domain.schedule import in_force as holds
from records.models import FamilyMember, Person, ServiceFormula, ServiceRule, StructureCapacity
from records.operations.lookup import chunks
from records.operations.schedule import Whose, booking_lines, enrolment_schedules, service_days


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a booking asks for: a service on a day, in a formula or at local minutes where they are chosen."""

    person_id: int
    service_id: int
    day: date
    formula: str | None = None
    start_minute: int | None = None
    end_minute: int | None = None


class PlaceDays:
    """The planned days of one structure, both included; kept up to date by its caller while it writes.

    Whom a closure, a strike or an outing takes away keeps the place: the event may be taken back.
    """

    def __init__(self, session: Session, structure_id: int, first_day: date, last_day: date) -> None:
        self.session = session
        self.structure_id = structure_id
        self.days = (first_day, last_day)
        self._capacities = capacities_of(session, structure_id)
        self._openings: dict[tuple[int, date], Opening] | None = None
        self._opened: set[tuple[int, date]] = set()
        self._enrolled: dict[tuple[int, int], list[EnrolmentSchedule]] = {}
        self._there: dict[date, dict[tuple[int, int], Occupant]] = {}
        self._slots: dict[int, tuple[int, int]] = {}
        self._formulas: dict[tuple[int, str], tuple[int, int]] = {}
        self._births: dict[int, date | None] = {}
        self._children: set[int] = set()

    def is_limited(self, service_id: int, day: date) -> bool:
        """Return whether a capacity speaks of a service on a day: without one, nothing needs to be counted."""
        return any(each.service_id in (None, service_id) for each in in_force(self._capacities, day))

    def occupant(self, wanted: Wanted) -> Occupant | None:
        """Return somebody as they would be counted; None where the service is shut or they are not enrolled."""
        self._load()
        spans = self._enrolled.get((wanted.person_id, wanted.service_id), ())
        key = (wanted.service_id, wanted.day)
        if key not in self._opened or not any(holds(wanted.day, each.valid_from, each.valid_to) for each in spans):
            return None
        return self._occupant(wanted, (self._openings or {})[key])

    def full_for(self, day: date, newcomer: Occupant) -> Full | None:
        """Return what keeps somebody out on a day, None when they fit or are already there at these hours."""
        self._load()
        return first_full(in_force(self._capacities, day), self._there.get(day, {}).values(), newcomer)

    def put(self, day: date, occupant: Occupant) -> None:
        """Count somebody from now on."""
        self._there.setdefault(day, {})[occupant.person_id, occupant.service_id] = occupant

    def remove(self, person_id: int, service_id: int, day: date) -> None:
        """Count somebody no longer."""
        self._load()
        self._there.get(day, {}).pop((person_id, service_id), None)

    def planned(self, person_id: int, service_id: int) -> list[tuple[date, Occupant]]:
        """Return the days on which somebody is planned in a service, in order."""
        self._load()
        key = (person_id, service_id)
        return [(day, there[key]) for day, there in sorted(self._there.items()) if key in there]

    def _load(self) -> None:
        """Read what is planned, once. An absence does not give the place back: the day stays the family's."""
        if self._openings is not None:
            return
        first_day, last_day = self.days
        usual = service_days(self.session, first_day, last_day, self.structure_id, with_events=False)
        self._openings = {(each.service_id, each.day): each for each in usual}
        opened = service_days(self.session, first_day, last_day, self.structure_id)
        self._opened = {(each.service_id, each.day) for each in opened}
        whose = Whose(structure_id=self.structure_id)
        enrolments = enrolment_schedules(self.session, first_day, last_day, whose)
        bookings = booking_lines(self.session, first_day, last_day, whose)
        found = expectations(
            enrolments,
            [each for each in bookings if each.action != "absence"],
            usual,
        )
        for enrolment in enrolments:
            if enrolment.structure_id == self.structure_id:
                self._enrolled.setdefault((enrolment.child_id, enrolment.service_id), []).append(enrolment)
        self._load_hours()
        self._load_people({each.child_id for each in enrolments})
        for each in found:
            if each.structure_id == self.structure_id:
                self.put(each.day, self._occupant(_wanted(each), self._openings[each.service_id, each.day]))

    def _load_hours(self) -> None:
        rules = self.session.execute(
            select(ServiceRule.id, ServiceRule.slot_start_minute, ServiceRule.slot_end_minute)
        )
        self._slots = {rule_id: (start, end) for rule_id, start, end in rules}
        formulas = self.session.scalars(select(ServiceFormula))
        self._formulas = {(row.service_id, row.code): (row.start_minute, row.end_minute) for row in formulas}

    def _load_people(self, people: set[int]) -> None:
        for part in chunks(sorted(people)):
            births = self.session.execute(select(Person.id, Person.birth_date).where(Person.id.in_(part)))
            self._births.update({person_id: born for person_id, born in births})
            self._children.update(
                self.session.scalars(
                    select(FamilyMember.person_id).where(
                        FamilyMember.role == "child", FamilyMember.person_id.in_(part)
                    )
                )
            )

    def _occupant(self, wanted: Wanted, opening: Opening) -> Occupant:
        hours = self._slots[opening.rule_id]
        if wanted.start_minute is not None and wanted.end_minute is not None:
            hours = (wanted.start_minute, wanted.end_minute)
        elif wanted.formula is not None:
            hours = self._formulas.get((wanted.service_id, wanted.formula), hours)
        born = self._births.get(wanted.person_id)
        # Of a child whose birth date is missing nobody knows the group: they count in each (domain.capacity).
        age = ADULT_MONTHS if wanted.person_id not in self._children else None
        if born is not None:
            age = age_in_months(born, wanted.day)
        return Occupant(wanted.person_id, wanted.service_id, *hours, age)


def capacities_of(session: Session, structure_id: int) -> list[Capacity]:
    """Return every version of every capacity of a structure."""
    rows = session.scalars(select(StructureCapacity).where(StructureCapacity.structure_id == structure_id))
    return [
        Capacity(
            row.service_id,
            row.weekday,
            row.start_minute,
            row.end_minute,
            row.age_from_months,
            row.age_to_months,
            row.valid_from,
            row.seq,
            row.places,
        )
        for row in rows
    ]


def _wanted(each: Expectation) -> Wanted:
    return Wanted(each.child_id, each.service_id, each.day, each.formula, each.start_minute, each.end_minute)
