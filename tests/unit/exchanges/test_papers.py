"""What is inside the PDF of an invoice: tags, language, words, bytes; read by programs that did not make it."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import date
from typing import Any

import pypdf
import pytest
import zxingcpp
from PIL import Image
from pypdf.generic import DictionaryObject

from domain.invoice_paper import InvoicePaper, PaymentCode
from domain.payment_code import CollectionCodes, payment_code
from exchanges.papers.datamatrix import datamatrix_svg
from exchanges.papers.typesetting import images, pdf
from tests.factories.papers import made_child, made_paper

ISSUED_ON = date(2026, 12, 8)


def _read(paper: InvoicePaper) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(pdf("invoice", paper.data(), ISSUED_ON)))


def _catalogue(read: pypdf.PdfReader) -> Any:
    """Return the root of what a PDF holds, as pypdf reads it."""
    root = read.trailer["/Root"]
    return root.get_object()


def _text(paper: InvoicePaper) -> str:
    pages = " ".join(page.extract_text() for page in _read(paper).pages)
    return re.sub(r"\s+", " ", pages)


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def _roles(node: object, found: set[str]) -> set[str]:
    """Return every kind of element of the tree of tags."""
    seen = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(seen, DictionaryObject):
        if "/S" in seen:
            found.add(str(seen["/S"]))
        _roles(seen.get("/K"), found)
    elif isinstance(seen, list):
        for each in seen:
            _roles(each, found)
    return found


def test_an_invoice_is_tagged_french_and_says_that_it_is_pdf_ua() -> None:
    read = _read(made_paper())
    catalogue = _catalogue(read)

    assert catalogue["/MarkInfo"]["/Marked"] == True  # noqa: E712 (a BooleanObject of pypdf)
    assert catalogue["/Lang"].startswith("fr")
    assert catalogue["/ViewerPreferences"]["/DisplayDocTitle"] == True  # noqa: E712
    assert b"<pdfuaid:part>1</pdfuaid:part>" in catalogue["/Metadata"].get_object().get_data()
    assert read.metadata is not None
    assert read.metadata.title == "Facture de novembre 2026"


def test_its_tags_are_a_title_and_a_table_with_headers() -> None:
    root = _catalogue(_read(made_paper()))["/StructTreeRoot"]

    assert {"/H1", "/Table", "/TR", "/TH", "/TD"} <= _roles(root, set())


def test_every_word_and_figure_of_the_invoice_is_in_its_text() -> None:
    paper = made_paper()
    text = _text(paper)

    told = [paper.title, paper.lead, paper.box.headline, paper.box.amount, paper.total.amount]
    told += [entry.amount for entry in paper.entries] + [child.amount for child in paper.children]
    told += [part for row in paper.children[0].rows for part in (row.quantity, row.price, row.amount, row.days)]
    assert [each for each in told if _plain(each) not in text] == []


def test_the_same_invoice_gives_the_same_bytes() -> None:
    paper = made_paper()
    first = pdf("invoice", paper.data(), ISSUED_ON)
    pdf("invoice", made_paper(number="2026-000413").data(), ISSUED_ON)

    assert pdf("invoice", paper.data(), ISSUED_ON) == first


@pytest.mark.parametrize(
    "name", ['*gras* #panic("x") $a$', "\\u{202e} `code` _x_ @y <z> // w", "Ndiaye-Łuczak Ørsted", "Δημήτρης Ίων"]
)
def test_a_name_is_printed_letter_by_letter_whatever_it_holds(name: str) -> None:
    assert name in _text(made_paper(recipient=(name, "12 rue des Lilas")))


def test_long_names_stay_inside_their_sheet() -> None:
    long = "Marie-Antoinette-Joséphine de La Rochefoucauld-Montbéliard d’Aubigné-Sainte-Hermine"
    paper = made_paper((made_child(long),), recipient=(f"Madame {long.upper()}", "Résidence " + "des Lilas " * 8))
    text = _text(paper).replace(" ", "")  # a name that turns over a line is still itself

    assert len(_read(paper).pages) == 1
    assert long.replace(" ", "") in text
    assert f"Madame{long.upper()}".replace(" ", "") in text


def test_five_children_take_three_sheets_that_say_so_and_repeat_the_headers() -> None:
    paper = made_paper(tuple(made_child(f"Enfant {rank}", services=10) for rank in range(5)))
    pages = [_plain(page.extract_text()) for page in _read(paper).pages]

    assert [f"page {rank} / 3" in page for rank, page in enumerate(pages, start=1)] == [True, True, True]
    assert all("Prix unitaire" in page for page in pages)
    assert [name for name in ("Enfant 0", "Enfant 4") if name not in " ".join(pages)] == []


def test_the_place_of_the_payment_code_says_nothing_without_one() -> None:
    assert "buraliste" not in _text(made_paper())


@pytest.mark.parametrize("dots_per_inch", [150, 300])
def test_the_payment_code_is_read_back_from_the_printed_sheet(dots_per_inch: int) -> None:
    code = payment_code(CollectionCodes("004", "9", "093", "940033", "035031"), 2026, 412, 16_017)
    said = PaymentCode(datamatrix_svg(code), "Payable auprès d’un buraliste agréé", "Code à présenter au buraliste")
    (page,) = images("invoice", replace(made_paper(), code=said).data(), dots_per_inch)

    (read,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(page)).convert("L"))

    assert read.text == code


def test_a_training_base_says_specimen_in_its_text_too() -> None:
    paper = made_paper()

    assert "SPÉCIMEN" in _text(replace(paper, is_specimen=True))
    assert "SPÉCIMEN" not in _text(paper)
