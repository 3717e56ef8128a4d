"""Opening a family file among 60 000 children, on both engines. Claim: p95 ≤ 100 ms.

The ratio compares a file to one search, so that it holds between machines.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import time

from benchmarks._engines import on_each_engine, settle
from benchmarks._made_families import CHILDREN, make_families
from records.actors import SETUP
from records.operations.family_file import open_family_file
from records.operations.family_search import search_families

FILES = 300


def main() -> None:
    """Make the town on each engine, then open files drawn at random, health included."""
    figures: dict[str, float] = {}
    ratios: dict[str, float] = {}
    dice = random.Random(11)
    with on_each_engine() as engines:
        for engine, records in engines.items():
            print(f"making {CHILDREN} children on {engine}…", flush=True)
            refs = make_families(records, int(os.environ.get("CHILDREN", CHILDREN)))
            settle(records)
            opened: list[float] = []
            searched: list[float] = []
            for ref in dice.sample(refs, FILES):
                started = time.perf_counter()
                name = open_family_file(records, SETUP, ref).name
                between = time.perf_counter()
                search_families(records, SETUP, name)
                opened.append((between - started) * 1000)
                searched.append((time.perf_counter() - between) * 1000)
            cuts = statistics.quantiles(opened, n=20)
            figures |= {f"{engine}_ms_p50": round(cuts[9], 1), f"{engine}_ms_p95": round(cuts[18], 1)}
            ratios[f"{engine}_file_over_search_p50"] = round(cuts[9] / statistics.median(searched), 2)
    print(json.dumps({"name": "family_file", "figures": figures, "ratios": ratios}))


if __name__ == "__main__":
    main()
