"""« Représentant » and « conjoint »: the names, telephones and address of an adult of the file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Literal

from sqlalchemy import select

from domain.errors import NotFound
from records.actors import Actor
from records.database import Records, Write
from records.models import Person
from records.operations.family_edits import (
    NewAddress,
    NewPhone,
    edit_person,
    set_family_address,
    set_person_address,
    set_phones,
)
from records.requests.files import address_of, address_words, member_of, phones_of
from records.requests.kind import Asked, Field, Payload, RequestKind, Subject
from records.requests.words import joined, said

_LABELS = {
    "civility": "Civilité",
    "first_name": "Prénom",
    "last_name": "Nom de naissance",
    "used_name": "Nom d'usage",
    "birth_date": "Date de naissance",
    "email": "E-mail",
    "occupation": "Profession",
}


class PhoneV1(Payload):
    """A telephone; the order of the list is the order of call."""

    number: str
    kind: Literal["mobile", "home", "work", "other"] = "mobile"
    note: str | None = None


class AddressV1(Payload):
    """Where somebody lives from a day on; `of` says whether the whole file moves, or this adult alone."""

    of: Literal["family", "person"]
    commune: str
    valid_from: date
    street: str | None = None
    extra: str | None = None
    postcode: str | None = None
    former_commune: str | None = None


class AdultV1(Payload):
    """What changes about an adult of the file; only the fields that are given are asked for."""

    person_ref: str
    civility: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    used_name: str | None = None
    birth_date: date | None = None
    email: str | None = None
    occupation: str | None = None
    phones: tuple[PhoneV1, ...] | None = None
    address: AddressV1 | None = None

    def changes(self) -> dict[str, object]:
        """Return the asked fields of the person, by name."""
        return {name: getattr(self, name) for name in _LABELS if name in self.model_fields_set}


class _AdultKind(RequestKind[AdultV1]):
    """An adult of the file; which one, each kind says."""

    payloads = (AdultV1,)
    is_personal = True

    def look(self, asked: Asked[AdultV1]) -> Subject:
        """Return the adult, a guardian of the file, against whose row the request is made."""
        person = member_of(asked, asked.payload.person_ref, "guardian")[1]
        return Subject(tuple(self._fields(asked, person)), row=person, person_id=person.id)

    def _fields(self, asked: Asked[AdultV1], person: Person) -> Iterator[Field]:
        wanted = asked.payload
        for name, value in wanted.changes().items():
            yield Field(name, _LABELS[name], said(getattr(person, name)), said(value))
        if wanted.phones is not None:
            new = joined(phone.number for phone in wanted.phones)
            yield Field("phones", "Téléphones", phones_of(asked.session, person), new)
        if wanted.address is not None:
            owner = asked.family if wanted.address.of == "family" else person
            label = "Adresse du dossier" if wanted.address.of == "family" else "Adresse de cette personne"
            now = address_of(asked.session, owner, wanted.address.valid_from)
            yield Field("address", label, now, address_words(wanted.address))
            yield Field("address_from", "À partir du", None, said(wanted.address.valid_from))

    def apply(
        self, records: Records, actor: Actor, asked: Asked[AdultV1], given: Payload | None
    ) -> tuple[str, ...]:
        """Write the person, the telephones and the address."""
        wanted = asked.payload
        person = member_of(asked, wanted.person_ref, "guardian")[1]
        if changes := wanted.changes():
            edit_person(records, actor, person.ref, changes, person.row_version)
        if wanted.phones is not None:
            phones = [NewPhone(each.number, each.kind, each.note) for each in wanted.phones]
            set_phones(records, actor, person.ref, phones)
        if wanted.address is not None:
            address = NewAddress(**wanted.address.model_dump(exclude={"of"}))
            if wanted.address.of == "family":
                set_family_address(records, actor, asked.family.ref, address)
            else:
                set_person_address(records, actor, person.ref, address)
        return ()


class Representative(_AdultKind):
    """What an adult asks about themselves."""

    code = "representative"
    label = "Représentant"

    def check_sender(self, write: Write, asked: Asked[AdultV1]) -> None:
        """Refuse anybody but the person themselves."""
        person = write.session.scalar(select(Person).where(Person.ref == asked.payload.person_ref))
        if asked.asker is None or person is None or person.id != asked.asker.id:
            raise NotFound("Cette demande est la vôtre : elle ne peut concerner que vous. Rien n'a été enregistré.")


class Spouse(_AdultKind):
    """What an adult asks about the other guardian of the file."""

    code = "spouse"
    label = "Conjoint"

    def check_sender(self, write: Write, asked: Asked[AdultV1]) -> None:
        """Refuse the person themselves: that is another kind."""
        if asked.asker is not None and asked.payload.person_ref == asked.asker.ref:
            raise NotFound("Pour vos propres informations, choisissez « Représentant ». Rien n'a été enregistré.")
