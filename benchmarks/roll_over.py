"""The passage of 60 000 pupils of 300 schools to the next school year, on both engines.

Claim: each step ≤ 60 s of processor, and none of its writes ≥ 1 s (a tap waits 5 s at most): what this process
spends between BEGIN and COMMIT. The ratio compares proposing to a bare insertion of as many lines. `PUPILS` changes
the size.
"""

from __future__ import annotations

import json
import os
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from functools import partial
from time import process_time
from typing import Any

from sqlalchemy import Connection, event, insert

from benchmarks._engines import on_each_engine, settle
from records.actors import SETUP
from records.database import Records
from records.models import (
    ClassMembership,
    Family,
    FamilyMember,
    Person,
    Rollover,
    RolloverLine,
    SchoolClass,
    SchoolYear,
    Structure,
)
from records.operations.collectivity import CollectivityFacts, NewSchoolYear, set_collectivity
from records.operations.rollover import apply_rollover, check_class
from records.operations.rollover_proposal import Passage, propose_rollover
from records.operations.school_years import prepare_school_year

PUPILS = 60_000
PUPILS_A_CLASS = 25
LEVELS = ("PS", "MS", "GS", "CP", "CE1", "CE2", "CM1", "CM2")
START, END, NEXT_END = date(2026, 9, 1), date(2027, 7, 3), date(2028, 7, 1)
PASSAGE = Passage("2026-2027", "2027-2028")


def main() -> None:
    """Make the town on each engine, then prepare, propose, confirm and apply."""
    figures: dict[str, float] = {}
    ratios: dict[str, float] = {}
    pupils = int(os.environ.get("PUPILS", PUPILS))
    with on_each_engine() as engines:
        for engine, records in engines.items():
            print(f"making {pupils} pupils on {engine}…", flush=True)
            classes = make_pupils(records, pupils)
            settle(records)
            for name, step in _steps(records, classes).items():
                with _longest_write(records) as longest:
                    figures[f"{engine}_{name}_cpu_s"] = _cost(step)
                figures[f"{engine}_{name}_longest_write_cpu_s"] = round(max(longest), 2)
                print(engine, name, figures[f"{engine}_{name}_cpu_s"], max(longest), flush=True)
            bare = _cost(partial(_bare, records, pupils))
            ratios[f"{engine}_propose_over_bare"] = round(figures[f"{engine}_propose_cpu_s"] / max(bare, 0.01), 1)
    print(json.dumps({"name": "roll_over", "figures": figures, "ratios": ratios}))


def _steps(records: Records, classes: list[str]) -> dict[str, Callable[[], object]]:
    year = NewSchoolYear(PASSAGE.to_ref, END, NEXT_END)
    return {
        "prepare": lambda: prepare_school_year(records, SETUP, year, PASSAGE.from_ref),
        "propose": lambda: propose_rollover(records, SETUP, PASSAGE),
        "confirm": lambda: [check_class(records, SETUP, PASSAGE, ref) for ref in classes],
        "apply": lambda: apply_rollover(records, SETUP, PASSAGE),
    }


def make_pupils(records: Records, pupils: int) -> list[str]:
    """Write schools of one class a level, full, each pupil in a file of their own; returns the classes' refs.

    The tables are new: rows take the ids 1, 2, 3… in the order in which they are written.
    """
    set_collectivity(records, SETUP, CollectivityFacts("Ville d'essai", "Europe/Paris", "A", "mairie"))
    schools = -(-pupils // (PUPILS_A_CLASS * len(LEVELS)))
    rows: dict[type[Any], list[dict[str, Any]]] = {
        SchoolYear: [{"ref": PASSAGE.from_ref, "starts_on": START, "ends_on": END}],
        Structure: [_school(number) for number in range(1, schools + 1)],
        SchoolClass: [_class(number) for number in range(1, schools * len(LEVELS) + 1)],
        Person: [_pupil(number) for number in range(1, pupils + 1)],
        Family: [{"ref": f"F-{number}", "name": "Essai"} for number in range(1, pupils + 1)],
        FamilyMember: [_member(number) for number in range(1, pupils + 1)],
        ClassMembership: [_seat(number) for number in range(1, pupils + 1)],
    }
    with records.write(SETUP, "make_pupils") as write:
        for model, values in rows.items():
            for start in range(0, len(values), 5_000):
                write.session.execute(insert(model), values[start : start + 5_000])
    return [row["ref"] for row in rows[SchoolClass]]


def _school(number: int) -> dict[str, Any]:
    place = {"kind": "school", "timezone": "Europe/Paris", "commune": "Ville d'essai"}
    return {"ref": f"E-{number}", "name": f"École {number}", **place}


def _class(number: int) -> dict[str, Any]:
    level = LEVELS[(number - 1) % len(LEVELS)]
    place = {"structure_id": (number - 1) // len(LEVELS) + 1, "school_year_id": 1}
    return {"ref": f"C-{number}", "name": level, "level": level, **place}


def _pupil(number: int) -> dict[str, Any]:
    born = START - timedelta(days=1_200 + number % 3_000)
    names = {"first_name": "Léa", "last_name": f"Essai {number}", "search_key": f"ESSAI {number} LEA"}
    return {"ref": f"P-{number}", "birth_date": born, **names}


def _member(number: int) -> dict[str, Any]:
    return {"family_id": number, "person_id": number, "role": "child", "pickup": "yes", "valid_from": START}


def _seat(number: int) -> dict[str, Any]:
    class_id = (number - 1) // PUPILS_A_CLASS + 1
    return {"person_id": number, "class_id": class_id, "valid_from": START, "valid_to": END}


def _bare(records: Records, pupils: int) -> None:
    """Insert as many lines as were proposed, under another passage, then take them back."""
    years = {"from_year_id": 2, "to_year_id": 1}
    line = {"rollover_id": 2, "from_class_id": 1, "to_class_id": 1, "outcome": "next", "is_checked": False}
    with records.engine.connect() as connection:
        connection.execute(insert(Rollover), [{**years, "state": "draft"}])
        rows = [{**line, "person_id": number} for number in range(1, pupils + 1)]
        connection.execute(insert(RolloverLine), rows)
        connection.rollback()


@contextmanager
def _longest_write(records: Records) -> Iterator[list[float]]:
    """Note how long each transaction that was committed lasted, in seconds of processor; readers roll back."""
    begun: dict[int, float] = {}
    lasted: list[float] = []

    def begin(connection: Connection) -> None:
        begun[id(connection)] = process_time()

    def commit(connection: Connection) -> None:
        lasted.append(process_time() - begun[id(connection)])

    event.listen(records.engine, "begin", begin)
    event.listen(records.engine, "commit", commit)
    yield lasted
    event.remove(records.engine, "begin", begin)
    event.remove(records.engine, "commit", commit)


def _cost(step: Callable[[], object]) -> float:
    """Return the processor seconds of this process that a step took; the engine's own are its own."""
    before = resource.getrusage(resource.RUSAGE_SELF)
    step()
    after = resource.getrusage(resource.RUSAGE_SELF)
    return round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 1)


if __name__ == "__main__":
    main()
