"""What every part of the plan shares: the town's data, the period, the seed and the size."""

from __future__ import annotations

import random
from dataclasses import dataclass

from demo.calendar import Period
from demo.people import PlannedChild, level_in
from demo.randomness import stream
from demo.source import EaterData, TownData

CHILDREN_OF_A_FULL_TOWN = 300


@dataclass(frozen=True, slots=True)
class Scope:
    """A town of `children` children over a period, drawn from a seed."""

    town: TownData
    period: Period
    seed: int
    children: int

    @property
    def scale(self) -> float:
        """The size against the full town of 300 children."""
        return self.children / CHILDREN_OF_A_FULL_TOWN

    @property
    def eaters(self) -> dict[str, EaterData]:
        """The adults who eat, by person ref: fewer in a smaller town."""
        count = max(1, round(len(self.town.eaters) * min(1.0, self.scale)))
        return {f"A{number:03d}": eater for number, eater in enumerate(self.town.eaters[:count], 1)}

    def stream(self, *topic: object) -> random.Random:
        """Return the random stream of a topic."""
        return stream(self.seed, *topic)

    def level(self, child: PlannedChild, starts_in: int) -> int:
        """Return the level index of a child in the school year that begins in a year."""
        return level_in(child.level, self.period.main_year.starts_on.year, starts_in)
