"""The published figures of a world's two sites, side by side: to the cent, the minute and the meal."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from domain.time import local_day
from tests.simulation.bill.life import ZONE, Act
from tests.simulation.bill.pack import World, tap_id_at
from tests.simulation.bill.town import PLACE_OF, child_ref
from tests.simulation.week.clocks import MINUTE
from warehouse.reader import Reader, open_snapshot

# What names a figure, then what must be equal; `world` and `side` are cut from the refs by `_bare`.
_LINES = (
    "structure_ref, child_ref, day, line_key, service_ref",
    "amount, unit_price, units, billed_minutes, situation, arrived_minute, left_minute, fault",
)
_HOURS = (
    "structure_ref, service_ref, month, age_group, regime_group",
    "minutes, hours, children, child_days, derived_child_days",
)
_MEALS = ("structure_ref, day, service_ref, diet_code", "planned, to_order, served, absent")
_STAYS = (
    "structure_ref, child_ref, day, service_ref, stay_no",
    "arrived_minute, left_minute, is_departure_derived, is_arrival_derived",
)
MARTS = {"fct_priced_lines": _LINES, "fct_caf_hours": _HOURS, "fct_meals": _MEALS, "fct_stays": _STAYS}
LINES, HOURS, MEALS = "fct_priced_lines", "fct_caf_hours", "fct_meals"

Key = tuple[Any, ...]
_UNDATED = "select structure_ref, child_ref, day from fct_held_back where reason = 'undated'"
_FLAGGED = "select tap_id from fct_unresolved_taps where reason in ('doubtful_time', 'revoked_device')"


@dataclass
class Held:
    """What of a world waits for a person."""

    child_days: set[tuple[str, date]] = field(default_factory=set)
    meal_days: set[tuple[str, date]] = field(default_factory=set)
    places: set[str] = field(default_factory=set)

    def hold(self, act: Act, claimed_day: date) -> None:
        """Hold all that a tap may have changed: on the day it was made, and on the day it claims."""
        place = PLACE_OF[act.service]
        self.places.add(place)
        for day in (act.day, claimed_day):
            self.meal_days.add((place, day))
            self.child_days |= {(child_ref(child), day) for child in act.children}

    def hold_back(self, place: str, child: str, day: date) -> None:
        """Hold all that the product itself holds back of a child's day."""
        self.places.add(place)
        self.meal_days.add((place, day))
        self.child_days.add((child, day))

    def holds(self, mart: str, key: Key) -> bool:
        """Say whether a figure is not compared."""
        if mart == HOURS:
            return key[0] in self.places
        if mart == MEALS:
            return (key[0], key[1]) in self.meal_days
        return (key[1], key[2]) in self.child_days


@dataclass
class Comparison:
    """What was compared and what differs: `figures` counts compared rows by mart, `held` those left out.

    `cents`, `minutes` and `plates` are the sums of what was compared, of the fault-free twins. `flagged` counts
    the taps that the screen or the server told people of. Any other tap that is not in its own minute is a
    difference.
    """

    differences: list[str] = field(default_factory=list)
    figures: Counter[str] = field(default_factory=Counter)
    held: Counter[str] = field(default_factory=Counter)
    flagged: int = 0
    cents: int = 0
    minutes: int = 0
    plates: int = 0


def compare(home: Path, worlds: Sequence[World]) -> Comparison:
    """Compare the two sites of each world in the figures published in a MARELLE_HOME."""
    reader = open_snapshot(home)
    marts = {mart: _figures(reader, mart, *columns) for mart, columns in MARTS.items()}
    flagged = {tap_id for (tap_id,) in _rows(reader, _FLAGGED)}
    undated = _rows(reader, _UNDATED)
    found = Comparison()
    for world in worlds:
        held = _held(world, flagged, found)
        _hold_undated(held, world, undated)
        for mart, figures in marts.items():
            clean, faulty = (figures.get(site.prefix, {}) for site, _ in world.sides())
            _compare_mart(found, held, world, mart, (clean, faulty))
    return found


def _compare_mart(
    found: Comparison, held: Held, world: World, mart: str, sides: tuple[dict[Key, Key], dict[Key, Key]]
) -> None:
    clean, faulty = sides
    for key in sorted(clean.keys() | faulty.keys(), key=str):
        if held.holds(mart, key):
            found.held[mart] += 1
            continue
        found.figures[mart] += 1
        if clean.get(key) != faulty.get(key):
            found.differences.append(f"{world.faulty.seed} {mart} {key}: {clean.get(key)} became {faulty.get(key)}")
        _add(found, mart, clean.get(key))


def _add(found: Comparison, mart: str, values: Key | None) -> None:
    if values is None:
        return
    if mart == LINES:
        found.cents += int(100 * (values[0] or 0))
    elif mart == HOURS:
        found.minutes += values[0]
    elif mart == MEALS:
        found.plates += values[2]


def _held(world: World, flagged: set[str], found: Comparison) -> Held:
    """Return what of a world is left out, and count the taps that it rests on."""
    held = Held()
    for site, twin in world.sides():
        for tap in twin.taps:
            act = twin.act_of[tap["tap_id"]]
            is_flagged = tap_id_at(site, tap["tap_id"]) in flagged or tap["tap_id"] in twin.unsure
            claimed = tap["occurred_at_corrected"]
            found.flagged += is_flagged
            if is_flagged:
                held.hold(act, local_day(claimed, ZONE))
            elif claimed // MINUTE != act.at // MINUTE:
                found.differences.append(f"{twin.seed} {tap['tap_id']} of {act.at} is dated {claimed}, unflagged")
    return held


def _hold_undated(held: Held, world: World, undated: Sequence[Key]) -> None:
    for site, _ in world.sides():
        for place, child, day in undated:
            if place.startswith(site.prefix):
                held.hold_back(place.removeprefix(site.prefix), child.removeprefix(site.prefix), day)


def _figures(reader: Reader, mart: str, names: str, values: str) -> dict[str, dict[Key, Key]]:
    """Return the figures of a mart by site, then by key without anything of the site in it."""
    found: dict[str, dict[Key, Key]] = defaultdict(dict)
    width = names.count(",") + 1
    for row in _rows(reader, f"select {names}, {values} from {mart}"):
        prefix = row[0][: row[0].index(":") + 1]
        bare = tuple(value.replace(prefix, "") if isinstance(value, str) else value for value in row)
        found[prefix][bare[:width]] = bare[width:]
    return found


def _rows(reader: Reader, query: str) -> list[Key]:
    return [tuple(row.values()) for row in reader.sql(query).to_pylist()]
