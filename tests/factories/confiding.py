"""A family of which every table holds something personal, and a search for what is left of it anywhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from domain.data_kinds import data_kinds
from records import models
from records.actors import SETUP, Actor
from records.database import Records
from records.models import Base, Person
from records.operations import accounts, bookings, families, ledger, mandates, purges
from records.operations.retention import NewRetention, keep_for
from tests.factories.people import (
    CHEAP,
    PASSWORD,
    FamilyRefs,
    a_badge,
    a_family,
    a_tap,
    a_terminal,
    an_enrolment,
    new_booking,
)
from tests.factories.rows import IBAN, a_row
from tests.factories.town import SCHOOL, START, TODAY

NAME, CHILD, MARK = "Kowalczyk", "Zbigniew", "Propos-Confidentiel"
PHONE, EMAIL, ALLOCATAIRE, BADGE = "06 98 76 54 32", "kowalczyk@exemple.test", "7654321", "04BADA55ED"
NEEDLES = re.compile(
    "|".join([NAME, CHILD, MARK, "98 ?76 ?54 ?32", EMAIL, ALLOCATAIRE, BADGE, IBAN[-8:]]), re.IGNORECASE
)
LAST_DAY = date(2026, 11, 27)
LONG_AFTER = date(2028, 11, 27)  # two years later


@dataclass(frozen=True)
class Confided:
    """The family, and the ids of its child and of its first payer."""

    family: FamilyRefs
    child_id: int
    payer_id: int


def a_confiding_family(records: Records) -> Confided:
    """Create the family, with something personal in each table that can hold it; last used on LAST_DAY."""
    family = a_family(records, NAME, children=(CHILD,), guardians=2, qf_e2=34_900)
    an_enrolment(records, family, valid_to=LAST_DAY)
    child, adult = _id(records, Person, family.child), _id(records, Person, family.guardians[0])
    payer = _id(records, models.Payer, family.payers[0])
    family_id = _id(records, models.Family, family.ref)
    _account(records, family)
    _taps(records, family.child)
    bookings.book(records, SETUP, new_booking(family, reason=MARK))
    for entry in (1_250, -1_250):
        ledger.add_entries(records, SETUP, [ledger.NewEntry(family.payers[0], "opening", entry, "Report", START)])
    families.add_regime(records, SETUP, family.ref, families.NewRegime("general", "RG", START, ALLOCATAIRE))
    mandates.open_mandate(records, SETUP, mandates.NewMandate("RUM-7", family.payers[0], f"Anne {NAME}", IBAN, 6))
    about: dict[type[Base], dict[str, Any]] = {
        models.PersonPhone: {"person_id": adult, "number": PHONE},
        models.Address: {"person_id": adult, "street": MARK},
        models.Note: {"family_id": family_id, "person_id": child, "text": MARK},
        models.HealthNote: {"person_id": child, "label": MARK, "detail": MARK},
        models.Authorisation: {"person_id": child, "given_by_id": adult, "detail": MARK},
        models.Answer: {"person_id": child, "value": MARK},
        models.Document: {"family_id": family_id, "person_id": child, "title": MARK},
        models.Delegation: {"child_id": child, "carer_id": adult, "covers": MARK},
        models.Placement: {"child_id": child, "carer_id": adult, "referent": MARK},
        models.Signature: {"family_id": family_id, "signer_id": adult, "comment": MARK},
        models.Request: {
            "family_id": family_id, "person_id": child, "payload": MARK, "seen": MARK, "asked_by": f"Anne {NAME}"
        },
        models.RequestDecision: {"reason": "Fait"},
        models.CustodyException: {"child_id": child, "payer_id": payer, "reason": MARK},
        models.WaitingEntry: {"person_id": child, "state": "refused"},
        models.AttendanceDecision: _decision(records, child),
        models.FamilyReview: {"family_id": family_id},
        models.Coverage: {"child_id": child},
        models.CoverageEvent: {"comment": MARK},
    }  # fmt: skip
    for model, values in about.items():
        a_row(records, model, **values)
    return Confided(family, child, payer)


def adopt_durations(records: Records) -> None:
    """Adopt for each kind of data what Marelle proposes."""
    for code, kind in data_kinds().items():
        if kind.months is not None:
            keep_for(records, SETUP, NewRetention(code, kind.months, START, "Avis du DPO"))


def purge(records: Records, code: str) -> purges.PurgeReport | None:
    """Draw up a list, order it and carry it out; None when nothing is past its time."""
    drawn = purges.draw_up_purge(records, SETUP, code)
    if drawn is None:
        return None
    return purges.carry_out(records, SETUP, purges.order_purge(records, SETUP, drawn, "Fin de conservation"))


def what_is_left(records: Records) -> list[str]:
    """Return where something personal of the family can still be read, decrypted, in every table and column."""
    with records.read() as session:
        return [
            f"{table.name}.{name}: {value!r}"
            for table in Base.metadata.sorted_tables
            for row in session.execute(select(table)).mappings()
            for name, value in row.items()
            if NEEDLES.search(value.decode(errors="replace") if isinstance(value, bytes) else str(value))
        ]


def tables_with_something(records: Records) -> set[str]:
    """Return the tables in which something personal of the family can be read."""
    return {found.split(".")[0] for found in what_is_left(records)}


def a_confiding_family_and_another(records: Records) -> Confided:
    """Create it in a town that has adopted durations, beside a family that stays."""
    an_enrolment(records, a_family(records, "Durand"))
    return a_confiding_family(records)


def _account(records: Records, family: FamilyRefs) -> None:
    """An account of the first adult, who booked a day by themselves."""
    grants = (accounts.NewGrant("family", START),)
    account = accounts.NewAccount(EMAIL, f"Anne {NAME}", PASSWORD, grants, family.guardians[0])
    account_id = accounts.create_account(records, SETUP, account, CHEAP)
    accounts.log_in(records, EMAIL, PASSWORD, records.clock(), CHEAP)
    with records.write(Actor(f"Anne {NAME}", account_id=account_id), "own_booking") as write:
        write.audit("booking", 1, old=None, new={"asked": "by the portal"})


def _taps(records: Records, child_ref: str) -> None:
    """A badge read, a name called, and bytes put apart that name the child."""
    terminal = a_terminal(records)
    badge = a_badge(records, child_ref, BADGE)
    a_tap(records, terminal, 700, badge_uid=badge)
    a_tap(records, terminal, 710, child_ref=child_ref, kind="roll_call", service_ref="cantine")
    content = f'{{"child_ref": "{child_ref}"}}'.encode()
    with records.write(SETUP, "quarantine") as write:
        apart = models.TapQuarantine(
            content=content, content_hash="1" * 64, reason="malformed", detail="", received_at=1
        )
        write.session.add(apart)


def _decision(records: Records, child_id: int) -> dict[str, Any]:
    with records.read() as session:
        place = session.scalars(select(models.Structure.id).where(models.Structure.ref == SCHOOL)).one()
    return {
        "child_id": child_id, "structure_id": place, "day": TODAY, "seq": 1, "kind": "absent_justified",
        "reason": MARK,
    }  # fmt: skip


def _id(records: Records, model: type[Any], ref: str) -> int:
    with records.read() as session:
        return int(session.scalars(select(model.id).where(model.ref == ref)).one())


def facts_of(records: Records, table: str) -> Iterator[dict[str, Any]]:
    """Yield the rows of a table in the order of their key (a rewritten row moves in PostgreSQL), decrypted."""
    found = Base.metadata.tables[table]
    with records.read() as session:
        yield from (dict(row) for row in session.execute(select(found).order_by(*found.primary_key)).mappings())
