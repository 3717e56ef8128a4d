"""docs/PROMISE.md quotes the kept run of the soak, and nothing that it does not hold."""

from __future__ import annotations

import json

from scripts.write_promise_page import PAGE, PROOF, page
from tests.simulation.soak import LINES


def test_the_page_quotes_the_kept_run() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


def test_the_kept_run_went_through_every_family_and_broke_no_promise() -> None:
    families = json.loads(PROOF.read_text(encoding="utf-8"))["families"]
    assert set(families) == {line.name for line in LINES}
    assert all(one["runs"] > 0 for one in families.values())
    assert {name: one for name, one in families.items() if one["lost"] or one["doubled"] or one["invented"]} == {}


def test_the_page_tells_each_of_the_nine_promises() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert [number for number in range(1, 10) if f"| **P{number}** |" not in text] == []
