"""Files of what the town settled around its bills: written back the same, refused by line and column."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from records.actors import SETUP
from records.database import Records
from records.models import AidScale, BillingSetting, RecapCalendar, VoucherRecap
from records.operations.town_import import import_collectivity
from tests.factories.town_folder import assert_comes_back, write_folder

_AT = "2026-09-02T08:00:00.000000Z;claire"
_CODES = "code_etablissement;code_periode;code_produit;code_emetteur;code_poste"
SETTLED: dict[str, str] = {
    "organismes": "reference;nom;type;debut\ncaf;CAF;caf;2026-09-01\n",
    "baremes_aides": (
        "numero;organisme;debut;decision;unite;qf_du;enregistre_le;enregistre_par\n"
        f"1;caf;2026-09-01;Convention;journée;janvier;{_AT}\n2;caf;2026-09-01;Avenant;repas;jour;{_AT}\n"
    ),
    "baremes_aides_tranches": (
        "bareme;qf_de;qf_a_exclu;montant\n1;0,00;500,00;4,50\n1;500,00;900,00;2,00\n2;0,00;500,00;1,00\n"
    ),
    "bons_calendrier": (
        "debut;decision;jours;rappel_jours;enregistre_le;enregistre_par\n"
        f"2026-09-01;Délibération 3;31/12 31/3 30/06;10;{_AT}\n"
    ),
    "bons_recapitulatifs": (
        "structure;echeance;etape;commentaire;enregistre_le;enregistre_par\n"
        f"moulin;2026-12-31;envoyé;;{_AT}\nmoulin;2026-12-31;renvoyé;Un bon manque;{_AT}\n"
        f"moulin;2026-12-31;envoyé;;{_AT}\n"
    ),
    "facturation": (
        "debut;decision;exercice_mois;echeance_mois;echeance_jour;annulation_des;credits_stricts;enregistre_le\n"
        "2026-09-01;Délibération 4;1;2;15;20,00;non;2026-09-02T08:00:00Z\n"
    ),
    "factures_mentions": (
        f"debut;decision;expediteur;{_CODES};cle_debiteur_sommee\n"
        '2026-09-01;Délibération 5;"Mairie\nPlace";069;1;123;123456;654321;non\n'
    ),
    "menus": "structure;jour;menu;plat\n;2026-11-30;Colin;poisson\nmoulin;2026-11-30;Gratin;végétarien\n",
    "cuisine_reglages": (
        "structure;debut;decision;fournisseur;courriel;conditionnement;minimum;fournisseur_jours;ferme_jours;"
        "cout_manquant;cout_perdu\n;2026-09-01;Marché;Cuisine;c@cuisine.example;5;0;35;7;9,00;3,00\n"
        "moulin;2026-09-01;Marché;Cuisine;;1;10;35;7;9,00;3,00\n"
    ),
    "repas_commandes": (
        "structure;service;jour;regime;regime_libelle;echeance;portions;proposees;raison\n"
        "moulin;cantine;2026-11-30;standard;Standard;ferme;60;58;\n"
        "moulin;cantine;2026-11-30;standard;Standard;ferme;62;58;Invités\n"
    ),
    "repas_restes": "structure;service;jour;nature;grammes\nmoulin;cantine;2026-11-20;restes des assiettes;2400\n",
    "avoirs_regles": "payeur;service;stricte;raison\nF1-1;cantine;oui;Convention\nF1-1;cantine;non;Départ\n",
}


def folder(root: Path, **changed: str) -> Path:
    """Write the folder with everything settled around the bills."""
    return write_folder(root / "in", **{**SETTLED, **changed})


def test_what_was_settled_around_the_bills_comes_back_byte_for_byte(
    records: Records, empty_records: Records, tmp_path: Path
) -> None:
    assert import_collectivity(records, SETUP, folder(tmp_path)).faults == ()
    with records.read() as session:
        assert session.scalars(select(AidScale.seq).order_by(AidScale.id)).all() == [1, 2]
        assert session.scalars(select(RecapCalendar.days)).one() == "03-31 06-30 12-31"
        assert session.scalars(select(VoucherRecap.step).order_by(VoucherRecap.seq)).all()[1] == "returned"
        assert session.scalars(select(BillingSetting.cancel_from_cents)).one() == 2000
    assert_comes_back(records, empty_records, tmp_path, SETTLED)


@pytest.mark.parametrize(
    ("name", "line", "column", "code"),
    [
        ("baremes_aides", f"3;caf;2027-01-01;Convention;mois;jour;{_AT}", "unite", "bad_unit"),
        ("baremes_aides", f"3;caf;2027-01-01;Convention;repas;jour;{_AT}", None, "empty_scale"),
        ("bons_calendrier", f"2027-01-01;Délibération;29/02;10;{_AT}", "jours", "bad_day"),
        ("bons_calendrier", f"2027-01-01;Délibération;31 décembre;10;{_AT}", "jours", "bad_day"),
        ("bons_recapitulatifs", f"moulin;2026-12-31;reçu;;{_AT}", "etape", "bad_order"),
        ("bons_recapitulatifs", f"moulin;2026-12-31;renvoyé;;{_AT}", "etape", "contradiction"),
        ("facturation", "2027-01-01;Délibération;1;2;29;20,00;non;", "echeance_jour", "out_of_range"),
        ("factures_mentions", "2027-01-01;Délibération;;069;;;;;non", "code_etablissement", "contradiction"),
        ("factures_mentions", "2027-01-01;Délibération;;069;1;1;1;1;non", "code_etablissement", "bad_code"),
        ("avoirs_regles", "F9-1;cantine;oui;Convention", "payeur", "unknown_ref"),
    ],
)
def test_each_fault_of_a_setting_is_told_by_line_and_column(
    empty_records: Records, tmp_path: Path, name: str, line: str, column: str | None, code: str
) -> None:
    changed = {name: SETTLED[name] + line + "\n"}
    (fault,) = import_collectivity(empty_records, SETUP, folder(tmp_path, **changed), is_dry_run=True).faults
    assert (fault.file, fault.column, fault.code) == (f"{name}.csv", column, code)


@pytest.mark.parametrize("band", ["1;400,00;1000,00;1,00", "1;1000,00;1200,00;1,00"])
def test_bands_of_a_scale_that_overlap_or_leave_a_gap_are_refused(
    empty_records: Records, tmp_path: Path, band: str
) -> None:
    changed = {"baremes_aides_tranches": SETTLED["baremes_aides_tranches"] + band + "\n"}
    (fault,) = import_collectivity(empty_records, SETUP, folder(tmp_path, **changed), is_dry_run=True).faults
    assert (fault.file, fault.column, fault.code) == ("baremes_aides_tranches.csv", "qf_de", "bad_bands")
