"""A frozen declaration as files: a spreadsheet, a CSV, and the PDF that a person types from (docs/adr/0026)."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

import xlsxwriter

from domain.caf_sheet import DeclarationSheet, declaration_paper, units_said
from exchanges.papers.registers import register_pdf
from exchanges.spreadsheets import Cell, french_csv

CSV_COLUMNS = ("bloc", "ligne", "valeur", "unite", "remarque")
_WIDTHS = (34, 46, 16, 10, 70)


def declaration_csv(sheet: DeclarationSheet) -> bytes:
    """Return the lines for a French spreadsheet; the proof last."""
    rows = [
        (
            line.block,
            line.label,
            "" if line.value is None else _plain(line.value),
            units_said(line.unit),
            line.remark,
        )
        for line in sheet.lines
    ]
    return french_csv(CSV_COLUMNS, [*rows, (sheet.title, sheet.proof, "", "", "")])


def declaration_xlsx(sheet: DeclarationSheet) -> bytes:
    """Return the spreadsheet: the lines, what changed, what would be asked. The same bytes for the same sheet."""
    content = io.BytesIO()
    # Text is always written as text: a label that begins with « = » is no formula.
    book = xlsxwriter.Workbook(content, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": sheet.title, "created": datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)})
    _page(
        book,
        "Déclaration",
        ("Bloc", "Ligne", "Valeur", "Unité", "Remarque"),
        [(each.block, each.label, each.value, units_said(each.unit), each.remark) for each in sheet.lines],
        sheet,
    )
    if sheet.changes:
        changes = [(each.block, each.label, each.before, each.after, each.change) for each in sheet.changes]
        _page(book, "Écarts", ("Bloc", "Ligne", "Avant", "Maintenant", "Écart"), changes, sheet)
    _page(book, "Contrôles", ("Contrôle", "Cas", "Que faire"), sheet.controls, sheet)
    book.close()
    return content.getvalue()


def declaration_pdf(sheet: DeclarationSheet, made_on: date, *, is_specimen: bool) -> bytes:
    """Return the page that a person types from; `made_on` is the day of the freeze."""
    return register_pdf(declaration_paper(sheet, is_specimen=is_specimen), made_on)


def _page(
    book: xlsxwriter.Workbook,
    name: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[Cell | None]],
    sheet: DeclarationSheet,
) -> None:
    page = book.add_worksheet(name)
    bold, figures, wrapped = (
        book.add_format({"bold": True}),
        book.add_format({"num_format": "#,##0.00##"}),
        book.add_format({"text_wrap": True, "valign": "top"}),
    )
    page.write_string(0, 0, f"{sheet.structure_label}, {sheet.title}", bold)
    for place, (column, width) in enumerate(zip(columns, _WIDTHS, strict=False)):
        page.set_column(place, place, width)
        page.write_string(2, place, column, bold)
    page.freeze_panes(3, 0)
    for number, row in enumerate(rows, start=3):
        for place, cell in enumerate(row):
            if isinstance(cell, str):
                page.write_string(number, place, cell, wrapped)
            elif cell is not None:
                page.write_number(number, place, cell, figures)
    page.write_string(len(rows) + 4, 0, sheet.proof)


def _plain(value: Decimal) -> str:
    """Return every digit, at least two decimals, no useless zero after them."""
    whole, _, fraction = format(value, "f").partition(".")
    return f"{whole},{fraction.rstrip('0').ljust(2, '0')}"
