"""Writing the rows of new people, once nobody of the records is or resembles them (domain notes §3)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.french import short_date
from domain.names import search_key
from records.models import Person, PersonPhone
from records.operations.duplicates import most_alike
from records.operations.lookup import chunks, invalid, refuse_known
from records.operations.new_people import NewPerson
from records.operations.search_index import index_people


def add_people(session: Session, new: Sequence[NewPerson], known_apart: Collection[str]) -> None:
    """Add people, their telephone and their words of search, inside an open write.

    Raises InvalidData for a known ref, for somebody who is there already, and for who resembles somebody, unless
    their ref is among those that somebody has looked at (`known_apart`).
    """
    refuse_known(session, Person, [person.ref for person in new])
    rows = [_person_row(person) for person in new]
    _refuse_duplicates(session, rows)
    _refuse_alike(session, [person for person in new if person.ref not in known_apart])
    session.add_all(rows)
    session.flush()
    session.add_all(
        PersonPhone(person_id=row.id, number=person.phone, kind="mobile", rank=1)
        for row, person in zip(rows, new, strict=True)
        if person.phone
    )
    index_people(session, [row.id for row in rows])


def _person_row(person: NewPerson) -> Person:
    values = asdict(person)
    del values["phone"]
    return Person(search_key=_key(person), **values)


def _key(person: NewPerson) -> str:
    return search_key(" ".join(filter(None, (person.used_name, person.last_name, person.first_name))))


def _refuse_alike(session: Session, people: Sequence[NewPerson]) -> None:
    """Refuse people who probably have a file already (domain notes §3: search first)."""
    for person in people:
        found = most_alike(session, person)
        if found is not None:
            raise invalid(
                f"{person.first_name} {person.last_name} ressemble beaucoup à « {found.person_ref} » "
                f"({found.name} : {', '.join(found.reasons)}). Ouvrez cette fiche, ou confirmez qu'il s'agit "
                "de quelqu'un d'autre.",
                ref=found.person_ref,
            )


def _refuse_duplicates(session: Session, people: Sequence[Person]) -> None:
    """Refuse a second file for somebody of the same name and birth date (domain notes §3: never a duplicate)."""
    known: dict[tuple[str, date | None], str] = {}
    for part in chunks([person.search_key for person in people]):
        found = session.execute(
            select(Person.search_key, Person.birth_date, Person.ref).where(Person.search_key.in_(part))
        )
        known.update({(key, birth_date): ref for key, birth_date, ref in found})
    for person in people:
        same = (person.search_key, person.birth_date)
        if person.birth_date is not None and same in known:
            raise invalid(
                f"{person.first_name} {person.last_name}, de la même date de naissance "
                f"({short_date(person.birth_date)}), a déjà une fiche : « {known[same]} ». Utilisez cette fiche.",
                ref=known[same],
            )
        known[same] = person.ref
