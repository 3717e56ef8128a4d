"""The right of access: everything held on a family comes out, in French, and nothing of the neighbours."""

import csv
import json
import stat
import zipfile
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select

from domain.errors import NotAllowed, NotFound
from exchanges.dossier import README, SCANS, words, write_dossier
from records.actors import SETUP, Actor, Grant
from records.database import Records
from records.models import Base, DocumentKind, HealthAccess
from records.operations.family_export import OMITTED, TABLES, export_family
from records.operations.family_papers import NewDocument, receive_document
from records.operations.health import health_readings
from records.operations.paper_files import FOLDER, keep_file, read_page
from tests.factories.confiding import (
    ALLOCATAIRE,
    BADGE,
    CHILD,
    EMAIL,
    MARK,
    PHONE,
    Confided,
    a_confiding_family,
)
from tests.factories.databases import Database
from tests.factories.people import PASSWORD, a_family, an_enrolment
from tests.factories.rows import IBAN, a_row
from tests.factories.town import TODAY


@pytest.fixture
def confided(town: Records, town_database: Database) -> Confided:
    """The family that confides everything, beside another."""
    return town_database.filled_once(town, confide)


def no_page(document_id: int, page: int) -> tuple[str, bytes]:
    """No paper of this family was scanned."""
    raise AssertionError(document_id, page)


def confide(town: Records) -> Confided:
    an_enrolment(town, a_family(town, "Durand"))
    return a_confiding_family(town)


def test_everything_held_is_in_it_and_nothing_of_others(town: Records, confided: Confided, tmp_path: Path) -> None:
    write_dossier(export_family(town, SETUP, confided.family.ref), tmp_path / "dossier.zip", no_page)
    with zipfile.ZipFile(tmp_path / "dossier.zip") as archive:
        texts = {name: archive.read(name).decode("utf-8-sig") for name in archive.namelist()}
    whole = "".join(texts.values())
    for confided_word in (CHILD, MARK, PHONE, EMAIL, ALLOCATAIRE, BADGE, IBAN):
        assert confided_word in whole, confided_word
    assert "Durand" not in whole
    assert "argon2" not in whole
    assert PASSWORD not in whole
    assert stat.S_IMODE((tmp_path / "dossier.zip").stat().st_mode) == 0o600


def test_files_and_headings_are_french_and_the_json_says_the_same(
    town: Records, confided: Confided, tmp_path: Path
) -> None:
    write_dossier(export_family(town, SETUP, confided.family.ref), tmp_path / "dossier.zip", no_page)
    with zipfile.ZipFile(tmp_path / "dossier.zip") as archive:
        told = json.loads(archive.read("dossier.json"))
        lines = archive.read("telephones.csv").decode("utf-8-sig").splitlines()
        readme = archive.read(README).decode()
        names = set(archive.namelist())
    rows = list(csv.DictReader(lines, delimiter=";"))
    assert [row["numéro"] for row in rows] == [PHONE] == [row["numéro"] for row in told["telephones"]]
    assert rows[0]["personne"] == "Adulte 1 Kowalczyk"
    assert {"sante.csv", "pointages.csv", "reservations.csv", "historique-des-modifications.csv"} <= names
    assert "Retirez" in readme


def test_every_table_and_column_has_a_french_name() -> None:
    for name in (*TABLES, "audit", "tap"):
        assert name in words()["tables"], name
        columns = {column.name for column in Base.metadata.tables[name].columns} - OMITTED
        assert columns <= words()["columns"].keys(), (name, columns - words()["columns"].keys())


def test_reading_of_health_is_logged_and_consulted(town: Records, confided: Confided) -> None:
    export_family(town, SETUP, confided.family.ref)
    (reading,) = health_readings(town, SETUP, confided.family.child)
    assert (reading.reader, reading.operation) == ("installation", "export_family")


def test_it_gets_neither_health_nor_bank_details_and_says_so(
    town: Records, confided: Confided, tmp_path: Path
) -> None:
    dossier = export_family(town, Actor("IT", (Grant("super_admin"),)), confided.family.ref)
    assert dossier.left_out == ("health_note", "mandate", "mandate_event")
    write_dossier(dossier, tmp_path / "dossier.zip", no_page)
    with zipfile.ZipFile(tmp_path / "dossier.zip") as archive:
        assert "administrateur fonctionnel" in archive.read(README).decode()
        assert not {"sante.csv", "mandats.csv"} & set(archive.namelist())
        assert IBAN not in "".join(archive.read(name).decode() for name in archive.namelist())
    with town.read() as session:
        assert session.scalars(select(HealthAccess)).all() == []


def test_others_may_not_and_an_unknown_file_is_said(town: Records, confided: Confided) -> None:
    with pytest.raises(NotAllowed):
        export_family(town, Actor("Zoé", (Grant("coordinator"),)), confided.family.ref)
    with pytest.raises(NotFound, match="dossier famille"):
        export_family(town, SETUP, "inconnu")


def test_scans_come_with_it_as_they_were_sent_and_a_lost_one_is_said(
    town: Records, confided: Confided, tmp_path: Path
) -> None:
    for ref, is_health, content in (("rib", False, b"%PDF- un RIB"), ("pai", True, b"\xff\xd8\xff un PAI")):
        a_row(town, DocumentKind, ref=ref, label=ref, about="child", is_health=is_health)
        kept = keep_file(town, SETUP, tmp_path / FOLDER, content)
        paper = NewDocument(ref, f"{ref} de l'année", TODAY, confided.family.child, pages=(kept,))
        receive_document(town, SETUP, confided.family.ref, paper)
    read = partial(read_page, town, SETUP, tmp_path / FOLDER)
    write_dossier(export_family(town, SETUP, confided.family.ref), tmp_path / "dossier.zip", read)
    with zipfile.ZipFile(tmp_path / "dossier.zip") as archive:
        scans = [archive.read(name) for name in archive.namelist() if name.startswith(SCANS)]
    assert sorted(scans) == [b"%PDF- un RIB", b"\xff\xd8\xff un PAI"]
    readings = {each.operation for each in health_readings(town, SETUP, confided.family.child)}
    assert readings == {"export_family", "read_page"}
    for place in (tmp_path / FOLDER).rglob("*"):
        if place.is_file():
            place.unlink()
    write_dossier(export_family(town, SETUP, confided.family.ref), tmp_path / "dossier.zip", read)
    with zipfile.ZipFile(tmp_path / "dossier.zip") as archive:
        assert "ne se trouvent plus sur le serveur" in archive.read(README).decode()


def test_scan_about_health_is_not_in_it_without_the_right(
    town: Records, confided: Confided, tmp_path: Path
) -> None:
    a_row(town, DocumentKind, ref="pai", label="PAI", about="child", is_health=True)
    kept = keep_file(town, SETUP, tmp_path, b"%PDF- un PAI")
    paper = NewDocument("pai", "PAI", TODAY, confided.family.child, pages=(kept,))
    receive_document(town, SETUP, confided.family.ref, paper)
    assert len(export_family(town, SETUP, confided.family.ref).pages) == 1
    assert export_family(town, Actor("IT", (Grant("super_admin"),)), confided.family.ref).pages == ()
