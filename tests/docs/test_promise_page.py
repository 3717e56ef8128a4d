"""docs/PROMISE.md quotes the kept runs of the soak, and nothing that it does not hold."""

from __future__ import annotations

from scripts.write_promise_page import PAGE, kept_runs, page, totals
from tests.simulation.soak import LINES

BROKEN = ("lost", "doubled", "invented", "other", "failures")


def test_the_page_quotes_the_kept_runs() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


def test_the_kept_runs_went_through_every_family_and_broke_no_promise() -> None:
    families = totals(kept_runs())
    assert set(families) == {line.name for line in LINES}
    assert all(one["runs"] > 0 for one in families.values())
    assert {name: one for name, one in families.items() if any(one[sort] for sort in BROKEN)} == {}


def test_the_page_tells_each_of_the_nine_promises() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert [number for number in range(1, 10) if f"| **P{number}** |" not in text] == []
