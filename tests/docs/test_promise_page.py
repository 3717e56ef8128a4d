"""docs/PROMISE.md quotes the kept runs of the soak, and nothing that it does not hold."""

from __future__ import annotations

from scripts.write_promise_page import PAGE, kept_runs, page, totals
from tests.simulation.soak import LINES
from tests.simulation.week.test_week import past_failures

BROKEN = ("lost", "doubled", "invented", "other", "failures")


def test_the_page_quotes_the_kept_runs() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


def test_the_kept_runs_went_through_every_family() -> None:
    families = totals(kept_runs())
    assert set(families) == {line.name for line in LINES}
    assert all(one["runs"] > 0 for one in families.values())


def test_the_kept_runs_broke_no_promise_but_those_that_the_page_tells_and_that_are_played_again() -> None:
    broken = {name: {sort: one[sort] for sort in BROKEN} for name, one in totals(kept_runs()).items()}
    assert {name: sorts for name, sorts in broken.items() if any(sorts.values())} == {
        "school week: week": {"lost": 3, "doubled": 0, "invented": 0, "other": 4, "failures": 4},
        "school week: crash": {"lost": 1, "doubled": 0, "invented": 0, "other": 1, "failures": 1},
        "school week: devices": {"lost": 0, "doubled": 0, "invented": 0, "other": 2, "failures": 2},
        "school week: clock": {"lost": 0, "doubled": 0, "invented": 0, "other": 2, "failures": 1},
    }
    told = " ".join(PAGE.read_text(encoding="utf-8").split())
    assert "**Les trois gestes perdus du tableau** sont ceux de la graine `week.216`" in told
    assert "**Les deux « autres » des horloges** sont une même heure, vue deux fois" in told
    mistaken = {"week.583", "devices.651", "devices.1019", "crash.1288", "week.1347", "week.2289"}
    assert [seed for seed in mistaken if f"`{seed}`" not in told] == []
    assert {"week.216", "clock.312", *mistaken} <= set(past_failures())


def test_the_page_tells_each_of_the_nine_promises() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert [number for number in range(1, 10) if f"| **P{number}** |" not in text] == []
