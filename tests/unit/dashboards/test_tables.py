"""Tables as French spreadsheets read them."""

from decimal import Decimal

import pytest

from dashboards.viewmodels.tables import Table, to_csv, totals_of


def test_csv_is_what_a_french_spreadsheet_opens() -> None:
    table = Table(("Mois", "Heures"), (("Août", Decimal("12.50")),), ("Total", Decimal("12.50")))
    assert to_csv(table) == "\ufeffMois;Heures\r\nAoût;12,50\r\nTotal;12,50\r\n".encode()


@pytest.mark.parametrize("text", ["=1+1", "+33", "-x", "@SUM(A1)"])
def test_text_that_a_spreadsheet_would_run_is_disarmed(text: str) -> None:
    assert to_csv(Table(("Régime",), ((text,),))).decode("utf-8-sig") == f"Régime\r\n'{text}\r\n"


def test_negative_figure_is_left_a_figure() -> None:
    assert to_csv(Table(("Écart",), ((-3,),))).decode("utf-8-sig") == "Écart\r\n-3\r\n"


def test_totals_add_each_column_of_figures() -> None:
    assert totals_of("Total", [("a", "b", 1, 2), ("c", "d", 3, 4)], 2) == ("Total", "", 4, 6)
    assert totals_of("Total", [], 2) == ()
