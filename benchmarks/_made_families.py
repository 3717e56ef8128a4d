"""A made world of family files by the ten thousand, written straight into empty records: only reading is measured.

Names are invented syllables. The commonest is borne by one in a hundred (more than « Martin »), most by a few.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import count
from typing import Any

from sqlalchemy import insert

from domain.names import search_key
from records.actors import SETUP
from records.database import Records
from records.models import Address, Base, Family, FamilyMember, Payer, Person, PersonPhone, Qf
from records.operations.collectivity import CollectivityFacts, set_collectivity
from records.operations.search_index import index_people

CHILDREN = 60_000
START = date(2026, 9, 1)
_HEADS = ("Mar", "Ber", "Du", "Le", "Fa", "Gar", "Ro", "Mi", "Che", "Bou", "Lau", "Si", "Gi", "Per", "Mo", "An")
_MIDDLES = ("ti", "na", "ché", "ra", "lo", "ne", "vi", "gue", "mon", "cel", "do", "sar", "bi", "que", "tou", "lan")
_TAILS = (
    "n",
    "rd",
    "let",
    "ier",
    "eau",
    "ot",
    "ne",
    "ville",
    "in",
    "gnac",
    "s",
    "mont",
    "ez",
    "ois",
    "elle",
    "ard",
)
_PAIRS = (" ", "-", "")


def make_families(records: Records, children: int = CHILDREN) -> list[str]:
    """Write families of one to three children, of a town founded here; returns their references."""
    dice = random.Random(20261128)
    set_collectivity(records, SETUP, CollectivityFacts("Ville d'essai", "Europe/Paris", "A", "mairie"))
    last, first = _names(dice, 12_000), _names(dice, 1_500)
    rows = list(_rows(dice, children, last, first))
    refs: list[str] = []
    for start in range(0, len(rows), 2_000):
        part = rows[start : start + 2_000]
        with records.write(SETUP, "make_families") as write:
            for model in (Family, Person, PersonPhone, Address, FamilyMember, Payer, Qf):
                values = [row for each in part for table, row in each if table is model]
                write.session.execute(insert(model), values)
            refs += [row["ref"] for each in part for table, row in each if table is Family]
            index_people(write.session, [row["id"] for each in part for table, row in each if table is Person])
    return refs


def _names(dice: random.Random, many: int) -> list[str]:
    names: dict[str, None] = {}
    while len(names) < many:
        name = dice.choice(_HEADS) + dice.choice(_MIDDLES) * dice.randint(0, 1) + dice.choice(_MIDDLES)
        name += dice.choice(_TAILS)
        if dice.random() < 0.1:
            name += dice.choice(_PAIRS) + dice.choice(_HEADS).capitalize() + dice.choice(_TAILS)
        names[name] = None
    return list(names)


def _one(dice: random.Random, names: list[str]) -> str:
    """Return a name, the n-th of the list about 1/√n as often as the first."""
    return names[int(len(names) * dice.random() ** 2)]


def _rows(
    dice: random.Random, children: int, last: list[str], first: list[str]
) -> Iterator[list[tuple[type[Base], dict[str, Any]]]]:
    """Yield the rows of each family in turn."""
    people, made = count(1), 0
    for family_id in count(1):
        if made >= children:
            return
        name, ref = _one(dice, last), f"F-{family_id:06d}"
        rows: list[tuple[type[Base], dict[str, Any]]] = [(Family, {"id": family_id, "ref": ref, "name": name})]
        place = {"family_id": family_id, "commune": "Ville d'essai", "valid_from": START, "is_reliable": True}
        rows.append((Address, {**place, "street": f"{dice.randint(1, 200)} rue {_one(dice, last)}"}))
        for role in ("guardian", "guardian", *["child"] * dice.randint(1, 3)):
            made += role == "child"
            person_id = next(people)
            own = name if role == "child" or dice.random() < 0.6 else _one(dice, last)
            rows += _person(dice, person_id, own, _one(dice, first), role)
            member = {"family_id": family_id, "person_id": person_id, "role": role, "pickup": "yes"}
            rows.append((FamilyMember, {**member, "valid_from": START}))
        payer = {"ref": f"{ref}-P", "family_id": family_id, "person_id": person_id, "notice_channel": "email"}
        rows.append((Payer, {**payer, "wants_paper": False}))
        fact = {"family_id": family_id, "effective_from": START, "recorded_at": 1, "source": "caf"}
        rows.append((Qf, {**fact, "value_e2": dice.randint(0, 200_000)}))
        yield rows


def _person(
    dice: random.Random, person_id: int, last_name: str, first_name: str, role: str
) -> list[tuple[type[Base], dict[str, Any]]]:
    is_child = role == "child"
    birth = START - timedelta(days=dice.randint(1_100, 4_300) if is_child else dice.randint(9_000, 20_000))
    person = {
        "id": person_id,
        "ref": f"P-{person_id:06d}",
        "first_name": first_name,
        "last_name": last_name,
        "search_key": search_key(f"{last_name} {first_name}"),
        "birth_date": birth,
        "email": None if is_child else f"p{person_id}@exemple.fr",
    }
    rows: list[tuple[type[Base], dict[str, Any]]] = [(Person, person)]
    if not is_child:
        number = f"06 {dice.randint(0, 99):02d} {dice.randint(0, 99):02d} {dice.randint(0, 99):02d} 00"
        phone = {"person_id": person_id, "number": number, "kind": "mobile", "rank": 1}
        rows.append((PersonPhone, phone))
    return rows
