"""Incomes as a town sees them: QF, régimes, custody and what was already owed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta

from demo.calendar import Period
from demo.people import PlannedCustody, PlannedPayer, PlannedQf, PlannedRegime

QF_UNKNOWN_E2 = 999_900
# Bounds in euros and share of the families: very low, low, middle, high.
QF_BANDS = ((80, 349, 11), (350, 599, 23), (600, 999, 36), (1000, 2600, 24))
UNKNOWN_SHARE = 0.08
REGIMES = (
    ("general", "RG", 85),
    ("msa", "MSA", 8),
    ("maritime", "AUTRE", 2),
    ("sncf", "AUTRE", 2),
    (None, None, 3),
)
WEEK_ABOUT = ("11111112222222", "22222221111111")


def draw_qfs(source: random.Random, payer_refs: Sequence[str | None], period: Period) -> tuple[PlannedQf, ...]:
    """Draw the QF rows of a family, one chain per payer of its own; each school year brings a new one."""
    rows: list[PlannedQf] = []
    for payer_ref in payer_refs:
        rows += _chain(source, payer_ref, period)
    return tuple(rows)


def _chain(source: random.Random, payer_ref: str | None, period: Period) -> list[PlannedQf]:
    starts = [year.starts_on for year in period.years]
    if source.random() < UNKNOWN_SHARE:
        rows = [PlannedQf(start, QF_UNKNOWN_E2, "default", payer_ref) for start in starts]
        if source.random() < 0.4:  # the real one arrives within the period
            rows.append(PlannedQf(_some_first(source, period), _value_e2(source), "caf", payer_ref))
        return _once_a_day(rows)
    value = _value_e2(source)
    source_name = source.choices(["caf", "msa", "computed"], [84, 8, 8])[0]
    rows = []
    for start in starts:
        rows.append(PlannedQf(start, value, source_name, payer_ref))
        value = max(8_000, int(value * source.uniform(0.93, 1.08)))
    if source.random() < 0.1:  # a birth, a lost job: the CAF sends another one during the year
        rows.append(PlannedQf(_some_first(source, period), _value_e2(source), source_name, payer_ref))
    return _once_a_day(rows)


def _some_first(source: random.Random, period: Period) -> date:
    """Return the first day of a month that begins inside the period, else of the main year."""
    firsts = sorted({day.replace(day=1) for day in period.days if day.replace(day=1) >= period.first_day})
    return source.choice(firsts) if firsts else period.main_year.starts_on


def _once_a_day(rows: list[PlannedQf]) -> list[PlannedQf]:
    return list({row.effective_from: row for row in rows}.values())


def _value_e2(source: random.Random) -> int:
    low, high, _weight = source.choices(QF_BANDS, [weight for _, _, weight in QF_BANDS])[0]
    return source.randrange(low * 100, high * 100 + 1, 100) + source.choice([0, 0, 0, 50])


def draw_regime(source: random.Random) -> PlannedRegime | None:
    """Draw a fund; None when nobody has asked the family yet."""
    code, caf_group, _weight = source.choices(REGIMES, [weight for _, _, weight in REGIMES])[0]
    if code is None or caf_group is None:
        return None
    return PlannedRegime(code, caf_group, f"{source.randrange(10**7):07d}")


def custody_calendar(source: random.Random, payers: Sequence[PlannedPayer], start: date) -> PlannedCustody:
    """One week about, from the Monday before the first school year of the plan."""
    monday = start - timedelta(days=start.weekday())
    return PlannedCustody(monday, source.choice(WEEK_ABOUT), (payers[0].ref, payers[1].ref))


def opening_balance(source: random.Random) -> int:
    """Draw what a payer still owed, or had in their favour, in cents; most are settled."""
    draw = source.random()
    if draw < 0.18:
        return source.randrange(300, 14_000, 5)
    if draw < 0.22:
        return -source.randrange(100, 3_500, 5)
    return 0
