"""Which class each pupil is proposed for in the next school year: pure, and the same whatever the order of rows.

A person decides afterwards: what the rows cannot tell is a doubt in words, never a guess passed off as sure
(domain notes §4: repeaters, leavers and siblings).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from domain.french import typeset

# Cycles 1 to 3 as far as the collège, which is no school of the town (code de l'éducation, art. D311-10).
LEVELS = ("TPS", "PS", "MS", "GS", "CP", "CE1", "CE2", "CM1", "CM2")
_AGE_OF_FIRST_LEVEL = 2  # petite section begins in the calendar year of the third birthday (art. L131-1)


@dataclass(frozen=True, slots=True)
class ClassSeen:
    """A class of a school year: `levels` are positions in LEVELS, none when its level is no ordinary one (ULIS)."""

    id: int
    structure_id: int
    name: str
    levels: tuple[int, ...]
    code: str


@dataclass(frozen=True, slots=True)
class PastYear:
    """A class that a pupil was in: its levels, the year it began, and whether it was said a repeat."""

    levels: tuple[int, ...]
    begins: int
    is_repeat: bool = False


@dataclass(frozen=True, slots=True)
class Pupil:
    """A pupil in the class that ends; `families` are the files that they share with brothers and sisters."""

    id: int
    school_class: ClassSeen
    level: int | None
    is_sure: bool
    families: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Proposed:
    """The class proposed (None: leaves), and what a person must look at when there is something."""

    outcome: str
    class_id: int | None
    doubt: str | None = None


def levels_of(code: str) -> tuple[int, ...]:
    """Return the positions in LEVELS that a class takes: « CM1-CM2 » takes two, « ULIS » none."""
    words = [word for word in re.split(r"[^A-Za-z0-9]+", code.upper()) if word]
    if any(word not in LEVELS for word in words):
        return ()
    return tuple(sorted({LEVELS.index(word) for word in words}))


def level_now(years: Sequence[PastYear], birth_date: date | None) -> tuple[int | None, bool]:
    """Return the level of a pupil in the last of their years, and whether that is sure.

    A class of one level says it; in a class of several, the year before does, else the age.
    """
    level: int | None = None
    is_sure = False
    for year in years:
        if not year.levels:
            level, is_sure = None, False
            continue
        if len(year.levels) == 1:
            level, is_sure = year.levels[0], True
            continue
        followed = level if year.is_repeat or level is None else level + 1
        if followed in year.levels:
            level = followed
        else:
            level, is_sure = _level_by_age(year, birth_date), birth_date is not None
    return level, is_sure


def _level_by_age(year: PastYear, birth_date: date | None) -> int:
    if birth_date is None:
        return year.levels[0]
    normal = year.begins - birth_date.year - _AGE_OF_FIRST_LEVEL
    return min(year.levels, key=lambda level: (abs(level - normal), level))


def propose(
    pupils: Iterable[Pupil],
    classes: Iterable[ClassSeen],
    seated: Mapping[int, int],
    school_of_family: Mapping[int, frozenset[int]],
) -> dict[int, Proposed]:
    """Return what is proposed for each pupil.

    `seated` counts, by class, those who have their place there already; `school_of_family` gives the schools where
    brothers and sisters already have theirs.
    """
    places = _Places(classes, seated, school_of_family)
    ordered = sorted(pupils, key=lambda pupil: pupil.id)
    found: dict[int, Proposed] = {}
    stay = [pupil for pupil in ordered if places.at_own_school(pupil)]
    change = [pupil for pupil in ordered if not places.at_own_school(pupil)]
    # Those with one choice sit first, so that the others even the classes out.
    for pupil in sorted(stay, key=lambda each: (len(places.at_own_school(each)), each.id)):
        found[pupil.id] = places.stay(pupil)
    for pupil in change:
        found[pupil.id] = places.move(pupil)
    return found


class _Places:
    """The classes of the next year while pupils are given theirs."""

    def __init__(
        self,
        classes: Iterable[ClassSeen],
        seated: Mapping[int, int],
        school_of_family: Mapping[int, frozenset[int]],
    ) -> None:
        self._by_level: dict[int, list[ClassSeen]] = defaultdict(list)
        self._by_code: dict[str, list[ClassSeen]] = defaultdict(list)
        for each in sorted(classes, key=lambda one: one.id):
            self._by_code[each.code].append(each)
            for level in each.levels:
                self._by_level[level].append(each)
        self._filled = Counter(seated)
        self._schools: dict[int, set[int]] = defaultdict(set)
        for family, schools in school_of_family.items():
            self._schools[family] |= schools

    def at_own_school(self, pupil: Pupil) -> list[ClassSeen]:
        """Return the classes of the pupil's school that would take them."""
        return [each for each in self._taking(pupil) if each.structure_id == pupil.school_class.structure_id]

    def stay(self, pupil: Pupil) -> Proposed:
        """Give a pupil a class of their school."""
        chosen = self._seat(pupil, self.at_own_school(pupil))
        return Proposed("next", chosen.id, _doubt_of_level(pupil))

    def move(self, pupil: Pupil) -> Proposed:
        """Give a pupil whose school has no class for them one of another school, or let them leave."""
        if pupil.level == len(LEVELS) - 1:
            return Proposed("leave", None, _doubt_of_level(pupil))
        choices = self._taking(pupil)
        if not choices:
            return Proposed("leave", None, _no_class(pupil))
        schools = {each.structure_id for each in choices}
        of_siblings = schools & {school for family in pupil.families for school in self._schools[family]}
        chosen = self._seat(pupil, [each for each in choices if each.structure_id in (of_siblings or schools)])
        return Proposed("other_school", chosen.id, _doubt_of_school(pupil, schools, of_siblings))

    def _taking(self, pupil: Pupil) -> list[ClassSeen]:
        if pupil.level is None:
            return self._by_code.get(pupil.school_class.code, [])
        return self._by_level.get(pupil.level + 1, [])

    def _seat(self, pupil: Pupil, choices: Sequence[ClassSeen]) -> ClassSeen:
        chosen = min(choices, key=lambda each: (self._filled[each.id], each.id))
        self._filled[chosen.id] += 1
        for family in pupil.families:
            self._schools[family].add(chosen.structure_id)
        return chosen


def _doubt_of_level(pupil: Pupil) -> str | None:
    if pupil.level is None:
        return typeset(f"« {pupil.school_class.code} » n'a pas de niveau suivant : choisissez la classe.")
    if not pupil.is_sure:
        return typeset(f"Niveau à vérifier : la classe « {pupil.school_class.name} » en a plusieurs.")
    return None


def _no_class(pupil: Pupil) -> str:
    wanted = pupil.school_class.code if pupil.level is None else LEVELS[pupil.level + 1]
    return typeset(f"Aucune classe « {wanted} » l'an prochain : ouvrez-la puis refaites la proposition.")


def _doubt_of_school(pupil: Pupil, schools: set[int], of_siblings: set[int]) -> str | None:
    if len(schools) == 1:
        return _doubt_of_level(pupil)
    if of_siblings:
        return typeset("École d'un frère ou d'une sœur : vérifiez.")
    return typeset("Plusieurs écoles ont une classe de ce niveau : choisissez.")
