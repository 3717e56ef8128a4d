"""What bodies pay of each line, slowly (domain notes §8, CAF notes §5, T30); imports nothing of Marelle.

Bodies pay one after the other in their declared order, each of what is left; what a contract gives back gives each
its part back, never more than it paid of what is corrected.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from tests.oracles.pricing import Line, order
from tests.oracles.quotients import qf_of
from tests.oracles.tariffs import CENT, half_up, to_the_cent
from tests.oracles.world import AidScale, Child, Coverage, Qf, Rule, Service, Town

COUNTS = ("notified", "applied", "used_up")
BODIES_AT_MOST = 5
NO_DAYS = ("membership", "membership_year", "contract", "contract_end", "contract_back")


@dataclass(frozen=True)
class Covered:
    """The part of one line that one decision of a body takes."""

    line: Line
    coverage: str
    body: str
    units: Decimal
    amount: Decimal


@dataclass(frozen=True)
class Refused:
    """A decision that might pay for a line, and why it pays nothing until somebody settles it."""

    line: Line
    coverage: str
    fault: str


@dataclass
class Used:
    """The units that a decision has already opened, by year."""

    units: dict[int, Fraction] = field(default_factory=dict)


def covered(town: Town, lines: Sequence[Line]) -> list[Covered]:
    """Return every part that a body takes, bodies in the order of their rank, lines in the order of days."""
    found: list[Covered] = []
    for child in [town.child, *town.siblings]:
        own = sorted((each for each in lines if each.child == child.ref and each.amount), key=_by_day)
        left = {id(line): Fraction(line.amount or 0) for line in own}
        asked = _asked(town, child, own)
        for coverage in sorted(child.coverages, key=lambda each: (each.rank, each.ref)):
            lines_of = [line for line in own if asked.get((coverage.ref, id(line)), "") is None]
            found += _paid_by(town, coverage, lines_of, left)
    return sorted(found, key=lambda each: (*order(each.line), each.coverage))


def refused(town: Town, lines: Sequence[Line]) -> list[Refused]:
    """Return every decision that pays nothing of a line for want of something."""
    found: list[Refused] = []
    for child in [town.child, *town.siblings]:
        own = [line for line in lines if line.child == child.ref and line.amount]
        by_id = {id(line): line for line in own}
        asked = _asked(town, child, own)
        found += [Refused(by_id[line], ref, fault) for (ref, line), fault in asked.items() if fault is not None]
    return sorted(found, key=lambda each: (*order(each.line), each.coverage))


def _asked(town: Town, child: Child, own: Sequence[Line]) -> dict[tuple[str, int], str | None]:
    """Say of each decision and each line that it speaks of whether something is missing; None when nothing is."""
    met = [(each, line) for each in child.coverages for line in own if _applies(town, child, each, line)]
    ranks = sorted({each.rank for each, _ in met})
    asked: dict[tuple[str, int], str | None] = {}
    for coverage, line in met:
        if _units(town.service(line.service), coverage, line) <= 0:
            continue
        rivals = [each for each, other in met if other is line and each.rank == coverage.rank]
        fault = None
        if rivals[0] is not coverage:
            fault = "coverage_rank_twice"
        elif ranks.index(coverage.rank) >= BODIES_AT_MOST:
            fault = "coverages_too_many"
        elif coverage.form == "scale":
            fault = _lacks(town, child, coverage, line)
        asked[coverage.ref, id(line)] = fault
    return asked


def family_amount(line: Line, parts: Sequence[Covered]) -> Decimal:
    """Return what is left to the family."""
    assert line.amount is not None
    return line.amount - sum((part.amount for part in parts if part.line == line), Decimal(0))


def _by_day(line: Line) -> tuple[date, str]:
    """Return the order of the lines of a day: that of their addresses, where « ~ » parts the names."""
    return line.day, f"{line.service}~{line.kind}~{line.payer or ''}"


def _applies(town: Town, child: Child, coverage: Coverage, line: Line) -> bool:
    if coverage.state not in COUNTS or line.day < coverage.since:
        return False
    if coverage.until is not None and line.day >= coverage.until:
        return False
    if coverage.holidays_only and town.special_days.get(line.day) != "school_holiday":
        return False
    return any(child.enrolments[number].service == line.service for number in coverage.enrolments)


def _lacks(town: Town, child: Child, coverage: Coverage, line: Line) -> str | None:
    """Say what is missing to read the body's scale."""
    scale = _scale_of(town, coverage, line)
    if scale is None:
        return "aid_scale_missing"
    return "aid_qf_missing" if _aid_qf(town, child, scale, line) is None else None


def _scale_of(town: Town, coverage: Coverage, line: Line) -> AidScale | None:
    """Return the body's scale of the day: the last begun, the last written of those."""
    begun = [each for each in town.aid_scales.get(coverage.body, ()) if each.since <= line.day]
    return max(begun, key=lambda each: (each.since, town.aid_scales[coverage.body].index(each)), default=None)


def _aid_qf(town: Town, child: Child, scale: AidScale, line: Line) -> Qf | None:
    """Return the payer's QF by the scale's rule, when somebody knows it."""
    file = replace(child, qfs=town.child.qfs)
    qf = qf_of(file, line.payer, line.day, Rule(line.day, qf=scale.qf))
    return None if qf is None or qf.source == "default" else qf


def _by_scale(town: Town, child: Child, coverage: Coverage, line: Line) -> Fraction | None:
    """Return what the body's scale gives per unit by the payer's QF; nothing outside its bands."""
    scale = _scale_of(town, coverage, line)
    qf = None if scale is None else _aid_qf(town, child, scale, line)
    if scale is None or qf is None:
        return None
    given = [Fraction(amount) for low, high, amount in scale.bands if low <= qf.value < high]
    return given[0] if given else Fraction(0)


def _a_unit(town: Town, coverage: Coverage, line: Line) -> Fraction | None:
    """Return the most that one unit is paid, None when there is no such limit."""
    if coverage.form == "scale":
        (child,) = (each for each in [town.child, *town.siblings] if each.ref == line.child)
        return _by_scale(town, child, coverage, line)
    amount = coverage.unit_ceiling if coverage.form == "percent" else coverage.amount
    return None if amount is None else Fraction(amount)


def _paid_by(town: Town, coverage: Coverage, lines: Sequence[Line], left: dict[int, Fraction]) -> list[Covered]:
    """Let one body pay, unit after unit, then take back its part; take what it pays off what is left."""
    used = Used()
    owed: dict[int, Fraction] = {id(line): Fraction(0) for line in lines}
    units: dict[int, Fraction] = {}
    for bucket in dict.fromkeys(_bucket(coverage, line) for line in lines):
        of_bucket = [line for line in lines if _bucket(coverage, line) == bucket]
        wanted = max(_units(town.service(line.service), coverage, line) for line in of_bucket)
        due = [line for line in of_bucket if left[id(line)] > 0]
        if due:
            opened = _opened(coverage, used, due[0].day.year, wanted)
            owed |= _paid_of(town, coverage, [(left[id(line)], line) for line in due], (opened / wanted, opened))
            units[id(due[0])] = opened if coverage.unit != "total" else Fraction(0)
    for service in {line.service for line in lines}:
        _take_back(town, coverage, [line for line in lines if line.service == service], left, owed)
    found, total = [], Fraction(0)
    for line in sorted(lines, key=lambda each: (each.day, (each.amount or 0) < 0, _by_day(each))):
        before, total = total, total + owed[id(line)]
        part = owed[id(line)]
        if coverage.ceiling is not None:
            part = min(total, Fraction(coverage.ceiling)) - min(before, Fraction(coverage.ceiling))
        left[id(line)] -= part
        if part:
            opened = units.get(id(line), Fraction(0))
            found.append(Covered(line, coverage.ref, coverage.body, _four(opened), to_the_cent(part)))
    return found


def _paid_of(
    town: Town, coverage: Coverage, due: Sequence[tuple[Fraction, Line]], opening: tuple[Fraction, Fraction]
) -> dict[int, Fraction]:
    """Return what is paid of the lines of one unit, within what the lines before leave of that unit."""
    share, opened = opening
    asked, paid = Fraction(0), {}
    for left, line in due:
        part = left if opened else Fraction(0)
        if coverage.form == "percent":
            part = half_up(left * Fraction(coverage.percent or 0) * share, CENT)
        a_unit = _a_unit(town, coverage, line)
        unit_left = None if a_unit is None else max(half_up(a_unit * opened, CENT) - asked, Fraction(0))
        asked += part
        paid[id(line)] = part if unit_left is None else min(part, unit_left)
    return paid


def _take_back(
    town: Town, coverage: Coverage, lines: Sequence[Line], left: dict[int, Fraction], owed: dict[int, Fraction]
) -> None:
    """Say what a body takes back: hours of an absence correct their month, the end of a contract all its months.

    It goes on paying what it paid as long as its decision gives as much for what is left of them.
    """

    def hours(many: Sequence[Line]) -> Fraction:
        """The hours of lines: parents who share a line share its hours."""
        counted = {(line.day, line.kind): _units(town.service(line.service), coverage, line) for line in many}
        return sum((-units if kind == "deduction" else units for (_, kind), units in counted.items()), Fraction(0))

    def correct(corrected: Sequence[Line], backs: Sequence[Line]) -> None:
        paid = sum((owed[id(line)] for line in corrected), Fraction(0))
        price = sum((left[id(line)] for line in corrected), Fraction(0))
        given = before = Fraction(0)
        for count, line in enumerate(backs, 1):
            given -= left[id(line)]
            rest = hours(corrected) - abs(hours(backs[:count]))
            a_unit = _a_unit(town, coverage, line) if coverage.unit == "hour" else None
            still = _given_for(coverage, a_unit, max(price - given, Fraction(0)), max(rest, Fraction(0)))
            so_far = min(given, max(paid - still, Fraction(0)))
            owed[id(line)], before = before - so_far, so_far

    priced = [line for line in lines if line.kind in ("contract", "contract_end")]
    deductions = [line for line in lines if line.kind == "deduction"]
    for month in {(line.day.year, line.day.month) for line in deductions}:
        correct(
            *([each for each in many if (each.day.year, each.day.month) == month] for many in (priced, deductions))
        )
    correct([*priced, *deductions], [line for line in lines if line.kind == "contract_back"])


def _given_for(coverage: Coverage, an_hour: Fraction | None, price: Fraction, hours: Fraction) -> Fraction:
    """Return what a decision gives for a price and its hours, its other limits aside."""
    part = half_up(price * Fraction(1 if coverage.percent is None else coverage.percent), CENT)
    return part if an_hour is None else min(part, half_up(an_hour * hours, CENT))


def _opened(coverage: Coverage, used: Used, year: int, wanted: Fraction) -> Fraction:
    """Return the units that are opened, within those that the decision still has, in all and that year."""
    units = wanted
    if coverage.units_max is not None:
        units = min(units, coverage.units_max - sum(used.units.values(), Fraction(0)))
    if coverage.year_units is not None:
        units = min(units, coverage.year_units - used.units.get(year, Fraction(0)))
    units = max(units, Fraction(0))
    used.units[year] = used.units.get(year, Fraction(0)) + units
    return units


def _units(service: Service, coverage: Coverage, line: Line) -> Fraction:
    """Return how many of a body's units a line makes: a trip has all its days, a membership has none."""
    if coverage.unit == "hour":
        is_shared_out = line.billed_minutes is None and line.kind.startswith("contract")
        return abs(Fraction(line.units)) if is_shared_out else Fraction(line.billed_minutes or 0, 60)
    if coverage.unit == "meal":
        return Fraction(line.units) if line.kind == "meal" else Fraction(0)
    if coverage.unit not in ("day", "half_day"):
        return Fraction(1)
    if line.kind in NO_DAYS:
        return Fraction(0)
    halves = 2 if coverage.unit == "half_day" else 1
    if line.kind == "sejour":
        return Fraction(halves * (line.days or 0))
    if halves == 1 or line.kind == "meal":
        return Fraction(1)
    known = [formula.half_days for formula in service.formulas if formula.code == line.formula]
    return Fraction(known[0] if known else 1)


def _bucket(coverage: Coverage, line: Line) -> str:
    """Name what lines share a unit: those of a day, of a month, all, or the shares of one price."""
    named = {"day": str(line.day), "month": str(line.day)[:7], "total": ""}
    return named.get(coverage.unit, " ".join((str(line.day), line.service, line.kind)))


def _four(units: Fraction) -> Decimal:
    return Decimal(int(half_up(units, Fraction(1, 10_000)) * 10_000)) / 10_000
