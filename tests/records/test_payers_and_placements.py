"""Payers added to a file, placed children, delegations, complementary answers, and adults who eat."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from domain.errors import InvalidData, NotAllowed
from records.actors import SETUP, Actor, Grant
from records.database import Records
from records.models import Answer, EnrolmentPayer, Payer, Question, Signature
from records.operations.answers import NewAnswer, answer_questions
from records.operations.eaters import NewEater, create_eater
from records.operations.enrolments import NewEnrolmentPayer, NewPattern
from records.operations.families import NewMember, NewPayer, NewPerson, create_family
from records.operations.family_file import open_family_file
from records.operations.family_papers import sign_family_file
from records.operations.payers import add_payer
from records.operations.placements import NewDelegation, NewPlacement, add_delegation, place_child
from records.operations.tariffs import NewTariffRule, publish_tariff
from tests.factories.people import FamilyRefs, a_family, an_enrolment, new_family
from tests.factories.rows import a_row
from tests.factories.town import CANTEEN, SCHOOL, SCHOOL_DAYS, START, TODAY, canteen_tariff
from tests.harness.models import share_models
from warehouse.family import family_lines

PLACED_ON = date(2026, 11, 16)


@pytest.fixture
def family(town: Records) -> FamilyRefs:
    """A file with two guardians, a child at the canteen, and an aunt who may come."""
    made = new_family(guardians=2)
    aunt = NewMember(NewPerson("tante", "Rose", "Petit"), "contact")
    create_family(town, SETUP, replace(made, members=(*made.members, aunt)))
    guardians = ("fournier-adulte-1", "fournier-adulte-2")
    payers = ("fournier-adulte-1-payeur", "fournier-adulte-2-payeur")
    family = FamilyRefs(made.ref, guardians, ("fournier-lea",), payers)
    an_enrolment(town, family, payers=(NewEnrolmentPayer(payers[0]),))
    return family


def paying(town: Records) -> list[tuple[str, date, date | None]]:
    """Who pays enrolments, from when to when."""
    with town.read() as session:
        rows = session.execute(
            select(Payer.ref, EnrolmentPayer.valid_from, EnrolmentPayer.valid_to)
            .join(Payer, Payer.id == EnrolmentPayer.payer_id)
            .order_by(EnrolmentPayer.valid_from, EnrolmentPayer.id)
        )
        return [tuple(row) for row in rows]  # type: ignore[misc]


def test_contact_and_body_become_payers_of_an_existing_file(town: Records, family: FamilyRefs) -> None:
    add_payer(town, SETUP, family.ref, NewPayer("tante-payeur", person_ref="tante"))
    add_payer(town, SETUP, family.ref, NewPayer("departement", body_name="Département", notice_channel="none"))
    refs = [each.payer_ref for each in open_family_file(town, SETUP, family.ref).payers]
    assert refs == [*family.payers, "tante-payeur", "departement"]


def test_payer_who_is_there_already_or_not_in_the_file_is_refused(town: Records, family: FamilyRefs) -> None:
    with pytest.raises(InvalidData, match=r"déjà ce payeur.*fournier-adulte-1-payeur"):
        add_payer(town, SETUP, family.ref, NewPayer("encore", person_ref=family.guardians[0]))
    stranger = a_family(town, "Grand", children=())
    with pytest.raises(InvalidData, match="ni représentant ni contact"):
        add_payer(town, SETUP, family.ref, NewPayer("autre", person_ref=stranger.guardians[0]))


def test_carer_of_a_placed_child_pays_from_that_day_and_parents_again_afterwards(
    town: Records, family: FamilyRefs
) -> None:
    end = PLACED_ON + timedelta(days=60)
    placement = NewPlacement(family.ref, family.child, PLACED_ON, "tante-payeur", "tante", valid_to=end)
    place_child(town, SETUP, placement)
    assert paying(town) == [
        (family.payers[0], START, PLACED_ON),
        ("tante-payeur", PLACED_ON, end),
        (family.payers[0], end, None),
    ]
    with pytest.raises(InvalidData, match="déjà placé"):
        place_child(town, SETUP, NewPlacement(family.ref, family.child, TODAY, "x", carer_body="Foyer"))


def test_unknown_address_of_parents_is_the_collectivitys_and_the_note_opens_with_the_file(
    town: Records, family: FamilyRefs
) -> None:
    placement = NewPlacement(
        family.ref, family.child, START, "foyer", carer_body="Foyer", authority="ASE", is_address_unknown=True
    )
    place_child(town, SETUP, placement)
    opened = open_family_file(town, SETUP, family.ref)
    assert any("joindre d'abord la personne qui accueille" in each for each in opened.warnings)
    guardians = [each for each in opened.members if each.role == "guardian"]
    assert [each.address.is_reliable for each in guardians if each.address] == [False, False]
    assert paying(town) == [("foyer", START, None)]


def test_guardian_does_not_take_in_their_own_child(town: Records, family: FamilyRefs) -> None:
    with pytest.raises(InvalidData, match="ne peut pas l'accueillir"):
        place_child(town, SETUP, NewPlacement(family.ref, family.child, START, "x", family.guardians[0]))


def test_carer_signs_once_the_delegation_is_recorded(town: Records, family: FamilyRefs) -> None:
    with pytest.raises(InvalidData, match="représentant légal de ce dossier"):
        sign_family_file(town, SETUP, family.ref, "tante", TODAY)
    given = NewDelegation(family.child, "tante", "parents", START, "Inscriptions et sorties", START)
    delegation_id = add_delegation(town, SETUP, given)
    sign_family_file(town, SETUP, family.ref, "tante", TODAY)
    with town.read() as session:
        assert session.scalars(select(Signature.delegation_id)).all() == [delegation_id]
    stranger = a_family(town, "Grand", children=())
    with pytest.raises(InvalidData, match="n'accueille pas Léa"):
        add_delegation(town, SETUP, replace(given, carer_ref=stranger.guardians[0]))


@pytest.mark.parametrize(
    ("answer_type", "choices", "good", "kept", "bad"),
    [
        ("yes_no", None, "Oui", "oui", "peut-être"),
        ("number", None, "12,5", "12.5", "douze"),
        ("date", None, "2026-09-01", "2026-09-01", "1er septembre"),
        ("choice", '["bleu", "vert"]', "vert", "vert", "rouge"),
        ("text", None, " Sait nager ", "Sait nager", "  "),
    ],
)
def test_answer_is_of_its_questions_type_and_ends_the_one_before(
    town: Records, family: FamilyRefs, answer_type: str, choices: str | None, good: str, kept: str, bad: str
) -> None:
    a_row(town, Question, ref="q", about="child", answer_type=answer_type, choices=choices, valid_from=START)
    answer_questions(town, SETUP, [NewAnswer("q", family.child, good, START)])
    answer_questions(town, SETUP, [NewAnswer("q", family.child, good, TODAY)])
    with town.read() as session:
        rows = session.execute(select(Answer.value, Answer.valid_to).order_by(Answer.valid_from)).all()
    assert [tuple(row) for row in rows] == [(kept, TODAY), (kept, None)]
    with pytest.raises(InvalidData, match="répondez par"):
        answer_questions(town, SETUP, [NewAnswer("q", family.child, bad, TODAY)])


def new_eater() -> NewEater:
    """A teacher who eats at school on school days."""
    return NewEater(
        NewPerson("maitre", "Paul", "Durand", email="paul@example.org"),
        "Ville",
        CANTEEN,
        SCHOOL,
        "autre",
        START,
        tuple(NewPattern(weekday) for weekday in SCHOOL_DAYS),
    )


def test_adult_who_eats_is_billed_like_anybody(town: Records, tmp_path: Path) -> None:
    usual = canteen_tariff()
    others = NewTariffRule("Autres", "autre", amount_e4=50_000, unit="meal")
    publish_tariff(town, SETUP, replace(usual, rules=(*usual.rules, others)))
    create_eater(town, SETUP, new_eater())
    share_models(tmp_path)
    lines = family_lines(town, tmp_path, "maitre-dossier", TODAY, TODAY, now=town.clock())
    assert [(line.child_ref, line.payer_ref, line.amount) for line in lines] == [
        ("maitre", "maitre-payeur", Decimal("5.00"))
    ]


def test_adult_who_eats_is_enrolled_by_who_may_enrol_there(town: Records) -> None:
    elsewhere = Actor("Claire", (Grant("coordinator", 99),))
    with pytest.raises(NotAllowed):
        create_eater(town, elsewhere, new_eater())
    assert open_family_file(town, SETUP, a_family(town, "Petit").ref).family_ref == "petit"
