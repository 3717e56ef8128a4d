"""A declaration to the CAF as a frozen thing: its versions, its canonical text and hash, and what differs.

Source: CAF notes §3.1 (prévisionnel, actualisés of June and September, réel).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from domain.errors import InvalidData
from domain.french import typeset

FORECAST, JUNE, SEPTEMBER, ACTUAL = "forecast", "updated_june", "updated_september", "actual"
VERSION_WORDS = {
    FORECAST: "prévisionnel",
    JUNE: "actualisé de janvier à juin",
    SEPTEMBER: "actualisé de janvier à septembre",
    ACTUAL: "réel",
}
_JUNE, _SEPTEMBER = 6, 9
_TYPED_MAX, _TYPED_DECIMALS = Decimal(10) ** 12, 6
# The controls of what lasts: one case a child, or a place, whatever its months.
LASTING = ("regime_missing", "team_unknown")
# The part of the year whose figures a version tells.
PERIOD_OF = {FORECAST: "year", JUNE: "jan_jun", SEPTEMBER: "jan_sep", ACTUAL: "year"}
LAST_MONTH = {"year": 12, "jan_jun": _JUNE, "jan_sep": _SEPTEMBER}  # of each part
COMPUTED, LAST_YEAR, TYPED = "computed", "last_year", "typed"
BASIS_WORDS = {COMPUTED: "calculé", LAST_YEAR: "année précédente", TYPED: "saisi"}
FOLLOWS_TYPED = "follows_typed"  # the fault of a forecast's line that is reckoned of lines that somebody typed
LAST_YEAR_UNKNOWN = "last_year_unknown"  # the fault of a forecast's line that nobody typed yet


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of a declaration; `value` None with the `fault` that says which parameter is missing.

    `basis` says whether it was computed of its own period, taken from the year before, or typed (a forecast only).
    """

    block: str
    position: int
    code: str
    value: Decimal | None
    unit: str
    fault: str | None = None
    basis: str = COMPUTED

    @property
    def key(self) -> str:
        """The name of the line in its declaration: « alsh_peri.hours »."""
        return f"{self.block}.{self.code}"


@dataclass(frozen=True, slots=True)
class Control:
    """What CAF would ask about: a kind of control, and the child, service and day that it found, where there are.

    `quantity` is minutes, days, or children too many.
    """

    code: str
    child_ref: str | None = None
    service_ref: str | None = None
    day: date | None = None
    quantity: int | None = None


@dataclass(frozen=True, slots=True)
class About:
    """What a declaration is about; `number` counts the exports of its version."""

    structure_ref: str
    year: int
    version: str
    number: int
    snapshot_id: str


@dataclass(frozen=True, slots=True)
class Difference:
    """A line whose value is not the same in two declarations; None where one has no value, or no such line."""

    block: str
    position: int
    code: str
    unit: str
    before: Decimal | None
    after: Decimal | None

    @property
    def change(self) -> Decimal | None:
        """How much more the later one says; None when one of the two says nothing."""
        return None if self.before is None or self.after is None else self.after - self.before


def version_named(word: str, year: int, today: date) -> str:
    """Return the version that people name: « updated » is that of September from September on, else that of June.

    Raises InvalidData.
    """
    if word in VERSION_WORDS:
        return word
    if word == "updated":
        return SEPTEMBER if (today.year, today.month) >= (year, _SEPTEMBER) else JUNE
    raise InvalidData(
        typeset(f"« {word} » n'est pas une version. Choisissez : updated, {', '.join(VERSION_WORDS)}."),
        version=word,
    )


def last_finished(year: int, today: date) -> str | None:
    """Return the version whose period is the longest part of a year that is over; None before its July."""
    if today.year > year:
        return ACTUAL
    over = [version for version, month in ((SEPTEMBER, _SEPTEMBER), (JUNE, _JUNE)) if today.month > month]
    return over[0] if over and today.year == year else None


def controls_of(controls: Iterable[Control], version: str) -> tuple[Control, ...]:
    """Return what the CAF would ask about in the months that a version tells; a forecast tells of none.

    What lasts is found month by month: its months are one case, from its first day.
    """
    if version == FORECAST:
        return ()
    last = LAST_MONTH[PERIOD_OF[version]]
    found: dict[object, Control] = {}
    for number, each in enumerate(controls):
        if each.day is not None and each.day.month > last:
            continue
        key: object = (each.code, each.child_ref) if each.code in LASTING else number
        found[key] = _together(found[key], each) if key in found else each
    return tuple(found.values())


def _together(one: Control, other: Control) -> Control:
    """Return two months of a case as one."""
    first = min((one, other), key=lambda each: each.day or date.max)
    return replace(first, quantity=(one.quantity or 0) + (other.quantity or 0))


def canonical_figures(figures: Iterable[Figure]) -> str:
    """Return figures as one text, whatever order they came in: what is frozen and hashed."""
    ordered = sorted(figures, key=lambda each: (each.block, each.position, each.code))
    rows = [
        {
            "block": each.block,
            "position": each.position,
            "code": each.code,
            "value": None if each.value is None else format(each.value, "f"),
            "unit": each.unit,
            "fault": each.fault,
            "basis": each.basis,
        }
        for each in ordered
    ]
    return _canonical(rows)


def canonical_controls(controls: Iterable[Control]) -> str:
    """Return controls as one text, in their order."""
    rows = [
        {
            "code": each.code,
            "child_ref": each.child_ref,
            "service_ref": each.service_ref,
            "day": None if each.day is None else each.day.isoformat(),
            "quantity": each.quantity,
        }
        for each in controls
    ]
    return _canonical(sorted(rows, key=_canonical))


def read_figures(text: str) -> tuple[Figure, ...]:
    """Return the figures of a frozen text, in the order of their lines."""
    found = [
        Figure(**{**row, "value": None if row["value"] is None else Decimal(row["value"])})
        for row in json.loads(text)
    ]
    return tuple(sorted(found, key=lambda each: (each.block, each.position, each.code)))


def read_controls(text: str) -> tuple[Control, ...]:
    """Return the controls of a frozen text."""
    return tuple(
        Control(**{**row, "day": None if row["day"] is None else date.fromisoformat(row["day"])})
        for row in json.loads(text)
    )


def seal(about: About, figures: str, controls: str, days_sha256: str | None = None) -> str:
    """Return the SHA-256 of a declaration: what it is about, figures, controls, and the days kept with it."""
    parts = [about.structure_ref, about.year, about.version, about.number, about.snapshot_id, figures, controls]
    named = _canonical(parts if days_sha256 is None else [*parts, days_sha256])
    return hashlib.sha256(named.encode()).hexdigest()


def differences(before: Iterable[Figure], after: Iterable[Figure]) -> list[Difference]:
    """Return the lines that do not say the same, in their order; one that is yet to be typed says nothing."""
    new = {each.key: each for each in after}
    untyped = {each.key for each in new.values() if each.fault and each.fault.startswith(LAST_YEAR_UNKNOWN)}
    new = {key: each for key, each in new.items() if key not in untyped}
    old = {each.key: each for each in before if each.key not in untyped}
    found = []
    for key in old.keys() | new.keys():
        one = new.get(key) or old[key]
        values = [lines[key].value if key in lines else None for lines in (old, new)]
        if values[0] != values[1]:
            found.append(Difference(one.block, one.position, one.code, one.unit, *values))
    return sorted(found, key=lambda each: (each.block, each.position, each.code))


def forecast(last_year: Sequence[Figure], typed: Mapping[str, Decimal]) -> tuple[Figure, ...]:
    """Return the lines of a forecast: those of the year before, and what a person typed instead, by `Figure.key`.

    Raises InvalidData for a line that does not exist, or a value that it cannot have.
    """
    unknown = sorted(typed.keys() - {each.key for each in last_year})
    if unknown:
        raise InvalidData(
            typeset(f"La ligne « {unknown[0]} » n'est pas dans cette déclaration. Rien n'a été enregistré."),
            codes=unknown,
        )
    for each in last_year:
        if each.key in typed:
            _check_typed(each, typed[each.key])
    return tuple(_forecast_line(each, typed) for each in last_year)


def _check_typed(line: Figure, value: Decimal) -> None:
    """Raise InvalidData for what is no number of people, hours or euros; a credit alone is negative."""
    is_known = value.is_finite() and abs(value) < _TYPED_MAX and value == round(value, _TYPED_DECIMALS)
    if not is_known or (value < 0 and line.unit != "euros"):
        raise InvalidData(
            typeset(
                f"« {value} » n'est pas une valeur possible de la ligne « {line.key} » : un nombre, six décimales "
                "au plus, négatif pour des euros seulement. Rien n'a été enregistré."
            ),
            codes=[line.key],
        )


def _forecast_line(line: Figure, typed: Mapping[str, Decimal]) -> Figure:
    """Return a line as it was typed, else the year before's; one that follows from typed lines has no value."""
    if line.key in typed:
        return replace(line, value=typed[line.key], fault=None, basis=TYPED)
    if line.value is not None and any(_follows(line, key) for key in typed):
        return replace(line, value=None, fault=FOLLOWS_TYPED, basis=LAST_YEAR)
    return replace(line, basis=LAST_YEAR)


def _follows(line: Figure, key: str) -> bool:
    """Say whether a line is reckoned of another: amounts of all, rates of their block, totals of their accounts."""
    block, _, code = key.partition(".")
    if line.block == "result":
        return block != "result"
    if line.block != block:
        return False
    nature, _, group = line.code.partition("_")
    return line.unit == "percent" or (group == "total" and code.startswith(f"{nature}_"))


def prepared(
    figures_of: Callable[[int, str], tuple[Figure, ...]], year: int, version: str, typed: Mapping[str, Decimal]
) -> tuple[Figure, ...]:
    """Return the lines of a version before it is frozen; `figures_of` gives those of a year and a part of it.

    A forecast starts from the year before; a line that it did not have, as of an activity that is new, is one of
    this year's, to be typed. Raises InvalidData for a typed line of another version.
    """
    if version == FORECAST:
        period = PERIOD_OF[ACTUAL]
        last_year = figures_of(year - 1, period)
        known = {each.key for each in last_year}
        new = [each for each in figures_of(year, period) if each.key not in known]
        return forecast((*last_year, *_untyped(new, year - 1)), typed)
    if typed:
        raise InvalidData(typeset("Un chiffre ne se saisit que dans un prévisionnel. Rien n'a été enregistré."))
    return figures_of(year, PERIOD_OF[version])


def _untyped(figures: Iterable[Figure], unknown_year: int) -> tuple[Figure, ...]:
    fault = f"{LAST_YEAR_UNKNOWN} {unknown_year}"
    return tuple(replace(each, value=None, fault=fault) for each in figures)


def _canonical(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
