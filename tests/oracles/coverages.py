"""What bodies pay of each line, slowly (domain notes §8, CAF notes §5, T30); imports nothing of Marelle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction

from tests.oracles.circumstances import day_kind
from tests.oracles.pricing import Line, order
from tests.oracles.tariffs import CENT, half_up, to_the_cent
from tests.oracles.world import Child, Coverage, Town

COUNTS = ("notified", "applied", "used_up")


@dataclass(frozen=True)
class Covered:
    """The part of one line that one decision of a body takes."""

    line: Line
    coverage: str
    body: str
    units: Decimal
    amount: Decimal


@dataclass
class Used:
    """What a decision has already paid: units by year, money in all, and what each unit of time was opened for."""

    units: dict[int, Fraction] = field(default_factory=dict)
    amount: Fraction = Fraction(0)
    opened: dict[str, Fraction] = field(default_factory=dict)
    paid: dict[str, Fraction] = field(default_factory=dict)


def covered(town: Town, lines: Sequence[Line]) -> list[Covered]:
    """Return every part that a body takes, lines in the order of days, bodies in the order of their rank."""
    found: list[Covered] = []
    for child in [town.child, *town.siblings]:
        used = {coverage.ref: Used() for coverage in child.coverages}
        for line in sorted((each for each in lines if each.child == child.ref), key=_by_day):
            if line.amount is None or line.amount <= 0:
                continue
            left = Fraction(line.amount)
            for coverage in sorted(child.coverages, key=lambda each: (each.rank, each.ref)):
                if _applies(town, child, coverage, line):
                    units, part = _part(coverage, line, left, used[coverage.ref])
                    left -= part
                    if part > 0:
                        found.append(Covered(line, coverage.ref, coverage.body, units, to_the_cent(part)))
    return sorted(found, key=lambda each: (*order(each.line), each.coverage))


def family_amount(line: Line, parts: Sequence[Covered]) -> Decimal:
    """Return what is left to the family."""
    assert line.amount is not None
    return line.amount - sum((part.amount for part in parts if part.line == line), Decimal(0))


def _by_day(line: Line) -> tuple[date, str, str, str]:
    return line.day, line.service, line.kind, line.payer or ""


def _applies(town: Town, child: Child, coverage: Coverage, line: Line) -> bool:
    if coverage.state not in COUNTS or line.day < coverage.since:
        return False
    if coverage.until is not None and line.day >= coverage.until:
        return False
    if coverage.holidays_only and day_kind(town, line.day) != "holiday":
        return False
    return any(child.enrolments[number].service == line.service for number in coverage.enrolments)


def _part(coverage: Coverage, line: Line, left: Fraction, used: Used) -> tuple[Decimal, Fraction]:
    """Return units and money of one line, within what is left of the line, of the unit and of the decision."""
    bucket = _bucket(coverage, line)
    units = Fraction(0) if bucket in used.opened else _units(coverage, line, used)
    opened = used.opened.get(bucket, Fraction(0)) + units
    if opened == 0:
        return Decimal(0), Fraction(0)
    wanted, a_unit = left, coverage.amount
    if coverage.form == "percent":
        wanted, a_unit = half_up(left * Fraction(coverage.percent or 0), CENT), coverage.unit_ceiling
    if a_unit is not None:
        wanted = min(wanted, half_up(Fraction(a_unit) * opened, CENT) - used.paid.get(bucket, Fraction(0)))
    if coverage.ceiling is not None:
        wanted = min(wanted, Fraction(coverage.ceiling) - used.amount)
    part = max(min(left, wanted), Fraction(0))
    if part == 0:
        return Decimal(0), part
    used.units[line.day.year] = used.units.get(line.day.year, Fraction(0)) + units
    used.amount += part
    used.opened[bucket] = opened
    used.paid[bucket] = used.paid.get(bucket, Fraction(0)) + part
    return _four(units), part


def _units(coverage: Coverage, line: Line, used: Used) -> Fraction:
    """Return the units that a line opens, within those that the decision still has, in all and that year."""
    if coverage.unit == "day":
        units = Fraction(line.units) if line.kind == "sejour" else Fraction(1)
    elif coverage.unit in ("month", "total"):
        units = Fraction(1)
    elif coverage.unit == "hour" and line.billed_minutes is not None:
        units = Fraction(line.billed_minutes, 60)
    else:
        units = Fraction(line.units)
    if coverage.units_max is not None:
        units = min(units, coverage.units_max - sum(used.units.values(), Fraction(0)))
    if coverage.year_units is not None:
        units = min(units, coverage.year_units - used.units.get(line.day.year, Fraction(0)))
    return units


def _bucket(coverage: Coverage, line: Line) -> str:
    """Name what lines share a unit: those of a day, of a month, all, or nothing but the line itself."""
    named = {"day": str(line.day), "month": str(line.day)[:7], "total": ""}
    return named.get(coverage.unit, " ".join(order(line)))


def _four(units: Fraction) -> Decimal:
    return Decimal(int(half_up(units, Fraction(1, 10_000)) * 10_000)) / 10_000
