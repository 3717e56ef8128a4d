"""docs/data/marts.md says what the models say."""

from __future__ import annotations

from scripts.write_marts_page import MARTS, PAGE, page


def test_the_page_of_the_marts_is_the_one_their_descriptions_give() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python scripts/write_marts_page.py"


def test_every_mart_has_its_section() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert [path.stem for path in MARTS.rglob("*.sql") if f"## {path.stem}\n" not in text] == []
