"""Twenty worlds, lived with and without faults, billed in one build: the same lines, CAF hours and meals."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from domain.taps import Direction
from domain.time import MICROS_PER_MINUTE
from tests.simulation.bill.compare import HOURS, LINES, MEALS, Comparison, compare
from tests.simulation.bill.pack import World, publish
from tests.simulation.bill.run import seed_of, worlds
from tests.simulation.bill.town import DAYCARE, EVENING

# One worker lives and bills all worlds, once.
pytestmark = [pytest.mark.xdist_group("bill"), pytest.mark.long]
WORLDS = 20
DROPPED, SHIFTED = WORLDS, WORLDS + 1  # the numbers under which two worlds stand again, with a planted mistake
Mistake = Callable[[dict[str, Any]], list[dict[str, Any]]]
SHIFT = 31 * MICROS_PER_MINUTE


@dataclass(frozen=True)
class Billed:
    """All worlds, those with a planted mistake last, and where their figures are published."""

    home: Path
    worlds: list[World]

    def compared(self, *numbers: int) -> Comparison:
        """Compare some of them."""
        return compare(self.home, [world for world in self.worlds if world.number in numbers])


@pytest.fixture(scope="module")
def billed(tmp_path_factory: pytest.TempPathFactory) -> Billed:
    with worlds() as played:
        found = [
            World(number, *(played.play(seed_of(number), has_faults=has_faults) for has_faults in (False, True)))
            for number in range(WORLDS)
        ]
    mistakes = [_spoilt(found, DROPPED, DAYCARE, _dropped), _spoilt(found, SHIFTED, EVENING, _shifted)]
    found += mistakes
    home = tmp_path_factory.mktemp("bill") / "home"
    publish(home, found)
    return Billed(home, found)


def test_every_world_can_be_compared(billed: Billed) -> None:
    sides = [twin for world in billed.worlds for _, twin in world.sides()]
    assert [f"{twin.seed}: {twin.broken}" for twin in sides if twin.broken] == []
    assert [twin.seed for twin in sides if twin.fired and sum(twin.fired.values()) < 3] == []
    assert all(world.faulty.fired and not world.clean.fired for world in billed.worlds)


def test_bills_hours_and_meals_of_faulty_worlds_equal_those_of_fault_free_ones(billed: Billed) -> None:
    compared = billed.compared(*range(WORLDS))
    assert compared.differences == []


def test_hardly_anything_is_left_out_of_the_comparison(billed: Billed) -> None:
    compared = billed.compared(*range(WORLDS))
    assert all(compared.figures[mart] > 5 * compared.held[mart] for mart in (LINES, MEALS))
    # One tap that nobody can date leaves out all the hours of its place, and terminals here often boot offline.
    assert compared.figures[HOURS] > 3 * compared.held[HOURS]
    assert compared.cents > 100_000
    assert compared.minutes > 50_000
    assert compared.plates > 50


def test_a_departure_lost_on_the_way_is_seen(billed: Billed) -> None:
    differences = billed.compared(DROPPED).differences
    assert [words for words in differences if HOURS in words] != []


def test_a_departure_shifted_by_half_an_hour_is_seen(billed: Billed) -> None:
    differences = billed.compared(SHIFTED).differences
    assert [words for words in differences if LINES in words] != []


def _spoilt(found: list[World], number: int, service: str, taps: Mistake) -> World:
    """Return a copy of the first world that has a departure stated for a service, with a mistake made of it."""
    for world in [one for one in found if _is_all_certain(one)]:
        for tap in world.faulty.taps:
            act = world.faulty.act_of[tap["tap_id"]]
            is_kept = act.number not in {other.takes_back for other in world.faulty.act_of.values()}
            if act.service == service and tap["direction"] == Direction.DEPARTURE and is_kept:
                spoilt = [changed for one in world.faulty.taps for changed in (taps(one) if one is tap else [one])]
                return replace(world, number=number, faulty=replace(world.faulty, taps=spoilt))
    raise AssertionError(f"no world has a departure of {service}")


def _is_all_certain(world: World) -> bool:
    taps = [tap for _, twin in world.sides() for tap in twin.taps]
    return not world.faulty.revoked and all(tap["time_confidence"] == "synced" for tap in taps)


def _dropped(_tap: dict[str, Any]) -> list[dict[str, Any]]:
    return []


def _shifted(tap: dict[str, Any]) -> list[dict[str, Any]]:
    return [{**tap, "occurred_at_corrected": tap["occurred_at_corrected"] - SHIFT}]
