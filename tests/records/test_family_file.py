"""A family file is opened whole, edited with its history, and health is shown to whom may read it."""

from datetime import date

import pytest
from sqlalchemy import select

from domain.errors import Conflict, InvalidData, NotFound
from records.actors import SETUP, Actor, Grant
from records.database import Records
from records.models import FamilyMember, HealthAccess, HealthNote, Person, Signature
from records.operations.families import NewQf, add_qf
from records.operations.family_edits import (
    NewAddress,
    NewContact,
    NewNote,
    NewPhone,
    add_member,
    add_note,
    edit_family,
    edit_member,
    edit_payer,
    edit_person,
    end_note,
    set_family_address,
    set_person_address,
    set_phones,
)
from records.operations.family_file import open_family_file
from records.operations.family_history import history
from records.operations.family_search import search_families
from records.operations.merges import merge_families
from tests.factories.people import FamilyRefs, a_family, an_enrolment
from tests.factories.rows import a_row
from tests.factories.town import START, TODAY

CLERK = Actor("Claire", (Grant("clerk"),))
REFERENT = Actor("Rémi", (Grant("referent"),))


@pytest.fixture
def family(town: Records) -> FamilyRefs:
    """A file with a child, a representative and a stranger to it."""
    family = a_family(town, qf_e2=34_900, diet="sans_porc")
    a_family(town, "Autre", children=("Zoé",))
    an_enrolment(town, family)
    return family


def test_file_opens_with_all_that_a_screen_needs(town: Records, family: FamilyRefs) -> None:
    opened = open_family_file(town, CLERK, family.ref)
    assert [(each.role, each.first_name) for each in opened.members] == [("guardian", "Adulte 1"), ("child", "Léa")]
    child = opened.members[1]
    assert (child.classes, child.diets, child.health) == (("CP",), ("sans_porc",), None)
    assert [payer.payer_ref for payer in opened.payers] == list(family.payers)
    assert [(qf.value_e2, qf.source, qf.is_standing) for qf in opened.qfs] == [(34_900, "caf", True)]
    assert opened.address is not None
    assert opened.address.commune == "Ville d'essai"
    assert [each.caf_group for each in opened.regimes] == ["RG"]
    assert [each.service_ref for each in opened.enrolments] == ["cantine"]


def test_unknown_file_is_refused_by_name(town: Records) -> None:
    with pytest.raises(NotFound, match=r"inconnue.*zorglub"):
        open_family_file(town, CLERK, "zorglub")


def test_health_is_read_with_the_right_alone_and_each_reading_is_logged(town: Records, family: FamilyRefs) -> None:
    with town.read() as session:
        child = session.scalars(select(Person.id).where(Person.ref == family.child)).one()
    a_row(town, HealthNote, person_id=child)
    assert [each.health for each in open_family_file(town, CLERK, family.ref).members] == [None, None]
    seen = open_family_file(town, REFERENT, family.ref).members
    assert [[note.label for note in each.health or ()] for each in seen] == [[], ["Arachide"]]
    with town.read() as session:
        readings = session.execute(
            select(HealthAccess.person_id, HealthAccess.reader, HealthAccess.operation)
        ).all()
    assert [tuple(row) for row in readings] == [(child, "Rémi", "open_family_file")]


def test_forbidden_pickup_is_the_first_thing_that_a_file_says(town: Records, family: FamilyRefs) -> None:
    add_note(town, SETUP, family.ref, NewNote("address", "Appelez l'assistante familiale", START, True))
    add_note(town, SETUP, family.ref, NewNote("general", "Préfère le matin", START))
    contact = NewContact("autre-adulte-1", "contact", START, "oncle", "forbidden")
    add_member(town, SETUP, family.ref, contact)
    opened = open_family_file(town, CLERK, family.ref)
    assert opened.members[0].pickup == "forbidden"
    assert [each.replace("\u00a0", " ") for each in opened.warnings] == [
        "NE PEUT PAS VENIR CHERCHER L'ENFANT : AUTRE Adulte 1.",
        "Appelez l'assistante familiale",
    ]


def test_two_sources_that_differ_are_shown_side_by_side_and_none_is_lost(town: Records, family: FamilyRefs) -> None:
    add_qf(town, SETUP, family.ref, NewQf(36_000, "computed", START))
    opened = open_family_file(town, CLERK, family.ref)
    assert [difference.values for difference in opened.qf_differences] == [(("computed", 36_000), ("caf", 34_900))]
    add_qf(town, SETUP, family.ref, NewQf(34_900, "computed", START))
    opened = open_family_file(town, CLERK, family.ref)
    assert opened.qf_differences == ()
    assert len(opened.qfs) == 3


def test_what_is_missing_is_said_until_it_comes(town: Records) -> None:
    family = a_family(town, "Petit")
    said = " ".join(open_family_file(town, CLERK, family.ref).to_complete)
    assert "QF pas encore connu (9999)" in said
    assert "non signé" in said
    add_qf(town, SETUP, family.ref, NewQf(34_900, "caf", TODAY))
    with town.read() as session:
        signer = session.scalars(select(Person.id).where(Person.ref == family.guardians[0])).one()
    a_row(town, Signature, signer_id=signer)
    assert open_family_file(town, CLERK, family.ref).to_complete == ()
    set_family_address(town, SETUP, family.ref, NewAddress("Ville", TODAY, is_reliable=False))
    assert "Adresse non fiable" in open_family_file(town, CLERK, family.ref).to_complete[0]


def test_merged_file_opens_the_kept_one_with_the_facts_of_both(town: Records, family: FamilyRefs) -> None:
    merge_families(town, SETUP, family.ref, "autre", "doublon")
    opened = open_family_file(town, CLERK, "autre")
    assert (opened.family_ref, len(opened.members), len(opened.qfs)) == (family.ref, 4, 2)


def test_change_of_name_is_searched_and_told_with_old_and_new(town: Records, family: FamilyRefs) -> None:
    version = open_family_file(town, CLERK, family.ref).members[0].row_version
    assert edit_person(town, CLERK, family.guardians[0], {"used_name": "D'Argenson"}, version)
    assert [each.family_ref for each in search_families(town, CLERK, "dargenson").families] == [family.ref]
    line = history(town, CLERK, family.ref)[0]
    assert (line.actor, line.operation) == ("Claire", "edit_person")
    assert [each.replace("\u00a0", " ") for each in line.details] == ["nom d'usage : « rien » → « D'Argenson »"]


def test_edit_of_what_somebody_else_changed_is_a_conflict(town: Records, family: FamilyRefs) -> None:
    edit_person(town, CLERK, family.child, {"first_name": "Lia"}, 1)
    with pytest.raises(Conflict, match="Rechargez"):
        edit_person(town, CLERK, family.child, {"first_name": "Léo"}, 1)


def test_telephones_are_replaced_in_order_searched_and_told(town: Records, family: FamilyRefs) -> None:
    adult = family.guardians[0]
    set_phones(town, CLERK, adult, [NewPhone("01 99 00 12 34"), NewPhone("06 39 98 00 01", "work")])
    set_phones(town, CLERK, adult, [NewPhone("06 39 98 00 01", "work"), NewPhone("06 39 98 00 02")])
    phones = open_family_file(town, CLERK, family.ref).members[0].phones
    assert [each.number for each in phones] == ["06 39 98 00 01", "06 39 98 00 02"]
    assert [each.family_ref for each in search_families(town, CLERK, "+33 6 39 98 00 02").families] == [family.ref]
    assert search_families(town, CLERK, "0199001234").families == ()
    said = " ".join(" ".join(line.details) for line in history(town, CLERK, family.ref)).replace("\u00a0", " ")
    assert "numéro : « 01 99 00 12 34 » → « rien »" in said


def test_address_ends_the_one_before_and_a_persons_own_is_beside(town: Records, family: FamilyRefs) -> None:
    set_family_address(town, CLERK, family.ref, NewAddress("Bourg", TODAY, "1 rue du Puits"))
    set_person_address(town, CLERK, family.guardians[0], NewAddress("Ailleurs", TODAY))
    opened = open_family_file(town, CLERK, family.ref)
    assert opened.address is not None
    assert (opened.address.commune, opened.address.street) == ("Bourg", "1 rue du Puits")
    assert opened.members[0].address is not None
    assert opened.members[0].address.commune == "Ailleurs"
    with pytest.raises(InvalidData, match="date plus tardive"):
        set_family_address(town, CLERK, family.ref, NewAddress("Bourg", START))
    with pytest.raises(InvalidData, match="commune"):
        set_family_address(town, CLERK, family.ref, NewAddress(" ", date(2027, 1, 1)))


def test_note_that_ended_does_not_open_any_more(town: Records, family: FamilyRefs) -> None:
    note = add_note(town, CLERK, family.ref, NewNote("contact", "Appeler tôt", START, True))
    assert end_note(town, CLERK, note, TODAY)
    assert open_family_file(town, CLERK, family.ref).warnings == ()
    with pytest.raises(InvalidData, match="n'existe plus"):
        end_note(town, CLERK, 999, TODAY)


def test_members_payers_and_the_file_itself_are_edited_and_told(town: Records, family: FamilyRefs) -> None:
    member = add_member(town, CLERK, family.ref, NewContact("autre-adulte-1", "contact", START))
    assert edit_member(town, CLERK, member, {"pickup": "forbidden", "emergency_rank": 2}, 1)
    assert edit_payer(town, CLERK, family.payers[0], {"wants_paper": True}, 1)
    assert edit_family(town, CLERK, family.ref, {"letter_name": "Monsieur et Madame Fournier"}, 1)
    said = " ".join(" ".join(line.details) for line in history(town, CLERK, family.ref)).replace("\u00a0", " ")
    for words in ("« oui » → « INTERDIT »", "facture papier : « non » → « oui »", "Monsieur et Madame"):
        assert words in said


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"first_name": " "}, "obligatoire"),
        ({"last_name": None}, "obligatoire"),
        ({"ref": "x"}, "ne se modifie pas"),
    ],
)
def test_edit_that_cannot_be_is_refused_in_words(
    town: Records, family: FamilyRefs, changes: dict[str, object], said: str
) -> None:
    with pytest.raises(InvalidData, match=said):
        edit_person(town, CLERK, family.child, changes, 1)


def test_membership_that_cannot_be_is_refused_in_words(town: Records, family: FamilyRefs) -> None:
    with town.read() as session:
        guardian = session.scalars(select(FamilyMember.id).where(FamilyMember.role == "guardian")).first()
    assert guardian is not None
    with pytest.raises(InvalidData, match="déjà dans ce dossier"):
        add_member(town, CLERK, family.ref, NewContact(family.child, "child", TODAY))
    with pytest.raises(InvalidData, match="représentant légal ne peut pas"):
        edit_member(town, CLERK, guardian, {"pickup": "forbidden"}, 1)
    with pytest.raises(InvalidData, match="Date de naissance manquante"):
        add_member(town, CLERK, family.ref, NewContact("autre-adulte-1", "child", TODAY))
    with pytest.raises(InvalidData, match="doit venir après"):
        edit_member(town, CLERK, guardian, {"valid_to": START}, 1)


def test_guardian_whose_end_is_taken_away_may_not_be_a_third(town: Records) -> None:
    family = a_family(town, "Petit", guardians=2)
    opened = open_family_file(town, CLERK, family.ref)
    first = next(each for each in opened.members if each.role == "guardian")
    edit_member(town, CLERK, first.member_id, {"valid_to": TODAY}, first.member_version)
    a_family(town, "Grand", children=())
    add_member(town, CLERK, family.ref, NewContact("grand-adulte-1", "guardian", TODAY))
    with pytest.raises(InvalidData, match="Deux représentants légaux au plus"):
        edit_member(town, CLERK, first.member_id, {"valid_to": None}, first.member_version + 1)


def test_birth_date_of_a_child_is_not_taken_away(town: Records, family: FamilyRefs) -> None:
    with pytest.raises(InvalidData, match="date de naissance de Léa est obligatoire"):
        edit_person(town, CLERK, family.child, {"birth_date": None}, 1)


def test_history_agrees_in_gender_and_writes_days_as_people_do(town: Records, family: FamilyRefs) -> None:
    set_family_address(town, SETUP, family.ref, NewAddress("Ville", TODAY))
    lines = [(line.title, line.details) for line in history(town, CLERK, family.ref)]
    said = {title.replace("\u00a0", " "): " ".join(details).replace("\u00a0", " ") for title, details in lines}
    assert f"début : « {TODAY:%d/%m/%Y} »" in said["Adresse : créée"]
