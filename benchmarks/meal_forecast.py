"""The kitchen's forecast of a large town: 300 made schools, two years of history, one year ahead.

One figure is the SQL model's, the other that of the trees learned again from all the past; the memory is the whole
process's, the most it ever held.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from pathlib import Path

import duckdb

from warehouse.meal_files import MealFiles
from warehouse.meal_forecast import forecast_files
from warehouse.project import compiled_project
from warehouse.snapshot import folder

SCHOOLS = 300
SQL_SECONDS_MAX, TREES_SECONDS_MAX, MEGABYTES_MAX = 10, 20, 2000
_DAYS = """
create table days as
select cast(unnest(generate_series(date '2023-09-04', date '2026-07-03', interval 1 day)) as date) as day;
delete from days where isodow(day) in (3, 6, 7) or month(day) = 8 or (month(day) = 7 and day(day) > 5);
create table meals as
select
    'École ' || school as site, 'E' as site_type, day as date, 60 + school % 200 as enrolled,
    cast(round((60 + school % 200) * (0.6 + 0.001 * (school % 300)) * (1 - 0.02 * isodow(day))
        * (0.95 + 0.1 * (hash(school, day) % 1000) / 1000)) as integer) as meals_actual
from days cross join range(?) as schools(school)
"""


def make_files(work: Path, schools: int) -> MealFiles:
    """Write the files of a made town; return where they are."""
    files = MealFiles(work / "history.csv", work / "strikes.csv", work / "known", work / "targets.csv")
    files.known.mkdir()
    files.strikes.write_text("date\n", encoding="utf-8")
    with duckdb.connect() as connection:
        *before, meals = _DAYS.split(";")
        for statement in before:
            connection.execute(statement)
        connection.execute(meals, [schools])
        connection.sql("select * from meals where date < date '2025-09-01'").write_csv(str(files.history))
        asked = connection.sql("select * exclude (meals_actual) from meals where date >= date '2025-09-01'")
        asked.write_csv(str(files.targets))
        connection.sql("select day as date, 'std' as calendar_class, 'none' as menu_class from days").write_csv(
            str(files.known / "service_days.csv")
        )
    return files


def measure(home: Path, files: MealFiles, *, with_trees: bool) -> dict[str, float | str]:
    """Return the wall and CPU seconds of one forecast, and the model that answered."""
    wall, cpu = time.perf_counter(), time.process_time()
    done = forecast_files(home, files, files.history.with_name("out.csv"), with_trees=with_trees)
    return {
        "wall_s": round(time.perf_counter() - wall, 2),
        "cpu_s": round(time.process_time() - cpu, 2),
        "rows": done.rows,
        "model": done.model,
    }


def main() -> None:
    """Measure, and print progress for people and one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--schools", type=int, default=SCHOOLS)
    schools = parser.parse_args().schools
    with tempfile.TemporaryDirectory(prefix="marelle-meals-") as work:
        home = Path(work)
        compiled_project(folder(home))  # a home compiles once, whatever it then forecasts
        files = make_files(home, schools)
        sql = measure(home, files, with_trees=False)
        print(f"SQL: {sql}")
        trees = measure(home, files, with_trees=True)
        print(f"Trees: {trees}")
    figures = {
        **{f"sql_{name}": value for name, value in sql.items()},
        **{f"trees_{name}": value for name, value in trees.items()},
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }
    ratios = {
        "sql_of_10_s": round(float(sql["cpu_s"]) / SQL_SECONDS_MAX, 3),
        "trees_of_20_s": round(float(trees["cpu_s"]) / TREES_SECONDS_MAX, 3),
        "memory_of_2_gb": round(float(figures["peak_mb"]) / MEGABYTES_MAX, 3),
    }
    print(json.dumps({"name": "meal_forecast", "figures": figures, "ratios": ratios}))


if __name__ == "__main__":
    main()
