"""Letters for whoever has no mail address, printed in the order of a postman's round (notes §7, §10)."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.invoice_sheet import Letterhead
from records.actors import Actor, Right
from records.database import Records
from records.models import Address, Collectivity, FamilyMember, MessageOutbox, Person
from records.operations.family_search import local_day_of
from records.operations.lookup import in_force_on
from records.operations.merged import kept_by_ref
from records.operations.messages import BY_POST, WaitingMessage
from records.operations.paper_readers import address_lines, letterhead
from records.operations.paper_settings import paper_on
from records.operations.registry import operation


@dataclass(frozen=True, slots=True)
class PostalLetter:
    """A letter to print: what it tells, to whom and where; `lines` are empty when no address is known."""

    message: WaitingMessage
    name: str
    lines: tuple[str, ...]
    route: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LettersToPrint:
    """What waits for paper, in the order of the round, and what the town prints around it."""

    letters: list[PostalLetter]
    head: Letterhead
    day: date


@operation(Right.EDIT_FAMILIES)
def letters_to_print(records: Records, actor: Actor) -> LettersToPrint:
    """Return the letters that no mail can carry and whose time is not over. Nothing is ticked off yet."""
    now = records.clock()
    with records.read() as session:
        today = local_day_of(session, now)
        rows = session.scalars(
            select(MessageOutbox).where(
                MessageOutbox.state == "waiting",
                MessageOutbox.expires_at > now,
                MessageOutbox.address.startswith(BY_POST),
            )
        )
        letters = sorted((_letter(session, row, today) for row in rows), key=lambda each: (each.route, each.name))
        head = letterhead(session.get_one(Collectivity, 1), paper_on(session, today))
        return LettersToPrint(letters, head, today)


@operation(Right.EDIT_FAMILIES)
def tick_printed(records: Records, actor: Actor, message_ids: Collection[int]) -> int:
    """Note that letters were printed: they are printed no more; returns how many."""
    with records.write(actor, "tick_printed") as write:
        rows = write.session.scalars(
            select(MessageOutbox).where(
                MessageOutbox.id.in_(message_ids),
                MessageOutbox.state == "waiting",
                MessageOutbox.address.startswith(BY_POST),
            )
        ).all()
        for row in rows:
            row.state, row.content, row.done_at = "sent", None, write.now
        if rows:
            told = {"keys": [row.key for row in rows]}
            write.audit("message_outbox", "printed", old=None, new=told)
        return len(rows)


def _letter(session: Session, row: MessageOutbox, today: date) -> PostalLetter:
    person = kept_by_ref(session, Person, row.address.removeprefix(BY_POST))
    home = _home(session, person.id, today)
    lines, route = ((), ()) if home is None else address_lines(home.street, home.extra, home.postcode, home.commune)
    message = WaitingMessage(row.id, row.kind, row.address, json.loads(row.content or "{}"), row.expires_at)
    name = (person.civility, person.first_name, (person.used_name or person.last_name).upper())
    return PostalLetter(message, " ".join(filter(None, name)), lines, route)


def _home(session: Session, person_id: int, day: date) -> Address | None:
    """Return where somebody lives on a day: their own address before that of their file."""
    files = select(FamilyMember.family_id).where(
        FamilyMember.person_id == person_id, *in_force_on(day, FamilyMember.valid_from, FamilyMember.valid_to)
    )
    for owner in (Address.person_id == person_id, Address.family_id.in_(files)):
        found = session.scalar(
            select(Address)
            .where(owner, *in_force_on(day, Address.valid_from, Address.valid_to))
            .order_by(Address.valid_from.desc(), Address.id)
            .limit(1)
        )
        if found is not None:
            return found
    return None
