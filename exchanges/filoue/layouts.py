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
_IN_CELLS = "0123456789/-"
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
        content = packaged.read_bytes()
    elif path.is_file():
        content = path.read_bytes()
    else:
        raise NotFound(
            typeset(f"Le format Filoué « {name_or_path} » n'existe pas : donnez 2021, ou un fichier TOML."),
            layout=name_or_path,
        )
    return _checked(_read(path.stem, content))


def _read(name: str, content: bytes) -> Layout:
    try:
        told = tomllib.loads(content.decode())
        columns = told.get("column", [])
        regimes = told.get("regimes", {})
        return Layout(
            name,
            _word(told, "source"),
            _word(told, "separator"),
            {group: _word(regimes, group) for group in regimes},
            tuple(FiloueColumn(*(_word(column, key) for key in ("name", "field", "format"))) for column in columns),
            _word({"decimal": ".", **told}, "decimal"),
        )
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, AttributeError, TypeError) as error:
        raise InvalidData(typeset(f"Le format Filoué « {name} » ne se lit pas : {error}."), layout=name) from None


def _word(told: Mapping[str, object], key: str) -> str:
    found = told.get(key)
    if not isinstance(found, str):
        raise TypeError(f"« {key} » manque, ou n'est pas un texte entre guillemets")
    return found


def _checked(layout: Layout) -> Layout:
    name, columns = layout.name, layout.columns
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
    is_ambiguous = layout.separator in (*names, "", *_IN_CELLS, layout.decimal)
    if not columns or len(set(names)) < len(names) or is_ambiguous:
        raise InvalidData(
            typeset(
                f"Le format Filoué « {name} » doit avoir des colonnes aux noms différents, et un séparateur qui "
                "n'est ni un chiffre, ni celui des décimales, ni celui des dates."
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
