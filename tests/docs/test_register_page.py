"""docs/registre.md says what the table of kinds of data says."""

from __future__ import annotations

from domain.data_kinds import data_kinds
from scripts.write_register_page import PAGE, page


def test_the_register_is_the_one_that_the_table_of_kinds_gives() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python scripts/write_register_page.py"


def test_every_kind_says_why_on_which_basis_for_whom_and_how_long() -> None:
    for kind in data_kinds().values():
        assert all((kind.purpose, kind.basis, kind.recipients, kind.reference, kind.data)), kind.code
        assert kind.months is None or kind.months >= 0
