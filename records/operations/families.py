"""The family file: people, payers, QF, régime, diets, health notes, custody and classes (domain notes §3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.diets import BELIEF_TOLD, tells_a_belief
from domain.names import search_key
from records.actors import Actor, Right
from records.database import Records, Write
from records.models import (
    Address,
    ClassMembership,
    Diet,
    Family,
    FamilyMember,
    HealthNote,
    Payer,
    PayingBody,
    Person,
    Regime,
    SchoolClass,
)
from records.operations.family_facts import (
    NewCustodyCalendar,
    NewQf,
    NewRegime,
    add_custody_calendar,
    add_custody_row,
    add_qf,
    add_regime,
    check_qf,
    qf_row,
    with_group,
)
from records.operations.lookup import audited, ids_by_ref, invalid, refuse_known
from records.operations.merged import kept_ids_by_ref
from records.operations.new_people import NewPerson
from records.operations.person_rows import add_people
from records.operations.registry import Scope, operation

__all__ = [
    "NewClassMembership",
    "NewCustodyCalendar",
    "NewDiet",
    "NewFamily",
    "NewHealthNote",
    "NewMember",
    "NewPayer",
    "NewPerson",
    "NewQf",
    "NewRegime",
    "add_custody_calendar",
    "add_qf",
    "add_regime",
    "create_families",
    "create_family",
    "search_key",
]

GUARDIANS_MAX = 2


@dataclass(frozen=True, slots=True)
class NewDiet:
    """A diet over a range; the code `panier_repas` is seated and listed, never ordered for."""

    code: str
    label: str
    valid_from: date
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class NewHealthNote:
    """What serving staff must act on; `kind` is allergy or pai. `document_id`: the medical paper that says so."""

    kind: str
    label: str
    valid_from: date
    valid_to: date | None = None
    document_id: int | None = None


@dataclass(frozen=True, slots=True)
class NewClassMembership:
    """A class over a range."""

    class_ref: str
    valid_from: date
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class NewMember:
    """A member of a family: a new person, or the ref of one who already has a file (a child of two homes).

    `role` is guardian, child or contact; `pickup` is yes, no or forbidden.
    """

    person: NewPerson | str
    role: str
    kinship: str | None = None
    pickup: str = "yes"
    diets: tuple[NewDiet, ...] = ()
    health_notes: tuple[NewHealthNote, ...] = ()
    classes: tuple[NewClassMembership, ...] = ()

    @property
    def person_ref(self) -> str:
        """The ref of the person, new or known."""
        return self.person if isinstance(self.person, str) else self.person.ref


@dataclass(frozen=True, slots=True)
class NewPayer:
    """A person or a body that receives invoices of this family; a body of that name is made when there is none."""

    ref: str
    person_ref: str | None = None
    body_name: str | None = None
    notice_channel: str = "email"
    wants_paper: bool = False


@dataclass(frozen=True, slots=True)
class NewFamily:
    """A whole family file from a day on. Without a QF it gets the unknown one, 9999.

    `is_known_apart`: somebody has looked at those who resemble its people, and they are others.
    """

    ref: str
    name: str
    commune: str
    valid_from: date
    members: tuple[NewMember, ...]
    payers: tuple[NewPayer, ...]
    qfs: tuple[NewQf, ...] = ()
    regime: NewRegime | None = None
    custody: tuple[NewCustodyCalendar, ...] = ()
    former_commune: str | None = None
    is_known_apart: bool = False
    postcode: str | None = None


@operation(Right.EDIT_FAMILIES, Scope.ANYWHERE)
def create_family(records: Records, actor: Actor, family: NewFamily) -> int:
    """Create a family file; returns its id. Raises InvalidData for a duplicate or an incoherent file."""
    return create_families(records, actor, [family])[family.ref]


@operation(Right.EDIT_FAMILIES, Scope.ANYWHERE)
def create_families(records: Records, actor: Actor, families: Sequence[NewFamily]) -> dict[str, int]:
    """Create family files in one transaction; returns their ids by ref."""
    with records.write(actor, "create_families") as write:
        return write_families(write, families)


def write_families(write: Write, families: Sequence[NewFamily]) -> dict[str, int]:
    """Create family files inside an open write; returns their ids by ref."""
    session = write.session
    for family in families:
        _check_family(family)
    refuse_known(session, Family, [family.ref for family in families])
    _add_people(session, families)
    ids = _add_family_rows(session, families)
    people = kept_ids_by_ref(session, Person, [m.person_ref for family in families for m in family.members])
    _add_members(write, families, ids, people)
    payers = _add_payers(write, families, ids, people)
    for family in families:
        _add_money_facts(write, family, ids[family.ref], payers)
        for calendar in family.custody:
            add_custody_row(write, calendar)
        write.audit("family", family.ref, old=None, new=_told(family))
    return ids


def _check_family(family: NewFamily) -> None:
    guardians = [member for member in family.members if member.role == "guardian"]
    if len(guardians) > GUARDIANS_MAX:
        raise invalid(f"Dossier {family.name} : deux représentants légaux au plus.", family=family.ref)
    for member in family.members:
        person = member.person
        if member.role == "child" and isinstance(person, NewPerson) and person.birth_date is None:
            raise invalid(f"Date de naissance manquante pour {person.first_name} {person.last_name}.")
        if member.role == "guardian" and member.pickup == "forbidden":
            raise invalid(f"Dossier {family.name} : un représentant légal ne peut pas être interdit de sortie.")
    if not family.payers:
        raise invalid(f"Dossier {family.name} : indiquez au moins un payeur.", family=family.ref)
    for payer in family.payers:
        if (payer.person_ref is None) == (payer.body_name is None):
            raise invalid(f"Le payeur « {payer.ref} » est soit une personne, soit un organisme.")
    for qf in family.qfs:
        check_qf(qf)


def _add_people(session: Session, families: Sequence[NewFamily]) -> None:
    every = [(family, member.person) for family in families for member in family.members]
    new = [(family, person) for family, person in every if isinstance(person, NewPerson)]
    known_apart = {person.ref for family, person in new if family.is_known_apart}
    add_people(session, [person for _, person in new], known_apart)


def _add_family_rows(session: Session, families: Sequence[NewFamily]) -> dict[str, int]:
    rows = [Family(ref=each.ref, name=each.name) for each in families]
    session.add_all(rows)
    session.flush()
    session.add_all(
        Address(
            family_id=row.id,
            postcode=each.postcode,
            commune=each.commune,
            former_commune=each.former_commune,
            valid_from=each.valid_from,
        )
        for row, each in zip(rows, families, strict=True)
    )
    return {row.ref: row.id for row in rows}


def _add_members(write: Write, families: Sequence[NewFamily], ids: dict[str, int], people: dict[str, int]) -> None:
    session = write.session
    every = [(family, member) for family in families for member in family.members]
    classes = ids_by_ref(session, SchoolClass, [each.class_ref for _, m in every for each in m.classes])
    for family, member in every:
        person_id = people[member.person_ref]
        session.add(
            FamilyMember(
                family_id=ids[family.ref],
                person_id=person_id,
                role=member.role,
                kinship=member.kinship,
                pickup=member.pickup,
                valid_from=family.valid_from,
                valid_to=None,
            )
        )
        for diet in member.diets:
            check_diet(diet)
        session.add_all(Diet(person_id=person_id, **asdict(diet)) for diet in member.diets)
        for note in member.health_notes:
            _add_health_note(write, person_id, note)
        session.add_all(
            ClassMembership(
                person_id=person_id,
                class_id=classes[each.class_ref],
                valid_from=each.valid_from,
                valid_to=each.valid_to,
            )
            for each in member.classes
        )


def check_diet(diet: NewDiet) -> None:
    """Raise InvalidData for a diet without a name, or that names a belief."""
    if not diet.code.strip() or not diet.label.strip():
        raise invalid("Donnez un code et un libellé à ce régime.")
    if tells_a_belief(f"{diet.code} {diet.label}"):
        raise invalid(BELIEF_TOLD)


def _add_health_note(write: Write, person_id: int, note: NewHealthNote) -> None:
    row = HealthNote(person_id=person_id, **asdict(note))
    write.session.add(row)
    write.session.flush()
    write.audit("health_note", row.id, old=None, new=audited(write, HealthNote, asdict(note)))


def _told(family: NewFamily) -> dict[str, object]:
    """Return a family as its audit row tells it: health notes have rows of their own, encrypted."""
    values = asdict(family)
    for member in values["members"]:
        del member["health_notes"]
    return values


def _add_payers(
    write: Write, families: Sequence[NewFamily], ids: dict[str, int], people: dict[str, int]
) -> dict[str, int]:
    session = write.session
    every = [(family, payer) for family in families for payer in family.payers]
    refuse_known(session, Payer, [payer.ref for _, payer in every])
    refs = {payer.person_ref for _, payer in every if payer.person_ref is not None}
    known = people | kept_ids_by_ref(session, Person, refs - people.keys())
    bodies = body_ids(write, [(payer.body_name, family.valid_from) for family, payer in every if payer.body_name])
    rows = [
        Payer(
            ref=payer.ref,
            family_id=ids[family.ref],
            person_id=None if payer.person_ref is None else known[payer.person_ref],
            body_id=None if payer.body_name is None else bodies[payer.body_name],
            notice_channel=payer.notice_channel,
            wants_paper=payer.wants_paper,
        )
        for family, payer in every
    ]
    session.add_all(rows)
    session.flush()
    return {row.ref: row.id for row in rows}


def body_ids(write: Write, wanted: Sequence[tuple[str, date]]) -> dict[str, int]:
    """Return the paying body of each name, made from that day on when there is none."""
    session = write.session
    known = {row.name: row.id for row in session.scalars(select(PayingBody).order_by(PayingBody.id.desc()))}
    for name, day in wanted:
        if name not in known:
            row = PayingBody(ref=f"organisme-{len(known) + 1}", name=name, kind="other", valid_from=day)
            session.add(row)
            session.flush()
            write.audit("paying_body", row.ref, old=None, new={"name": name, "valid_from": day})
            known[name] = row.id
    return known


def _add_money_facts(write: Write, family: NewFamily, family_id: int, payers: dict[str, int]) -> None:
    own = {payer.ref for payer in family.payers}
    for qf in family.qfs or (NewQf(None, "default", family.valid_from),):
        if qf.payer_ref is not None and qf.payer_ref not in own:
            raise invalid(f"Le payeur « {qf.payer_ref} » n'appartient pas à ce dossier.", payer=qf.payer_ref)
        write.session.add(qf_row(write, family_id, None if qf.payer_ref is None else payers[qf.payer_ref], qf))
    if family.regime is not None:
        regime = with_group(write.session, family.regime)
        write.session.add(Regime(family_id=family_id, recorded_at=write.now, **asdict(regime)))
