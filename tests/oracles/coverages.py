"""What bodies pay of each line, slowly (domain notes §8, CAF notes §5, T30); imports nothing of Marelle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction

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
    """What a decision has already paid: units and money in all, and money by unit of time."""

    units: Fraction = Fraction(0)
    amount: Fraction = Fraction(0)
    by_time: dict[str, Fraction] = field(default_factory=dict)


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
                if _applies(child, coverage, line):
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


def _applies(child: Child, coverage: Coverage, line: Line) -> bool:
    if coverage.state not in COUNTS or line.day < coverage.since:
        return False
    if coverage.until is not None and line.day >= coverage.until:
        return False
    return any(child.enrolments[number].service == line.service for number in coverage.enrolments)


def _part(coverage: Coverage, line: Line, left: Fraction, used: Used) -> tuple[Decimal, Fraction]:
    """Return units and money of one line, within what is left of the line and of the decision."""
    units = _units(coverage, line, used)
    if coverage.form == "percent":
        wanted = half_up(left * Fraction(coverage.percent or 0), CENT) if units > 0 else Fraction(0)
    else:
        wanted = half_up(_allowance(coverage, line, units, used), CENT)
    part = min(left, wanted)
    if coverage.ceiling is not None:
        part = min(part, Fraction(coverage.ceiling) - used.amount)
    used.units += units
    used.amount += part
    time = _time(coverage, line)
    used.by_time[time] = used.by_time.get(time, Fraction(0)) + part
    return _four(units), part


def _units(coverage: Coverage, line: Line, used: Used) -> Fraction:
    """Return the units of the line that the decision still covers."""
    if coverage.unit in ("day", "month", "total"):
        is_new = _time(coverage, line) not in used.by_time
        units = Fraction(line.units) if line.kind == "sejour" and coverage.unit == "day" else Fraction(is_new)
    elif coverage.unit == "hour" and line.billed_minutes is not None:
        units = Fraction(line.billed_minutes, 60)
    else:
        units = Fraction(line.units)
    return units if coverage.units_max is None else min(units, coverage.units_max - used.units)


def _allowance(coverage: Coverage, line: Line, units: Fraction, used: Used) -> Fraction:
    amount = Fraction(coverage.amount or 0)
    if coverage.unit in ("month", "total"):
        return amount - used.by_time.get(_time(coverage, line), Fraction(0))
    return amount * units


def _time(coverage: Coverage, line: Line) -> str:
    return {"month": str(line.day)[:7], "total": ""}.get(coverage.unit, str(line.day))


def _four(units: Fraction) -> Decimal:
    return Decimal(int(half_up(units, Fraction(1, 10_000)) * 10_000)) / 10_000
