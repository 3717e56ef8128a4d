"""The audit folder: registers and sums that add up, proof of each file, and nothing half written."""

import hashlib
import io
import stat
import subprocess
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from pypdf import PdfReader

from domain.caf_audit import CountedDay, RegisterLine, whole_months
from domain.errors import Conflict
from exchanges.caf_audit import MANIFEST, verdict, write_audit
from exchanges.caf_audit_rows import Hours, Period
from records.operations.caf_evidence import CafEvidence, Correction, HoleSaid, RuleSeen, ValueSeen
from records.operations.caf_settings import NewCafSetting
from records.operations.tap_proofs import CHANGED, INTACT, MISSING, EpochProof, TapProof

DAY = date(2026, 3, 3)
TAP = TapProof(
    "a" * 32,
    "Borne 1",
    "b" * 32,
    1,
    "badge",
    "04A1B2C3",
    None,
    None,
    1_772_524_800_000_000,
    1_772_524_800_000_000,
    1_772_524_801_000_000,
    "c" * 64,
    INTACT,
)
EVIDENCE = CafEvidence(
    "tilleuls",
    "École des Tilleuls",
    "Ville d'essai",
    "Europe/Paris",
    False,
    (
        Correction(
            "lea", "soir", DAY, "departure", 1_772_559_000_000_000, "=oubli", 1_772_560_000_000_000, "Claire", False
        ),
    ),
    (
        HoleSaid(
            "Borne 1",
            None,
            None,
            1_772_524_800_000_000,
            1_772_528_400_000_000,
            "declared_closed",
            "Panne",
            1_772_560_000_000_000,
            "Claire",
        ),
    ),
    (TAP,),
    (EpochProof("Borne 1", "b" * 32, 1, 1, "d" * 32, "d" * 32, INTACT),),
    (
        RuleSeen(
            "Garderie du soir", date(2025, 9, 1), "Règlement", "slot_full", 990, 1110, 30, "duration", "begun", 0
        ),
    ),
    (ValueSeen("caf.alsh.wednesday_day_cap", "Plafond du mercredi", "heures", date(2019, 1, 1), "9", "CAF 34"),),
    (NewCafSetting("tilleuls", date(2026, 1, 1), "Convention", 40),),
    {"soir": "Garderie du soir"},
    {"lea": "FOURNIER Léa"},
    frozenset({"lea", "noe"}),
)
HOURS = Hours(
    "chiffres-1",
    (
        RegisterLine(DAY, "lea", "FOURNIER Léa", "soir", "Garderie du soir", 1000, 1020, False, False),
        RegisterLine(DAY, "lea", "FOURNIER Léa", "soir", "Garderie du soir", 1050, None, False, True),
        RegisterLine(DAY, "noe", "FOURNIER Noé", "soir", "Garderie du soir", 1000, None, False, True),
    ),
    (
        CountedDay("lea", "soir", DAY, "slot_full", 120, Decimal("60.0000"), True, True, "", "from_6", "RG", False),
        CountedDay("noe", "soir", DAY, "slot_full", 120, None, False, True, "hole", "under_6", "MSA", False),
    ),
    {("soir", date(2026, 3, 1)): 120},
)
MARCH = Period(date(2026, 3, 1), date(2026, 3, 31), date(2026, 11, 24))


def text_of(path: Path) -> str:
    """Return the words of a PDF, its spaces plain."""
    pages = PdfReader(io.BytesIO(path.read_bytes())).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split()).replace("\u00a0", " ")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of March."""
    target = tmp_path_factory.mktemp("controle") / "tilleuls"
    write_audit(EVIDENCE, HOURS, MARCH, target)
    return target


def test_manifest_proves_every_file(folder: Path) -> None:
    pairs = [line.split("  ") for line in (folder / MANIFEST).read_text().splitlines()]
    lines = {name: digest for digest, name in pairs}
    assert lines.keys() == {path.name for path in folder.iterdir()} - {MANIFEST}
    assert all(hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest for name, digest in lines.items())
    assert (
        subprocess.run(["sha256sum", "-c", MANIFEST], cwd=folder, capture_output=True, check=False).returncode == 0
    )


def test_registers_say_arrival_departure_what_nobody_tapped_and_what_is_not_declared(folder: Path) -> None:
    first, again, held = (folder / "registre.csv").read_text("utf-8-sig").splitlines()[1:]
    assert first == "03/03/2026;Garderie du soir;lea;FOURNIER Léa;16:40;17:00;120;"
    assert again.endswith(";17:30;;;départ non pointé : horaire du service")
    assert held.endswith(";;départ non pointé : horaire du service, non déclaré : passages manquants")
    said = text_of(folder / "registre.pdf")
    assert "Mardi 3 mars 2026" in said
    assert "FOURNIER Léa 16 h 40" in said


def test_register_adds_up_to_what_is_declared_each_day_and_at_its_end(folder: Path) -> None:
    said = text_of(folder / "registre.pdf")
    assert "Total du jour 2 enfants 2 h 00" in said
    assert "Total 2 enfants 1 2 h 00" in said


def test_service_that_bills_no_hour_has_none_rather_than_nought(tmp_path: Path) -> None:
    meal = replace(HOURS.counted[0], billed_minutes=None)
    write_audit(EVIDENCE, replace(HOURS, counted=(meal, *HOURS.counted[1:])), MARCH, tmp_path / "tilleuls")
    assert ";120;2,00;\r\n" in (tmp_path / "tilleuls" / "synthese.csv").read_bytes().decode("utf-8-sig")


def test_day_declared_without_a_tap_has_its_line_in_the_register(tmp_path: Path) -> None:
    away = CountedDay("lea", "soir", date(2026, 3, 4), "sejour", 600, None, True, True, "", "from_6", "RG", False)
    hours = replace(HOURS, counted=(*HOURS.counted, away), declared={("soir", date(2026, 3, 1)): 720})
    write_audit(EVIDENCE, hours, MARCH, tmp_path / "tilleuls")
    line = (tmp_path / "tilleuls" / "registre.csv").read_text("utf-8-sig").splitlines()[-1]
    assert line == "04/03/2026;Garderie du soir;lea;FOURNIER Léa;;;600;sans passage"


def test_spreadsheet_can_add_up_what_is_more_than_a_thousand(tmp_path: Path) -> None:
    day = replace(HOURS.counted[0], realised_minutes=90_000)
    hours = replace(HOURS, counted=(day, *HOURS.counted[1:]), declared={("soir", date(2026, 3, 1)): 90_000})
    write_audit(EVIDENCE, hours, MARCH, tmp_path / "tilleuls")
    assert ";90000;1500,00;" in (tmp_path / "tilleuls" / "synthese.csv").read_text("utf-8-sig")


def test_sums_add_up_and_what_is_not_declared_says_why(folder: Path) -> None:
    sums = (folder / "synthese.csv").read_text("utf-8-sig").splitlines()
    assert sums[1:] == ["Garderie du soir;mars 2026;1;1;120;2,00;1,00", "Total;;;1;120;2,00;1,00"]
    parts = (folder / "repartition.csv").read_text("utf-8-sig").splitlines()
    assert parts[1:] == ["Garderie du soir;6 ans et plus;Régime général;;1;1;120;2,00", "Total;;;;;1;120;2,00"]
    days = (folder / "journees.csv").read_text("utf-8-sig").splitlines()
    assert days[2].endswith(";120;;non;passages manquants")


def test_corrections_bear_their_author_and_no_cell_is_a_formula(folder: Path) -> None:
    (line,) = (folder / "corrections.csv").read_text("utf-8-sig").splitlines()[1:]
    assert "FOURNIER Léa;Garderie du soir;départ corrigé;18:30;" in line
    assert ";'=oubli;" in line
    assert ";Claire;" in line


def test_taps_that_never_came_bear_what_somebody_said_of_them(folder: Path) -> None:
    (line,) = (folder / "manques.csv").read_text("utf-8-sig").splitlines()[1:]
    assert line == (
        "Borne 1;silence;03/03/2026 09:00:00;03/03/2026 10:00:00;rien à saisir ce jour-là;Panne;"
        "03/03/2026 18:46:40;Claire"
    )
    assert "ce qu'une personne en a dit" in text_of(folder / "dossier.pdf").replace("’", "'")


def test_folder_tells_rules_parameters_convention_and_the_verdict(folder: Path) -> None:
    said = text_of(folder / "dossier.pdf")
    for words in ("Plafond du mercredi", "plage entière", "Convention", "1 passages sur 1 sont ceux", "chiffres-1"):
        assert words in said, words


def test_folder_is_for_its_owner_alone_and_never_written_over(folder: Path) -> None:
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    with pytest.raises(Conflict, match="existe déjà"):
        write_audit(EVIDENCE, HOURS, MARCH, folder)


def test_days_that_do_not_add_up_leave_no_folder(tmp_path: Path) -> None:
    wrong = replace(HOURS, declared={("soir", date(2026, 3, 1)): 180})
    with pytest.raises(Conflict, match="120 minutes, la déclaration 180"):
        write_audit(EVIDENCE, wrong, MARCH, tmp_path / "tilleuls")
    assert list(tmp_path.iterdir()) == []
    # A part of a month is not compared: the figures of CAF are monthly.
    part = replace(MARCH, last=date(2026, 3, 30))
    assert write_audit(EVIDENCE, wrong, part, tmp_path / "tilleuls")


def test_failure_while_writing_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_path: Path, _target: Path) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(Path, "rename", full)
    with pytest.raises(OSError, match="No space"):
        write_audit(EVIDENCE, HOURS, MARCH, tmp_path / "tilleuls")
    assert list(tmp_path.iterdir()) == []


def test_what_was_altered_is_named_in_the_file_and_first_of_all_on_paper(tmp_path: Path) -> None:
    epoch = replace(EVIDENCE.epochs[0], state=MISSING, gone=(4, 6, 7, 8))
    altered = replace(EVIDENCE, taps=(replace(TAP, state=CHANGED),), epochs=(epoch,))
    write_audit(altered, HOURS, MARCH, tmp_path / "tilleuls")
    at = "03/03/2026 09:00:00"
    rows = (tmp_path / "tilleuls" / "anomalies.csv").read_text("utf-8-sig").splitlines()[1:]
    assert rows == [
        f"Borne 1;{'b' * 32};1;badge;badge …B2C3;{at};{at};MODIFIÉ depuis sa réception",
        f"Borne 1;{'b' * 32};4, 6 à 8;série;;;;INCOMPLÈTE : des passages reçus n'y sont plus",
    ]
    said = text_of(tmp_path / "tilleuls" / "dossier.pdf")
    assert said.index("ATTENTION : 1 passage altéré, 1 série altérée") < said.index("MODIFIÉ depuis sa réception")
    assert said.index("MODIFIÉ depuis sa réception") < said.index("Heures déclarées, par service")


def test_nothing_altered_leaves_an_empty_list_and_a_period_without_taps_says_so(folder: Path) -> None:
    assert len((folder / "anomalies.csv").read_text("utf-8-sig").splitlines()) == 1
    assert "altérés" not in text_of(folder / "dossier.pdf")
    assert verdict(replace(EVIDENCE, taps=(), epochs=())).startswith("Aucun passage")


def test_only_months_held_from_end_to_end_are_compared() -> None:
    assert whole_months(date(2026, 1, 2), date(2026, 4, 29)) == [date(2026, 2, 1), date(2026, 3, 1)]
    assert whole_months(date(2026, 12, 1), date(2026, 12, 31)) == [date(2026, 12, 1)]
