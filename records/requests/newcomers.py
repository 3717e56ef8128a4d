"""« Ajouter un enfant » and « personnes autorisées »: somebody joins the file, or a contact changes.

Neither is rehearsed: a refusal would tell a family whom else the town knows.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from records.actors import Actor
from records.database import Records, Write
from records.operations.family_edits import NewContact, add_member, edit_member
from records.operations.lookup import invalid
from records.operations.new_people import NewPerson
from records.operations.newcomers import Newcomer, create_member
from records.requests.files import member_of
from records.requests.kind import Asked, Field, Payload, RequestKind, Subject
from records.requests.words import said

_PICKUP_WORDS = {"yes": "peut venir chercher", "no": "ne vient pas chercher", "forbidden": "interdiction de sortie"}


class NewcomerCompletion(Payload):
    """What staff say of a new person: who they already are, or that they are none of those who resemble them."""

    person_ref: str | None = None
    is_known_apart: bool = False


class ChildV1(Payload):
    """A child to add to the file; the INSEE codes of the birth place let API Particulier find them."""

    first_name: str
    last_name: str
    birth_date: date
    used_name: str | None = None
    sex: Literal["F", "M"] | None = None
    birth_commune_code: str | None = None
    birth_country_code: str | None = None


class PickUpV1(Payload):
    """A new contact (names), or one of the file (`person_ref`): may they collect, and until when."""

    person_ref: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    phone: str | None = None
    kinship: str | None = None
    pickup: Literal["yes", "no"] = "yes"
    ends_on: date | None = None


class AddChild(RequestKind[ChildV1]):
    """A child joins the file on the day of the request; staff may say that they have a file already."""

    code = "child"
    label = "Ajouter un enfant"
    payloads = (ChildV1,)
    completion = NewcomerCompletion
    is_rehearsed = False

    def look(self, asked: Asked[ChildV1]) -> Subject:
        """Return the child's identity; nothing is there yet."""
        wanted = asked.payload
        if wanted.birth_date > asked.received_on:
            raise invalid("La date de naissance est dans l'avenir : corrigez-la.")
        labels = {
            "first_name": "Prénom",
            "last_name": "Nom de naissance",
            "used_name": "Nom d'usage",
            "birth_date": "Date de naissance",
            "sex": "Sexe",
            "birth_commune_code": "Commune de naissance (code)",
            "birth_country_code": "Pays de naissance (code)",
        }
        given = {name: said(getattr(wanted, name)) for name in labels}
        return Subject(tuple(Field(name, labels[name], None, value) for name, value in given.items() if value))

    def apply(
        self, records: Records, actor: Actor, asked: Asked[ChildV1], given: Payload | None
    ) -> tuple[str, ...]:
        """Create the child in the file, or bring in the one whom staff know."""
        person = NewPerson(ref=f"{asked.ref}-enfant", **asked.payload.model_dump())
        _join(records, actor, asked, Newcomer(person, "child", asked.received_on), given)
        return ()


class PickUp(RequestKind[PickUpV1]):
    """Who may collect the children. An interdiction is lifted by nobody's request: it always wins."""

    code = "pickup"
    label = "Personnes autorisées"
    payloads = (PickUpV1,)
    completion = NewcomerCompletion
    is_rehearsed = False

    def check_sender(self, write: Write, asked: Asked[PickUpV1]) -> None:
        """Refuse to touch an interdiction from the portal."""
        ref = asked.payload.person_ref
        if ref is not None and member_of(asked, ref, "contact")[0].pickup == "forbidden":
            raise invalid("Une interdiction de sortie ne se change pas en ligne. Passez voir le service.")

    def look(self, asked: Asked[PickUpV1]) -> Subject:
        """Return the contact as they are, or a new one."""
        wanted = asked.payload
        may = Field("pickup", "Sortie", None, _PICKUP_WORDS[wanted.pickup])
        if wanted.person_ref is None:
            if not (wanted.first_name and wanted.last_name and wanted.phone):
                raise invalid("Indiquez le prénom, le nom et le téléphone de cette personne.")
            name = Field("name", "Personne", None, f"{wanted.first_name} {wanted.last_name}")
            phone = Field("phone", "Téléphone", None, wanted.phone)
            return Subject((name, phone, Field("kinship", "Lien", None, wanted.kinship), may))
        member, person = member_of(asked, wanted.person_ref, "contact")
        fields = [Field("pickup", "Sortie", _PICKUP_WORDS[member.pickup], may.new)]
        if wanted.ends_on is not None:
            fields.append(Field("ends_on", "N'est plus dans le dossier à partir du", said(member.valid_to),
                                said(wanted.ends_on)))  # fmt: skip
        if wanted.phone is not None or wanted.first_name is not None or wanted.last_name is not None:
            raise invalid("Le nom et le téléphone d'un contact se changent au guichet.")
        if wanted.kinship is not None:
            fields.append(Field("kinship", "Lien", member.kinship, wanted.kinship))
        return Subject(tuple(fields), row=member, person_id=person.id)

    def apply(
        self, records: Records, actor: Actor, asked: Asked[PickUpV1], given: Payload | None
    ) -> tuple[str, ...]:
        """Create the contact in the file, or change the one who is there."""
        wanted = asked.payload
        if wanted.person_ref is not None:
            member, _ = member_of(asked, wanted.person_ref, "contact")
            changes: dict[str, object] = {"pickup": wanted.pickup}
            changes |= {} if wanted.kinship is None else {"kinship": wanted.kinship}
            changes |= {} if wanted.ends_on is None else {"valid_to": wanted.ends_on}
            edit_member(records, actor, member.id, changes, member.row_version)
            return ()
        person = NewPerson(
            f"{asked.ref}-contact", str(wanted.first_name), str(wanted.last_name), phone=wanted.phone
        )
        newcomer = Newcomer(person, "contact", asked.received_on, wanted.kinship, wanted.pickup)
        _join(records, actor, asked, newcomer, given)
        return ()


def _join(records: Records, actor: Actor, asked: Asked[Any], newcomer: Newcomer, given: Payload | None) -> None:
    """Bring somebody into the file: whom staff know already, else a new person."""
    completion = given if isinstance(given, NewcomerCompletion) else NewcomerCompletion()
    if completion.person_ref is None:
        known = Newcomer(
            newcomer.person, newcomer.role, newcomer.valid_from, newcomer.kinship, newcomer.pickup,
            is_known_apart=completion.is_known_apart,
        )  # fmt: skip
        create_member(records, actor, asked.family.ref, known)
        return
    contact = NewContact(
        completion.person_ref, newcomer.role, newcomer.valid_from, newcomer.kinship, newcomer.pickup
    )
    add_member(records, actor, asked.family.ref, contact)
