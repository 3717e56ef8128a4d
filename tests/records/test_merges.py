"""Two files of the same people become one, nothing is lost, and taking it back restores them exactly."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from domain.errors import InvalidData, NotFound
from records.actors import SETUP
from records.database import Records
from records.models import (
    Address,
    Authorisation,
    Base,
    Enrolment,
    Family,
    FamilyMember,
    HealthNote,
    Mandate,
    Merge,
    MergeMove,
    Note,
    Payer,
    Person,
    PersonPhone,
    Qf,
)
from records.operations.families import NewMember, NewPayer, NewPerson, create_family
from records.operations.family_search import search_families
from records.operations.merged import ids_with_merged, kept_by_ref
from records.operations.merges import merge_families, merge_people, undo_merge
from records.operations.search_index import index_people
from tests.factories.people import FamilyRefs, a_family, an_enrolment, new_family
from tests.factories.rows import a_row
from tests.factories.town import TODAY

NAMES = ("Fournier", "Fournié", "Furnier", "Fornier")


@pytest.fixture
def doubled(town: Records) -> Records:
    """Four files that may be the same family, with rows of many tables."""
    for name in NAMES:
        family = a_family(town, name, children=("Léa", "Noé"), guardians=2, diet="sans_porc", qf_e2=34_900)
        with town.read() as session:
            family_id = session.scalars(select(Family.id).where(Family.ref == family.ref)).one()
            child = session.scalars(select(Person.id).where(Person.ref == family.child)).one()
            payer = session.scalars(select(Payer.id).where(Payer.ref == family.payers[0])).one()
        an_enrolment(town, family)
        a_row(town, PersonPhone, person_id=child, number="01 99 00 12 34")
        a_row(town, PersonPhone, person_id=child, number=f"06 00 00 00 {child:02d}")
        a_row(town, HealthNote, person_id=child)
        a_row(town, Note, family_id=family_id, person_id=child, recorded_by="x", recorded_at=1)
        a_row(town, Mandate, payer_id=payer, rum=f"RUM-{payer}")
        a_row(town, Address, person_id=child, valid_from=TODAY)
        a_row(town, Authorisation, person_id=child, given_by_id=child)
    with town.write(SETUP, "test") as write:
        index_people(write.session, list(write.session.scalars(select(Person.id))))
    return town


def refs(name: str) -> FamilyRefs:
    """Return the references of one of the four files."""
    family = new_family(name, children=("Léa", "Noé"), guardians=2)
    people = [member.person_ref for member in family.members]
    return FamilyRefs(family.ref, tuple(people[:2]), tuple(people[2:]), tuple(payer.ref for payer in family.payers))


def everything(records: Records) -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows of editable tables and all words, but the version of each row."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    with records.read() as session:
        for table in Base.metadata.sorted_tables:
            if table.info.get("mutability") == "editable" or table.name == "person_word":
                columns = [column for column in table.columns if column.name != "row_version"]
                found[table.name] = [tuple(row) for row in session.execute(select(*columns).order_by(*columns[:2]))]
    return found


def test_merged_file_hands_over_its_people_payers_and_papers(doubled: Records) -> None:
    kept, merged = refs("Fournier"), refs("Furnier")
    report = merge_families(doubled, SETUP, kept.ref, merged.ref, "doublon")
    with doubled.read() as session:
        family = session.scalars(select(Family).where(Family.ref == kept.ref)).one()
        people = set(
            session.scalars(
                select(Person.ref)
                .join(FamilyMember, FamilyMember.person_id == Person.id)
                .where(FamilyMember.family_id == family.id)
            )
        )
        payers = set(session.scalars(select(Payer.ref).where(Payer.family_id == family.id)))
        moves = session.scalars(select(MergeMove).where(MergeMove.merge_id == report.merge_id)).all()
    assert people == {*kept.guardians, *kept.children, *merged.guardians, *merged.children}
    assert payers == {*kept.payers, *merged.payers}
    assert len(moves) == report.moved


def test_facts_keep_their_ids_and_are_read_through_the_merge(doubled: Records) -> None:
    kept, merged = refs("Fournier"), refs("Furnier")
    merge_families(doubled, SETUP, kept.ref, merged.ref, "doublon")
    with doubled.read() as session:
        family = kept_by_ref(session, Family, merged.ref)
        ids = ids_with_merged(session, Family, family.id)
        assert family.ref == kept.ref
        assert len(session.scalars(select(Qf).where(Qf.family_id == family.id)).all()) == 1
        assert len(session.scalars(select(Qf).where(Qf.family_id.in_(ids))).all()) == 2


def test_what_contradicts_the_kept_side_stays_and_is_listed(doubled: Records) -> None:
    report = merge_families(doubled, SETUP, refs("Fournier").ref, refs("Furnier").ref, "doublon")
    assert [(c.field, c.kept, c.merged) for c in report.conflicts if c.table is None] == [
        ("name", "Fournier", "Furnier")
    ]
    assert [c.table for c in report.conflicts if c.table is not None and c.field is None] == ["address"]


def test_merged_person_hands_over_telephones_and_health_once_each(doubled: Records) -> None:
    kept, merged = refs("Fournier").child, refs("Furnier").child
    report = merge_people(doubled, SETUP, kept, merged, "même enfant")
    with doubled.read() as session:
        child = session.scalars(select(Person).where(Person.ref == kept)).one()
        numbers = session.scalars(select(PersonPhone.number).where(PersonPhone.person_id == child.id)).all()
        notes = session.scalars(select(HealthNote).where(HealthNote.person_id == child.id)).all()
        families = session.scalars(select(FamilyMember.family_id).where(FamilyMember.person_id == child.id)).all()
        enrolments = session.scalars(select(Enrolment).where(Enrolment.person_id == child.id)).all()
    assert (len(numbers), len(set(numbers)), len(notes), len(families), len(enrolments)) == (3, 3, 2, 2, 1)
    stayed = {conflict.table for conflict in report.conflicts if conflict.table and conflict.field is None}
    assert stayed == {"address", "authorisation", "class_membership", "diet", "enrolment", "person_phone"}


def test_kept_file_is_found_by_the_names_and_the_reference_of_the_merged_one(doubled: Records) -> None:
    kept, merged = refs("Fournier"), refs("Fornier")
    merge_families(doubled, SETUP, kept.ref, merged.ref, "doublon")
    for one, other in zip(kept.children, merged.children, strict=True):
        merge_people(doubled, SETUP, one, other, "doublon")
    for typed in ("fornier", merged.ref, merged.payers[0]):
        assert [each.family_ref for each in search_families(doubled, SETUP, typed).families] == [kept.ref]


def test_person_of_both_files_is_in_the_kept_one_once(town: Records) -> None:
    family = a_family(town)
    second = replace(
        new_family("Martin", children=()),
        members=(NewMember(NewPerson("mere", "Anne", "Martin"), "guardian"), NewMember(family.child, "child")),
        payers=(NewPayer("mere-payeur", person_ref="mere"),),
    )
    create_family(town, SETUP, second)
    report = merge_families(town, SETUP, family.ref, second.ref, "un seul foyer")
    assert {c.table for c in report.conflicts if c.table} == {"address", "family_member"}


def test_two_payers_of_one_person_become_one_and_are_shown(doubled: Records) -> None:
    kept, merged = refs("Fournier"), refs("Furnier")
    merge_people(doubled, SETUP, kept.guardians[0], merged.guardians[0], "doublon")
    report = merge_families(doubled, SETUP, kept.ref, merged.ref, "doublon")
    payers = [(c.kept, c.merged) for c in report.conflicts if c.field == "payer"]
    assert payers == [(kept.payers[0], merged.payers[0])]
    with doubled.read() as session:
        assert kept_by_ref(session, Payer, merged.payers[0]).ref == kept.payers[0]


def test_what_cannot_be_merged_is_refused_in_words(doubled: Records) -> None:
    one, two = refs("Fournier").ref, refs("Furnier").ref
    with pytest.raises(InvalidData, match="deux fiches différentes"):
        merge_families(doubled, SETUP, one, one, "")
    with pytest.raises(NotFound, match="inconnue"):
        merge_families(doubled, SETUP, one, "zorglub", "")
    merge_families(doubled, SETUP, one, two, "")
    with pytest.raises(InvalidData, match=r"déjà fusionnée dans.*fournier"):
        merge_families(doubled, SETUP, refs("Fornier").ref, two, "")


def test_merge_is_taken_back_once_and_the_last_one_first(doubled: Records) -> None:
    one, two, three = (refs(name).ref for name in ("Fournier", "Furnier", "Fornier"))
    first = merge_families(doubled, SETUP, two, three, "").merge_id
    second = merge_families(doubled, SETUP, one, two, "").merge_id
    with pytest.raises(InvalidData, match="annulez d'abord cette fusion-là"):
        undo_merge(doubled, SETUP, first, "erreur")
    undone = undo_merge(doubled, SETUP, second, "erreur").merge_id
    undo_merge(doubled, SETUP, first, "erreur")
    for merge_id, said in ((first, "déjà été annulée"), (undone, "n'existe pas"), (99, "n'existe pas")):
        with pytest.raises(InvalidData, match=said):
            undo_merge(doubled, SETUP, merge_id, "")


def test_row_pointed_elsewhere_since_the_merge_stays_there(doubled: Records) -> None:
    kept, merged, other = (refs(name) for name in ("Fournier", "Furnier", "Fornier"))
    merge_id = merge_families(doubled, SETUP, kept.ref, merged.ref, "").merge_id
    with doubled.write(SETUP, "test") as write:
        elsewhere = write.session.scalars(select(Family.id).where(Family.ref == other.ref)).one()
        payer = write.session.scalars(select(Payer).where(Payer.ref == merged.payers[0])).one()
        payer.family_id = elsewhere
    report = undo_merge(doubled, SETUP, merge_id, "erreur")
    assert [(c.table, c.field) for c in report.conflicts] == [("payer", "family_id")]
    with doubled.read() as session:
        assert session.scalars(select(Payer.family_id).where(Payer.ref == merged.payers[0])).one() == elsewhere


merges = st.lists(
    st.tuples(st.sampled_from(["family", "child", "adult"]), st.permutations(NAMES), st.integers(0, 3)), max_size=6
)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(gestures=merges)
def test_merges_of_merges_taken_back_restore_every_row_and_word(
    doubled: Records, gestures: list[tuple[str, list[str], int]]
) -> None:
    before = everything(doubled)
    stack: list[int] = []
    for entity, (kept, merged, *_), undone in gestures:
        one, other = refs(kept), refs(merged)
        try:
            if entity == "family":
                stack.append(merge_families(doubled, SETUP, one.ref, other.ref, "").merge_id)
            elif entity == "child":
                stack.append(merge_people(doubled, SETUP, one.child, other.child, "").merge_id)
            else:
                stack.append(merge_people(doubled, SETUP, one.guardians[0], other.guardians[1], "").merge_id)
        except InvalidData as refusal:
            assert "déjà fusionnée" in refusal.message  # noqa: PT017
        for _ in range(min(undone, len(stack))):
            undo_merge(doubled, SETUP, stack.pop(), "")
    while stack:
        undo_merge(doubled, SETUP, stack.pop(), "")
    assert everything(doubled) == before


def test_merges_are_signed_and_kept(doubled: Records) -> None:
    merge_id = merge_families(doubled, SETUP, refs("Fournier").ref, refs("Furnier").ref, "doublon").merge_id
    undo_merge(doubled, SETUP, merge_id, "erreur de saisie")
    with doubled.read() as session:
        rows = session.execute(select(Merge.reason, Merge.recorded_by, Merge.undoes_id).order_by(Merge.id)).all()
    assert [tuple(row) for row in rows] == [
        ("doublon", "installation", None),
        ("erreur de saisie", "installation", merge_id),
    ]
