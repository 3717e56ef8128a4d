"""Files of a made kitchen: sites with habits of their own, a calendar, menus, strikes and undeclared outings."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from warehouse.meal_files import MealFiles

SERVED = (0, 1, 3, 4)
FISH_EFFECT, FRIDAY_EFFECT = 0.85, 0.9


@dataclass
class Kitchen:
    """A made kitchen: `sites` canteens from a first day, `weeks` weeks of history, then one week asked."""

    sites: int = 6
    weeks: int = 30
    seed: int = 1
    first: date = date(2024, 9, 2)
    changed: dict[str, str] = field(default_factory=dict)
    """Columns of the first row asked, as somebody might have written them."""
    bad_history: list[list[str]] = field(default_factory=list)

    def write(self, folder: Path) -> MealFiles:
        """Write the four files; return where they are."""
        days = [self.first + timedelta(days=7 * week + day) for week in range(self.weeks + 4) for day in SERVED]
        asked = days[-len(SERVED) :]
        known = days[: -4 * len(SERVED)]
        files = MealFiles(folder / "history.csv", folder / "strikes.csv", folder / "known", folder / "targets.csv")
        files.known.mkdir(exist_ok=True)
        history = [row for day in known for row in self._served(day)]
        _write(
            files.history,
            "site,site_type,date,school_year,enrolled,human_order,meals_actual",
            history + self.bad_history,
        )
        _write(files.strikes, "date", [[known[5].isoformat()]] if len(known) > 5 else [])
        _write(
            files.known / "service_days.csv",
            "date,fish,calendar_class,menu_class",
            ([day.isoformat(), int(_is_fish(day)), "std", "fish" if _is_fish(day) else "other"] for day in days),
        )
        rows = [
            {
                "site": f"École {site}",
                "site_type": "E",
                "date": day.isoformat(),
                "school_year": "",
                "enrolled": str(self.enrolled(site)),
            }
            for day in asked
            for site in range(self.sites)
        ]
        rows[0] |= self.changed
        _write(files.targets, ",".join(rows[0]), (list(row.values()) for row in rows))
        return files

    def enrolled(self, site: int) -> int:
        """Return how many children a site has."""
        return 60 + 20 * site

    def expected(self, site: int, day: date) -> float:
        """Return what a site serves on a day, but for chance."""
        effect = (FISH_EFFECT if _is_fish(day) else 1) * (FRIDAY_EFFECT if day.weekday() == 4 else 1)
        return self.enrolled(site) * (0.6 + 0.05 * (site % 6)) * effect

    def _served(self, day: date) -> Iterable[list[str]]:
        for site in range(self.sites):
            chance = random.Random(f"{self.seed}{site}{day}")
            taken = max(0, round(self.expected(site, day) * chance.gauss(1, 0.05)))
            if chance.random() < 0.02:
                taken //= 3
            yield [f"École {site}", "E", day.isoformat(), "", str(self.enrolled(site)), "", str(taken)]


def _is_fish(day: date) -> bool:
    """Return whether the menu is fish: one service in five, whatever the weekday."""
    return day.toordinal() % 5 == 0


def _write(path: Path, header: str, rows: Iterable[Iterable[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(header.split(","))
        writer.writerows(rows)
