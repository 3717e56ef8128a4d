"""docs/import.md and docs/import/*.md say what the files declare; each table has a file or a reason for none."""

from __future__ import annotations

import pytest
from sqlalchemy import inspect

from records.models import Base
from records.town_files.check_words import CHECK_WORDS
from records.town_files.checking import checks_of
from records.town_files.columns import TownFile
from records.town_files.declared import FILES
from records.town_files.not_covered import NOT_COVERED
from records.town_files.rules import RULES
from scripts.write_import_pages import PAGES, pages

EACH_FILE = pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
IMPLICIT = {"id", "row_version"}


def test_the_pages_are_those_that_the_files_declare() -> None:
    stale = [path.name for path, text in pages().items() if path.read_text(encoding="utf-8") != text]
    assert stale == [], "run: python scripts/write_import_pages.py"


def test_no_page_is_left_of_a_file_that_is_gone() -> None:
    assert {path.stem for path in PAGES.glob("*.md")} == {file.name for file in FILES}


def test_every_table_has_a_file_or_a_reason_for_none() -> None:
    covered = [file.table.name for file in FILES]
    assert sorted([*covered, *NOT_COVERED]) == sorted(Base.metadata.tables)


@EACH_FILE
def test_every_column_of_the_table_is_in_the_file_or_has_a_reason_not_to_be(file: TownFile) -> None:
    given = {column.field for column in file.columns if column.field} | {join.field for join in file.joins}
    assert given | set(file.derived) | set(file.left_out) | IMPLICIT >= set(inspect(file.model).columns.keys())


@EACH_FILE
def test_every_check_of_the_table_has_its_french_sentence(file: TownFile) -> None:
    assert [name for name in checks_of(file) if (file.table.name, name) not in CHECK_WORDS] == []


@EACH_FILE
def test_the_example_of_every_column_is_read(file: TownFile) -> None:
    for column in file.columns:
        if column.example:
            assert column.kind.write(column.kind.read(column.example)) != ""
        else:
            assert not file.is_required(column)


@EACH_FILE
def test_every_pointer_leads_to_a_file_read_before(file: TownFile) -> None:
    before = {each.name for each in FILES[: FILES.index(file) + 1]}
    assert {column.target for column in file.columns if column.target} <= before
    assert {join.target for join in file.joins} <= before


def test_every_rule_is_asked_for_by_a_file() -> None:
    assert {name for file in FILES for name in file.rules} == RULES.keys()
