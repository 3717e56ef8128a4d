"""What staff read of bodies that pay."""

from datetime import date
from decimal import Decimal
from typing import Any

from dashboards.viewmodels import coverages as view
from domain.french import NBSP
from records.operations.coverage_lists import CoverageLine
from records.operations.coverage_terms import CoverageTerms
from records.operations.voucher_recaps import RecapState
from warehouse.reader import StatementRow

START = date(2026, 9, 1)


def line(state: str, waits_for: str = "", number: str | None = None) -> CoverageLine:
    facts: dict[str, Any] = {name: None for name in CoverageLine.__dataclass_fields__}
    known = {
        "state": state, "kind": "decision", "body_name": "Département", "child_first_name": "Léa",
        "child_last_name": "Fournier", "decision_number": number, "valid_from": START, "waits_for": waits_for,
        "terms": CoverageTerms("flat", "day", amount_cents=600),
    }  # fmt: skip
    return CoverageLine(**{**facts, **known})


def owed(amount: str) -> StatementRow:
    facts: dict[str, Any] = {name: "x" for name in StatementRow.__dataclass_fields__}
    known = {
        "body_name": "Département", "decision_number": "118", "child_first_name": "Léa",
        "child_last_name": "Fournier", "first_day": START, "last_day": START, "day_count": 5,
        "price": Decimal("92.00"), "amount": Decimal(amount),
    }  # fmt: skip
    return StatementRow(**{**facts, **known})


def test_what_waits_comes_first_with_whose_turn_it_is() -> None:
    table = view.work_table([line("applied", number="118"), line("asked", "la direction : imprimer le devis")])
    assert [row[0] for row in table.rows] == ["○ demandée", "✓ appliquée"]
    assert [(row[4], row[6]) for row in table.rows] == [
        ("pas encore", "la direction : imprimer le devis"),
        ("118", "rien"),
    ]
    assert view.headline([line("applied")]).startswith("Rien n'attend")
    assert view.headline([line("asked", "x")]).replace(NBSP, " ") == "1 prise en charge attend une suite."


def test_statement_adds_up_and_amounts_are_for_who_may_see_them() -> None:
    rows = [owed("80.00"), owed("12.50")]
    assert view.statement_table(rows).totals[-2:] == (Decimal("184.00"), Decimal("92.50"))
    assert view.statement_table([]).totals == ()
    assert view.figures([line("asked", "x")], rows)[-1][1].replace(NBSP, " ") == "92,50 €"
    assert len(view.figures([line("asked", "x")], None)) == 3


def test_late_recap_is_marked() -> None:
    state = RecapState("e", "École", date(2026, 12, 31), START, date(2027, 1, 1), "to_send", None, True)
    assert view.recap_table([state]).rows[0] == ("▲ à envoyer, rappel", "École", "31/12/2026", "rien")
