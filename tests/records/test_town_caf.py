"""Files of what the CAF is told: written back the same, refused by line and column, a declaration by its seal."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from domain.caf_days import DeclaredDay, packed
from domain.caf_declarations import About, Figure, canonical_figures, seal
from records.actors import SETUP
from records.database import Records
from records.models import AccountingLine, CafSetting, StaffPlan
from records.operations.declarations import declarations, declared_days
from records.operations.town_import import import_collectivity
from tests.factories.town_folder import assert_comes_back, write_folder

_AT = "2026-09-02T08:00:00.000000Z;claire"
_FIGURES = canonical_figures([Figure("alsh_peri", 101, "hours", Decimal("1300.25"), "hours", basis="typed")])
_SEAL = seal(About("moulin", 2026, "forecast", 1, "etat-1"), _FIGURES, "[]")
_DAY = DeclaredDay("P3", "soir", date(2026, 11, 23), Decimal(120), ("alsh_peri.hours",))
_DAYS, _DAYS_SHA256 = packed([_DAY])
_ACTUAL_SEAL = seal(About("moulin", 2026, "actual", 1, "etat-2"), _FIGURES, "[]", _DAYS_SHA256)
_TOUCHED_SEAL = seal(About("moulin", 2026, "actual", 2, "etat-3"), "[]", "[]", "b" * 64)
_QUOTED = _FIGURES.replace('"', '""')
TOLD: dict[str, str] = {
    "caf_conventions": (
        "structure;debut;decision;places;pedt;mercredi_minutes;part_regime_general;caf_code;dossier_afc;"
        "enregistre_le;enregistre_par\n"
        f"moulin;2026-01-01;Convention 2026-2029;60;oui;72030;98,50;791;201900123;{_AT}\n"
        f"moulin;2026-01-01;Avenant;62;oui;72030;;791;201900123;{_AT}\n"
    ),
    "caf_comptes": (
        "numero;structure;annee;periode;activite;compte;libelle;montant;origine;corrige;"
        "enregistre_le;enregistre_par\n"
        f"1;moulin;2026;année;périscolaire;6411;Salaires;120000,50;importé;;{_AT}\n"
        f"2;moulin;2026;année;périscolaire;6411;Salaires;119000,00;saisi;1;{_AT}\n"
        f"3;moulin;2026;janvier à juin;;70641;Familles;-12,00;importé;;{_AT}\n"
    ),
    "caf_comptages": (
        "structure;jour;indicateur;quantite;enregistre_le;enregistre_par\n"
        f"moulin;2026-11-24;laep : séances;1,00;{_AT}\nmoulin;2026-11-24;laep : heures d'ouverture;3,50;{_AT}\n"
    ),
    "caf_aeeh": (
        f"enfant;debut;ouvert;enregistre_le;enregistre_par\nP3;2026-09-01;oui;{_AT}\nP3;2026-12-01;non;{_AT}\n"
    ),
    "caf_filoue": f"famille;jour;accord;enregistre_le;enregistre_par\nF1;2026-09-01;oui;{_AT}\n",
    "caf_declarations": (
        "structure;annee;version;numero;etat;lignes;controles;empreinte;journees;empreinte_journees;"
        "enregistre_le;enregistre_par\n"
        f'moulin;2026;prévisionnel;1;etat-1;"{_QUOTED}";[];{_SEAL};;;{_AT}\n'
        f'moulin;2026;réel;1;etat-2;"{_QUOTED}";[];{_ACTUAL_SEAL};{_DAYS};{_DAYS_SHA256};{_AT}\n'
    ),
    "equipes": (
        "structure;debut;un_jour;semaines;de;a;animateurs;enregistre_le;enregistre_par\n"
        f"moulin;2026-09-01;non;école;16:30;18:30;4;{_AT}\nmoulin;2026-09-01;oui;école;16:30;17:00;3;{_AT}\n"
    ),
}


def test_what_the_caf_is_told_comes_back_byte_for_byte(
    records: Records, empty_records: Records, tmp_path: Path
) -> None:
    assert import_collectivity(records, SETUP, write_folder(tmp_path / "in", **TOLD)).faults == ()
    with records.read() as session:
        assert session.scalars(select(CafSetting.general_regime_e4).order_by(CafSetting.seq)).all() == [9850, None]
        lines = session.scalars(select(AccountingLine).order_by(AccountingLine.id)).all()
        assert [(line.nature, line.amount_cents) for line in lines] == [
            ("charge", 12_000_050), ("charge", 11_900_000), ("produit", -1_200),
        ]  # fmt: skip
        assert lines[1].replaces_id == lines[0].id
        assert session.scalars(select(StaffPlan.weekday)).all() == [1, 1]
    forecast, actual = declarations(records, SETUP, "moulin", [2026])
    assert (forecast.sha256, forecast.recorded_by) == (_SEAL, "claire")
    assert declared_days(records, SETUP, actual.about) == (_DAY,)
    assert_comes_back(records, empty_records, tmp_path, TOLD)


def test_a_declaration_whose_days_are_gone_comes_back_as_it_was_sealed(
    empty_records: Records, tmp_path: Path
) -> None:
    told = {**TOLD, "caf_declarations": TOLD["caf_declarations"].replace(f";{_DAYS};", ";;")}
    assert import_collectivity(empty_records, SETUP, write_folder(tmp_path / "in", **told)).faults == ()
    _forecast, actual = declarations(empty_records, SETUP, "moulin", [2026])
    assert (actual.sha256, actual.keeps_days, actual.days_are_gone) == (_ACTUAL_SEAL, False, True)


@pytest.mark.parametrize(
    ("name", "line", "column", "code"),
    [
        (
            "caf_conventions",
            f"moulin;2027-01-01;Convention;60;oui;;;79;201900123;{_AT}",
            "decision",
            "bad_convention",
        ),
        (
            "caf_conventions",
            f"moulin;2027-01-01;Convention;60;oui;;101;791;1;{_AT}",
            "part_regime_general",
            "looks_like_cents",
        ),
        ("caf_comptes", f"4;moulin;2026;année;;512;Banque;1,00;importé;;{_AT}", "compte", "bad_account"),
        ("caf_comptes", f"4;moulin;2025;année;;6411;Salaires;1,00;importé;3;{_AT}", "corrige", "other_line"),
        ("caf_comptes", f"4;moulin;2026;année;;6411;Salaires;1,00;importé;1;{_AT}", "corrige", "duplicate"),
        ("caf_comptages", f"moulin;2026-11-25;laep : séances;1,50;{_AT}", "quantite", "bad_count"),
        ("caf_aeeh", f"P9;2026-09-01;oui;{_AT}", "enfant", "unknown_ref"),
        ("caf_declarations", f"moulin;2026;prévisionnel;2;etat-1;[];[];{_SEAL};;;{_AT}", "empreinte", "bad_seal"),
        (
            "caf_declarations",
            f"moulin;2026;réel;2;etat-3;[];[];{_TOUCHED_SEAL};{_DAYS};{'b' * 64};{_AT}",
            "empreinte",
            "bad_seal",
        ),
        ("equipes", f"moulin;2026-09-01;non;école;16:20;18:30;4;{_AT}", "de", "contradiction"),
    ],
)
def test_each_fault_of_what_the_caf_is_told_is_told_by_line_and_column(
    empty_records: Records, tmp_path: Path, name: str, line: str, column: str, code: str
) -> None:
    folder = write_folder(tmp_path / "in", **{**TOLD, name: TOLD[name] + line + "\n"})
    (fault,) = import_collectivity(empty_records, SETUP, folder, is_dry_run=True).faults
    assert (fault.file, fault.column, fault.code) == (f"{name}.csv", column, code)
