"""Diets, papers and PAI that a family sends: what is asked waits, what is accepted is written with its scans."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from domain.errors import InvalidData, NotAllowed, NotFound
from records.actors import SETUP, Actor, Grant
from records.database import Records
from records.models import Diet, Document, DocumentKind, HealthAccess, HealthNote, StoredFile
from records.operations.diets import add_diet, diets_of
from records.operations.families import NewDiet
from records.operations.family_papers import NewDocument, receive_document
from records.operations.paper_files import BYTES_MAX, keep_file, read_page, send_file, sweep_files
from records.operations.request_desk import answer_request, read_request
from tests.factories.asking import accept, ask
from tests.factories.people import FamilyRefs
from tests.factories.rows import a_row
from tests.factories.town import START, TODAY

SCAN = b"%PDF-1.7 une attestation"
PORK_FREE = NewDiet("sans_porc", "Sans porc", START)


def a_kind(town: Records, ref: str = "assurance", **changes: object) -> None:
    """A kind of paper of a child."""
    a_row(town, DocumentKind, **{"ref": ref, "label": ref, "about": "child", "is_health": False, **changes})


def sent(town: Records, anne: Actor, folder: Path, **paper: object) -> dict[str, object]:
    """A paper whose scan has arrived."""
    pages = [send_file(town, anne, folder, SCAN)]
    return {"kind_ref": "assurance", "title": "Attestation 2026", "pages": pages, **paper}


def test_diet_that_changes_is_written_once_it_is_accepted(
    town: Records, family: FamilyRefs, anne: Actor, desk: Actor
) -> None:
    held = add_diet(town, SETUP, family.child, PORK_FREE)
    asked = ask(
        town, anne, "diets", family, child_ref=family.child, ended=[{"diet_id": held, "on": TODAY}],
        added=[{"code": "vegetarien", "label": "Végétarien", "valid_from": TODAY}],
    )  # fmt: skip
    assert [line.diet.valid_to for line in diets_of(town, desk, family.child)] == [None]
    seen = [(each.label, each.now, each.new) for each in read_request(town, desk, asked.ref).changes]
    assert seen[0] == ("Régimes notés", "Sans porc", "Sans porc")
    assert seen[1] == ("À ajouter", None, "Végétarien, à partir du 24/11/2026")
    answer_request(town, desk, accept(asked.ref))
    told = [(line.diet.label, line.diet.valid_to) for line in diets_of(town, desk, family.child)]
    assert told == [("Végétarien", None), ("Sans porc", TODAY)]


@pytest.mark.parametrize("label", ["Halal", "sans porc (casher)", "Carême"])
def test_diet_never_tells_a_belief(town: Records, family: FamilyRefs, anne: Actor, label: str) -> None:
    with pytest.raises(InvalidData, match="jamais par une croyance"):
        add_diet(town, SETUP, family.child, NewDiet("regime", label, START))
    wanted = {"code": "regime", "label": label, "valid_from": TODAY}
    with pytest.raises(InvalidData, match="jamais par une croyance"):
        ask(town, anne, "diets", family, child_ref=family.child, added=[wanted])


def test_same_diet_does_not_begin_twice(town: Records, family: FamilyRefs) -> None:
    add_diet(town, SETUP, family.child, PORK_FREE)
    with pytest.raises(InvalidData, match="a déjà ce régime"):
        add_diet(town, SETUP, family.child, PORK_FREE)
    with town.read() as session:
        assert len(session.scalars(select(Diet)).all()) == 1


def test_paper_that_was_sent_is_received_with_its_scan_once_it_is_accepted(
    town: Records, family: FamilyRefs, anne: Actor, desk: Actor, tmp_path: Path
) -> None:
    a_kind(town)
    asked = ask(town, anne, "document", family, paper=sent(town, anne, tmp_path), person_ref=family.child)
    (change,) = read_request(town, desk, asked.ref).changes
    assert (change.label, change.new) == ("assurance", "Attestation 2026, 1 page")
    answer_request(town, desk, accept(asked.ref))
    with town.read() as session:
        document = session.scalars(select(Document)).one()
        assert (document.title, document.received_on) == ("Attestation 2026", TODAY)
    assert read_page(town, desk, tmp_path, document.id, 1) == ("application/pdf", SCAN)
    (kept,) = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert SCAN not in kept.read_bytes()
    assert not kept.stat().st_mode & 0o077


def test_pai_comes_with_its_paper_which_health_alone_may_open(
    town: Records, family: FamilyRefs, anne: Actor, desk: Actor, tmp_path: Path
) -> None:
    a_kind(town, "pai", is_health=True)
    paper = sent(town, anne, tmp_path, kind_ref="pai", title="PAI 2026")
    with pytest.raises(InvalidData, match="Un papier de santé se joint"):
        ask(town, anne, "document", family, paper=paper, person_ref=family.child)
    note = {"kind": "pai", "label": "Asthme", "valid_from": TODAY, "paper": paper}
    asked = ask(town, anne, "health", family, child_ref=family.child, added=[note])
    answer_request(town, desk, accept(asked.ref))
    with town.read() as session:
        document_id = session.scalars(select(HealthNote.document_id)).one()
    assert document_id is not None
    with pytest.raises(NotAllowed):
        read_page(town, Actor("informatique", (Grant("super_admin"),)), tmp_path, document_id, 1)
    assert read_page(town, desk, tmp_path, document_id, 1)[1] == SCAN
    with town.read() as session:
        assert "read_page" in session.scalars(select(HealthAccess.operation)).all()


def test_paper_without_its_scan_or_that_is_no_scan_is_refused(
    town: Records, family: FamilyRefs, anne: Actor, tmp_path: Path
) -> None:
    a_kind(town)
    for content in (b"", b"MZ", b"%PDF-" + bytes(BYTES_MAX)):
        with pytest.raises(InvalidData):
            send_file(town, anne, tmp_path, content)
    paper = {"kind_ref": "assurance", "title": "Attestation"}
    with pytest.raises(InvalidData, match="Joignez le papier"):
        ask(town, anne, "document", family, paper={**paper, "pages": []}, person_ref=family.child)
    with pytest.raises(InvalidData, match="n'est pas arrivé"):
        ask(town, anne, "document", family, paper={**paper, "pages": ["0" * 64]}, person_ref=family.child)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_scan_that_a_purge_erased_leaves_the_disk_and_is_found_no_more(
    town: Records, family: FamilyRefs, desk: Actor, tmp_path: Path
) -> None:
    a_kind(town)
    kept = keep_file(town, SETUP, tmp_path, SCAN)
    assert sweep_files(town, SETUP, tmp_path) == 0
    paper = NewDocument("assurance", "Attestation", TODAY, family.child, pages=(kept,))
    document_id = receive_document(town, desk, family.ref, paper)
    with town.write(SETUP, "erase") as write:
        write.session.scalars(select(StoredFile)).one().erased_at = write.now
    assert sweep_files(town, SETUP, tmp_path) == 1
    with pytest.raises(NotFound):
        read_page(town, SETUP, tmp_path, document_id, 1)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
