"""A made year of places with their taps, written straight into empty SQLite records: only the build is measured.

Each place has a school's midday and evening, attended by 400 children, and a crèche of 30, with its convention and
its accounts: about 220 000 taps a place.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Boolean, Integer

from domain.time import MICROS_PER_MINUTE, instant_at
from records.models import Base

YEAR = 2026
PUPILS, TODDLERS = 400, 30
ZONE = "Europe/Paris"
BEGIN = "2025-01-01"
MIDDAY, EVENING, CRECHE = 1, 2, 3
SCHOOL_DAYS, WEEKDAYS = 0b11011, 0b11111
_FREE, _SCALE = 1, 2


def make_year(file: Path, places: int) -> int:
    """Fill migrated, empty records; returns how many taps they hold."""
    dice = random.Random(20261129)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("pragma synchronous = off")
        write = _Writer(connection)
        _town(write, places)
        for place in range(1, places + 1):
            _place(write, place, dice)
            connection.commit()
        connection.execute("update change_seq set value = value + 1")
        connection.commit()
        count: int = connection.execute("select count(*) from tap").fetchone()[0]
    return count


class _Writer:
    """Inserts rows; what a table asks for and nobody reads is filled with anything."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def add(self, table: str, rows: Iterable[dict[str, Any]]) -> None:
        """Add rows that name the same columns."""
        found = iter(rows)
        first = next(found)
        filled = {
            column.name: _anything(column.type)
            for column in Base.metadata.tables[table].columns
            if column.name not in first and not column.nullable and column.name != "id"
        }
        names = [*first, *filled]
        rest = tuple(filled.values())
        statement = f"insert into {table} ({', '.join(names)}) values ({', '.join('?' * len(names))})"
        self._connection.execute(statement, (*first.values(), *rest))
        self._connection.executemany(statement, ((*row.values(), *rest) for row in found))


def _anything(kind: object) -> int | str:
    return 1 if isinstance(kind, Integer | Boolean) else "essai"


def _town(write: _Writer, places: int) -> None:
    write.add("collectivity", [{"id": 1, "name": "Ville d'essai", "timezone": ZONE, "school_zone": "A"}])
    years = (("2025-09-01", "2026-07-04"), ("2026-09-01", "2027-07-03"))
    write.add("school_year", ({"ref": first[:4], "starts_on": first, "ends_on": end} for first, end in years))
    kinds = (("canteen", "periscolaire_midday"), ("evening_care", "periscolaire_evening"), ("daycare", "eaje"))
    write.add(
        "service",
        (
            {"id": n, "ref": kind, "label": kind, "kind": kind, "caf_kind": caf}
            for n, (kind, caf) in enumerate(kinds, 1)
        ),
    )
    write.add("service_rule", (_rule(*each) for each in (
        (MIDDAY, "school", SCHOOL_DAYS, (705, 815), False),
        (EVENING, "school", SCHOOL_DAYS, (990, 1110), True),
        (CRECHE, "any", WEEKDAYS, (450, 1110), True),
    )))  # fmt: skip
    write.add(
        "tariff",
        ({"id": n, "ref": f"t{n}", "service_id": n, "label": f"Tarif {n}"} for n in (MIDDAY, EVENING, CRECHE)),
    )
    write.add("tariff_version", (
        {"id": n, "tariff_id": n, "valid_from": BEGIN, "decision": "Essai", "rank_basis": None,
         "package_basis": "enrolled"} for n in (MIDDAY, EVENING, CRECHE)
    ))  # fmt: skip
    write.add("tariff_rule", (_price(*each) for each in (
        (MIDDAY, "flat", "meal", 28_000, None), (EVENING, "flat", "unit_begun", 7_500, None),
        (CRECHE, "psu", "hour", None, "collective"),
    )))  # fmt: skip
    write.add("structure", (
        {"id": n, "ref": f"lieu-{n}", "name": f"Lieu {n}", "kind": "school", "timezone": ZONE}
        for n in range(1, places + 1)
    ))  # fmt: skip


def _rule(service: int, period: str, mask: int, slot: tuple[int, int], departs: bool) -> dict[str, Any]:
    return {
        "service_id": service, "valid_from": BEGIN, "decision": "Essai", "period": period, "weekday_mask": mask,
        "slot_start_minute": slot[0], "slot_end_minute": slot[1], "grace_minutes": 30, "anti_bounce_seconds": 60,
        "needs_departure": departs, "rounding_minutes": 30, "rounding_on": "duration", "rounding_mode": "begun",
        "tolerance_minutes": 0, "bill_basis": "presence", "undecided_default": "billed", "qf_rule": "on_day",
        "qf_backdating": "from_effect", "caf_hour_rule": "real" if service == CRECHE else "slot_full",
        "serves_meal": service == MIDDAY, "is_priced": True,
    }  # fmt: skip


def _price(service: int, form: str, unit: str, amount_e4: int | None, basis: str | None) -> dict[str, Any]:
    return {
        "version_id": service, "ordinal": 1, "label": "Tarif", "form": form, "unit": unit, "amount_e4": amount_e4,
        "basis": basis, "above_ceiling": False if basis else None, "applies_to": None,
    }  # fmt: skip


def _place(write: _Writer, place: int, dice: random.Random) -> None:
    services = (MIDDAY, EVENING, CRECHE)
    write.add("service_place", ({"service_id": n, "structure_id": place, "valid_from": BEGIN} for n in services))
    write.add(
        "device", [{"id": place, "ref": f"borne-{place}", "label": "Borne", "structure_id": place, "mode": "badge"}]
    )
    children = [place * 1_000 + n for n in range(PUPILS + TODDLERS)]
    toddlers = set(children[PUPILS:])
    write.add("family", ({"id": n, "ref": f"f{n}"} for n in children))
    write.add("person", (
        {"id": n, "ref": f"c{n}", "first_name": f"Prénom {n % 97}", "last_name": f"Essai {n}",
         "birth_date": f"{YEAR - (2 if n in toddlers else 3 + n % 8)}-0{1 + n % 9}-11"} for n in children
    ))  # fmt: skip
    write.add("family_member", (
        {"family_id": n, "person_id": n, "role": "child", "pickup": "yes", "valid_from": BEGIN} for n in children
    ))  # fmt: skip
    write.add(
        "payer",
        ({"id": n, "ref": f"p{n}", "family_id": n, "person_id": n, "notice_channel": "none"} for n in children),
    )
    write.add("regime", (
        {"family_id": n, "effective_from": BEGIN, "recorded_at": 1, "code": "general" if n % 12 else "msa",
         "caf_group": "RG" if n % 12 else "MSA"} for n in children
    ))  # fmt: skip
    write.add("income", (
        {"family_id": n, "effective_from": BEGIN, "annual_cents": dice.randrange(9_000_000), "children_count": 2,
         "aeeh_count": 0, "source": "caf"} for n in children
    ))  # fmt: skip
    attended = [(n, s) for n in children for s in ((CRECHE,) if n in toddlers else (MIDDAY, EVENING))]
    write.add("enrolment", (
        {"id": n * 10 + s, "ref": f"i{n}-{s}", "person_id": n, "service_id": s, "structure_id": place,
         "category": "enfant",
         "valid_from": BEGIN} for n, s in attended
    ))  # fmt: skip
    write.add("enrolment_payer", (
        {"enrolment_id": n * 10 + s, "payer_id": n, "rule": "all", "valid_from": BEGIN} for n, s in attended
    ))  # fmt: skip
    write.add("badge_assignment", (
        {"id": n, "badge_uid": f"04{n:08X}", "holder_id": n, "valid_from": BEGIN} for n in children
    ))  # fmt: skip
    write.add("badge_child", ({"assignment_id": n, "child_id": n} for n in children))
    write.add("caf_setting", [
        {"structure_id": place, "valid_from": BEGIN, "seq": 1, "decision": "Essai", "authorised_places": 500,
         "meals_provided": True, "diapers_provided": True, "has_pedt": False, "has_plan_mercredi": False,
         "oversize_rounding": "floor"}
    ])  # fmt: skip
    write.add("accounting_line", [
        {"structure_id": place, "year": YEAR, "account": "64", "label": "Personnel", "amount_cents": 30_000_000,
         "nature": "charge", "period": "year", "origin": "entered"}
    ])  # fmt: skip
    write.add("tap", _taps(place, children, toddlers, dice))


def _taps(place: int, children: list[int], toddlers: set[int], dice: random.Random) -> Iterator[dict[str, Any]]:
    seq = 0
    for day in (date(YEAR, 1, 1) + timedelta(days=offset) for offset in range(365)):
        midnight = instant_at(day, 0, ZONE)
        is_school = day.weekday() in (0, 1, 3, 4) and not date(YEAR, 7, 4) <= day < date(YEAR, 9, 1)
        for child in children:
            if child in toddlers:
                times = _stay(dice, 460, 700, 1_090) if day.weekday() < 5 else ()
            else:
                times = (700 + dice.randrange(30), *_stay(dice, 990, 1_000, 1_100)) if is_school else ()
            for minute in times:
                seq += 1
                at = midnight + minute * MICROS_PER_MINUTE
                yield {
                    "tap_id": f"{place:08x}{seq:024x}", "device_id": place, "epoch": f"{place:032x}", "seq": seq,
                    "kind": "badge", "badge_uid": f"04{child:08X}", "occurred_at": at, "received_at": at,
                    "occurred_at_corrected": at, "time_confidence": "synced", "flags": "",
                }  # fmt: skip


def _stay(dice: random.Random, first: int, middle: int, last: int) -> tuple[int, ...]:
    if dice.random() < 0.15:
        return ()
    return (first + dice.randrange(middle - first), middle + dice.randrange(5, last - middle))
