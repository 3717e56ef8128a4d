"""The sheet of elected officials is made once a month, from figures computed since the month ended."""

from __future__ import annotations

import io
from datetime import date

import pypdf

from domain.time import instant_at
from jobs.figures_sheet import make_due_sheet
from records.database import open_records
from tests.harness.demo_world import DemoWorld


def test_sheet_of_last_month_is_made_once_from_the_fifth_on(demo_copy: DemoWorld) -> None:
    now = [instant_at(date(2026, 11, 4), 600, "Europe/Paris")]
    records = open_records(demo_copy.url, lambda: now[0])
    assert make_due_sheet(records, demo_copy.home) is None
    now[0] = demo_copy.now  # 21 November
    made = make_due_sheet(records, demo_copy.home)
    assert made is not None
    assert made.name == "elus-2026-10.pdf"
    read = pypdf.PdfReader(io.BytesIO(made.read_bytes()))
    assert len(read.pages) == 1
    assert "Fréquentation, octobre 2026" in read.pages[0].extract_text().replace("\u00a0", " ")
    assert make_due_sheet(records, demo_copy.home) is None
    # The figures that are published say nothing of a month that had not ended.
    now[0] = instant_at(date(2026, 12, 6), 600, "Europe/Paris")
    assert make_due_sheet(records, demo_copy.home) is None
    records.close()
