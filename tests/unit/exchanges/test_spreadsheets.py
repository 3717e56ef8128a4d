"""The one CSV that every page and every folder hands to a French spreadsheet."""

from decimal import Decimal

import pytest

from domain.french import NBSP, number
from exchanges.spreadsheets import french_csv


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("Été", "Été"),
        (12, "12"),
        (Decimal("-12.50"), "-12,50"),
        ("-540,0000", "-540,0000"),
        (f"-1{NBSP}204,50", "-1204,50"),
        (f"12{NBSP}000", "12000"),
        (f"12{NBSP}00", f"12{NBSP}00"),
        (number(Decimal("-1204.5"), 2), "-1204,50"),
        ("01000", "01000"),
        ("=1+1", "'=1+1"),
        ("-A1", "'-A1"),
        ("-1+A1", "'-1+A1"),
        ("+33612345678", "'+33612345678"),
        ("a;b", '"a;b"'),
    ],
)
def test_cell_is_read_as_it_is_meant_and_never_run(cell: str | int | Decimal, written: str) -> None:
    assert french_csv(("Colonne",), [(cell,)]).decode() == f"\ufeffColonne\r\n{written}\r\n"
