"""Month end of a large town: ten thousand families, a million priced lines, from records loaded to invoices issued.

Meals and an evening service billed by booking: what is measured is pricing, comparing, drafting and issuing; stays
have benchmarks of their own. CPU seconds of this process, which does all the work, once the models are
compiled, as they are once a release; `--families` makes it smaller.
The other ways to keep a run's lines are measured beside, on the same lines: one row a line, by SQLAlchemy's
executemany and by the driver's own.
"""

from __future__ import annotations

import argparse
import json
import resource
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select

from domain.time import MICROS_PER_MINUTE, instant_at
from jobs.month_end import issue_from_snapshot
from records import migrations
from records.actors import SETUP
from records.database import Records, open_records, records_url
from records.models import (
    Base,
    Enrolment,
    EnrolmentPattern,
    EnrolmentPayer,
    Family,
    FamilyMember,
    MonthState,
    Payer,
    Person,
    Qf,
    Service,
    Structure,
)
from records.operations import billing_settings, collectivity, services, tariffs
from warehouse.build import build
from warehouse.load import load
from warehouse.project import compiled_project
from warehouse.reader import MARTS, open_snapshot
from warehouse.snapshot import folder

ZONE, START, MONTH = "Europe/Paris", date(2026, 9, 1), date(2026, 11, 1)
NOW = instant_at(date(2026, 12, 7), 9 * 60, ZONE) // MICROS_PER_MINUTE * MICROS_PER_MINUTE
SERVICES = (("cantine", "canteen", "meal", 28_000), ("soir", "evening_care", "unit_begun", 9_000))
SCHOOL_DAYS = (0, 1, 2, 3, 4)
CHILDREN_A_FAMILY_E1 = 25
PART = 20_000


def clock() -> int:
    """Return the instant at which everything happens."""
    return NOW


def make_town(records: Records, families: int) -> None:
    """Write a town of one school, open five days a week, with its families."""
    facts = collectivity.CollectivityFacts("Grande ville", ZONE, "A", "mairie", is_training=True)
    collectivity.set_collectivity(records, SETUP, facts)
    place = collectivity.NewStructure("ecole", "École", "school", ZONE, "Ville")
    collectivity.add_structures(records, SETUP, [place])
    year = collectivity.NewSchoolYear("2026-2027", START, date(2027, 7, 4))
    collectivity.add_school_years(records, SETUP, [year])
    for ref, kind, unit, price in SERVICES:
        services.add_service(records, SETUP, services.NewService(ref, ref.capitalize(), kind, "none"))
        services.offer_service(records, SETUP, ref, ["ecole"], START)
        services.add_rule(records, SETUP, _rule(ref))
        bands = tuple(
            tariffs.NewTariffRule(
                f"Tranche {band}", qf_from_e2=low, qf_to_e2=high, amount_e4=price + band * 100, unit=unit
            )
            for band, (low, high) in enumerate(((None, 50_000), (50_000, 100_000), (100_000, None)))
        )
        version = tariffs.NewTariffVersion(ref, ref, ref.capitalize(), START, "Délibération 1", bands)
        tariffs.publish_tariff(records, SETUP, version)
    billing_settings.set_billing(records, SETUP, billing_settings.NewBillingSetting(START, "Délibération 2", 2_000))
    _write(records, families)


def _rule(service_ref: str) -> services.NewRule:
    return services.NewRule(
        service_ref=service_ref, valid_from=START, decision="Délibération 3", period="any", weekday_mask=0b11111,
        slot_start_minute=690, slot_end_minute=810, grace_minutes=0, anti_bounce_seconds=120,
        needs_departure=False, rounding_minutes=30, tolerance_minutes=0, bill_basis="booking",
        undecided_default="billed", caf_hour_rule="slot_full", serves_meal=False, is_priced=True,
    )  # fmt: skip


def _write(records: Records, families: int) -> None:
    with records.read() as session:
        service_ids = list(session.scalars(select(Service.id).order_by(Service.id)))
        place_id = session.scalars(select(Structure.id)).one()
    rows: dict[type[Base], list[dict[str, Any]]] = {}
    child_id = families
    for number in range(1, families + 1):
        children = range(child_id + 1, child_id + 1 + CHILDREN_A_FAMILY_E1 // 10 + number % 2)
        child_id = children[-1]
        for model, row in _family(number, children, service_ids, place_id):
            rows.setdefault(model, []).append(row)
    for model in (Family, Person, FamilyMember, Payer, Qf, Enrolment, EnrolmentPattern, EnrolmentPayer):
        for start in range(0, len(rows[model]), PART):
            with records.write(SETUP, "make_town") as write:
                write.session.execute(insert(model), rows[model][start : start + PART])
    with records.write(SETUP, "confirm") as write:
        said = {"state": "confirmed", "recorded_at": NOW, "recorded_by": "essai"}
        write.session.add(MonthState(structure_id=place_id, month=MONTH, seq=1, **said))


def _family(
    number: int, children: range, service_ids: list[int], place_id: int
) -> Iterator[tuple[type[Base], dict[str, Any]]]:
    usual = {"row_version": 1}
    yield Family, {"id": number, "ref": f"F{number:05d}", "name": f"Famille {number}", **usual}
    for person_id, role in [(number, "guardian"), *((each, "child") for each in children)]:
        names = {"first_name": f"P{person_id}", "last_name": f"Famille {number}", "search_key": f"p{person_id}"}
        birth = {"birth_date": date(2018, 1, 1) if role == "child" else None}
        yield Person, {"id": person_id, "ref": f"P{person_id:06d}", **names, **birth, **usual}
        member = {"family_id": number, "person_id": person_id, "role": role, "pickup": "yes", "valid_from": START}
        yield FamilyMember, {**member, **usual}
    payer = {"id": number, "ref": f"F{number:05d}-P", "family_id": number, "person_id": number}
    yield Payer, {**payer, "notice_channel": "none", "wants_paper": False, **usual}
    fact = {"family_id": number, "effective_from": START, "recorded_at": 1, "source": "caf"}
    yield Qf, {**fact, "value_e2": number * 7_919 % 200_000}
    for child_id in children:
        for place, service_id in enumerate(service_ids):
            enrolment_id = child_id * len(service_ids) + place
            about = {"person_id": child_id, "service_id": service_id, "structure_id": place_id}
            ref = f"{child_id}-{service_id}"
            # November alone: a million lines of one month.
            dated = {"valid_from": MONTH, "valid_to": date(2026, 12, 1)}
            yield Enrolment, {"id": enrolment_id, "ref": ref, **about, "category": "enfant", **dated, **usual}
            for weekday in SCHOOL_DAYS:
                pattern = {"enrolment_id": enrolment_id, "weekday": weekday, **dated}
                yield EnrolmentPattern, {**pattern, **usual}
            yield (
                EnrolmentPayer,
                {"enrolment_id": enrolment_id, "payer_id": number, "rule": "all", **dated, **usual},
            )


class Stages:
    """CPU seconds by stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Measure what is done inside, and tell it."""
        started, wall = _cpu(), time.perf_counter()
        yield
        self.seconds[name] = round(_cpu() - started, 2)
        print(f"{name}: {self.seconds[name]} s CPU, {time.perf_counter() - wall:.1f} s")


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def other_ways(home: Path, rows_max: int) -> dict[str, float]:
    """Return µs of CPU a line of keeping lines as rows, by SQLAlchemy and by the driver."""
    reader = open_snapshot(home)
    query = f"select 1 as run_id, line_key, cast(due_amount * 100 as bigint) from {MARTS}.fct_billing_lines limit ?"
    found: dict[str, float] = {}
    with sqlite3.connect(home / "rows.db") as connection:
        connection.execute(
            "create table run_line (run_id int, line_key text, cents int, unique (run_id, line_key))"
        )
        started = _cpu()
        rows = reader.connection.cursor().execute(query, [rows_max]).fetchall()
        connection.executemany("insert into run_line values (?, ?, ?)", rows)
        connection.commit()
        found["rows_by_driver_us"] = round((_cpu() - started) * 1e6 / len(rows), 2)
    from sqlalchemy import Column, Integer, MetaData, String, Table, create_engine

    engine = create_engine(f"sqlite:///{home / 'rows-sqlalchemy.db'}")
    columns = (Column("run_id", Integer), Column("line_key", String, unique=True), Column("cents", Integer))
    table = Table("run_line", MetaData(), *columns)
    table.metadata.create_all(engine)
    started = _cpu()
    with engine.begin() as connected:
        connected.execute(
            insert(table), [{"run_id": run, "line_key": key, "cents": cents} for run, key, cents in rows]
        )
    found["rows_by_sqlalchemy_us"] = round((_cpu() - started) * 1e6 / len(rows), 2)
    engine.dispose()
    return found


def main() -> None:
    """Make the town, price it, issue its invoices."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--families", type=int, default=10_000)
    families = parser.parse_args().families
    stages = Stages()
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        url = records_url(home)
        migrations.upgrade(url)
        records = open_records(url, clock)
        make_town(records, families)
        with stages.stage("load"):
            load(url, home / "only-loaded.duckdb", NOW, lambda _table: None)
        with stages.stage("compile_models"):  # once a release: kept in the folder
            compiled_project(folder(home))
        with stages.stage("load_price_publish"):
            build(home, url, now=NOW)
        with stages.stage("draft_and_issue"):
            issued = issue_from_snapshot(records, home, SETUP, MONTH, lambda _done, _said: None)
        lines = open_snapshot(home).sql("select count(*) as lines from fct_billing_lines").to_pylist()[0]["lines"]
        ways = other_ways(home, min(lines, 200_000))
        records.close()
    _tell(stages.seconds, issued, lines, ways)


def _tell(seconds: dict[str, float], issued: Any, lines: int, ways: dict[str, float]) -> None:
    total = seconds["load_price_publish"] - seconds["load"] + seconds["draft_and_issue"]
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    figures = {"invoices": issued["invoices"], "lines": lines, "peak_mb": peak_mb, **seconds, **ways}
    ratios = {
        "cpu_ms_an_invoice": round(total * 1_000 / issued["invoices"], 3),
        "of_it_draft_and_issue_ms": round(seconds["draft_and_issue"] * 1_000 / issued["invoices"], 3),
        "body_us_a_line": round(seconds["draft_and_issue"] * 1e6 / lines, 2),
    }
    print(json.dumps({"name": "month_end", "figures": figures, "ratios": ratios}))


if __name__ == "__main__":
    main()
