"""A quote through `warehouse.family`: a family's month, live, against reading the same lines already published.

Every family of the demo asks in turn; the first question, which compiles and prepares, is not counted.
"""

from __future__ import annotations

import json
import statistics
import time
from datetime import date

from sqlalchemy import select

from benchmarks._demo import demo_home
from domain.time import system_clock
from records.database import open_records, records_url
from records.models import Family
from warehouse.build import build
from warehouse.family import family_lines, warm_up
from warehouse.reader import open_snapshot

TODAY = date(2026, 11, 21)
MONTH, LAST_DAY = date(2026, 11, 1), date(2026, 11, 30)


def main() -> None:
    """Ask for each family, live then published, one after the other."""
    live: list[float] = []
    used: list[float] = []
    published: list[float] = []
    lines = 0
    with demo_home(TODAY) as home:
        build(home, records_url(home))
        records = open_records(records_url(home))
        with records.read() as session:
            refs = list(session.scalars(select(Family.ref).order_by(Family.ref)))
        warm_up(home)
        reader = open_snapshot(home)
        for ref in refs:
            started, before = time.perf_counter(), time.process_time()
            lines += len(family_lines(records, home, ref, MONTH, LAST_DAY, now=system_clock()))
            between = time.perf_counter()
            used.append((time.process_time() - before) * 1000)
            reader.priced_lines(MONTH, family_ref=ref)
            live.append((between - started) * 1000)
            published.append((time.perf_counter() - between) * 1000)
        records.close()
    print(f"{len(refs)} families, {lines} lines")
    cuts, read_cuts = statistics.quantiles(live, n=20), statistics.quantiles(published, n=20)
    figures = {
        "families": len(refs),
        "lines": lines,
        "quote_ms_p50": round(cuts[9], 1),
        "quote_ms_p95": round(cuts[18], 1),
        "quote_cpu_ms_mean": round(statistics.mean(used), 1),
        "quote_cpu_ms_p95": round(statistics.quantiles(used, n=20)[18], 1),
        "published_read_ms_p50": round(read_cuts[9], 1),
        "published_read_ms_p95": round(read_cuts[18], 1),
    }
    ratios = {
        "quote_over_published_read_p50": round(cuts[9] / read_cuts[9], 2),
        "quote_over_published_read_p95": round(cuts[18] / read_cuts[18], 2),
    }
    print(json.dumps({"name": "family_quote", "figures": figures, "ratios": ratios}))


if __name__ == "__main__":
    main()
