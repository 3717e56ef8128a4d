"""Scans go with what they prove: the family file, the health note, or because they never served."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from jobs.paper_sweep import sweep_papers
from jobs.scheduler import Scheduler
from records.actors import SETUP
from records.database import Records
from records.models import DocumentKind, HealthNote, Request, StoredFile
from records.operations import purges
from records.operations.family_papers import NewDocument, receive_document
from records.operations.paper_files import FOLDER, keep_file
from tests.factories.confiding import LONG_AFTER, Confided, a_confiding_family_and_another, adopt_durations, purge
from tests.factories.databases import Database
from tests.factories.rows import a_row
from tests.factories.town import TODAY, HandClock

SCAN = b"%PDF-1.7 une attestation"


@pytest.fixture
def confided(town: Records, town_database: Database) -> Confided:
    """A town that has adopted durations, and a family that confides everything."""
    adopt_durations(town)
    return town_database.filled_once(town, a_confiding_family_and_another)


def a_paper(town: Records, confided: Confided, home: Path, *, is_health: bool = False) -> int:
    """A paper of the child that was received with its scan."""
    a_row(town, DocumentKind, ref="papier", label="Papier", about="child", is_health=is_health)
    paper = NewDocument("papier", "Papier", TODAY, confided.family.child, pages=(kept(town, home),))
    return receive_document(town, SETUP, confided.family.ref, paper)


def kept(town: Records, home: Path) -> str:
    return keep_file(town, SETUP, home / FOLDER, SCAN)


def on_disk(home: Path) -> list[Path]:
    return [path for path in (home / FOLDER).rglob("*") if path.is_file()]


def test_scans_leave_with_the_family_file(
    town: Records, confided: Confided, clock: HandClock, tmp_path: Path
) -> None:
    a_paper(town, confided, tmp_path)
    clock.set(600, LONG_AFTER)
    purge(town, "family_file")
    assert sweep_papers(town, tmp_path) == 1
    assert on_disk(tmp_path) == []


def test_paper_of_a_health_note_leaves_with_it(
    town: Records, confided: Confided, clock: HandClock, tmp_path: Path
) -> None:
    document_id = a_paper(town, confided, tmp_path, is_health=True)
    a_row(town, HealthNote, person_id=confided.child_id, document_id=document_id)
    clock.set(600, date(2027, 7, 3))
    purge(town, "health")
    with town.read() as session:
        assert session.scalars(select(HealthNote)).all() == []
    assert sweep_papers(town, tmp_path) == 1
    assert on_disk(tmp_path) == []


def test_scan_that_never_served_is_erased_after_a_month(
    town: Records, confided: Confided, clock: HandClock, tmp_path: Path
) -> None:
    kept(town, tmp_path)
    clock.set(600, date(2026, 12, 23))
    assert purges.draw_up_purge(town, SETUP, "unused_scan") is None
    clock.set(600, date(2026, 12, 24))
    assert purge(town, "unused_scan") is not None
    assert sweep_papers(town, tmp_path) == 1
    assert purge(town, "unused_scan") is None


def test_scan_that_a_request_still_asks_for_stays(
    town: Records, confided: Confided, clock: HandClock, tmp_path: Path
) -> None:
    sha256 = kept(town, tmp_path)
    a_row(town, Request, ref="attend", payload=f'{{"pages": ["{sha256}"]}}')
    clock.set(600, LONG_AFTER)
    assert purge(town, "unused_scan") is None


def test_scan_that_a_paper_shows_stays(town: Records, confided: Confided, clock: HandClock, tmp_path: Path) -> None:
    a_paper(town, confided, tmp_path)
    clock.set(600, LONG_AFTER)
    assert purge(town, "unused_scan") is None
    assert sweep_papers(town, tmp_path) == 0


def test_scan_sent_again_after_its_erasure_is_kept_again(
    town: Records, confided: Confided, clock: HandClock, tmp_path: Path
) -> None:
    kept(town, tmp_path)
    clock.set(600, LONG_AFTER)
    purge(town, "unused_scan")
    kept(town, tmp_path)
    assert sweep_papers(town, tmp_path) == 0
    assert len(on_disk(tmp_path)) == 1
    assert purges.draw_up_purge(town, SETUP, "unused_scan") is None


def test_scheduler_removes_them_by_itself(
    town: Records, confided: Confided, clock: HandClock, tmp_path: Path
) -> None:
    kept(town, tmp_path)
    clock.set(600, LONG_AFTER)
    purge(town, "unused_scan")
    scheduler = Scheduler(town, tmp_path, "", {}, errands=[lambda: sweep_papers(town, tmp_path)])
    scheduler.step()
    assert on_disk(tmp_path) == []
    with town.read() as session:
        assert session.scalars(select(StoredFile.erased_at)).one() is not None
