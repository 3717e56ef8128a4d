"""How many children of each level, and how they group into brothers and sisters."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass

from demo.calendar import Period
from demo.people import PUPIL_LEVELS

INFANT_SHARE = 0.08  # of the children: those of the halte-garderie
CHILDREN_PER_FAMILY = 300 / 190
OLDEST_INFANT_LEVEL = -1
INFANT_LEVELS = (-1, -1, -2, -3)


@dataclass(frozen=True, slots=True)
class Siblings:
    """The main-year levels of the children of one family, oldest first."""

    levels: tuple[int, ...]


def level_bag(children: int, period: Period) -> Counter[int]:
    """Return how many children of each main-year level the town has.

    Pupils are spread evenly; when the period touches the school year before (or after), the pupils who have
    left since (or will come) are added on top, so that classes are full in both years.
    """
    infants = max(1, round(children * INFANT_SHARE))
    bag: Counter[int] = Counter()
    for number in range(children - infants):
        bag[number % len(PUPIL_LEVELS)] += 1
    for number in range(infants):
        bag[INFANT_LEVELS[number % len(INFANT_LEVELS)]] += 1
    a_level = max(1, (children - infants) // len(PUPIL_LEVELS))
    if any(year.starts_on < period.main_year.starts_on for year in period.years):
        bag[len(PUPIL_LEVELS)] += a_level
    if any(year.starts_on > period.main_year.starts_on for year in period.years):
        bag[OLDEST_INFANT_LEVEL] += a_level
    return bag


def group(bag: Counter[int], families: int, source: random.Random) -> list[Siblings]:
    """Empty the bag into about that many families of one to four children of likely ages."""
    sizes = _sizes(bag.total(), families, source)
    return [Siblings(_draw(bag, size, source)) for size in sizes]


def take(bag: Counter[int], level: int) -> None:
    """Remove one child of a level, or the nearest that is left, for a family given by name."""
    nearest = min((abs(other - level), other) for other, left in bag.items() if left)[1]
    bag[nearest] -= 1


def _sizes(children: int, families: int, source: random.Random) -> list[int]:
    sizes = [1] * min(families, children)
    for _extra in range(children - len(sizes)):
        open_ones = [index for index, size in enumerate(sizes) if size < 4]
        # Third and fourth children are rarer than second ones.
        weights = [(0, 12, 3, 1)[sizes[index]] for index in open_ones]
        sizes[source.choices(open_ones, weights)[0]] += 1
    source.shuffle(sizes)
    return sizes


def _draw(bag: Counter[int], size: int, source: random.Random) -> tuple[int, ...]:
    levels: list[int] = []
    for _child in range(size):
        left = sorted(level for level, count in bag.items() if count)
        weights = [bag[level] * _gap_weight(level, levels) for level in left]
        chosen = source.choices(left, weights)[0]
        bag[chosen] -= 1
        levels.append(chosen)
    return tuple(sorted(levels, reverse=True))


def _gap_weight(level: int, siblings: list[int]) -> float:
    """Brothers and sisters are two to four years apart as a rule; twins are rare."""
    if not siblings:
        return 1.0
    gap = min(abs(level - other) for other in siblings)
    return (0.02, 0.25, 1.0, 1.0, 0.6, 0.3, 0.1, 0.05)[min(gap, 7)]
