"""Searching a file among 60 000 children, on both engines: as typed whole, begun, misspelt, by telephone.

The ratio compares a misspelt name to the same name written well. Claim: p95 ≤ 50 ms.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import time
from collections.abc import Callable

from sqlalchemy import select

from benchmarks._engines import on_each_engine, settle
from benchmarks._made_families import CHILDREN, make_families
from records.actors import SETUP
from records.database import Records
from records.models import FamilyMember, Person, PersonPhone
from records.operations.family_search import search_families

SEARCHES = 200


def main() -> None:
    """Make the town on each engine, then ask in turn."""
    figures: dict[str, float] = {}
    ratios: dict[str, float] = {}
    with on_each_engine() as engines:
        for engine, records in engines.items():
            print(f"making {CHILDREN} children on {engine}…", flush=True)
            make_families(records, int(os.environ.get("CHILDREN", CHILDREN)))
            settle(records)
            kinds = _asked(records)
            every: list[float] = []
            for kind, asked in kinds.items():
                spent = [_spent(records, typed) for typed in asked]
                every += spent
                figures |= _cuts(f"{engine}_{kind}", spent)
            figures |= _cuts(engine, every)
            whole, misspelt = figures[f"{engine}_whole_ms_p50"], figures[f"{engine}_misspelt_ms_p50"]
            ratios[f"{engine}_misspelt_over_whole_p50"] = round(misspelt / whole, 2)
    print(json.dumps({"name": "search", "figures": figures, "ratios": ratios}))


def _asked(records: Records) -> dict[str, list[str]]:
    """Return what is typed, by kind, about people drawn at random."""
    dice = random.Random(7)
    with records.read() as session:
        people = session.execute(
            select(Person.last_name, Person.first_name)
            .join(FamilyMember, FamilyMember.person_id == Person.id)
            .where(FamilyMember.role == "child", Person.id % 61 == 0)
            .limit(4 * SEARCHES)
        ).all()
        phones = session.scalars(select(PersonPhone.number).where(PersonPhone.id % 71 == 0).limit(SEARCHES)).all()
    chosen = dice.sample([tuple(row) for row in people], SEARCHES)
    kinds: dict[str, Callable[[str, str], str]] = {
        "whole": lambda last, first: f"{last} {first}".lower(),
        "last_name": lambda last, first: last,
        "first_name": lambda last, first: first,
        "begun": lambda last, first: f"{last[:3]} {first[:2]}",
        "misspelt": lambda last, first: f"{_misspelt(dice, last)} {first}",
    }
    asked = {kind: [make(last, first) for last, first in chosen] for kind, make in kinds.items()}
    return asked | {"phone": list(phones)}


def _misspelt(dice: random.Random, name: str) -> str:
    """Return a name with one letter forgotten, doubled or replaced."""
    place = dice.randrange(1, len(name))
    return name[:place] + dice.choice(("", name[place] * 2, "k")) + name[place + 1 :]


def _spent(records: Records, typed: str) -> float:
    started = time.perf_counter()
    search_families(records, SETUP, typed)
    return (time.perf_counter() - started) * 1000


def _cuts(name: str, spent: list[float]) -> dict[str, float]:
    cuts = statistics.quantiles(spent, n=20)
    return {f"{name}_ms_p50": round(cuts[9], 1), f"{name}_ms_p95": round(cuts[18], 1)}


if __name__ == "__main__":
    main()
