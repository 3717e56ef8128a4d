"""Somebody new in a file that is already there: a birth, a second guardian, who collects the children."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date

from records.actors import Actor, Right
from records.database import Records
from records.joined import JoinedRecords
from records.operations.family_edits import NewContact, add_member
from records.operations.new_people import NewPerson
from records.operations.person_rows import add_people
from records.operations.registry import Scope, operation


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A new person and their role in a file from a day on.

    `is_known_apart`: somebody has looked at those who resemble them, and they are others.
    """

    person: NewPerson
    role: str
    valid_from: date
    kinship: str | None = None
    pickup: str = "yes"
    emergency_rank: int | None = None
    is_known_apart: bool = False


@operation(Right.EDIT_FAMILIES, Scope.ANYWHERE)
def create_member(records: Records, actor: Actor, family_ref: str, newcomer: Newcomer) -> int:
    """Create a person inside a file; returns the member's id. Raises InvalidData for a duplicate, NotFound."""
    person = newcomer.person
    with records.write(actor, "create_member") as write:
        add_people(write.session, [person], {person.ref} if newcomer.is_known_apart else ())
        write.audit("person", person.ref, old=None, new=asdict(person))
        contact = NewContact(
            person.ref,
            newcomer.role,
            newcomer.valid_from,
            newcomer.kinship,
            newcomer.pickup,
            newcomer.emergency_rank,
        )
        return add_member(JoinedRecords(records, write), actor, family_ref, contact)
