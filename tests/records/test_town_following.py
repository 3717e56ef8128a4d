"""Files of what goes with a family file: loaded, written back the same, and refused by line and column."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from records.actors import SETUP, Right, program
from records.database import Records
from records.models import Question, Signature, TapQuarantine, TransportSeat, WaitingEntry
from records.operations.quarantine_desk import settle_things
from records.operations.town_export import export_collectivity
from records.operations.town_import import import_collectivity
from tests.factories.town_folder import FOLDER, write_folder

RECORDED = "2026-09-02T08:00:00Z"
MORE: dict[str, str] = {
    "services": FOLDER["services"] + "car;Car;transport;aucun\nsejours;Séjours;séjour;extrascolaire\n",
    "services_lieux": FOLDER["services_lieux"] + "car;moulin;2026-09-01;\nsejours;moulin;2026-09-01;\n",
    "sejours": (
        "reference;service;structure;numero;libelle;lieu;debut;fin_exclue;places;age_min_mois;age_max_mois\n"
        "mer;sejours;moulin;1;La mer;Oléron;2027-07-05;2027-07-10;20;72;144\n"
    ),
    "inscriptions": FOLDER["inscriptions"] + (
        "I2;P3;car;moulin;enfant;2026-09-01;2027-07-04\n"
    ),
    "comptes": "identifiant;nom\nclaire;Claire\n",
    "enseignants": "classe;compte;debut;fin_exclue\nm-cm1;claire;2026-09-01;2027-07-04\n",
    "delegations": (
        "numero;enfant;delegataire;donnee_par;signee_le;couvre;debut\n1;P3;P2;parents;2026-09-01;Soins;2026-09-01\n"
    ),
    "notes": (
        "famille;personne;type;texte;ouverture;debut;enregistre_le;enregistre_par\n"
        f"F1;;adresse;=Adresse non fiable;oui;2026-09-01;{RECORDED};claire\n"
    ),
    "signatures": (
        "numero;famille;signataire;papier;inscription;delegation;signe_le;voie;retiree;enregistre_le;corrige\n"
        f"1;F1;P2;inscription;I1;1;2026-09-01;papier;non;{RECORDED};\n"
        f"2;F1;P2;inscription;I1;;2026-09-02;papier;oui;{RECORDED};1\n"
    ),
    "questions": (
        "reference;service;concerne;libelle;reponse;choix;obligatoire;rang;debut\n"
        "nage;;enfant;Sait nager ?;choix;oui | un peu;non;1;2026-09-01\n"
        "casque;car;enfant;A un casque ?;oui ou non;;oui;2;2026-09-01\n"
    ),
    "reponses": "question;personne;valeur;debut\nnage;P3;un peu;2026-09-01\ncasque;P3;oui;2026-09-01\n",
    "dossiers_a_jour": (
        "famille;annee_scolaire;agent;demande_le;recu_le\nF1;2026-2027;claire;2026-05-04;2026-06-01\n"
    ),
    "attentes": (
        "reference;personne;service;structure;sejour;a_partir_du;recue_le;priorite;etat;enregistre_le\n"
        f"A1;P3;sejours;moulin;mer;2027-07-05;2026-09-02;2;attend;{RECORDED}\n"
    ),
    "conservation": (
        "sorte;debut;mois;comptee;fin;source;enregistre_le\n"
        f"family_file;2026-09-01;24;après le dernier usage du dossier;anonymisé;DPO;{RECORDED}\n"
    ),
    "transports_lignes": (
        "reference;service;libelle;sens;est_facturee;places;debut\nl1;car;Ligne 1;aller;oui;53;2026-09-01\n"
    ),
    "transports_arrets": (
        "numero;ligne;position;libelle;heure;structure;debut\n"
        "1;l1;1;Place;08:00;;2026-09-01\n2;l1;2;École;08:20;moulin;2026-09-01\n"
    ),
    "transports_trajets": "inscription;ligne;jour;monte;descend;debut\nI2;l1;lundi;1;2;2026-09-01\n",
    "qf": "numero;famille;date_effet;valeur;origine\n1;F1;2026-09-01;916,17;calculé\n",
    "qf_formules": (
        "numero;debut;decision;parts_de;abattement;prestations;arrondi;enregistre_le\n"
        f"1;2026-09-01;Délibération;composition;0;oui;1,00;{RECORDED}\n"
    ),
    "qf_calculs": (
        "famille;formule;annee;ressources;mois;prestations;adultes;enfants;enfants_handicapes;parts;resultat;origine;"
        f"enregistre_le;qf\nF1;1;2024;31200,00;12;148,52;2;2;0;3,00;916,17;avis d'impôt;{RECORDED};1\n"
    ),
    "bornes": "reference;libelle;structure;mode\nborne;Borne;moulin;badge\n",
    "quarantaine": (
        "numero;borne;octets;empreinte;motif;detail;recu_le;regle;regle_par;suite;note\n"
        f"1;borne;ew==;021fb596db81e6d02bf3d2586ee3981fe519f275c0ac9ca76bbcf2ebb4097d96;malformed;x;{RECORDED};;;;\n"
        f"2;;+w==;{'0' * 64};malformed;;{RECORDED};;;;\n"
    ),
}  # fmt: skip


def folder(root: Path, **changed: str) -> Path:
    """Write the folder with every file of what goes with a family file."""
    return write_folder(root / "in", **{**MORE, **changed})


def test_what_goes_with_a_file_is_loaded_and_written_back_the_same(records: Records, tmp_path: Path) -> None:
    report = import_collectivity(records, SETUP, folder(tmp_path))
    assert report.faults == ()
    with records.read() as session:
        assert session.scalars(select(Question.choices)).first() == '["oui", "un peu"]'
        assert [row.replaces_id for row in session.scalars(select(Signature).order_by(Signature.id))] == [None, 1]
        assert session.scalars(select(TransportSeat.weekday)).one() == 0
        assert session.scalars(select(WaitingEntry.state)).one() == "waiting"
        assert session.scalars(select(TapQuarantine.content).order_by(TapQuarantine.id)).all() == [b"{", b"\xfb"]
    export_collectivity(records, SETUP, tmp_path / "out")
    for name in MORE:
        written = (tmp_path / "out" / f"{name}.csv").read_text(encoding="utf-8-sig")
        assert written.count("\n") == MORE[name].count("\n"), name


def test_the_folder_that_comes_out_goes_in_and_comes_out_again(
    records: Records, empty_records: Records, tmp_path: Path
) -> None:
    first, second = records, empty_records
    import_collectivity(first, SETUP, folder(tmp_path))
    settle_things(first, SETUP, [1], "no_effect", "Essai de borne")
    export_collectivity(first, SETUP, tmp_path / "one")
    assert import_collectivity(second, SETUP, tmp_path / "one").faults == ()
    export_collectivity(second, SETUP, tmp_path / "two")
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes(), path.name


@pytest.mark.parametrize(
    ("name", "line", "column", "code"),
    [
        ("reponses", "nage;P3;peut-être;2026-10-01", "valeur", "bad_answer"),
        ("reponses", "lune;P3;oui;2026-10-01", "question", "unknown_ref"),
        ("questions", "x;;enfant;X;texte;oui | non;non;1;2026-09-01", "reponse", "contradiction"),
        ("questions", "x;;enfant;X;choix;oui | oui;non;1;2026-09-01", "choix", "bad_words"),
        ("signatures", f"3;F1;P1;inscription;;;2026-09-01;papier;non;{RECORDED};", "papier", "contradiction"),
        ("dossiers_a_jour", "F2;2026-2027;;2026-05-04;2026-05-03", "recu_le", "bad_order"),
        ("enseignants", "m-cm1;claire;2026-10-01;", "debut", "overlap"),
        ("transports_trajets", "I2;l1;mardi;2;1;2026-09-01", "descend", "bad_order"),
        ("transports_trajets", "I1;l1;mardi;1;2;2026-09-01", "ligne", "other_service"),
        ("transports_trajets", "I2;l1;mardi;1;1;2026-09-01", "monte", "contradiction"),
        ("attentes", "A2;P3;sejours;moulin;mer;2027-07-05;2026-09-02;2;proposée;", "etat", "contradiction"),
        ("quarantaine", f"3;;é;{'1' * 64};malformed;;{RECORDED};;;;", "octets", "bad_bytes"),
        ("sejours", "x;cantine;moulin;2;X;Y;2027-07-05;2027-07-10;20;72;144", "service", "not_a_sejour"),
        ("sejours", "x;sejours;moulin;2;X;Y;2026-07-05;2026-07-10;20;72;144", "structure", "not_offered"),
        ("sejours", "x;sejours;moulin;2;X;Y;2027-07-05;2027-07-10;20;144;72", "age_min_mois", "contradiction"),
        ("scolarite", "P3;m-cm1;2027-08-01;", "debut", "out_of_year"),
        ("scolarite", "P2;m-cm1;2027-01-01;2027-08-01", "fin_exclue", "out_of_year"),
    ],
)  # fmt: skip
def test_each_fault_is_told_by_file_line_and_column(
    empty_records: Records, tmp_path: Path, name: str, line: str, column: str, code: str
) -> None:
    before = {**FOLDER, **MORE}[name]
    families = FOLDER["familles"] + "F2;Petit\n"
    payers = FOLDER["payeurs"] + "F2-1;F2;P1;sms\n"
    changed = {"familles": families, "payeurs": payers, name: before + line + "\n"}
    (fault,) = import_collectivity(empty_records, SETUP, folder(tmp_path, **changed), is_dry_run=True).faults
    assert (fault.file, fault.line, fault.column, fault.code) == (
        f"{name}.csv",
        before.count("\n") + 1,
        column,
        code,
    )


@pytest.mark.parametrize(
    ("born", "days", "code"),
    [
        ("14/03/2018", "2027-07-06;2027-07-10", "bad_sejour"),
        ("14/03/2023", "2027-07-05;2027-07-10", "bad_age"),
    ],
)
def test_enrolment_in_a_sejour_has_its_days_and_its_ages(
    empty_records: Records, tmp_path: Path, born: str, days: str, code: str
) -> None:
    start, end = days.split(";")
    header, *lines = MORE["inscriptions"].splitlines()
    enrolments = [f"{header};sejour", *(f"{each};" for each in lines)]
    enrolments.append(f"I3;P3;sejours;moulin;enfant;{start};{end};mer")
    people = FOLDER["personnes"].replace("14/03/2018", born)
    changed = {"personnes": people, "inscriptions": "\n".join(enrolments) + "\n"}
    report = import_collectivity(empty_records, SETUP, folder(tmp_path, **changed), is_dry_run=True)
    assert [(each.file, each.line, each.code) for each in report.faults] == [("inscriptions.csv", 4, code)]


def test_whoever_may_not_see_accounts_takes_no_file_that_names_them(records: Records, tmp_path: Path) -> None:
    import_collectivity(records, SETUP, folder(tmp_path))
    chief = program("administration", Right.EXPORT_DATA)
    left_out = export_collectivity(records, chief, tmp_path / "out").left_out
    assert set(left_out) >= {"comptes.csv", "roles.csv", "enseignants.csv", "dossiers_a_jour.csv"}
