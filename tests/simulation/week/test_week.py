"""Five hundred weeks under every kind of fault keep every promise (F5, F6, F8, F9, F11, F12; S1-S9, L1-L3)."""

from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import select

from records.models import Structure
from records.operations.tap_proofs import ALTERED_EPOCHS, ALTERED_TAPS, proofs
from tests.simulation.week.faults import FAMILIES
from tests.simulation.week.plan import FIGURES, SEEDS, STRIKES
from tests.simulation.week.run import Outcome, Player, player
from tests.simulation.week.workload import TAPS_MIN

# A family's seeds are played once, in one process, for all that is asked of them.
EACH_FAMILY = [
    pytest.param(family, marks=[pytest.mark.xdist_group(f"week-{family}"), pytest.mark.long]) for family in FAMILIES
]


@pytest.fixture(scope="session")
def played() -> Iterator[Player]:
    with player() as found:
        yield found


@cache
def outcomes(played: Player, family: str) -> list[Outcome]:
    """Return what the seeds of a family gave."""
    return [played.play(f"{family}.{number}") for number in range(SEEDS[family])]


@pytest.mark.parametrize("family", EACH_FAMILY)
def test_every_seed_keeps_every_promise(played: Player, family: str) -> None:
    assert [one.told() for one in outcomes(played, family) if one.violations] == []


@pytest.mark.parametrize("family", EACH_FAMILY)
def test_at_least_three_faults_strike_in_each_week(played: Player, family: str) -> None:
    assert all(sum(one.fired.values()) >= 3 for one in outcomes(played, family))


@pytest.mark.parametrize("family", EACH_FAMILY)
def test_each_kind_of_fault_of_the_plan_really_strikes(played: Player, family: str) -> None:
    fired: Counter[str] = Counter()
    for one in outcomes(played, family):
        fired += one.fired + one.figures
    assert [kind for kind in (*STRIKES[family], *FIGURES.get(family, ())) if not fired[kind]] == []


@pytest.mark.parametrize("family", EACH_FAMILY)
def test_an_audit_accuses_no_tap_of_a_week_of_faults(played: Player, family: str) -> None:
    """A controller reads these states: what a fault did to an honest terminal must not look like a cheat."""
    played.play(f"{family}.0")
    with played.records.read() as session:
        found = [proofs(session, place, (0, 2**53)) for place in session.scalars(select(Structure.id))]
    assert sum(len(taps) for taps, _ in found) > 0
    assert {tap.state for taps, _ in found for tap in taps} & ALTERED_TAPS == set()
    assert {epoch.state for _, epochs in found for epoch in epochs} & ALTERED_EPOCHS == set()


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


@pytest.mark.parametrize("seed", ["network.3", "clock.3", "restore.3", "devices.3"])
def test_a_seed_replays_exactly(played: Player, seed: str) -> None:
    assert played.play(seed).digest == played.play(seed).digest
