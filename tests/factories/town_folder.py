"""A small collectivity as a folder of CSV files, as another product would write it: only what is needed."""

from collections.abc import Mapping
from pathlib import Path

from records.actors import SETUP
from records.database import Records
from records.operations.town_export import export_collectivity
from records.operations.town_import import import_collectivity

FOLDER: dict[str, str] = {
    "collectivite": "nom;fuseau;zone_scolaire;contact\nVille-en-Essai;Europe/Paris;B;01 99 00 12 34\n",
    "structures": "reference;nom;type;fuseau;commune\nmoulin;École du Moulin;école;Europe/Paris;Ville-en-Essai\n",
    "annees_scolaires": "reference;debut;fin_exclue\n2026-2027;2026-09-01;2027-07-04\n",
    "classes": "reference;structure;annee_scolaire;nom;niveau\nm-cm1;moulin;2026-2027;CM1;CM1\n",
    "services": "reference;libelle;type;type_caf\ncantine;Cantine;cantine;périscolaire midi\n",
    "services_lieux": "service;structure;debut;fin_exclue\ncantine;moulin;2026-09-01;\n",
    "services_regles": (
        "service;debut;decision;periode;jours;heure_debut;heure_fin;marge_minutes;anti_rebond_secondes;depart_attendu;"
        "unite_minutes;tolerance_minutes;base_facturation;absence_non_decidee;regle_qf;heures_caf;sert_repas;"
        "est_facture\n"
        "cantine;2026-09-01;Délibération 2026-1;scolaire;lundi mardi jeudi vendredi;11:30;13:30;30;60;non;30;5;"
        "présence;facturé;du jour;plage entière;oui;oui\n"
    ),
    "tarifs": "reference;service;libelle\nprix-cantine;cantine;Cantine\n",
    "tarifs_versions": "tarif;debut;decision\nprix-cantine;2026-09-01;Délibération 2026-2\n",
    "tarifs_lignes": (
        "tarif;debut;rang;libelle;categorie;qf_de;qf_a_exclu;unite;montant\n"
        "prix-cantine;2026-09-01;1;QF bas;;0;500;repas;1,20\n"
        "prix-cantine;2026-09-01;2;QF haut;;500;;repas;4,50\n"
    ),
    "personnes": (
        "reference;prenom;nom;naissance;courriel\n"
        "P1;Anne;Fournier;;anne@exemple.test\n"
        "P2;Marc;Petit;;\n"
        "P3;Léa;Fournier;14/03/2018;\n"
    ),
    "telephones": "personne;numero;type;rang\nP1;+33 6 99 00 12 34;portable;1\n",
    "familles": "reference;nom\nF1;Fournier\n",
    "adresses": "famille;commune;debut\nF1;Ville-en-Essai;2026-09-01\n",
    "membres": (
        "famille;personne;role;sortie;debut\n"
        "F1;P1;représentant;oui;2026-09-01\n"
        "F1;P2;représentant;oui;2026-09-01\n"
        "F1;P3;enfant;oui;2026-09-01\n"
    ),
    "payeurs": "reference;famille;personne;avis\nF1-1;F1;P1;courriel\nF1-2;F1;P2;sms\n",
    "scolarite": "personne;classe;debut;fin_exclue\nP3;m-cm1;2026-09-01;2027-07-04\n",
    "qf": (
        "famille;payeur;date_effet;valeur;origine\n"
        "F1;F1-1;2026-09-01;523,00;caf\n"
        "F1;F1-2;2026-09-01;9999,00;inconnu\n"
    ),
    "garde_calendriers": (
        "enfant;debut;ancre;cycle;payeur_1;payeur_2\nP3;2026-09-01;2026-08-31;11111112222222;F1-1;F1-2\n"
    ),
    "inscriptions": (
        "reference;personne;service;structure;categorie;debut;fin_exclue\n"
        "I1;P3;cantine;moulin;enfant;2026-09-01;2027-07-04\n"
    ),
    "inscriptions_jours": (
        "inscription;jour;debut;fin_exclue\nI1;lundi;2026-09-01;2027-07-04\nI1;jeudi;2026-09-01;2027-07-04\n"
    ),
    "inscriptions_payeurs": (
        "inscription;payeur;part;debut;fin_exclue\n"
        "I1;F1-1;garde;2026-09-01;2027-07-04\n"
        "I1;F1-2;garde;2026-09-01;2027-07-04\n"
    ),
    "badges": "badge;porteur;debut\n04A1B2C3;P3;2026-09-01\n",
    "badges_enfants": "badge;debut;enfant\n04A1B2C3;2026-09-01;P3\n",
}


def write_folder(folder: Path, **changed: str | bytes | None) -> Path:
    """Write the folder, with some files otherwise, or not at all; returns it."""
    folder.mkdir(exist_ok=True)
    for name, text in {**FOLDER, **changed}.items():
        if text is not None:
            content = text if isinstance(text, bytes) else text.encode()
            (folder / f"{name}.csv").write_bytes(content)
    return folder


def with_line(name: str, line: str) -> dict[str, str]:
    """Return a file of the folder with one more line."""
    return {name: FOLDER[name] + line + "\n"}


def lines_of(name: str) -> int:
    """Return the number of the line that `with_line` adds."""
    return FOLDER[name].count("\n") + 1


def assert_comes_back(records: Records, others: Records, folder: Path, told: Mapping[str, str]) -> None:
    """Write records out, read that into others and write these out: all lines of the files of `told`, twice."""
    one, two = folder / "one", folder / "two"
    export_collectivity(records, SETUP, one)
    assert import_collectivity(others, SETUP, one).faults == ()
    export_collectivity(others, SETUP, two)
    for name in told:
        written = (one / f"{name}.csv").read_bytes()
        assert written.count(b"\n") == told[name].count("\n"), name
        assert written == (two / f"{name}.csv").read_bytes(), name
