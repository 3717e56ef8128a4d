"""Papers laid out by typst: the same bytes for the same data, tagged, PDF/UA-1 (docs/adr/0022)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import typst

FOLDER = Path(__file__).parent
_STANDARDS: list[typst.PDFStandard] = ["1.7", "ua-1"]


@cache
def _fonts() -> typst.Fonts:
    """Return our own fonts, and those inside typst for letters that ours lack; read once in a process."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[str(FOLDER / "fonts")])


@cache
def _compiler(template: str) -> typst.Compiler:
    return typst.Compiler(str(FOLDER / f"{template}.typ"), root=str(FOLDER), font_paths=_fonts())


def pdf(template: str, data: Mapping[str, Any], made_on: date) -> bytes:
    """Return a paper as PDF; `made_on` is the only date written inside: the same data gives the same bytes."""
    made = _compiler(template).compile(
        format="pdf",
        sys_inputs={"d": json.dumps(data, ensure_ascii=False)},
        pdf_standards=_STANDARDS,
        timestamp=datetime(made_on.year, made_on.month, made_on.day, 12, tzinfo=UTC),
    )
    assert isinstance(made, bytes)  # a PDF is one file
    return made


def images(template: str, data: Mapping[str, Any], dots_per_inch: int) -> list[bytes]:
    """Return the pages of a paper as PNG, as a printer or a screen would show them."""
    made = _compiler(template).compile(
        format="png", ppi=dots_per_inch, sys_inputs={"d": json.dumps(data, ensure_ascii=False)}
    )
    return [made] if isinstance(made, bytes) else list(made or ())
