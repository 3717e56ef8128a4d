"""Kills, disks that refuse, damaged files: what was shown green stays, and nobody invents a tap (F1, F4, F10)."""

import pytest

from tests.simulation.power.cuts import Tally
from tests.simulation.power.families import Bench
from tests.simulation.power.runs import damage, kill_at_instants, play_and_judge


def played(bench: Bench, plan: str, numbers: range) -> Tally:
    """Play scenarios of a plan and judge what each leaves."""
    tally = Tally()
    for number in numbers:
        tally.merge(play_and_judge(bench.recorder, f"{plan}.{number}"))
    return tally


@pytest.mark.parametrize("part", range(4))
def test_a_terminal_killed_at_any_instant_keeps_its_word(bench: Bench, part: int) -> None:
    tally = kill_at_instants(bench.recorder, part, 50)
    assert (tally.failures, tally.runs) == ([], 50)
    assert tally.figures["owed"] > 0


@pytest.mark.parametrize("part", range(2))
def test_a_terminal_killed_at_a_step_of_its_work_keeps_its_word(bench: Bench, part: int) -> None:
    tally = played(bench, "steps", range(part * 60, part * 60 + 60))
    assert (tally.failures, tally.runs) == ([], 60)


@pytest.mark.parametrize("part", range(4))
def test_a_disk_that_refuses_shows_no_false_green_and_is_used_again(bench: Bench, part: int) -> None:
    tally = played(bench, "refusals", range(430 + part * 50, 480 + part * 50))
    assert (tally.failures, tally.runs) == ([], 50)


@pytest.mark.parametrize("part", range(5))
def test_damaged_files_cost_no_tap_that_one_copy_still_holds(bench: Bench, part: int) -> None:
    tally = Tally()
    for number in range(part * 10, part * 10 + 10):
        tally.merge(damage(bench.recorder, f"mixed.{number}", 10))
    assert (tally.failures, tally.runs) == ([], 100)
    assert tally.broken["corrupt"] + tally.figures["damaged_journals"] > 0
