"""Dated national parameters: one quantity a TOML file, values by date, a reference for each date.

Town decisions are rows in records; only what the State or the CNAF fixes lives here (house rule 2). A newer value
can be entered in records without a release: `with_entered` puts the two together, for whoever computes.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from domain.errors import ParameterMissing

ENTERED = "entered"  # the confidence of a value that a person took from its text


@dataclass(frozen=True, slots=True)
class DatedValue:
    """A value that holds from `valid_from` until the next one, or until `valid_to` where it ends by itself."""

    valid_from: date
    value: Decimal
    reference: str
    confidence: str
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class Parameter:
    """One quantity with its unit and all its dated values, oldest first; none where no text gave one.

    `is_yearly`: a value of a yearly scale says nothing of another year. `note` tells why a value is missing.
    """

    id: str
    description: str
    unit: str
    values: tuple[DatedValue, ...]
    is_yearly: bool = False
    note: str = ""

    def at(self, day: date) -> DatedValue:
        """Return the value in force on a day; raises ParameterMissing when there is none."""
        for dated, valid_to in self.periods():
            if dated.valid_from <= day and (valid_to is None or day < valid_to):
                return dated
        raise ParameterMissing(
            f"Le paramètre « {self.description} » ({self.id}) n'a pas de valeur au {day:%d/%m/%Y}. "
            "Saisissez-la avec sa date et sa source.",
            parameter=self.id,
            day=day,
        )

    def periods(self) -> list[tuple[DatedValue, date | None]]:
        """Return each value with the day on which it no longer holds; None: it still does."""
        begins = [dated.valid_from for dated in self.values[1:]]
        return [
            (dated, min((end for end in (dated.valid_to, self._next_year(dated), begun) if end), default=None))
            for dated, begun in zip(self.values, [*begins, None], strict=False)
        ]

    def _next_year(self, dated: DatedValue) -> date | None:
        return date(dated.valid_from.year + 1, 1, 1) if self.is_yearly else None


@lru_cache(maxsize=1)
def national() -> dict[str, Parameter]:
    """Return every packaged national parameter by id (« caf.alsh.wednesday_day_cap »)."""
    return {parameter.id: parameter for parameter in _walk(files(__name__) / "etat", "")}


@dataclass(frozen=True, slots=True)
class EnteredValue:
    """A value that a town entered because no release had it yet; `source` is the text it comes from."""

    parameter_id: str
    valid_from: date
    value: Decimal
    source: str


def with_entered(entered: Iterable[EnteredValue]) -> dict[str, Parameter]:
    """Return the national parameters with what was entered: on one day the last entered stands, before the package.

    A value of a parameter that the package no longer knows is left out: nothing reads it.
    """
    own: dict[str, dict[date, DatedValue]] = defaultdict(dict)
    for each in entered:
        own[each.parameter_id][each.valid_from] = DatedValue(each.valid_from, each.value, each.source, ENTERED)
    return {
        name: replace(
            parameter,
            values=tuple(
                dated
                for _, dated in sorted(({one.valid_from: one for one in parameter.values} | own[name]).items())
            ),
        )
        for name, parameter in national().items()
    }


def value(parameter_id: str, day: date) -> Decimal:
    """Return a national value on a day; raises ParameterMissing by name and date, never 0."""
    parameter = national().get(parameter_id)
    if parameter is None:
        raise ParameterMissing(
            f"Le paramètre national {parameter_id} n'existe pas.", parameter=parameter_id, day=day
        )
    return parameter.at(day).value


def _walk(folder: Traversable, prefix: str) -> list[Parameter]:
    found: list[Parameter] = []
    for entry in sorted(folder.iterdir(), key=lambda item: item.name):
        if entry.is_dir():
            found += _walk(entry, f"{prefix}{entry.name}.")
        elif entry.name.endswith(".toml"):
            found.append(_read(entry, f"{prefix}{entry.name.removesuffix('.toml')}"))
    return found


def _read(entry: Traversable, parameter_id: str) -> Parameter:
    content = tomllib.loads(entry.read_text(encoding="utf-8"), parse_float=Decimal)
    values = tuple(
        DatedValue(row["from"], Decimal(row["value"]), row["reference"], row["confidence"], row.get("until"))
        for row in content["values"]
    )
    if list(values) != sorted(values, key=lambda dated: dated.valid_from):
        raise ValueError(f"{parameter_id}: values must be ordered by date")
    yearly, note = content.get("yearly", False), content.get("note", "")
    return Parameter(parameter_id, content["description"], content["unit"], values, yearly, note)


def codes_of(unit: str) -> dict[int, str]:
    """Return the codes of a unit such as « 1 : RG ; 2 : MSA » with what each means; empty for a unit of measure."""
    if " : " not in unit:
        return {}
    said = (part.split(" : ", 1) for part in unit.split(" ; "))
    return {int(code): words for code, words in said}
