"""Runs and their issue: drafts kept by parts, numbers without a gap, all or nothing, and facts afterwards."""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from domain.errors import InvalidData, MarelleError, NotFound, ParameterMissing
from records.actors import SETUP
from records.database import Records, open_records
from records.models import BillingRun, Invoice, InvoiceDraft, LedgerEntry, MessageOutbox, NumberSequence
from records.operations import invoice_issue
from records.operations.billing_runs import abandon_runs, close_drafts, keep_drafts, open_run
from records.operations.invoice_issue import issue_run
from records.operations.invoices import InvoicesAsked, list_invoices, see_invoice
from records.operations.ledger import NewEntry, add_entries, balance
from records.operations.month_states import month_history, reopen_month
from records.operations.untold_payers import untold_payers
from records.triggers import SEALED_REFUSAL
from tests.factories.billing import (
    DECEMBER,
    NOVEMBER,
    a_basis,
    a_billing_town,
    a_draft,
    a_drafted_run,
    an_issued_run,
    confirm,
)
from tests.factories.people import a_family
from tests.factories.town import OTHER_SCHOOL, SCHOOL, START
from tests.harness import writers

PAYERS = ("fournier-adulte-1-payeur", "fournier-adulte-2-payeur")


@pytest.fixture
def billing(town: Records) -> Records:
    """The town with two payers, ready to bill November and December."""
    a_family(town, guardians=2)
    a_billing_town(town)
    return town


def numbers(records: Records) -> list[tuple[int, int]]:
    """Return the numbers given, in order."""
    with records.read() as session:
        rows = session.execute(select(Invoice.fiscal_year, Invoice.number).order_by(Invoice.id))
        return [(row.fiscal_year, row.number) for row in rows]


def count(records: Records, model: type) -> int:
    with records.read() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def test_run_numbers_its_invoices_by_payer_owes_them_in_the_ledger_and_locks_the_month(billing: Records) -> None:
    add_entries(billing, SETUP, [NewEntry(PAYERS[1], "opening", 450, "Report", START)])
    issued = an_issued_run(billing, [a_draft(PAYERS[1], 8_640), a_draft(PAYERS[0], 1_500)])
    assert (issued.invoices, issued.first_number, issued.last_number) == (2, "2026-000001", "2026-000002")
    assert (issued.total_cents, issued.held, issued.due_on) == (10_140, 0, date(2027, 1, 15))
    lines = list_invoices(billing, SETUP, InvoicesAsked(month=NOVEMBER)).lines
    assert [(line.number, line.payer_ref, line.total_cents, line.previous_balance_cents) for line in lines] == [
        ("2026-000002", PAYERS[1], 8_640, 450),
        ("2026-000001", PAYERS[0], 1_500, 0),
    ]
    assert see_invoice(billing, SETUP, "2026-000002").payer_owes_cents == 9_090
    assert [said.state for said in month_history(billing, SETUP, SCHOOL, NOVEMBER)] == ["locked", "confirmed"]


def test_amount_under_the_threshold_gets_no_number_and_is_not_owed_yet(billing: Records) -> None:
    issued = an_issued_run(billing, [a_draft(PAYERS[0], 1_499), a_draft(PAYERS[1], -300)])
    assert (issued.invoices, issued.first_number, issued.held) == (0, None, 2)
    assert numbers(billing) == []
    with billing.read() as session:
        assert set(balance(session, [1, 2]).values()) == {0}


def test_numbers_go_on_over_runs_and_begin_again_with_the_fiscal_year(billing: Records, clock: object) -> None:
    an_issued_run(billing, [a_draft(PAYERS[0], 2_000)])
    clock.set(480, date(2027, 1, 8))  # type: ignore[attr-defined]
    an_issued_run(billing, [a_draft(PAYERS[0], 2_000), a_draft(PAYERS[1], 3_000)], DECEMBER)
    assert numbers(billing) == [(2026, 1), (2027, 1), (2027, 2)]


def test_month_is_issued_once(billing: Records) -> None:
    an_issued_run(billing, [a_draft(PAYERS[0], 2_000)])
    with pytest.raises(InvalidData, match="Novembre 2026 est déjà facturé"):
        open_run(billing, SETUP, a_basis(billing))


def test_run_that_was_interrupted_goes_on_after_the_last_payer_kept(billing: Records) -> None:
    basis = a_basis(billing)
    first = open_run(billing, SETUP, basis)
    keep_drafts(billing, SETUP, first.run_id, [a_draft(PAYERS[0], 2_000)])
    again = open_run(billing, SETUP, basis)
    assert (again.run_id, again.is_resumed, again.after_payer_ref, again.drafted) == (
        first.run_id,
        True,
        PAYERS[0],
        1,
    )
    with pytest.raises(InvalidData, match="1 payeurs au lieu de 2"):
        close_drafts(billing, SETUP, again.run_id, 2)
    keep_drafts(billing, SETUP, again.run_id, [a_draft(PAYERS[1], 3_000)])
    close_drafts(billing, SETUP, again.run_id, 2)
    assert issue_run(billing, SETUP, again.run_id).invoices == 2


def test_run_of_another_snapshot_replaces_the_one_that_was_not_issued(billing: Records) -> None:
    former = open_run(billing, SETUP, a_basis(billing))
    keep_drafts(billing, SETUP, former.run_id, [a_draft(PAYERS[0], 2_000)])
    newer = open_run(billing, SETUP, a_basis(billing, snapshot_sha256="b" * 64))
    assert (newer.is_resumed, count(billing, InvoiceDraft)) == (False, 0)
    with billing.read() as session:
        assert session.get_one(BillingRun, former.run_id).state == "abandoned"
    assert abandon_runs(billing, SETUP, NOVEMBER) == 1


def test_drafts_show_nowhere_and_leave_the_figures_current_until_their_run_is_issued(billing: Records) -> None:
    before = billing.change_seq()
    run_id = a_drafted_run(billing, [a_draft(PAYERS[0], 2_000)])
    assert billing.change_seq() == before
    assert list_invoices(billing, SETUP, InvoicesAsked()).lines == []
    issue_run(billing, SETUP, run_id)
    assert billing.change_seq() == before + 1


def test_snapshot_older_than_the_last_invoices_bills_nothing_twice(billing: Records) -> None:
    stale = a_basis(billing, DECEMBER)
    run_id = open_run(billing, SETUP, a_basis(billing)).run_id
    close_drafts(billing, SETUP, run_id, 0)
    issue_run(billing, SETUP, run_id)
    with pytest.raises(InvalidData, match="émis depuis le calcul des chiffres"):
        open_run(billing, SETUP, stale)


def test_place_reopened_meanwhile_stops_the_issue_and_leaves_nothing(billing: Records) -> None:
    run_id = a_drafted_run(billing, [a_draft(PAYERS[0], 2_000)])
    reopen_month(billing, SETUP, SCHOOL, NOVEMBER, "Certificat reçu")
    with pytest.raises(InvalidData, match="n'est plus confirmé pour École des Tilleuls"):
        issue_run(billing, SETUP, run_id)
    assert (numbers(billing), count(billing, LedgerEntry), count(billing, NumberSequence)) == ([], 0, 0)


def test_place_that_is_not_confirmed_is_in_no_run(billing: Records) -> None:
    with pytest.raises(InvalidData, match="n'est plus confirmé pour École du Bourg"):
        open_run(billing, SETUP, a_basis(billing, structure_refs=(SCHOOL, OTHER_SCHOOL)))
    confirm(billing, NOVEMBER, OTHER_SCHOOL)
    assert open_run(billing, SETUP, a_basis(billing, structure_refs=(SCHOOL, OTHER_SCHOOL))).run_id


def test_without_billing_settings_nothing_is_issued_and_the_error_names_them(town: Records) -> None:
    a_family(town)
    confirm(town, NOVEMBER)
    run_id = a_drafted_run(town, [a_draft(PAYERS[0], 2_000)])
    with pytest.raises(ParameterMissing, match="réglages de facturation ne sont pas saisis au 24/11/2026"):
        issue_run(town, SETUP, run_id)
    assert numbers(town) == []


def test_notice_is_written_with_the_invoice_for_whoever_has_an_address(billing: Records) -> None:
    with billing.write(SETUP, "address") as write:
        write.session.execute(text("update person set email = 'anne@exemple.test' where id = 1"))
        write.session.execute(text("update payer set notice_channel = 'email'"))
    an_issued_run(billing, [a_draft(PAYERS[0], 8_640), a_draft(PAYERS[1], 8_640)])
    with billing.read() as session:
        (notice,) = session.scalars(select(MessageOutbox))
        assert (notice.key, notice.kind, notice.address) == ("invoice-2026-000001", "invoice", "anne@exemple.test")
        assert json.loads(notice.content or "") == {
            "name": "Adulte 1 Fournier",
            "number": "2026-000001",
            "month": "2026-11-01",
            "cents": 8_640,
            "previous_cents": 0,
            "due_on": "2027-01-15",
        }


@pytest.mark.parametrize(
    "attempt",
    [
        "update billing_run set state = 'drafted'",
        "delete from billing_run",
        "update invoice_draft set total_cents = total_cents",
        "delete from invoice_draft",
        "delete from run_place",
        "insert into run_place (run_id, structure_id) select run_id, structure_id + 1 from run_place",
    ],
)
def test_issued_run_is_a_fact_on_both_engines(billing: Records, attempt: str) -> None:
    an_issued_run(billing, [a_draft(PAYERS[0], 2_000)])
    with billing.engine.connect() as connection, pytest.raises(IntegrityError, match=SEALED_REFUSAL):
        connection.execute(text(attempt))


def test_unknown_number_is_refused_in_french(billing: Records) -> None:
    for number in ("2026-000001", "toto", "", "2026-9999999999", "²²²²-1"):
        with pytest.raises(NotFound, match="Aucune facture"):
            see_invoice(billing, SETUP, number)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(runs=st.lists(st.tuples(st.integers(0, 4), st.sampled_from(["issued", "refused", "cut"])), max_size=6))
def test_numbers_have_no_gap_whatever_becomes_of_each_run(
    town_file: Path, tmp_path_factory: pytest.TempPathFactory, runs: list[tuple[int, str]]
) -> None:
    from tests.factories.databases import sqlite_copy
    from tests.factories.town import HandClock

    records = sqlite_copy(town_file, tmp_path_factory.mktemp("runs"), HandClock())
    for name in ("A", "B", "C", "D"):
        a_family(records, name)
    a_billing_town(records)
    for place, (many, fate) in enumerate(runs):
        month = date(2027, 1 + place, 1)
        confirm(records, month)
        drafts = [a_draft(f"{letter}-adulte-1-payeur", 2_000) for letter in "abcd"[:many]]
        run_id = a_drafted_run(records, drafts, month)
        if fate == "refused":
            reopen_month(records, SETUP, SCHOOL, month, "essai")
        try:
            if fate == "cut":
                with records.write(SETUP, "cut") as write:
                    invoice_issue.take_numbers(write.session, "invoice", 2026, many)
                    raise RuntimeError("power cut")
            issue_run(records, SETUP, run_id)
        except (MarelleError, RuntimeError):
            abandon_runs(records, SETUP, month)
    given_numbers = [number for _year, number in numbers(records)]
    assert given_numbers == list(range(1, sum(many for many, fate in runs if fate == "issued") + 1))
    with records.read() as session:
        assert (session.scalar(select(NumberSequence.last)) or 0) == len(given_numbers)
    records.close()


def issue_and_die(url: str, run_id: int) -> None:
    """Issue a run, and lose the process once its invoices are written, before anything is committed."""
    from tests.factories.town import HandClock

    records = open_records(url, HandClock())
    invoice_issue._close = lambda *_asked: os._exit(9)
    issue_run(records, SETUP, run_id)


def issue_alone(url: str, run_id: int) -> None:
    """Issue a run; whoever comes second is refused."""
    from tests.factories.town import HandClock

    records = open_records(url, HandClock())
    try:
        issue_run(records, SETUP, run_id)
    except InvalidData:
        os._exit(3)


@pytest.mark.long
def test_process_killed_in_the_middle_and_two_at_once_leave_no_gap(billing: Records) -> None:
    run_id = a_drafted_run(billing, [a_draft(PAYERS[0], 2_000), a_draft(PAYERS[1], 3_000)])
    url = billing.engine.url.render_as_string(hide_password=False)
    context = writers.processes()
    killed = context.Process(target=issue_and_die, args=(url, run_id))
    killed.start()
    killed.join()
    assert (killed.exitcode, numbers(billing), count(billing, NumberSequence)) == (9, [], 0)
    both = [context.Process(target=issue_alone, args=(url, run_id)) for _ in range(2)]
    for process in both:
        process.start()
    for process in both:
        process.join()
    assert sorted(process.exitcode or 0 for process in both) == [0, 3]
    assert numbers(billing) == [(2026, 1), (2026, 2)]


def test_who_chose_an_sms_is_told_by_a_mail_that_says_so_and_who_has_none_is_named(billing: Records) -> None:
    with billing.write(SETUP, "address") as write:
        write.session.execute(text("update person set email = 'anne@exemple.test' where id = 1"))
        write.session.execute(text("update person set email = null where id <> 1"))
        write.session.execute(text("update payer set notice_channel = 'sms'"))
    issued = an_issued_run(billing, [a_draft(PAYERS[0], 8_640), a_draft(PAYERS[1], 8_640)])
    assert (issued.mailed, issued.mailed_for_sms, issued.untold) == (1, 1, 1)
    with billing.read() as session:
        (notice,) = session.scalars(select(MessageOutbox))
        assert json.loads(notice.content or "")["asked_sms"] is True
    (untold,) = untold_payers(billing, SETUP, NOVEMBER)
    assert (untold.number, untold.payer_ref, untold.why) == ("2026-000002", PAYERS[1], "sms_unsent")
    assert untold_payers(billing, SETUP, DECEMBER) == []


def test_who_wants_no_notice_is_neither_told_nor_named(billing: Records) -> None:
    with billing.write(SETUP, "address") as write:
        write.session.execute(text("update payer set notice_channel = 'none'"))
    issued = an_issued_run(billing, [a_draft(PAYERS[0], 8_640)])
    assert (issued.mailed, issued.untold, untold_payers(billing, SETUP, NOVEMBER)) == (0, 0, [])
