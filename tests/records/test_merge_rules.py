"""What a merge must not lose or do unseen: prohibitions, guardians, payers, facts of one slot; and coming back."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from records.actors import SETUP
from records.database import Records
from records.models import Booking, FamilyMember, Payer, Person
from records.operations.attendance import expected
from records.operations.bookings import add_bookings
from records.operations.families import NewMember, NewPerson, NewQf, add_qf, create_family
from records.operations.family_edits import NewPhone, set_phones
from records.operations.family_file import open_family_file
from records.operations.merged import ids_with_merged, kept_by_ref
from records.operations.merges import MergeReport, merge_families, merge_people, undo_merge
from tests.factories.people import FamilyRefs, a_family, an_enrolment, new_booking, new_family
from tests.factories.town import START, TODAY


def pickup_of(town: Records, family: FamilyRefs, person_ref: str) -> str:
    """How somebody may collect, as the opened file says."""
    members = open_family_file(town, SETUP, family.ref).members
    return next(each.pickup for each in members if each.person_ref == person_ref)


@pytest.fixture
def two_files(town: Records) -> tuple[FamilyRefs, FamilyRefs]:
    """Two files of one family: the uncle may come in the first, and is forbidden in the second."""
    first = new_family("Fournier")
    uncle = NewMember(NewPerson("oncle", "Jean", "Fournier"), "contact", pickup="yes")
    create_family(town, SETUP, replace(first, members=(*first.members, uncle)))
    second = new_family("Furnier")
    forbidden = NewMember("oncle", "contact", pickup="forbidden")
    create_family(town, SETUP, replace(second, members=(*second.members, forbidden)))
    return tuple(  # type: ignore[return-value]
        FamilyRefs(
            each.ref,
            tuple(member.person_ref for member in each.members if member.role == "guardian"),
            tuple(member.person_ref for member in each.members if member.role == "child"),
            tuple(payer.ref for payer in each.payers),
        )
        for each in (first, second)
    )


def fields(report: MergeReport) -> list[str | None]:
    """What a report speaks of."""
    return [conflict.field for conflict in report.conflicts]


def test_somebody_forbidden_in_the_merged_file_is_forbidden_in_the_kept_one(
    town: Records, two_files: tuple[FamilyRefs, FamilyRefs]
) -> None:
    kept, merged = two_files
    report = merge_families(town, SETUP, kept.ref, merged.ref, "doublon")
    assert pickup_of(town, kept, "oncle") == "forbidden"
    assert "pickup" in fields(report)
    assert open_family_file(town, SETUP, kept.ref).warnings[0].startswith("NE PEUT PAS VENIR CHERCHER")
    undo_merge(town, SETUP, report.merge_id, "erreur")
    assert pickup_of(town, kept, "oncle") == "yes"
    assert pickup_of(town, merged, "oncle") == "forbidden"


def test_prohibition_of_a_merged_person_holds_for_the_person_kept_and_over_all_its_days(town: Records) -> None:
    family = new_family("Fournier")
    uncles = (
        NewMember(NewPerson("oncle", "Jean", "Fournier"), "contact", pickup="yes"),
        NewMember(NewPerson("oncle-2", "Jean", "Fournié"), "contact", pickup="forbidden"),
    )
    create_family(town, SETUP, replace(family, members=(*family.members, *uncles)))
    with town.write(SETUP, "test") as write:
        uncle = write.session.scalars(select(Person.id).where(Person.ref == "oncle")).one()
        row = write.session.scalars(select(FamilyMember).where(FamilyMember.person_id == uncle)).one()
        row.valid_from, row.valid_to = START.replace(day=15), TODAY
    report = merge_people(town, SETUP, "oncle", "oncle-2", "même personne")
    with town.read() as session:
        row = session.scalars(select(FamilyMember).where(FamilyMember.person_id == uncle)).one()
        assert (row.pickup, row.valid_from, row.valid_to) == ("forbidden", START, None)
    undo_merge(town, SETUP, report.merge_id, "erreur")
    with town.read() as session:
        row = session.scalars(select(FamilyMember).where(FamilyMember.person_id == uncle)).one()
        assert (row.pickup, row.valid_from, row.valid_to) == ("yes", START.replace(day=15), TODAY)


def test_third_guardian_is_listed(town: Records) -> None:
    one, two = a_family(town, "Fournier", guardians=2), a_family(town, "Furnier", guardians=1)
    report = merge_families(town, SETUP, one.ref, two.ref, "doublon")
    assert fields(report).count("guardian") == 1
    report = merge_people(town, SETUP, one.guardians[0], two.guardians[0], "même personne")
    assert "guardian" not in fields(report)


def test_telephone_deleted_since_does_not_keep_a_merge_from_being_taken_back(town: Records) -> None:
    one, two = a_family(town, "Fournier"), a_family(town, "Furnier")
    set_phones(town, SETUP, two.guardians[0], [NewPhone("06 01 02 03 04")])
    merge_id = merge_people(town, SETUP, one.guardians[0], two.guardians[0], "doublon").merge_id
    set_phones(town, SETUP, one.guardians[0], [])
    report = undo_merge(town, SETUP, merge_id, "erreur")
    assert [(each.table, each.field) for each in report.conflicts] == [("person_phone", "person_id")]


def test_two_words_on_one_day_are_listed_and_the_last_recorded_stands(town: Records) -> None:
    one, two = a_family(town, "Fournier"), a_family(town, "Furnier")
    for family in (one, two):
        an_enrolment(town, family, patterns=())
    day = new_booking(one).day
    add_bookings(town, SETUP, [new_booking(one), replace(new_booking(two), action="cancel")])
    report = merge_people(town, SETUP, one.child, two.child, "doublon")
    assert [each.table for each in report.conflicts if each.field == "slot"] == ["booking"]
    with town.read() as session:
        assert expected(session, None, day, day) == []
    undo_merge(town, SETUP, report.merge_id, "erreur")
    with town.read() as session:
        assert [each.child_ref for each in expected(session, None, day, day)] == [one.child]


def test_booking_asked_under_a_merged_reference_is_the_kept_childs(town: Records) -> None:
    one, two = a_family(town, "Fournier"), a_family(town, "Furnier")
    an_enrolment(town, one, patterns=())
    merge_people(town, SETUP, one.child, two.child, "doublon")
    add_bookings(town, SETUP, [new_booking(two)])
    with town.read() as session:
        child = kept_by_ref(session, Person, one.child)
        assert session.scalars(select(Booking.person_id)).all() == [child.id]


def test_qf_added_after_a_merge_corrects_the_merged_files_own(town: Records) -> None:
    one, two = a_family(town, "Fournier"), a_family(town, "Furnier", qf_e2=30_000)
    merge_families(town, SETUP, one.ref, two.ref, "doublon")
    add_qf(town, SETUP, two.ref, NewQf(41_000, "caf", START))
    qfs = open_family_file(town, SETUP, one.ref).qfs
    assert [(qf.value_e2, qf.is_standing) for qf in qfs] == [(41_000, True), (30_000, False), (999_900, False)]


def test_earlier_merge_taken_back_first_leaves_the_later_one_whole(town: Records) -> None:
    one, two, three = (a_family(town, name) for name in ("Fournier", "Furnier", "Fornier"))
    for other in (two, three):
        merge_people(town, SETUP, one.guardians[0], other.guardians[0], "même personne")
    first = merge_families(town, SETUP, two.ref, three.ref, "doublon").merge_id
    with town.read() as session:
        assert len(ids_with_merged(session, Payer, kept_by_ref(session, Payer, two.payers[0]).id)) == 2
    undo_merge(town, SETUP, first, "erreur")
    with town.read() as session:
        assert kept_by_ref(session, Payer, three.payers[0]).ref == three.payers[0]
        members = [each.person_ref for each in open_family_file(town, SETUP, three.ref).members]
    assert members[0] == one.guardians[0]
