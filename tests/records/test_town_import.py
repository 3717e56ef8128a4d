"""A whole collectivity from files: read, refused by file, line and column, or written at once."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select

from domain.errors import InvalidData, NotAllowed
from records.actors import SETUP, Right, program
from records.database import Records
from records.models import AuditEntry, Enrolment, Family, Payer, Person, PersonPhone, Qf
from records.operations.collectivity import CollectivityFacts, set_collectivity
from records.operations.families import NewFamily, NewMember, NewPayer, NewPerson, create_family
from records.operations.family_search import search_families
from records.operations.town_import import ImportReport, import_collectivity
from records.town_files.declared import FILES
from tests.factories.town_folder import FOLDER, lines_of, with_line, write_folder


def load(records: Records, folder: Path, *, is_dry_run: bool = False) -> ImportReport:
    """Import a folder as the installation may."""
    return import_collectivity(records, SETUP, folder, is_dry_run=is_dry_run)


def test_a_folder_is_loaded_whole(records: Records, tmp_path: Path) -> None:
    report = load(records, write_folder(tmp_path / "in"))
    assert (report.faults, report.doubts, report.is_written) == ((), (), True)
    with records.read() as session:
        child = session.scalars(select(Person).where(Person.ref == "P3")).one()
        assert (child.first_name, str(child.birth_date), child.search_key) == ("Léa", "2018-03-14", "FOURNIER LEA")
        assert session.scalars(select(PersonPhone.number)).one() == "+33 6 99 00 12 34"
        assert session.scalars(select(Qf.value_e2).order_by(Qf.id)).all() == [52_300, 999_900]
        payer = session.scalars(select(Payer).where(Payer.ref == "F1-2")).one()
        assert (payer.notice_channel, payer.wants_paper) == ("sms", False)
        assert session.scalars(select(Enrolment.row_version)).one() == 1


def test_a_dry_run_finds_no_fault_and_writes_nothing(records: Records, tmp_path: Path) -> None:
    report = load(records, write_folder(tmp_path / "in"), is_dry_run=True)
    assert (report.faults, report.is_written, report.rows) == ((), False, 33)
    assert rows_in_all(records) == 0


def test_one_audit_row_tells_the_files_and_their_bytes(records: Records, tmp_path: Path) -> None:
    load(records, write_folder(tmp_path / "in"))
    with records.read() as session:
        told = json.loads(session.scalars(select(AuditEntry.new)).one() or "")
    assert told["files"]["qf.csv"]["rows"] == 2
    assert len(told["files"]["qf.csv"]["sha256"]) == 64
    assert set(told["files"]) == {f"{name}.csv" for name in FOLDER}


def test_what_comes_next_is_numbered_after_the_imported_rows(records: Records, tmp_path: Path) -> None:
    load(records, write_folder(tmp_path / "in"))
    parent = NewMember(NewPerson("P9", "Zoé", "Blanc"), "guardian")
    payers = (NewPayer("F9-1", "P9"),)
    create_family(records, SETUP, NewFamily("F9", "Blanc", "Ville", date(2026, 9, 1), (parent,), payers))
    with records.read() as session:
        assert session.scalar(select(func.count()).select_from(Family)) == 2


def test_a_child_is_found_by_the_search_after_the_import(records: Records, tmp_path: Path) -> None:
    load(records, write_folder(tmp_path / "in"))
    assert "P3" in str(search_families(records, SETUP, "fournié lea"))


def test_an_error_half_way_leaves_nothing(records: Records, tmp_path: Path) -> None:
    def cut(share: float, what: str) -> None:
        if what == "Écriture de inscriptions.csv":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_collectivity(records, SETUP, write_folder(tmp_path / "in"), progress=cut)
    assert rows_in_all(records) == 0


def test_a_base_that_holds_families_is_left_alone(town: Records, tmp_path: Path) -> None:
    with pytest.raises(InvalidData, match="contient déjà"):
        load(town, write_folder(tmp_path / "in"))


def test_a_described_collectivity_is_described_again(records: Records, tmp_path: Path) -> None:
    set_collectivity(records, SETUP, CollectivityFacts("Ancien nom", "Europe/Paris", "A", "01", is_training=True))
    assert load(records, write_folder(tmp_path / "in")).is_written


def test_who_may_not_import_is_refused(records: Records, tmp_path: Path) -> None:
    with pytest.raises(NotAllowed):
        import_collectivity(records, program("autre", Right.EDIT_FAMILIES), write_folder(tmp_path / "in"))


FAULTS = {
    "bad_date": (with_line("qf", "F1;;2026-02-30;12,00;caf"), "qf", "date_effet"),
    "looks_like_cents": (with_line("qf", "F1;;2027-01-01;52300;caf"), "qf", "valeur"),
    "bad_qf": (with_line("qf", "F1;;2027-01-01;9999,00;caf"), "qf", "valeur"),
    "missing_value": (with_line("qf", "F1;;;12,00;caf"), "qf", "date_effet"),
    "unknown_ref": (with_line("membres", "F9;P1;contact;oui;2026-09-01"), "membres", "famille"),
    "duplicate": (with_line("familles", "F1;Fournier"), "familles", "reference"),
    "bad_width": (with_line("familles", "F2;Petit;oui"), "familles", None),
    "no_payer": (with_line("familles", "F2;Petit"), "familles", None),
    "overlap": (with_line("badges", "04A1B2C3;P1;2026-10-01"), "badges", "debut"),
    "contradiction": (with_line("scolarite", "P3;m-cm1;2027-09-01;2027-09-01"), "scolarite", "debut"),
    "too_long": (with_line("familles", f"{'F' * 65};Fournier"), "familles", "reference"),
    "bad_choice": (with_line("membres", "F1;P1;mère;oui;2026-09-01"), "membres", "role"),
    "third_guardian": (with_line("membres", "F1;P3;représentant;oui;2026-09-01"), "membres", "role"),
    "forbidden_guardian": (with_line("membres", "F1;P1;représentant;interdit;2027-09-01"), "membres", "sortie"),
    "no_birth_date": (with_line("membres", "F1;P1;enfant;oui;2026-09-01"), "membres", "personne"),
    "bad_pattern": (with_line("garde_calendriers", "P3;2027-01-01;2026-08-31;11111112222223;F1-1;F1-2"),
                    "garde_calendriers", "cycle"),
    "not_offered": (with_line("inscriptions", "I2;P1;cantine;moulin;adulte;2026-08-01;2026-08-02"),
                    "inscriptions", "structure"),
    "unknown_formula": (
        {"inscriptions_jours": "inscription;jour;formule;debut\nI1;lundi;;2026-09-01\nI1;jeudi;matin;2026-09-01\n"},
        "inscriptions_jours", "formule",
    ),
    "not_monday": (
        {"inscriptions_jours": "inscription;jour;semaine;ancre;debut\n\nI1;lundi;a;2026-09-01;2026-09-01\n"},
        "inscriptions_jours", "ancre",
    ),
    "bad_payers": (with_line("inscriptions_payeurs", "I1;F1-1;tout;2027-01-01;"), "inscriptions_payeurs", "payeur"),
    "second_tariff": (with_line("tarifs", "autre;cantine;Cantine"), "tarifs", "service"),
    "bad_time_zone": (with_line("structures", "s2;Deux;école;Europe/Paname;Ville"), "structures", "fuseau"),
}  # fmt: skip


@pytest.mark.parametrize("code", FAULTS)
def test_each_fault_is_told_by_its_file_line_and_column(records: Records, tmp_path: Path, code: str) -> None:
    changed, name, column = FAULTS[code]
    report = load(records, write_folder(tmp_path / "in", **changed))
    found = {(each.code, each.file, each.line, each.column) for each in report.faults}
    last_line = changed[name].count("\n")
    assert (code, f"{name}.csv", last_line, column) in found
    assert rows_in_all(records) == 0


def test_every_fault_of_a_folder_is_told_at_once(records: Records, tmp_path: Path) -> None:
    changed = {**with_line("qf", "F9;;hier;12;poste"), **with_line("familles", ";Fournier")}
    report = load(records, write_folder(tmp_path / "in", **changed))
    places = [(each.file, each.column) for each in report.faults]
    assert places == [
        ("familles.csv", "reference"),
        ("qf.csv", "famille"),
        ("qf.csv", "date_effet"),
        ("qf.csv", "origine"),
    ]


@pytest.mark.parametrize(
    ("changed", "code", "column"),
    [
        ({"familles": "reference\nF1\n"}, "missing_column", "nom"),
        ({"familles": "reference;nom;nom\nF1;a;b\n"}, "double_column", "nom"),
        ({"familles": "reference;nom;couleur\nF1;a;b\n"}, "unknown_column", "couleur"),
        ({"familles": b"\xff\xfer\x00e\x00"}, "bad_encoding", None),
        ({"foyers": "reference;nom\nF1;a\n"}, "unknown_file", None),
    ],
)
def test_a_file_that_cannot_be_read_is_told(
    records: Records, tmp_path: Path, changed: dict[str, str | bytes], code: str, column: str | None
) -> None:
    report = load(records, write_folder(tmp_path / "in", **changed))
    assert (code, column) in {(each.code, each.column) for each in report.faults}


def test_a_price_list_with_two_prices_for_one_qf_is_refused(records: Records, tmp_path: Path) -> None:
    line = "prix-cantine;2026-09-01;3;QF double;;400;600;repas;2,00"
    report = load(records, write_folder(tmp_path / "in", **with_line("tarifs_lignes", line)))
    assert any("a deux prix" in each.message for each in report.faults)


def test_modifiers_in_an_order_that_cannot_be_applied_are_told_by_line(records: Records, tmp_path: Path) -> None:
    lines = (
        "tarif;debut;rang;libelle;forme;porte_sur;unite;montant\n"
        "prix-cantine;2026-09-01;1;Repas;;;repas;1,20\n"
        "prix-cantine;2026-09-01;2;Frais;ajouter;ligne;;0,50\n"
        "prix-cantine;2026-09-01;3;Remise;ajouter;prix d'une unité;;-0,10\n"
    )
    report = load(records, write_folder(tmp_path / "in", tarifs_lignes=lines))
    assert [(each.code, each.file, each.line, each.column) for each in report.faults] == [
        ("bad_order", "tarifs_lignes.csv", 4, "porte_sur")
    ]


def test_a_sejour_brings_its_own_tariff_and_only_of_its_service(records: Records, tmp_path: Path) -> None:
    changed = {
        **with_line("services", "sejours;Séjours;séjour;extrascolaire"),
        **with_line("services_lieux", "sejours;moulin;2026-09-01;"),
        "tarifs": "reference;service;libelle\nprix-cantine;cantine;Cantine\nusuel;sejours;U\nmer;sejours;M\n",
        "tarifs_versions": "tarif;debut;decision\n"
        + "".join(f"{tariff};2026-09-01;Délibération 2026-2\n" for tariff in ("prix-cantine", "usuel", "mer")),
        "tarifs_lignes": "tarif;debut;rang;libelle;nature;unite;montant\n"
        "prix-cantine;2026-09-01;1;Repas;;repas;1,20\n"
        "usuel;2026-09-01;1;Usuel;séjour;séjour;200,00\n"
        "mer;2026-09-01;1;Mer;séjour;séjour;245,00\n",
    }
    head = (
        "reference;service;structure;numero;libelle;lieu;debut;fin_exclue;places;age_min_mois;age_max_mois;tarif\n"
    )
    trip = "mer;sejours;moulin;3;La mer;Oléron;2027-07-05;2027-07-10;24;72;144;"
    wrong = load(records, write_folder(tmp_path / "no", **changed, sejours=f"{head}{trip}prix-cantine\n"))
    assert {("bad_tariff", "sejours.csv", 2, "tarif"), ("second_tariff", "tarifs.csv", 4, "service")} <= {
        (each.code, each.file, each.line, each.column) for each in wrong.faults
    }
    assert load(records, write_folder(tmp_path / "in", **changed, sejours=f"{head}{trip}mer\n")).faults == ()


def test_two_people_who_seem_one_are_a_doubt_that_refuses_nothing(records: Records, tmp_path: Path) -> None:
    report = load(records, write_folder(tmp_path / "in", **with_line("personnes", "P4;Lea;FOURNIER;2018-03-14;")))
    assert [(each.code, each.line) for each in report.doubts] == [("same_person", lines_of("personnes"))]
    assert report.is_written


@pytest.mark.parametrize(
    "content",
    [
        FOLDER["personnes"].encode("cp1252"),
        FOLDER["personnes"].encode("utf-8-sig"),
        FOLDER["personnes"].replace(";", ",").encode(),
        FOLDER["personnes"].replace(";", "\t").encode(),
        FOLDER["personnes"].replace("\n", "\r\n").encode(),
        FOLDER["personnes"].replace("prenom", "Prenom ").encode(),
    ],
    ids=["cp1252", "utf8_mark", "comma", "tab", "crlf", "header_case"],
)
def test_files_of_any_spreadsheet_are_read(records: Records, tmp_path: Path, content: bytes) -> None:
    assert load(records, write_folder(tmp_path / "in", personnes=content)).faults == ()


def test_a_line_break_inside_a_value_does_not_shift_the_lines_told(records: Records, tmp_path: Path) -> None:
    text = 'reference;nom;formule_courrier\nF1;Fournier;"Monsieur\net Madame"\nF1;Petit;\n'
    report = load(records, write_folder(tmp_path / "in", familles=text))
    assert [(each.code, each.line) for each in report.faults] == [("duplicate", 4)]


def test_a_folder_that_does_not_exist_is_told(records: Records, tmp_path: Path) -> None:
    with pytest.raises(InvalidData, match="n'existe pas"):
        load(records, tmp_path / "absent")


def rows_in_all(records: Records) -> int:
    """Return how many rows the tables of the folder hold, the journal included."""
    with records.read() as session:
        tables = [AuditEntry.__table__, *(file.table for file in FILES)]
        return sum(session.scalar(select(func.count()).select_from(each)) or 0 for each in tables)
