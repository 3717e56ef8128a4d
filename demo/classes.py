"""The classes of each school year, and which child sits in which."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from demo.calendar import Period, SchoolYearDates
from demo.people import PUPIL_LEVELS, level_in
from demo.source import StructureData


@dataclass(frozen=True, slots=True)
class PlannedClass:
    """A class of one school year; `levels` are those that it takes."""

    ref: str
    structure: str
    year_ref: str
    name: str
    levels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Seat:
    """A child to be seated: its name in the plan, its school and its main-year level."""

    key: str
    school: str
    level: int


def planned_classes(schools: Iterable[StructureData], years: Iterable[SchoolYearDates]) -> list[PlannedClass]:
    """Return every class of every school year."""
    years = list(years)
    return [
        PlannedClass(
            ref=f"{school.ref}-{'-'.join(levels).lower()}-{year.starts_on.year}",
            structure=school.ref,
            year_ref=year.ref,
            name="-".join(levels),
            levels=levels,
        )
        for school in schools
        for year in years
        for levels in school.classes
    ]


def seat(children: Iterable[Seat], classes: Iterable[PlannedClass], period: Period) -> dict[str, dict[str, str]]:
    """Return, by child key, the class of each school year; where two classes take a level, the emptier one."""
    by_place = defaultdict(list)
    for each in classes:
        by_place[each.structure, each.year_ref].append(each)
    seats: dict[str, dict[str, str]] = defaultdict(dict)
    children = list(children)
    for year in period.years:
        wishes = []
        for child in children:
            index = level_in(child.level, period.main_year.starts_on.year, year.starts_on.year)
            if 0 <= index < len(PUPIL_LEVELS):
                level = PUPIL_LEVELS[index]
                choices = [each for each in by_place[child.school, year.ref] if level in each.levels]
                wishes.append((len(choices), child.key, choices))
        filled: Counter[str] = Counter()
        # Children with no choice sit first, so that the others even the classes out.
        for _count, key, choices in sorted(wishes, key=lambda wish: wish[:2]):
            chosen = min(choices, key=lambda each: (filled[each.ref], each.ref))
            filled[chosen.ref] += 1
            seats[key][year.ref] = chosen.ref
    return seats
