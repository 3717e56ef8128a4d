"""Whether a place can take one more: pure rules by service, age group and quarter hour (domain notes §5).

Every capacity that speaks of a person counts: the narrowest age group that holds them and each wider one, their
service's own and the one for all services together, that of the weekday and that of every day. A version replaces
the earlier one of the same service, weekday, quarters and ages.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from domain.french import clock

QUARTER = 15
DAY_END = 24 * 60
ADULT_MONTHS = 18 * 12
_MONTHS_A_YEAR = 12
_NOBODY_OLDER = 100 * 12


@dataclass(frozen=True, slots=True)
class Capacity:
    """Places of a structure from `valid_from`; ages are whole months, half-open; no minutes = the whole day."""

    service_id: int | None
    weekday: int | None
    start_minute: int | None
    end_minute: int | None
    age_from_months: int
    age_to_months: int
    valid_from: date
    seq: int
    places: int

    def quarters(self) -> range:
        """Return the quarter hours it speaks of, by their first minute."""
        return range(self.start_minute or 0, DAY_END if self.end_minute is None else self.end_minute, QUARTER)

    def holds(self, occupant: Occupant) -> bool:
        """Return whether somebody counts in it, at whatever hour; an unknown age counts everywhere."""
        age = occupant.age_months
        return self.service_id in (None, occupant.service_id) and (
            age is None or self.age_from_months <= age < self.age_to_months
        )


@dataclass(frozen=True, slots=True)
class Occupant:
    """Somebody planned on a day: in which service, at which local minutes `[start, end)`, at what age."""

    person_id: int
    service_id: int
    start_minute: int
    end_minute: int
    age_months: int | None

    def is_there(self, quarter: int) -> bool:
        """Return whether they are there during some minute of a quarter hour."""
        return self.start_minute < quarter + QUARTER and quarter < self.end_minute


@dataclass(frozen=True, slots=True)
class Full:
    """The capacity that is used up, and the first quarter hour at which it is."""

    capacity: Capacity
    minute: int

    def __str__(self) -> str:
        places = self.capacity.places
        taken = "aucune place" if places == 0 else "1 place, prise" if places == 1 else f"{places} places, prises"
        hour = "" if self.capacity.start_minute is None else f" à {clock(self.minute)}"
        return f"{_ages(self.capacity)} : {taken}{hour}"


def age_in_months(birth_date: date, day: date) -> int:
    """Return the number of whole months of somebody on a day; 0 before the birth."""
    months = (day.year - birth_date.year) * _MONTHS_A_YEAR + day.month - birth_date.month
    return max(0, months - (day.day < birth_date.day))


def in_force(capacities: Iterable[Capacity], day: date) -> list[Capacity]:
    """Return the versions that hold on a day, its weekday's and those of every day."""
    best: dict[tuple[int | None, ...], Capacity] = {}
    for each in capacities:
        if each.valid_from <= day and each.weekday in (None, day.weekday()):
            hours = (each.start_minute, each.end_minute)
            key = (each.service_id, each.weekday, *hours, each.age_from_months, each.age_to_months)
            held = best.get(key)
            if held is None or (held.valid_from, held.seq) < (each.valid_from, each.seq):
                best[key] = each
    return list(best.values())


def first_full(capacities: Sequence[Capacity], there: Iterable[Occupant], newcomer: Occupant) -> Full | None:
    """Return what keeps a newcomer out of a place on a day, None when they fit.

    `capacities` are those in force; the newcomer must not be among those who are `there`.
    """
    others = list(there)
    for capacity in capacities:
        if not capacity.holds(newcomer):
            continue
        counted = [each for each in others if capacity.holds(each)]
        for quarter in capacity.quarters():
            if newcomer.is_there(quarter) and _people_at(counted, quarter, newcomer) >= capacity.places:
                return Full(capacity, quarter)
    return None


def _people_at(counted: Sequence[Occupant], quarter: int, newcomer: Occupant) -> int:
    """Count people, not services: somebody in two services of a place at once takes one place."""
    return len({each.person_id for each in counted if each.is_there(quarter)} - {newcomer.person_id})


def _ages(capacity: Capacity) -> str:
    """Return the age group in words; an end of a hundred years or more is no limit."""
    start, end = capacity.age_from_months, capacity.age_to_months
    if end >= _NOBODY_OLDER:
        return "tous âges" if start == 0 else f"à partir de {age_words(start)}"
    return f"moins de {age_words(end)}" if start == 0 else f"{age_words(start)} à moins de {age_words(end)}"


def age_words(months: int) -> str:
    """Return « 6 ans », « 30 mois » from whole months."""
    years, rest = divmod(months, _MONTHS_A_YEAR)
    return f"{months} mois" if rest or not years else "1 an" if years == 1 else f"{years} ans"
