"""`python -m tests.oracles.proof`: the SQL against the slow oracles on many random towns, to the cent.

Prints how many lines and towns were compared and every difference; ends with 1 when there is one.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from tests.harness.models import compile_once
from tests.oracles.bills import all_lines
from tests.oracles.computed import Computed, compute, new_warehouse
from tests.oracles.counts import CafDay, Cover, caf_days, covers
from tests.oracles.coverages import Covered, Refused, covered, refused
from tests.oracles.pricing import Line
from tests.oracles.random_towns import FIRST, LAST, TownMaker
from tests.oracles.statement import Claim, claims
from tests.oracles.tariffs import Step
from tests.oracles.world import Town

TOWNS_A_RUN = 600
SHOWN = 20
CONTRACT = ("contract", "contract_end", "contract_back", "overtime", "deduction")
PACKAGES = ("membership", "membership_year", "sejour", *CONTRACT)
NOTHING = Fraction(0)
COMPARED_PLACES = 9  # of a unit price that no step rounds: the SQL rounds its twelfth decimal at each modifier
STEP_PLACES = 6  # of what a step found and left: a whole line has that twelfth decimal as often as it has units


def differences(town: Town, computed: Computed, first: date = FIRST, last: date = LAST) -> list[str]:
    """Return what the SQL and the oracles say differently of one town over some days."""
    return told_apart(expected_of(town, first, last), computed, first, last)


@dataclass(frozen=True)
class Expected:
    """All that the oracles say of one town."""

    lines: list[Line]
    caf: list[CafDay]
    covers: list[Cover]
    covered: list[Covered]
    claims: list[Claim]
    refused: list[Refused]


def expected_of(town: Town, first: date, last: date) -> Expected:
    """Ask the oracles."""
    lines = all_lines(town, first, last)
    caf = sorted(caf_days(town, first, last), key=str)
    parts = covered(town, lines)
    plates = sorted(covers(town, first, last), key=str)
    return Expected(lines, caf, plates, parts, claims(town, parts), refused(town, lines))


def told_apart(expected: Expected, computed: Computed, first: date, last: date) -> list[str]:
    """Return each thing that only one of the two says."""
    lines = [line for line in computed.lines if first <= line.day <= last]
    told = {_name(line): line.fault for line in lines}
    oracle = [_with_the_fault_told(line, told.get(_name(line))) for line in expected.lines]
    pairs: tuple[tuple[str, list[Any], list[Any]], ...] = (
        ("line", [*map(comparable, oracle)], [*map(comparable, lines)]),
        ("caf", expected.caf, [each for each in computed.caf if first <= each.day <= last]),
        ("cover", expected.covers, [each for each in computed.covers if first <= each.day <= last]),
        (
            "covered",
            [*map(_part, expected.covered)],
            [_part(each) for each in computed.covered if first <= each.line.day <= last],
        ),
        (
            "refused",
            [*map(_refusal, expected.refused)],
            [_refusal(each) for each in computed.refused if first <= each.line.day <= last],
        ),
    )
    if len(lines) == len(computed.lines):  # a statement says what all the days of its month make
        pairs = (*pairs, ("claim", expected.claims, computed.claims))
    found = []
    for name, wanted, got in pairs:
        if wanted != got:
            alone = [f"{name}: oracle alone {each}" for each in wanted if each not in got]
            alone += [f"{name}: SQL alone {each}" for each in got if each not in wanted]
            found += alone or [f"{name}: {len(wanted)} by the oracle, {len(got)} in SQL, or in another order"]
    return found


def _name(line: Line) -> tuple[object, ...]:
    return line.child, line.service, line.day, line.kind, line.payer


def _part(part: Covered) -> tuple[object, ...]:
    return *_name(part.line), part.coverage, part.body, part.units, part.amount


def _refusal(each: Refused) -> tuple[object, ...]:
    return *_name(each.line), each.coverage, each.fault


def _with_the_fault_told(line: Line, told: str | None) -> Line:
    """Of several faults of a line, either side may tell any; the money is none either way."""
    return replace(line, fault=told) if line.fault is not None and told in line.faults else line


def comparable(line: Line) -> Line:
    """Return what both sides must say alike of a line.

    Without a price, how many units there would be says nothing. A package tells of no day in particular: what is
    said of its first one is left out.
    """
    line = replace(line, faults=frozenset(), unit=None, days=None, unit_minutes=None)
    if line.kind in PACKAGES:
        line = replace(line, situation=None, billed_minutes=None, arrived=None, left=None, departure_derived=False)
    if line.fault is not None:
        return replace(line, steps=(), units=Decimal(0), unit_price=None)
    price = None if line.unit_price is None else round(line.unit_price, COMPARED_PLACES)
    return replace(line, steps=_told(line), unit_price=price)


def _told(line: Line) -> tuple[Step, ...]:
    """Return the place of the row that gave the price, then what each modifier made of it."""
    base = tuple(Step(step.place, "", NOTHING, NOTHING) for step in line.steps[:1])
    if line.units == 0:
        return base
    return base + tuple(
        replace(step, before=round(step.before, STEP_PLACES), after=round(step.after, STEP_PLACES))
        for step in line.steps[1:]
    )


@dataclass
class Tally:
    """What was compared and what differed."""

    towns: int = 0
    lines: int = 0
    steps: int = 0
    covered: int = 0
    claims: int = 0
    towns_that_differ: int = 0
    kinds: Counter[str] = field(default_factory=Counter)

    def add(self, expected: Expected, computed: Computed) -> list[str]:
        """Compare one town; return the differences."""
        found = told_apart(expected, computed, FIRST, LAST)
        self.towns += 1
        self.towns_that_differ += bool(found)
        self.lines += len(computed.lines)
        self.steps += sum(len(line.steps) for line in computed.lines)
        self.covered += len(computed.covered)
        self.claims += len(computed.claims)
        self.kinds.update(line.kind for line in computed.lines)
        return found


def prove(lines: int, first: int) -> Tally:
    """Compare towns until enough lines are; print the first differences."""
    warehouse, tally, seed = new_warehouse(compile_once()), Tally(), first
    while tally.lines < lines:
        many = [TownMaker(number).town() for number in range(seed, seed + TOWNS_A_RUN)]
        for number, (town, computed) in enumerate(
            zip(many, compute(warehouse, many, FIRST, LAST), strict=True), seed
        ):
            found = tally.add(expected_of(town, FIRST, LAST), computed)
            if found and tally.towns_that_differ <= SHOWN:
                print(f"town {number}:", *found, sep="\n  ", flush=True)
        seed += TOWNS_A_RUN
    return tally


def commit() -> str:
    """Return the short name of the commit that is about to be proved."""
    asked = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True)
    return asked.stdout.strip()


def keep(tally: Tally, proved: str, options: argparse.Namespace) -> None:
    """Write the figures with the commit, the command and the processor's seconds."""
    asked = f"--lines {options.lines} --seed {options.seed} --json {options.json}"
    used = resource.getrusage(resource.RUSAGE_SELF)
    about = {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "commit": proved,
        "command": f"python -m tests.oracles.proof {asked}",
        "cpu_seconds": round(used.ru_utime + used.ru_stime),
    }
    options.json.write_text(json.dumps(about | vars(tally), indent=2) + "\n", encoding="utf-8")


def main() -> int:
    """Compare until enough lines are; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=100_000, help="lines to compare at least")
    parser.add_argument("--seed", type=int, default=0, help="seed of the first town")
    parser.add_argument("--json", type=Path, help="write the figures, the commit and the date to this file")
    options = parser.parse_args()
    proved = commit() if options.json else ""
    tally = prove(options.lines, options.seed)
    if options.json:
        keep(tally, proved, options)
    print(
        f"{tally.lines} lines, {tally.steps} steps of prices, {tally.covered} parts of bodies and {tally.claims} "
        f"statement lines of {tally.towns} random towns compared: {tally.towns_that_differ} towns differ"
    )
    return 1 if tally.towns_that_differ else 0


if __name__ == "__main__":
    raise SystemExit(main())
