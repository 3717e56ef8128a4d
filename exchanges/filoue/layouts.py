"""Layouts of the Filoué file as data: the order, names and formats of its columns, by year of campaign.

A layout that the CNAF publishes later is a TOML file beside `2021.toml`, or anywhere: no code changes. How to write
one is told in docs/filoue.md.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

from domain.errors import InvalidData, NotFound
from domain.filoue import FiloueChild
from domain.french import typeset
from domain.money import round_half_up

_GROUPS = ("RG", "MSA", "AUTRE")
_RATE_STEP = Decimal("0.0001")  # the fourth decimal of 0,0619 counts


@dataclass(frozen=True, slots=True)
class FiloueColumn:
    """A column: its header, the field of FiloueChild that it tells, and how."""

    name: str
    field: str
    format: str


@dataclass(frozen=True, slots=True)
class Layout:
    """A layout: `regimes` gives the code of each group, `decimal` is the mark of figures."""

    name: str
    source: str
    separator: str
    regimes: Mapping[str, str]
    columns: tuple[FiloueColumn, ...]
    decimal: str = "."

    def asks(self, field: str) -> bool:
        """Say whether a column tells a field."""
        return any(column.field == field for column in self.columns)

    def header(self) -> str:
        """Return the first line of the file."""
        return self.separator.join(column.name for column in self.columns)

    def line(self, child: FiloueChild) -> str:
        """Return the line of a child."""
        return self.separator.join(self._cell(column, child) for column in self.columns)

    def _cell(self, column: FiloueColumn, child: FiloueChild) -> str:
        if column.format == "regime":
            return self.regimes[child.regime_group]
        value = getattr(child, column.field)
        text = _FORMATS[column.format](value)
        if column.format in _FIGURES:
            return text.replace(".", self.decimal)
        return " ".join(text.replace(self.separator, ";" if self.separator == "," else ",").split())


def read_layout(name_or_path: str) -> Layout:
    """Return a layout of the package by its name (« 2021 »), or that of a TOML file.

    Raises NotFound, InvalidData for a file that is no layout.
    """
    packaged = files("exchanges.filoue") / f"{name_or_path}.toml"
    path = Path(name_or_path)
    if packaged.is_file():
        text = packaged.read_text(encoding="utf-8")
    elif path.is_file():
        text = path.read_text(encoding="utf-8")
    else:
        raise NotFound(
            typeset(f"Le format Filoué « {name_or_path} » n'existe pas : donnez 2021, ou un fichier TOML."),
            layout=name_or_path,
        )
    return _checked(path.stem, text)


def _checked(name: str, text: str) -> Layout:
    try:
        content = tomllib.loads(text)
        columns = tuple(FiloueColumn(**column) for column in content["column"])
        layout = Layout(
            name,
            content["source"],
            content["separator"],
            content.get("regimes", {}),
            columns,
            content.get("decimal", "."),
        )
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise InvalidData(typeset(f"Le format Filoué « {name} » ne se lit pas : {error}."), layout=name) from None
    unknown = [column.name for column in columns if column.format not in FORMATS_OF.get(column.field, ())]
    if unknown:
        raise InvalidData(
            typeset(
                f"Le format Filoué « {name} » a des colonnes qui ne se lisent pas : {', '.join(unknown)}. Le champ "
                "n'existe pas, ou ne s'écrit pas sous ce format : docs/filoue.md donne ceux de chaque champ."
            ),
            layout=name,
        )
    names = [column.name for column in columns]
    if not columns or len(set(names)) < len(names) or layout.separator in (*names, "", layout.decimal):
        raise InvalidData(
            typeset(
                f"Le format Filoué « {name} » doit avoir des colonnes aux noms différents, et un séparateur qui "
                "n'est pas celui des décimales."
            ),
            layout=name,
        )
    silent = [group for group in _GROUPS if group not in layout.regimes]
    if silent and any(column.format == "regime" for column in columns):
        raise InvalidData(
            typeset(f"Le format Filoué « {name} » ne donne pas de code à ces régimes : {', '.join(silent)}."),
            layout=name,
        )
    return layout


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _digits(value: object) -> str:
    return "".join(letter for letter in _text(value) if letter.isdigit())


def _day(value: object) -> str:
    assert isinstance(value, date)
    return value.strftime("%d/%m/%Y")


def _amount(value: object) -> str:
    assert isinstance(value, Decimal)
    return format(round_half_up(value), "f")


def _rate(value: object) -> str:
    assert isinstance(value, Decimal)
    return format(round_half_up(value, _RATE_STEP), "f")


_FORMATS: dict[str, Callable[[object], str]] = {
    "text": _text,
    "digits": _digits,
    "day": _day,
    "amount": _amount,
    "rate": _rate,
    "flag": lambda value: "1" if value else "0",
}
_FIGURES = ("amount", "rate")
_WORDS, _DAY = ("text", "digits"), ("day",)
FORMATS_OF: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("caf_office_code", "caf_file_number", "idequ", "allocataire_number"), _WORDS),
    **dict.fromkeys(("postcode", "commune"), _WORDS),
    "is_allocataire": ("flag",),
    "regime_group": ("regime",),
    **dict.fromkeys(("birth_date", "first_day", "last_day"), _DAY),
    **dict.fromkeys(("billed_hours", "realised_hours", "billed_amount", "hourly_amount", "effort_rate"), _FIGURES),
}
