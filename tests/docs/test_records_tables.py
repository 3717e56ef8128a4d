"""docs/data/records.md names every table and column of the records, and nothing else."""

import re
from pathlib import Path

import pytest
from sqlalchemy import Table

from records.models import Base

ROOT = Path(__file__).parents[2]
TABLES = Base.metadata.sorted_tables
NATURES = {
    "immutable": "**fait**",
    "versioned": "**version datée**",
    "sealed": "**fait une fois émis**",
    "editable": "modifiable",
    None: "intendance",
}


def sections() -> dict[str, str]:
    """Return the text under each table's heading."""
    text = (ROOT / "docs" / "data" / "records.md").read_text(encoding="utf-8")
    parts = re.split(r"^### `(\w+)`\n", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_every_table_is_described_and_no_other() -> None:
    assert sections().keys() == Base.metadata.tables.keys()


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_column_is_described_in_the_order_of_the_table(table: Table) -> None:
    rows = re.findall(r"^\| `(\w+)` \| [\w/]+ \| (.+) \|$", sections()[table.name], re.MULTILINE)
    assert [name for name, _ in rows] == [column.name for column in table.columns]
    assert all(meaning.strip(" ?") for _, meaning in rows)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_grain_and_nature_of_every_table_are_said(table: Table) -> None:
    section = sections()[table.name].replace("\u00a0", " ")
    assert section.lstrip().startswith("Grain : ")
    assert f"Nature : {NATURES[table.info.get('mutability')]}" in section


def test_index_leads_to_both_halves() -> None:
    index = (ROOT / "docs" / "data.md").read_text(encoding="utf-8")
    assert re.findall(r"\]\((data/\w+\.md)\)", index) == ["data/records.md", "data/marts.md"]
