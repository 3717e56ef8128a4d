"""November issued to the payers of the small town of the pages."""

from __future__ import annotations

from datetime import date
from typing import Any

from records.actors import SETUP
from records.database import Records
from records.operations.billing_runs import close_drafts, keep_drafts, open_run
from records.operations.billing_settings import set_billing
from records.operations.invoice_issue import Issued, issue_run
from tests.factories.billing import NOVEMBER, SETTING, a_basis, confirm
from tests.factories.bodies import a_body, a_day, a_group, a_whole_draft, an_adjustment

CLAIRES, NORAS = "2026-000001", "2026-000002"


def issue_november(records: Records) -> Issued:
    """Issue what Claire owes for Léa and Noé, with a régularisation, and what Nora owes for Inès."""
    set_billing(records, SETUP, SETTING)
    confirm(records, NOVEMBER, "tilleuls")
    drafts = [
        a_whole_draft(
            "payeur-claire",
            a_body(
                [_meals("lea", [2, 3, 5, 6, 9, 10, 12, 13]), _meals("noe", [2, 3, 5, 6])],
                [an_adjustment("lea", "2026-10-13", 280, 0)],
            ),
        ),
        a_whole_draft("payeur-nora", a_body([_meals("ines", list(range(2, 14)))])),
    ]
    run_id = open_run(records, SETUP, a_basis(records, NOVEMBER, structure_refs=("tilleuls",))).run_id
    keep_drafts(records, SETUP, run_id, drafts)
    close_drafts(records, SETUP, run_id, len(drafts))
    return issue_run(records, SETUP, run_id)


def _meals(child: str, days: list[int]) -> dict[str, Any]:
    return a_group(child, [a_day(date(2026, 11, day).isoformat()) for day in days])
