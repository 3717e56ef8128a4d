"""docs/droits.md says what the operations declare."""

from __future__ import annotations

from records.operations.registry import all_operations
from scripts.write_rights_page import PAGE, page


def test_the_page_of_rights_is_the_one_that_operations_declare() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python scripts/write_rights_page.py"


def test_every_operation_is_on_the_page() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert [name for name in all_operations() if f"`{name}`" not in text] == []
