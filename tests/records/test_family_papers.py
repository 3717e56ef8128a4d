"""Papers, authorisations, signatures and health of a family."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from domain.errors import InvalidData, NotAllowed
from records.actors import SETUP, Actor, Grant
from records.database import Records
from records.models import Authorisation, AuthorisationKind, DocumentKind, DocumentRequirement
from records.operations.families import NewHealthNote, NewMember, create_family
from records.operations.family_file import open_family_file
from records.operations.family_papers import (
    NewAuthorisation,
    NewDocument,
    authorise,
    missing_documents,
    receive_document,
    sign_family_file,
)
from records.operations.health import add_health_note, end_health_note, health_readings, read_health
from tests.factories.people import FamilyRefs, a_family, an_enrolment, new_family
from tests.factories.rows import a_row
from tests.factories.town import START, TODAY

CLERK = Actor("Cléo", (Grant("clerk"),))
REFERENT = Actor("Rémi", (Grant("referent"),))


@pytest.fixture
def family(town: Records) -> FamilyRefs:
    """A child at the canteen; an insurance that lasts a year is asked for everywhere."""
    family = a_family(town)
    an_enrolment(town, family)
    kind = a_row(town, DocumentKind, ref="assurance")
    a_row(town, DocumentRequirement, kind_id=kind.id)
    return family


def test_paper_is_missing_until_it_comes_and_again_when_it_expires(town: Records, family: FamilyRefs) -> None:
    missing = missing_documents(town, SETUP, family.ref)
    assert [(each.kind_ref, each.service_ref, each.person_ref, each.expired_on) for each in missing] == [
        ("assurance", "cantine", family.child, None)
    ]
    old = NewDocument("assurance", "Attestation", TODAY, family.child, issued_on=date(2025, 9, 1))
    receive_document(town, SETUP, family.ref, old)
    assert [each.expired_on for each in missing_documents(town, SETUP, family.ref)] == [date(2026, 9, 1)]
    receive_document(town, SETUP, family.ref, NewDocument("assurance", "Attestation", TODAY, family.child))
    assert missing_documents(town, SETUP, family.ref) == []


def test_paper_of_nobody_is_refused_when_its_kind_is_about_a_child(town: Records, family: FamilyRefs) -> None:
    with pytest.raises(InvalidData, match="de quelle personne"):
        receive_document(town, SETUP, family.ref, NewDocument("assurance", "Attestation", TODAY))
    document = NewDocument("assurance", "Attestation", TODAY, family.child, family.payers[0])
    with pytest.raises(InvalidData, match="de quel payeur"):
        receive_document(town, SETUP, family.ref, document)


def test_later_word_of_an_adult_ends_the_one_before(town: Records, family: FamilyRefs) -> None:
    a_row(town, AuthorisationKind, ref="photo")
    given = NewAuthorisation(family.child, "photo", family.guardians[0], True, START)
    authorise(town, SETUP, given)
    authorise(town, SETUP, NewAuthorisation(family.child, "photo", family.guardians[0], False, TODAY))
    with town.read() as session:
        rows = session.execute(
            select(Authorisation.is_allowed, Authorisation.valid_to).order_by(Authorisation.id)
        ).all()
    assert [tuple(row) for row in rows] == [(True, TODAY), (False, None)]
    with pytest.raises(InvalidData, match="date plus tardive"):
        authorise(town, SETUP, given)


def test_signed_file_is_not_to_be_signed_any_more(town: Records, family: FamilyRefs) -> None:
    assert "non signé" in " ".join(open_family_file(town, SETUP, family.ref).to_complete)
    sign_family_file(town, SETUP, family.ref, family.guardians[0], TODAY)
    assert "non signé" not in " ".join(open_family_file(town, SETUP, family.ref).to_complete)


def test_health_is_written_read_and_ended_and_each_reading_is_known(town: Records, family: FamilyRefs) -> None:
    note = add_health_note(town, REFERENT, family.child, NewHealthNote("allergy", "Arachide", START), "Anapen")
    line = read_health(town, REFERENT, family.child)[0]
    assert (line.label, line.detail, line.valid_to) == ("Arachide", "Anapen", None)
    assert end_health_note(town, REFERENT, note, TODAY, 1)
    assert read_health(town, REFERENT, family.child)[0].valid_to == TODAY
    readings = health_readings(town, SETUP, family.child)
    assert [(each.reader, each.operation) for each in readings] == [("Rémi", "read_health")] * 2
    with pytest.raises(InvalidData, match="Choisissez le type"):
        add_health_note(town, REFERENT, family.child, NewHealthNote("zorglub", "x", START))
    with pytest.raises(InvalidData, match="n'existe plus"):
        end_health_note(town, REFERENT, 999, TODAY, 1)


def test_paper_about_health_takes_its_right_and_leaves_a_reading(town: Records, family: FamilyRefs) -> None:
    kind = a_row(town, DocumentKind, ref="pai", label="PAI", is_health=True)
    a_row(town, DocumentRequirement, kind_id=kind.id)
    assert [each.kind_ref for each in missing_documents(town, CLERK, family.ref)] == ["assurance"]
    assert health_readings(town, SETUP, family.child) == []
    assert [each.kind_ref for each in missing_documents(town, SETUP, family.ref)] == ["assurance", "pai"]
    assert [each.operation for each in health_readings(town, SETUP, family.child)] == ["missing_documents"]
    with pytest.raises(NotAllowed):
        receive_document(town, CLERK, family.ref, NewDocument("pai", "PAI de Léa", TODAY, family.child))


def test_paper_of_somebody_else_is_refused(town: Records, family: FamilyRefs) -> None:
    other = a_family(town, "Petit", children=("Tom",))
    with pytest.raises(InvalidData, match="n'est pas un enfant de ce dossier"):
        receive_document(town, SETUP, family.ref, NewDocument("assurance", "Attestation", TODAY, other.child))
    a_row(town, DocumentKind, ref="rib", label="RIB", about="payer")
    rib = NewDocument("rib", "RIB", TODAY, payer_ref=other.payers[0])
    with pytest.raises(InvalidData, match="n'appartient pas à ce dossier"):
        receive_document(town, SETUP, family.ref, rib)


def test_only_a_guardian_signs_and_allows(town: Records, family: FamilyRefs) -> None:
    other = a_family(town, "Petit", children=("Tom",))
    a_row(town, AuthorisationKind, ref="photo")
    with pytest.raises(InvalidData, match="ne peut pas signer pour Léa"):
        authorise(town, SETUP, NewAuthorisation(family.child, "photo", other.guardians[0], True, START))
    with pytest.raises(InvalidData, match="n'est pas représentant légal de ce dossier"):
        sign_family_file(town, SETUP, family.ref, other.guardians[0], TODAY)


def test_child_of_two_homes_brings_the_paper_given_by_the_other(town: Records, family: FamilyRefs) -> None:
    other = new_family("Petit", children=())
    create_family(town, SETUP, replace(other, members=(*other.members, NewMember(family.child, "child"))))
    receive_document(town, SETUP, family.ref, NewDocument("assurance", "Attestation", TODAY, family.child))
    assert missing_documents(town, SETUP, other.ref) == []
