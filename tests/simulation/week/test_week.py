"""Seeds of the school week under faults of the network, of clocks and of restored servers: every promise kept."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.simulation.week.run import Player, player
from tests.simulation.week.workload import TAPS_MIN

CHUNK = 8
CHUNKS = [(family, first) for family in ("network", "clock", "restore") for first in (0, CHUNK)]


@pytest.fixture(scope="module")
def played() -> Iterator[Player]:
    with player() as found:
        yield found


@pytest.mark.parametrize(("family", "first"), CHUNKS)
def test_every_seed_keeps_every_promise(played: Player, family: str, first: int) -> None:
    outcomes = [played.play(f"{family}.{number}") for number in range(first, first + CHUNK)]
    assert [outcome.told() for outcome in outcomes if outcome.violations] == []
    assert all(sum(outcome.fired.values()) >= 3 for outcome in outcomes)


def past_failures() -> list[str]:
    """Return the seeds of regressions.txt."""
    lines = (Path(__file__).parent / "regressions.txt").read_text(encoding="utf-8").splitlines()
    return [line.split()[0] for line in lines if line and not line.startswith("#")]


@pytest.mark.parametrize("seed", past_failures())
def test_a_failure_of_the_past_stays_mended(played: Player, seed: str) -> None:
    outcome = played.play(seed)
    assert outcome.violations == [], outcome.told()


@pytest.mark.parametrize("seed", ["week.3", "long.3"])
def test_without_faults_the_same_week_has_no_fault_and_loses_no_gesture(played: Player, seed: str) -> None:
    clean = played.play(seed, faults=False)
    assert (clean.violations, clean.fired, clean.figures["red"]) == ([], {}, 0)
    assert clean.figures["taps"] >= TAPS_MIN


@pytest.mark.parametrize("seed", ["network.3", "clock.3", "restore.3"])
def test_a_seed_replays_exactly(played: Player, seed: str) -> None:
    assert played.play(seed).digest == played.play(seed).digest
