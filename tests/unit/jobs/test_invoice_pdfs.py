"""The PDFs of a month: made once, taken up again where they were cut, and one file for the printer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from pypdf import PdfReader

from domain.errors import InvalidData
from domain.french import NBSP
from jobs.invoice_pdfs import PRINT_FILE, make_pdfs
from jobs.kinds import JobContext, registry
from records.actors import SETUP
from records.database import Records
from records.operations.family_edits import NewAddress, edit_payer, set_family_address
from tests.factories.billing import a_billing_town, an_issued_run
from tests.factories.bodies import a_body, a_day, a_group, a_whole_draft
from tests.factories.databases import Content, sqlite_copy, sqlite_template
from tests.factories.people import a_family
from tests.factories.town import HandClock, make_town

STREETS = {"Adam": "21 rue des Lilas", "Berger": "3 rue des Lilas", "Colin": "8 allée du Puits"}


@dataclass
class Month:
    """Issued invoices of three families, all wanting paper but the second."""

    records: Records
    home: Path

    def make(self, month: str = "2026-11") -> dict[str, object]:
        told: list[float] = []
        context = JobContext(self.records, self.home, "", {"month": month}, lambda done, _said: told.append(done))
        return {**make_pdfs(context), "told": told}

    @property
    def files(self) -> dict[str, int]:
        """Every PDF of an invoice, by name, with when it was written."""
        folder = self.home / "factures" / "2026-11"
        return {path.name: path.stat().st_mtime_ns for path in folder.iterdir() if path.name != PRINT_FILE}

    def printed(self) -> list[str]:
        """The pages to print, as text."""
        read = PdfReader(self.home / "factures" / "2026-11" / PRINT_FILE)
        return [page.extract_text().replace(NBSP, " ") for page in read.pages]


def _issue_a_month(records: Records) -> None:
    make_town(records)
    a_billing_town(records)
    drafts = []
    for name, street in STREETS.items():
        family = a_family(records, name=name)
        address = NewAddress("Ville d'essai", date(2026, 9, 2), street, postcode="00000")
        set_family_address(records, SETUP, family.ref, address)
        if name != "Berger":
            edit_payer(records, SETUP, family.payers[0], {"wants_paper": True}, 1)
        body = a_body([a_group(family.child, [a_day("2026-11-03", 2_000)])])
        drafts.append(a_whole_draft(family.payers[0], body))
    an_issued_run(records, drafts)


@pytest.fixture
def month(tmp_path: Path) -> Iterator[Month]:
    records = sqlite_copy(sqlite_template(Content("month_issued", _issue_a_month)), tmp_path, HandClock())
    yield Month(records, tmp_path)
    records.close()


def test_the_scheduler_knows_the_job() -> None:
    assert registry()["invoice_pdfs"] is make_pdfs


def test_every_invoice_has_its_pdf_and_progress_ends_at_one(month: Month) -> None:
    done = month.make()

    assert (done["invoices"], done["made"], done["on_paper"]) == (3, 3, 2)
    assert len(month.files) == 3
    assert done["told"] == [1.0]


def test_a_second_run_makes_nothing_again(month: Month) -> None:
    month.make()
    before = month.files

    assert month.make()["made"] == 0
    assert month.files == before


def test_a_run_that_was_cut_makes_what_is_missing_and_the_same_bytes(month: Month) -> None:
    month.make()
    folder = month.home / "factures" / "2026-11"
    lost = sorted(month.files)[1]
    content = (folder / lost).read_bytes()
    (folder / lost).unlink()
    (folder / lost).with_suffix(".part").write_bytes(b"half")

    assert month.make()["made"] == 1
    assert (folder / lost).read_bytes() == content
    assert len(month.files) == 3


def test_a_name_that_changed_gives_another_pdf_in_place_of_the_first(month: Month) -> None:
    month.make()
    before = set(month.files)
    address = NewAddress("Ailleurs", date(2026, 10, 1), "1 quai Neuf", postcode="00009")
    set_family_address(month.records, SETUP, "adam", address)

    assert month.make()["made"] == 1
    assert len(set(month.files) & before) == 2
    assert len(month.files) == 3


def test_what_is_printed_is_for_those_who_asked_in_the_order_of_the_round(month: Month) -> None:
    month.make()
    pages = month.printed()

    assert len(pages) == 4
    assert ["8 allée du Puits" in pages[0], "21 rue des Lilas" in pages[2]] == [True, True]
    assert (pages[1], pages[3]) == ("", "")


def test_a_house_comes_before_a_farther_one_of_its_street(month: Month) -> None:
    edit_payer(month.records, SETUP, "berger-adulte-1-payeur", {"wants_paper": True}, 1)
    month.make()
    first, second, third = (page for page in month.printed() if page)

    assert ("8 allée" in first, "3 rue" in second, "21 rue" in third) == (True, True, True)


def test_a_month_without_invoices_says_what_to_do(month: Month) -> None:
    with pytest.raises(InvalidData, match="marelle month issue"):
        month.make("2026-10")
