"""`python -m tests.oracles.proof`: the SQL against the slow oracles on many random towns, to the cent.

Prints how many lines and towns were compared and every difference; ends with 1 when there is one.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from datetime import date
from decimal import Decimal

from tests.harness.models import compile_once
from tests.oracles.bills import all_lines
from tests.oracles.computed import Computed, compute, new_warehouse
from tests.oracles.counts import caf_days, covers
from tests.oracles.pricing import Line
from tests.oracles.random_towns import FIRST, LAST, TownMaker
from tests.oracles.world import Town

TOWNS_A_RUN = 150
SHOWN = 20
PACKAGES = ("membership", "sejour", "contract", "overtime", "deduction")
COMPARED_PLACES = 9  # of a unit price that no step rounds: the SQL rounds its twelfth decimal at each modifier


def differences(town: Town, computed: Computed, first: date = FIRST, last: date = LAST) -> list[str]:
    """Return what the SQL and the oracles say differently of one town over some days, line by line."""
    lines = [line for line in computed.lines if first <= line.day <= last]
    told = {_name(line): line.fault for line in lines}
    oracle = [_with_the_fault_told(line, told.get(_name(line))) for line in all_lines(town, first, last)]
    caf = [each for each in computed.caf if first <= each.day <= last]
    plates = [each for each in computed.covers if first <= each.day <= last]
    pairs = (
        ("line", [*map(comparable, oracle)], [*map(comparable, lines)]),
        (
            "caf",
            sorted(caf_days(town, first, last), key=str),
            [each for each in computed.caf if first <= each.day <= last],
        ),
        (
            "cover",
            sorted(covers(town, first, last), key=str),
            [each for each in computed.covers if first <= each.day <= last],
        ),
    )
    found = []
    for name, expected, got in pairs:
        found += [f"{name}: oracle alone {each}" for each in expected if each not in got]
        found += [f"{name}: SQL alone {each}" for each in got if each not in expected]
        if not found and len(expected) != len(got):
            found.append(f"{name}: {len(expected)} by the oracle, {len(got)} in SQL")
    return found


def _name(line: Line) -> tuple[object, ...]:
    return line.child, line.service, line.day, line.kind, line.payer


def _with_the_fault_told(line: Line, told: str | None) -> Line:
    """Of several faults of a line, either side may tell any; the money is none either way."""
    return replace(line, fault=told) if line.fault is not None and told in line.faults else line


def comparable(line: Line) -> Line:
    """Return the line without its steps; without a price, how many units there would be says nothing.

    A package tells of no day in particular: what is said of its first one is left out.
    """
    if line.kind in PACKAGES:
        line = replace(line, situation=None, billed_minutes=None, arrived=None, left=None, departure_derived=False)
    if line.fault is None:
        price = None if line.unit_price is None else round(line.unit_price, COMPARED_PLACES)
        return replace(line, steps=(), faults=frozenset(), unit_price=price)
    return replace(line, steps=(), faults=frozenset(), units=Decimal(0), unit_price=None)


def main() -> int:
    """Compare until enough lines are; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=100_000, help="lines to compare at least")
    parser.add_argument("--seed", type=int, default=0, help="seed of the first town")
    options = parser.parse_args()
    warehouse = new_warehouse(compile_once())
    lines, towns, differing, seed = 0, 0, 0, options.seed
    while lines < options.lines:
        many = [TownMaker(number).town() for number in range(seed, seed + TOWNS_A_RUN)]
        for number, (town, computed) in enumerate(
            zip(many, compute(warehouse, many, FIRST, LAST), strict=True), seed
        ):
            found = differences(town, computed)
            differing += bool(found)
            lines += len(computed.lines)
            if found and differing <= SHOWN:
                print(f"town {number}:", *found, sep="\n  ")
        towns += len(many)
        seed += TOWNS_A_RUN
    print(f"{lines} lines of {towns} random towns compared: {differing} towns differ")
    return 1 if differing else 0


if __name__ == "__main__":
    raise SystemExit(main())
