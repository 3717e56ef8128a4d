"""A frozen declaration as files: every figure exact, nothing taken for a formula, the hash in each."""

import io
import re
import zipfile
from dataclasses import replace
from datetime import date
from decimal import Decimal

from pypdf import PdfReader

from domain.caf_declarations import (
    ACTUAL,
    About,
    Control,
    Figure,
    differences,
)
from domain.caf_sheet import DeclarationSheet, control_summary, sheet_differences, sheet_lines
from exchanges.caf_files import declaration_csv, declaration_pdf, declaration_xlsx

HOURS = Figure("alsh_peri", 101, "hours", Decimal("1204.5000"), "hours")
PLACES = Figure("alsh_peri", 10, "authorised_places", Decimal(40), "places")
AEEH = Figure("alsh_peri", 52, "aeeh_children", Decimal(1), "children")
AMOUNT = Figure("result", 205, "pso_periscolaire_amount", None, "euros", "accounts_missing 2026")
SHEET = DeclarationSheet(
    About("tilleuls", 2026, ACTUAL, 1, "chiffres-1"),
    "=École des Tilleuls",
    "Ville d'essai",
    "c" * 64,
    "24 novembre 2026",
    "Claire",
    sheet_lines([AMOUNT, HOURS, PLACES]),
    control_summary([Control("held_back", "lea", "cantine", date(2026, 3, 3), 60)] * 2),
    "réel 2025 n° 1",
    sheet_differences(differences([replace(HOURS, value=Decimal(1200))], [HOURS])),
)


def cells(content: bytes, page: int) -> str:
    """Return the XML of a sheet of a spreadsheet, its shared strings put back in place."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        shared = re.findall(r"<si><t[^>]*>(.*?)</t></si>", book.read("xl/sharedStrings.xml").decode())
        xml = book.read(f"xl/worksheets/sheet{page}.xml").decode()
    return re.sub(r'(<c [^>]*t="s"[^>]*>)<v>(\d+)</v>', lambda found: f"{found[1]}{shared[int(found[2])]}", xml)


def test_spreadsheet_holds_the_exact_figures_the_changes_and_the_controls() -> None:
    content = declaration_xlsx(SHEET)
    first, changes, asked = (cells(content, page) for page in (1, 2, 3))
    assert "<v>1204.5000</v>" in first
    assert "<v>40</v>" in first
    assert first.index("Places autorisées") < first.index("<v>1204.5000</v>") < first.index("Les comptes de 2026")
    assert "1 204,50 h".replace(" ", "\u00a0") in changes
    assert "Pointages en attente" in asked
    assert all("c" * 64 in page for page in (first, changes, asked))


def test_no_text_of_a_spreadsheet_is_a_formula() -> None:
    content = declaration_xlsx(SHEET)
    assert all("<f>" not in cells(content, page) for page in (1, 2, 3))
    assert content == declaration_xlsx(SHEET)


def test_csv_is_read_by_a_french_spreadsheet() -> None:
    lines = declaration_csv(SHEET).decode("utf-8-sig").split("\r\n")
    assert lines[1] == "Accueil périscolaire, activité;Places autorisées;40,00;places;"
    assert lines[2] == "Accueil périscolaire, activité;Heures;1204,50;h;"
    assert lines[3].startswith("Prestation calculée;PSO périscolaire\u00a0: montant;;€;Les comptes de 2026")
    assert "c" * 64 in lines[4]


def test_page_to_type_from_shows_each_line_and_the_proof() -> None:
    made = declaration_pdf(SHEET, date(2026, 11, 24), is_specimen=False)
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(made)).pages).replace("\u00a0", " ")
    for said in ("1 204,50 h", "Places autorisées", "PSO périscolaire", "Empreinte SHA-256", "réel 2025 n° 1"):
        assert said in " ".join(text.split()), said
    assert made == declaration_pdf(SHEET, date(2026, 11, 24), is_specimen=False)
