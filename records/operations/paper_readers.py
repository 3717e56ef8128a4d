"""Who reads a paper and where they live, as the records say on the day of reading; and who writes it."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from domain.invoice_paper import Sender
from domain.invoice_sheet import Letterhead
from domain.time import local_day
from records.database import Records
from records.models import Address, Collectivity, Family, PaperSetting, Payer, PayingBody, Person
from records.operations.lookup import chunks, in_force_on
from records.operations.paper_settings import paper_on

_HOUSE = re.compile(r"^\s*(\d+)\s*(.*)$")


def readers(session: Session, payer_ids: Collection[int], day: date) -> dict[int, Row[Any]]:
    """Return who reads each payer's invoices, and where they live: their own address before the file's."""
    found: dict[int, Row[Any]] = {}
    for part in chunks(sorted(payer_ids)):
        last = [
            select(Address.id)
            .where(owner, *in_force_on(day, Address.valid_from, Address.valid_to))
            .order_by(Address.valid_from.desc())
            .limit(1)
            .scalar_subquery()
            for owner in (Address.person_id == Payer.person_id, Address.family_id == Payer.family_id)
        ]
        at_home = select(Address).subquery()
        statement = (
            select(
                Payer.id,
                Payer.ref.label("payer_ref"),
                Payer.wants_paper,
                Person.civility,
                Person.first_name,
                Person.last_name,
                Person.used_name,
                Family.letter_name,
                PayingBody.name.label("body_name"),
                PayingBody.street.label("body_street"),
                PayingBody.postcode.label("body_postcode"),
                PayingBody.commune.label("body_commune"),
                at_home.c.street,
                at_home.c.extra,
                at_home.c.postcode,
                at_home.c.commune,
            )
            .join(Family, Family.id == Payer.family_id)
            .outerjoin(Person, Person.id == Payer.person_id)
            .outerjoin(PayingBody, PayingBody.id == Payer.body_id)
            .outerjoin(at_home, at_home.c.id == func.coalesce(*last))
            .where(Payer.id.in_(part))
        )
        found |= {row.id: row for row in session.execute(statement)}
    return found


def reader_name(reader: Row[Any], *, on_letter: bool = False) -> str:
    """Return how a payer is called; on a letter in capitals, and together when the file says so."""
    if reader.body_name is not None:
        return str(reader.body_name)
    if on_letter and reader.letter_name:
        return str(reader.letter_name)
    last = reader.used_name or reader.last_name
    return " ".join(filter(None, (reader.civility, reader.first_name, last.upper() if on_letter else last)))


def reader_address(reader: Row[Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the lines of the address, and its place in a postman's round."""
    if reader.body_name is not None:
        street, extra, postcode, commune = reader.body_street, None, reader.body_postcode, reader.body_commune
    else:
        street, extra, postcode, commune = reader.street, reader.extra, reader.postcode, reader.commune
    return address_lines(street, extra, postcode, commune)


def address_lines(
    street: str | None, extra: str | None, postcode: str | None, commune: str | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the lines of an address, and its place in a postman's round."""
    town = " ".join(filter(None, (postcode, (commune or "").upper())))
    house = _HOUSE.match(street or "")
    number, way = (house[1], house[2]) if house else ("", street or "")
    return tuple(filter(None, (extra, street, town))), (town, way.casefold(), number.zfill(6), extra or "")


def letterhead(town: Collectivity, setting: PaperSetting | None) -> Letterhead:
    """Return what the town prints around a paper: its own texts, else its name and contact alone."""
    if setting is None:
        return Letterhead(Sender(town.name, (town.contact,)), is_specimen=town.is_training)
    lines = tuple(line.strip() for line in setting.sender.splitlines() if line.strip()) or (town.contact,)
    return Letterhead(Sender(town.name, lines), setting.ways_to_pay, setting.remedies, town.is_training)


def letterhead_on(records: Records) -> tuple[Letterhead, str] | None:
    """Return what the town prints today around a paper, and its time zone; None before it is set up."""
    with records.read() as session:
        town = session.get(Collectivity, 1)
        if town is None:
            return None
        day = local_day(records.clock(), town.timezone)
        return letterhead(town, paper_on(session, day)), town.timezone
