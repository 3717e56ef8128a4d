"""What a guardian reads of their own family, and nobody else's."""

from dataclasses import replace

import pytest

from domain.errors import NotAllowed, NotFound
from domain.time import instant_at
from records.actors import SETUP, Actor, Grant
from records.database import Records
from records.operations.devices import NewBadge, assign_badges
from records.operations.families import NewMember, NewPayer, NewPerson, create_family
from records.operations.family_view import my_children_today, my_families, my_family
from records.operations.ledger import NewEntry, add_entries
from records.operations.presence_board import Whereabouts
from tests.factories.people import (
    FamilyRefs,
    a_badge,
    a_family,
    a_tap,
    a_terminal,
    an_account,
    an_enrolment,
    logged_in,
    new_family,
)
from tests.factories.town import EVENING, SCHOOL, START, TODAY, ZONE


@pytest.fixture
def family(town: Records) -> FamilyRefs:
    """Two guardians, each with an account and a payer, and two children."""
    family = a_family(town, guardians=2, children=("Léa", "Noé"), diet="sans_porc")
    for number, guardian in enumerate(family.guardians, 1):
        an_account(town, f"parent-{number}", "family", person_ref=guardian)
    return family


def test_guardian_reads_the_family_its_children_and_their_school(town: Records, family: FamilyRefs) -> None:
    view = my_family(town, logged_in(town, "parent-1"))
    assert (view.family_ref, view.me.person_ref) == (family.ref, family.guardians[0])
    assert [adult.person_ref for adult in view.adults] == list(family.guardians)
    assert {child.child_ref for child in view.children} == set(family.children)
    lea = next(child for child in view.children if child.child_ref == family.child)
    assert (lea.class_label, lea.structure_ref, lea.diets) == ("CP", SCHOOL, ("sans_porc",))


def test_guardian_sees_the_account_they_pay_and_not_the_other_parents(town: Records, family: FamilyRefs) -> None:
    entry = NewEntry(family.payers[0], "opening", 1_250, "Report", START)
    add_entries(town, SETUP, [entry, replace(entry, payer_ref=family.payers[1], amount_cents=9_900)])
    for number, owed in ((1, 1_250), (2, 9_900)):
        view = my_family(town, logged_in(town, f"parent-{number}"))
        assert [(payer.payer_ref, payer.balance_cents) for payer in view.payers] == [
            (family.payers[number - 1], owed)
        ]


def test_family_of_somebody_else_is_never_read(town: Records, family: FamilyRefs) -> None:
    other = a_family(town, "Martin", children=("Zoé",))
    an_account(town, "martin", "family", person_ref=other.guardians[0])
    assert [each.family_ref for each in my_families(town, logged_in(town, "martin"))] == [other.ref]
    child_today = my_children_today(town, logged_in(town, "martin"), instant_at(TODAY, 700, ZONE))
    assert child_today == []


def test_parent_of_two_homes_reads_both_and_first_the_latest(town: Records, family: FamilyRefs) -> None:
    members = (NewMember(family.guardians[0], "guardian"), NewMember(family.child, "child"))
    payers = (NewPayer("second-payeur", person_ref=family.guardians[0]),)
    second = replace(new_family("Second", children=()), valid_from=TODAY, members=members, payers=payers)
    create_family(town, SETUP, second)
    assert [each.family_ref for each in my_families(town, logged_in(town, "parent-1"))] == ["second", family.ref]
    assert my_family(town, logged_in(town, "parent-1")).family_ref == "second"


def test_contact_of_a_family_reads_nothing_of_it(town: Records) -> None:
    granny = NewPerson("mamie", "Anne", "Durand")
    whole = new_family()
    create_family(town, SETUP, replace(whole, members=(*whole.members, NewMember(granny, "contact"))))
    an_account(town, "mamie", "family", person_ref="mamie")
    assert my_families(town, logged_in(town, "mamie")) == []
    with pytest.raises(NotFound, match="Aucun dossier famille"):
        my_family(town, logged_in(town, "mamie"))


def test_staff_account_without_a_family_is_told_apart(town: Records) -> None:
    with pytest.raises(NotAllowed):
        my_family(town, Actor("Claire", (Grant("coordinator"),)))
    assert my_families(town, Actor("Nobody", (Grant("family"),))) == []


def test_children_today_are_the_familys_alone_even_on_a_shared_badge(town: Records, family: FamilyRefs) -> None:
    other = a_family(town, "Martin", children=("Zoé",))
    for each in (family, other):
        an_enrolment(town, each, EVENING)
    badge = NewBadge("04FF0000", family.guardians[0], START, child_refs=(family.child, other.child))
    assign_badges(town, SETUP, [badge])
    terminal, own = a_terminal(town), a_badge(town, other.child)
    a_tap(town, terminal, 995, badge_uid="04FF0000")
    wrong = a_tap(town, terminal, 1000, badge_uid="04FF0000")
    a_tap(town, terminal, 1001, kind="undo", undoes=wrong)
    a_tap(town, terminal, 1002, badge_uid=own)
    today = my_children_today(town, logged_in(town, "parent-1"), instant_at(TODAY, 1010, ZONE))
    assert [(each.child.child_ref, each.service_ref, each.child.whereabouts) for each in today] == [
        (family.child, EVENING, Whereabouts.INSIDE)
    ]
    assert today[0].child.arrived_minute == 995
