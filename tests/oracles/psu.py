"""The State's hourly fee for early childhood, copied from the CAF notes §1.1; imports nothing of Marelle.

Rates are hundredths of a percent of the monthly income per hour; floors and ceilings are monthly euros.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction

COLLECTIVE = (
    (date(2018, 1, 1), {1: "0.06", 2: "0.05", 3: "0.04", 4: "0.03", 8: "0.02"}),
    (date(2019, 9, 1), {1: "0.0605", 2: "0.0504", 3: "0.0403", 4: "0.0302", 8: "0.0202"}),
    (date(2020, 1, 1), {1: "0.0610", 2: "0.0508", 3: "0.0406", 4: "0.0305", 8: "0.0203"}),
    (date(2021, 1, 1), {1: "0.0615", 2: "0.0512", 3: "0.0410", 4: "0.0307", 8: "0.0205"}),
    (date(2022, 1, 1), {1: "0.0619", 2: "0.0516", 3: "0.0413", 4: "0.0310", 8: "0.0206"}),
)
FAMILY = (
    (date(2018, 1, 1), {1: "0.05", 2: "0.04", 3: "0.03", 6: "0.02"}),
    (date(2019, 9, 1), {1: "0.0504", 2: "0.0403", 3: "0.0302", 6: "0.0202"}),
    (date(2020, 1, 1), {1: "0.0508", 2: "0.0406", 3: "0.0305", 6: "0.0203"}),
    (date(2021, 1, 1), {1: "0.0512", 2: "0.0410", 3: "0.0307", 6: "0.0205"}),
    (date(2022, 1, 1), {1: "0.0516", 2: "0.0413", 3: "0.0310", 6: "0.0206"}),
)
BOUNDS = (
    (date(2018, 1, 1), "687.30", "4874.62"),
    (date(2019, 9, 1), "705.27", "5300"),
    (date(2020, 1, 1), "705.27", "5600"),
    (date(2021, 1, 1), "711.62", "5800"),
    (date(2022, 1, 1), "712.33", "6000"),
    (date(2023, 1, 1), "754.16", "6000"),
    (date(2024, 1, 1), "765.77", "6000"),
    (date(2024, 9, 1), "765.77", "7000"),
    (date(2025, 1, 1), "801.00", "7000"),
    (date(2025, 9, 1), "801.00", "8500"),
    (date(2026, 1, 1), "814.62", "8500"),
)


def hourly_fee(monthly: Fraction, children: int, day: date, *, family: bool, above_ceiling: bool) -> Fraction:
    """Return the fee of an hour, before it is rounded to the cent. `children` counts each AEEH child twice."""
    _, floor, ceiling = [row for row in BOUNDS if row[0] <= day][-1]
    counted = max(monthly, Fraction(floor))
    if not above_ceiling:
        counted = min(counted, Fraction(ceiling))
    _, scale = [row for row in (FAMILY if family else COLLECTIVE) if row[0] <= day][-1]
    rates = [rate for least, rate in scale.items() if least <= max(children, 1)]
    return counted * Fraction(rates[-1]) / 100
