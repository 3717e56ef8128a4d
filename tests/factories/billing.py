"""Month end for the tests: settings, confirmed months, and runs of drafts made by hand."""

from __future__ import annotations

import json
from datetime import date

from records.actors import SETUP
from records.database import Records
from records.models import MonthState
from records.operations.billing_runs import Draft, RunBasis, close_drafts, keep_drafts, open_run
from records.operations.billing_settings import NewBillingSetting, set_billing
from records.operations.invoice_issue import Issued, issue_run
from tests.factories.rows import make_row
from tests.factories.town import SCHOOL, START, place_ids

NOVEMBER, DECEMBER = date(2026, 11, 1), date(2026, 12, 1)
THRESHOLD_CENTS = 1_500
SETTING = NewBillingSetting(START, "Délibération 2026-77", cancel_from_cents=2_000)


def a_billing_town(records: Records) -> None:
    """Say how the town bills, and confirm November and December at the school."""
    set_billing(records, SETUP, SETTING)
    for month in (NOVEMBER, DECEMBER):
        confirm(records, month)


def confirm(records: Records, month: date, structure_ref: str = SCHOOL, state: str = "confirmed") -> None:
    """Say a month's state at a place, without the checks of its operation."""
    structure_id = place_ids(records)[structure_ref]
    with records.write(SETUP, "confirm") as write:
        make_row(write, MonthState, structure_id=structure_id, month=month, state=state, seq=write.change_seq)


def a_draft(payer_ref: str, cents: int, **changes: object) -> Draft:
    """A draft of one line; held under the threshold."""
    fields: dict[str, object] = {
        "payer_ref": payer_ref,
        "is_held": cents < THRESHOLD_CENTS,
        "lines_cents": cents,
        "adjustments_cents": 0,
        "aside_cents": 0,
        "carried_cents": 0,
        "total_cents": cents,
        "line_count": 1,
        "body": json.dumps({"lines": [], "adjustments": [], "carried": [], "aside": []}),
    }
    return Draft(**{**fields, **changes})  # type: ignore[arg-type]


def a_basis(records: Records, month: date = NOVEMBER, **changes: object) -> RunBasis:
    """What a run of the school's month bills from: a snapshot of the records as they are."""
    fields: dict[str, object] = {
        "month": month,
        "snapshot_id": "essai",
        "snapshot_sha256": "a" * 64,
        "change_seq": records.change_seq(),
        "threshold_cents": THRESHOLD_CENTS,
        "structure_refs": (SCHOOL,),
    }
    return RunBasis(**{**fields, **changes})  # type: ignore[arg-type]


def a_drafted_run(records: Records, drafts: list[Draft], month: date = NOVEMBER) -> int:
    """A run ready to be issued; returns its id."""
    run_id = open_run(records, SETUP, a_basis(records, month)).run_id
    if drafts:
        keep_drafts(records, SETUP, run_id, drafts)
    close_drafts(records, SETUP, run_id, len(drafts))
    return run_id


def an_issued_run(records: Records, drafts: list[Draft], month: date = NOVEMBER) -> Issued:
    """A run issued."""
    return issue_run(records, SETUP, a_drafted_run(records, drafts, month))
