"""Papers laid out by typst: the same bytes for the same data, tagged, PDF/UA-1 (docs/adr/0022)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from importlib.metadata import version
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


def paper_key(template: str, data: Mapping[str, Any], made_on: date) -> str:
    """Return the name of a paper: the digest of all that its bytes follow from."""
    told = json.dumps([template, data, made_on.isoformat(), _layout()], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()


@cache
def _layout() -> str:
    """Return the digest of what lays papers out: typst, our templates and fonts."""
    digest = hashlib.sha256(version("typst").encode())
    for path in sorted(FOLDER.rglob("*.t*")):
        if path.suffix in (".typ", ".ttf"):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def images(template: str, data: Mapping[str, Any], dots_per_inch: int) -> list[bytes]:
    """Return the pages of a paper as PNG, as a printer or a screen would show them."""
    made = _compiler(template).compile(
        format="png", ppi=dots_per_inch, sys_inputs={"d": json.dumps(data, ensure_ascii=False)}
    )
    return [made] if isinstance(made, bytes) else list(made or ())
