"""How each operation of month end is called by the tests of rights."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

from domain.what_if import SchoolYear
from records.actors import Actor
from records.database import Records
from records.operations import (
    billing_runs,
    billing_settings,
    cancellations,
    fault_marks,
    invoice_issue,
    invoice_lines,
    invoice_papers,
    invoices,
    jobs,
    month_states,
    paper_settings,
    tariff_trials,
    tax_certificates,
    untold_payers,
)
from tests.factories.billing import NOVEMBER, SETTING
from tests.factories.town import CANTEEN

BASIS = billing_runs.RunBasis(NOVEMBER, "x", "x", 1, 1_500, ())

BILLING_CALLS: dict[str, Callable[[Records, Actor], object]] = {
    "set_billing": lambda r, a: billing_settings.set_billing(r, a, SETTING),
    "set_credit_rule": lambda r, a: billing_settings.set_credit_rule(r, a, ("x", CANTEEN), True, "x"),
    "open_run": lambda r, a: billing_runs.open_run(r, a, BASIS),
    "keep_drafts": lambda r, a: billing_runs.keep_drafts(r, a, 1, []),
    "close_drafts": lambda r, a: billing_runs.close_drafts(r, a, 1, 0),
    "abandon_runs": lambda r, a: billing_runs.abandon_runs(r, a, NOVEMBER),
    "issue_run": lambda r, a: invoice_issue.issue_run(r, a, 1),
    "list_invoices": lambda r, a: invoices.list_invoices(r, a, invoices.InvoicesAsked()),
    "untold_payers": lambda r, a: untold_payers.untold_payers(r, a, NOVEMBER),
    "issued_month": lambda r, a: invoices.issued_month(r, a, date(2026, 10, 1)),
    "see_invoice": lambda r, a: invoices.see_invoice(r, a, "x"),
    "ask_cancellation": lambda r, a: cancellations.ask_cancellation(
        r, a, cancellations.CancellationAsked("x", "x")
    ),
    "relay_cancellation": lambda r, a: cancellations.relay_cancellation(r, a, 1, "x"),
    "decide_cancellation": lambda r, a: cancellations.decide_cancellation(r, a, 1, True, "x"),
    "waiting_cancellations": cancellations.waiting_cancellations,
    "months_of_places": lambda r, a: month_states.months_of_places(r, a, NOVEMBER),
    "mark_fault": lambda r, a: fault_marks.mark_fault(r, a, fault_marks.NewFaultMark("x", "", "")),
    "fault_marks": lambda r, a: fault_marks.fault_marks(r, a, ["x"]),
    "ask_month_end": lambda r, a: jobs.ask_month_end(r, a, NOVEMBER),
    "ask_invoice_pdfs": lambda r, a: jobs.ask_invoice_pdfs(r, a, NOVEMBER),
    "invoice_pdfs_job": lambda r, a: jobs.invoice_pdfs_job(r, a, NOVEMBER),
    "set_paper": lambda r, a: paper_settings.set_paper(r, a, paper_settings.NewPaperSetting(NOVEMBER, "x")),
    "invoices_of_month": lambda r, a: invoice_papers.invoices_of_month(r, a, NOVEMBER),
    "invoice_facts": lambda r, a: invoice_papers.invoice_facts(r, a, ["x"]),
    "line_mentions": lambda r, a: invoice_lines.line_mentions(r, a, "x~y~2026-11-03~meal~z"),
    "my_line_mentions": lambda r, a: invoice_lines.my_line_mentions(r, a, "x~y~2026-11-03~meal~z"),
    "certificate_facts": lambda r, a: tax_certificates.certificate_facts(r, a, "x", 2026),
    "my_certificates": tax_certificates.my_certificates,
    "my_certificate": lambda r, a: tax_certificates.my_certificate(r, a, "x", 2026),
    "my_invoices": invoice_papers.my_invoices,
    "my_invoice": lambda r, a: invoice_papers.my_invoice(r, a, "x", "x"),
    "month_end_job": lambda r, a: jobs.month_end_job(r, a, NOVEMBER),
    "ask_simulation": lambda r, a: jobs.ask_simulation(r, a, "2025-2026", []),
    "last_simulation_job": jobs.last_simulation_job,
    "published_grid": lambda r, a: tariff_trials.published_grid(r, a, ()),
    "read_grid": lambda r, a: tariff_trials.read_grid(r, a, Path("absent.csv"), SchoolYear(2025)),
    "family_names": tariff_trials.family_names,
}
