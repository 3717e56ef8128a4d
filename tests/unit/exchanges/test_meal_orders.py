"""An order as its supplier gets it: words, CSV and a PDF with a sheet for each place."""

from datetime import date
from io import BytesIO
from typing import Any

from pypdf import PdfReader

from domain.french import NBSP
from exchanges.letters import LETTERS, Town
from exchanges.meal_orders import order_csv, order_files, place_sheets_pdf
from records.operations.messages import WaitingMessage

LINE = {
    "day": "2026-11-30",
    "place": "École des Tilleuls",
    "service": "Cantine",
    "diet": "Standard",
    "quantity": 60,
}
ORDER: dict[str, Any] = {
    "name": "Cuisine centrale",
    "number": 3,
    "horizon": "firm",
    "first": "2026-11-30",
    "end": "2026-12-05",
    "replaces": True,
    "sent_on": "2026-11-24",
    "lines": [LINE, {**LINE, "place": "École du Bourg", "diet": "=1+1", "quantity": 5}],
}


def test_the_letter_says_how_many_for_which_days_and_that_it_replaces_another() -> None:
    town = Town("Ville d'essai", "Europe/Paris", "01 99 00 12 34")
    subject, text = LETTERS["meal_order"](WaitingMessage(1, "meal_order", "x@example.test", ORDER, 0), town, "")
    plain = text.replace(NBSP, " ")
    assert subject.replace(NBSP, " ") == "commande ferme du lundi 30 novembre au vendredi 4 décembre, 65 repas"
    assert "commande n° 3" in plain
    assert "Elle remplace celle que vous avez reçue" in plain
    assert "01 99 00 12 34" in plain


def test_the_csv_has_a_line_for_each_diet_and_runs_nothing() -> None:
    lines = order_csv(ORDER).decode("utf-8-sig").splitlines()
    assert lines[0] == "jour;lieu;service;regime;portions"
    assert lines[2] == "2026-11-30;École du Bourg;Cantine;'=1+1;5"


def test_the_pdf_has_a_sheet_for_each_place_and_the_same_bytes_for_the_same_order() -> None:
    _, paper = order_files(ORDER, "Ville d'essai")
    pages = [page.extract_text() for page in PdfReader(BytesIO(paper.content)).pages]
    assert ["École des Tilleuls" in page for page in pages] == [True, False]
    assert "Lundi 30 novembre 2026" in pages[1]
    assert order_files(ORDER, "Ville d'essai")[1].content == paper.content


def test_what_stands_ordered_is_printed_a_sheet_a_place() -> None:
    paper = place_sheets_pdf(ORDER["lines"], "Ville d'essai", date(2026, 11, 24))
    pages = [page.extract_text() for page in PdfReader(BytesIO(paper)).pages]
    assert len(pages) == 2
    assert "Repas commandés" in pages[0]
    assert "60" in next(page for page in pages if "École des Tilleuls" in page)
