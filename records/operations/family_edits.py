"""Editing a family file: each change leaves the old and the new value, who and when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import select

from domain.notices import CHANNELS
from records.actors import Actor, Right
from records.database import Records, Write
from records.models import Address, Family, FamilyMember, Note, Payer, Person, PersonPhone
from records.models.family_papers import NOTE_KINDS
from records.operations.families import GUARDIANS_MAX, search_key
from records.operations.lookup import add, change, check_changes, invalid
from records.operations.merged import kept_by_ref
from records.operations.registry import Scope, operation
from records.operations.search_index import index_people
from records.operations.versions import Range, check_range, close, overlap

PERSON_FIELDS = frozenset({
    "civility", "first_name", "last_name", "used_name", "birth_date", "email", "occupation", "sex",
    "birth_commune_code", "birth_country_code",
})  # fmt: skip
MEMBER_FIELDS = frozenset({"kinship", "pickup", "emergency_rank", "valid_to"})
PAYER_FIELDS = frozenset({"notice_channel", "wants_paper"})
FAMILY_FIELDS = frozenset({"name", "letter_name"})
_GIVEN = frozenset({"first_name", "last_name", "name", "pickup", "notice_channel", "wants_paper"})
_PICKUPS = ("yes", "no", "forbidden")


@dataclass(frozen=True, slots=True)
class NewAddress:
    """Where a family, or one person, lives from a day on; the commune nouvelle is always given."""

    commune: str
    valid_from: date
    street: str | None = None
    extra: str | None = None
    postcode: str | None = None
    former_commune: str | None = None
    is_reliable: bool = True


@dataclass(frozen=True, slots=True)
class NewPhone:
    """A telephone; the order of the list is the order of call."""

    number: str
    kind: str = "mobile"
    note: str | None = None


@dataclass(frozen=True, slots=True)
class NewNote:
    """A note of a file from a day on; `opens_with_file` is shown before anything else."""

    kind: str
    text: str
    valid_from: date
    opens_with_file: bool = False
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class NewContact:
    """A known person who joins a file: a contact may collect the child unless it is said otherwise."""

    person_ref: str
    role: str
    valid_from: date
    kinship: str | None = None
    pickup: str = "yes"
    emergency_rank: int | None = None


@operation(Right.EDIT_FAMILIES, Scope.ANYWHERE)
def edit_family(
    records: Records, actor: Actor, family_ref: str, changes: Mapping[str, object], row_version: int
) -> bool:
    """Change FAMILY_FIELDS of a file; False when nothing differs. Raises Conflict, InvalidData, NotFound."""
    check_changes(changes, FAMILY_FIELDS, _GIVEN)
    with records.write(actor, "edit_family") as write:
        return change(write, kept_by_ref(write.session, Family, family_ref), dict(changes), row_version=row_version)


@operation(Right.EDIT_FAMILIES, Scope.ANYWHERE)
def edit_person(
    records: Records, actor: Actor, person_ref: str, changes: Mapping[str, object], row_version: int
) -> bool:
    """Change PERSON_FIELDS of somebody; False when nothing differs. Raises Conflict, InvalidData, NotFound."""
    check_changes(changes, PERSON_FIELDS, _GIVEN)
    with records.write(actor, "edit_person") as write:
        person = kept_by_ref(write.session, Person, person_ref)
        if changes.get("birth_date", person.birth_date) is None and _is_child(write, person.id):
            raise invalid(f"La date de naissance de {person.first_name} est obligatoire : complétez-la.")
        if not change(write, person, dict(changes), row_version=row_version):
            return False
        names = (person.used_name, person.last_name, person.first_name)
        person.search_key = search_key(" ".join(filter(None, names)))
        index_people(write.session, [person.id])
        return True


@operation(Right.EDIT_FAMILIES, Scope.ANYWHERE)
def set_phones(records: Records, actor: Actor, person_ref: str, phones: Sequence[NewPhone]) -> None:
    """Give somebody these telephones, in the order of call; the others go, and stay in the audit."""
    numbers = [phone.number.strip() for phone in phones]
    if len(set(numbers)) != len(numbers):
        raise invalid("Le même numéro est donné deux fois. Retirez-en un.")
    if any(sum(character.isdigit() for character in number) < 4 for number in numbers):
        raise invalid("Un numéro de téléphone a au moins quatre chiffres. Corrigez-le.")
    with records.write(actor, "set_phones") as write:
        person = kept_by_ref(write.session, Person, person_ref)
        known = {
            row.number: row
            for row in write.session.scalars(select(PersonPhone).where(PersonPhone.person_id == person.id))
        }
        for rank, phone in enumerate(phones, 1):
            values = {**asdict(phone), "number": phone.number.strip(), "rank": rank}
            if values["number"] in known:
                change(write, known.pop(values["number"]), values)
            else:
                add(write, PersonPhone(person_id=person.id, **values))
        for row in known.values():
            # Told under the person: nothing points from the row once it is gone.
            write.audit("person", person.ref, old={"number": row.number}, new={"number": None})
            write.session.delete(row)
        index_people(write.session, [person.id])


@operation(Right.EDIT_FAMILIES, Scope.ANYWHERE)
def set_family_address(records: Records, actor: Actor, family_ref: str, address: NewAddress) -> int:
    """Give a file an address from a day on: the one before ends that day. Returns its id."""
    with records.write(actor, "set_family_address") as write:
        return _set_address(write, {"family_id": kept_by_ref(write.session, Family, family_ref).id}, address)


@operation(Right.EDIT_FAMILIES, Scope.ANYWHERE)
def set_person_address(records: Records, actor: Actor, person_ref: str, address: NewAddress) -> int:
    """Give somebody an address of their own from a day on; it comes before the file's. Returns its id."""
    with records.write(actor, "set_person_address") as write:
        return _set_address(write, {"person_id": kept_by_ref(write.session, Person, person_ref).id}, address)


@operation(Right.EDIT_FAMILIES, Scope.ANYWHERE)
def add_member(records: Records, actor: Actor, family_ref: str, contact: NewContact) -> int:
    """Add a known person to a file from a day on; returns the member's id. Raises InvalidData, NotFound."""
    _check_pickup(contact.role, contact.pickup)
    with records.write(actor, "add_member") as write:
        family = kept_by_ref(write.session, Family, family_ref)
        person = kept_by_ref(write.session, Person, contact.person_ref)
        members = write.session.scalars(select(FamilyMember).where(FamilyMember.family_id == family.id)).all()
        own = (contact.valid_from, None)
        now = [each for each in members if overlap(own, (each.valid_from, each.valid_to))]
        if any(each.person_id == person.id and each.role == contact.role for each in now):
            raise invalid(f"{person.first_name} {person.last_name} est déjà dans ce dossier avec ce rôle.")
        if contact.role == "guardian":
            _refuse_third_guardian(write, family.id, own)
        if contact.role == "child" and person.birth_date is None:
            raise invalid(f"Date de naissance manquante pour {person.first_name} : complétez sa fiche d'abord.")
        values = {name: value for name, value in asdict(contact).items() if name != "person_ref"}
        return add(write, FamilyMember(family_id=family.id, person_id=person.id, **values))


@operation(Right.EDIT_FAMILIES, Scope.ANYWHERE)
def edit_member(
    records: Records, actor: Actor, member_id: int, changes: Mapping[str, object], row_version: int
) -> bool:
    """Change MEMBER_FIELDS: who may collect, who is called first, when it ends. Raises Conflict, InvalidData."""
    check_changes(changes, MEMBER_FIELDS, _GIVEN)
    with records.write(actor, "edit_member") as write:
        member = write.session.get(FamilyMember, member_id)
        if member is None:
            raise invalid("Cette personne n'est plus dans le dossier. Rechargez la page.", member_id=member_id)
        _check_pickup(member.role, str(changes.get("pickup", member.pickup)))
        end = changes.get("valid_to", member.valid_to)
        assert end is None or isinstance(end, date)
        check_range(member.valid_from, end)
        if member.role == "guardian":
            _refuse_third_guardian(write, member.family_id, (member.valid_from, end), member.id)
        return change(write, member, dict(changes), row_version=row_version)


@operation(Right.EDIT_FAMILIES, Scope.ANYWHERE)
def edit_payer(
    records: Records, actor: Actor, payer_ref: str, changes: Mapping[str, object], row_version: int
) -> bool:
    """Change PAYER_FIELDS: how a payer is told of an invoice. Raises Conflict, InvalidData, NotFound."""
    check_changes(changes, PAYER_FIELDS, _GIVEN)
    if changes.get("notice_channel", "none") not in CHANNELS:
        raise invalid("Avis de facture inconnu : choisissez SMS, courriel ou aucun.")
    with records.write(actor, "edit_payer") as write:
        return change(write, kept_by_ref(write.session, Payer, payer_ref), dict(changes), row_version=row_version)


@operation(Right.EDIT_FAMILIES, Scope.ANYWHERE)
def add_note(records: Records, actor: Actor, family_ref: str, note: NewNote) -> int:
    """Add a note to a file; returns its id. Health has notes of its own: it is never written here."""
    check_range(note.valid_from, note.valid_to)
    if note.kind not in NOTE_KINDS or not note.text.strip():
        raise invalid("Écrivez le texte de la note et choisissez son type.", kind=note.kind)
    with records.write(actor, "add_note") as write:
        family = kept_by_ref(write.session, Family, family_ref)
        row = Note(family_id=family.id, **asdict(note), recorded_at=write.now, recorded_by=actor.signature)
        return add(write, row)


@operation(Right.EDIT_FAMILIES, Scope.ANYWHERE)
def end_note(records: Records, actor: Actor, note_id: int, day: date) -> bool:
    """End a note: `day` is the first day it is not shown. Raises InvalidData."""
    with records.write(actor, "end_note") as write:
        row = write.session.get(Note, note_id)
        if row is None:
            raise invalid("Cette note n'existe plus. Rechargez la page.", note_id=note_id)
        return close(write, row, day)


def _is_child(write: Write, person_id: int) -> bool:
    known = select(FamilyMember.id).where(FamilyMember.person_id == person_id, FamilyMember.role == "child")
    return write.session.scalar(known.limit(1)) is not None


def _refuse_third_guardian(write: Write, family_id: int, days: Range, own_id: int | None = None) -> None:
    """Refuse a range on one day of which the file already has its two guardians."""
    others = write.session.scalars(
        select(FamilyMember)
        .join(Person, Person.id == FamilyMember.person_id)
        .where(
            FamilyMember.family_id == family_id,
            FamilyMember.role == "guardian",
            FamilyMember.id != (own_id or 0),
            Person.merged_into_id.is_(None),
        )
    ).all()
    there = [each for each in others if overlap(days, (each.valid_from, each.valid_to))]
    begins = [max(days[0], each.valid_from) for each in there]
    if any(
        sum(each.valid_from <= day and (each.valid_to is None or day < each.valid_to) for each in there)
        >= GUARDIANS_MAX
        for day in begins
    ):
        raise invalid("Deux représentants légaux au plus : mettez fin au rôle de l'un d'eux d'abord.")


def _set_address(write: Write, owner: Mapping[str, int], address: NewAddress) -> int:
    if not address.commune.strip():
        raise invalid("Indiquez la commune : elle est obligatoire.")
    ((column, owner_id),) = owner.items()
    own = Address.__table__.c[column] == owner_id
    for row in write.session.scalars(select(Address).where(own).order_by(Address.valid_from)).all():
        if row.valid_from >= address.valid_from:
            raise invalid("Une adresse commence déjà ce jour-là ou après : choisissez une date plus tardive.")
        if row.valid_to is None or row.valid_to > address.valid_from:
            close(write, row, address.valid_from)
    return add(write, Address(**owner, **asdict(address)))


def _check_pickup(role: str, pickup: str) -> None:
    if role not in ("guardian", "child", "contact") or pickup not in _PICKUPS:
        raise invalid("Rôle ou droit de sortie inconnu : choisissez dans la liste.", role=role, pickup=pickup)
    if role == "guardian" and pickup == "forbidden":
        raise invalid("Un représentant légal ne peut pas être interdit de sortie ici : voyez la direction.")
