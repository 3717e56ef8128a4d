"""Duplicates are seen before they are made, and reported when they were made all the same."""

from dataclasses import replace
from datetime import date

import pytest

from domain.errors import InvalidData
from records.actors import SETUP
from records.database import Records
from records.operations.duplicates import probable_duplicates, similar_people
from records.operations.families import NewMember, NewPayer, NewPerson, create_family
from records.operations.merges import merge_families, merge_people
from records.operations.paging import PageAsked
from tests.factories.people import a_family, new_family

LEA = NewPerson("x", "Léa", "Fournier", birth_date=date(2020, 3, 2))


@pytest.mark.parametrize(
    ("person", "score", "reasons"),
    [
        (LEA, 85, ("même nom", "même date de naissance")),
        (replace(LEA, last_name="FOURNIÉ-R"), 85, ("même nom", "même date de naissance")),
        (replace(LEA, last_name="Fournir"), 78, ("nom presque identique", "même date de naissance")),
        (replace(LEA, birth_date=date(2020, 2, 3)), 70, ("même nom", "date de naissance presque identique")),
        (replace(LEA, birth_date=date(2020, 3, 12)), 70, ("même nom", "date de naissance presque identique")),
        (replace(LEA, birth_date=None), 50, ("même nom",)),
        (replace(LEA, birth_date=date(2017, 9, 9)), 10, ("même nom", "dates de naissance différentes")),
        (replace(LEA, last_name="Martin", used_name="Fournier"), 85, ("même nom", "même date de naissance")),
    ],
)
def test_person_who_is_there_is_shown_before_another_is_made(
    town: Records, person: NewPerson, score: int, reasons: tuple[str, ...]
) -> None:
    family = a_family(town)
    found = similar_people(town, SETUP, person)
    assert [(each.person_ref, each.score, each.reasons) for each in found] == [(family.child, score, reasons)]
    assert found[0].family_refs == (family.ref,)


@pytest.mark.parametrize("changes", [{"first_name": "Hugo"}, {"last_name": "Zorglub"}])
def test_somebody_else_is_not_shown(town: Records, changes: dict[str, str]) -> None:
    a_family(town)
    assert similar_people(town, SETUP, replace(LEA, **changes)) == []  # type: ignore[arg-type]


def test_same_telephone_or_email_brings_two_people_nearer(town: Records) -> None:
    adult = NewPerson("anne", "Anne", "Petit", email="anne@exemple.fr", phone="06 01 02 03 04")
    _file(town, "petit", adult)
    asked = replace(adult, ref="x", phone="+33 6 01 02 03 04", email="Anne@Exemple.fr")
    assert [(each.score, each.reasons) for each in similar_people(town, SETUP, asked)] == [
        (95, ("même nom", "même téléphone", "même courriel"))
    ]


def test_report_pairs_people_and_their_files_with_the_reason(town: Records) -> None:
    one = NewPerson("anne", "Anne", "Petit", birth_date=date(1985, 1, 2), phone="06 01 02 03 04")
    _file(town, "petit", one)
    _file(town, "petit-bis", replace(one, ref="anna", last_name="Petis", phone="0601020304"))
    _file(town, "autre", NewPerson("zoe", "Zoé", "Autre", birth_date=date(1985, 1, 2)))
    found = probable_duplicates(town, SETUP).lines
    assert [(each.entity, each.refs, each.score) for each in found] == [
        ("family", ("petit", "petit-bis"), 98),
        ("person", ("anne", "anna"), 98),
    ]
    assert found[1].reasons == ("nom presque identique", "même date de naissance", "même téléphone")


def test_representative_of_two_files_is_reported(town: Records) -> None:
    family = a_family(town)
    second = replace(
        new_family("Martin", children=()),
        members=(NewMember(family.guardians[0], "guardian"),),
        payers=(NewPayer("p2", person_ref=family.guardians[0]),),
    )
    create_family(town, SETUP, second)
    found = probable_duplicates(town, SETUP).lines
    assert [(each.entity, each.score, each.reasons) for each in found] == [
        ("family", 90, ("même représentant légal",))
    ]


def test_child_of_two_homes_is_no_duplicate(town: Records) -> None:
    family = a_family(town)
    mother = NewMember(NewPerson("mere", "Anne", "Martin"), "guardian")
    payer = NewPayer("p2", person_ref="mere")
    second = replace(
        new_family("Martin", children=()), members=(mother, NewMember(family.child, "child")), payers=(payer,)
    )
    create_family(town, SETUP, second)
    assert probable_duplicates(town, SETUP).total == 0


def test_what_was_merged_is_not_reported_any_more(town: Records) -> None:
    one = NewPerson("anne", "Anne", "Petit", birth_date=date(1985, 1, 2))
    _file(town, "petit", one)
    _file(town, "petit-bis", replace(one, ref="anna", last_name="Petis"))
    assert probable_duplicates(town, SETUP, PageAsked(size=1)).total == 2
    merge_people(town, SETUP, "anne", "anna", "doublon")
    merge_families(town, SETUP, "petit", "petit-bis", "doublon")
    assert probable_duplicates(town, SETUP).total == 0


def _file(records: Records, ref: str, adult: NewPerson) -> None:
    family = replace(
        new_family(adult.last_name, children=()),
        ref=ref,
        members=(NewMember(adult, "guardian"),),
        payers=(NewPayer(f"{ref}-p", person_ref=adult.ref),),
    )
    create_family(records, SETUP, family)


def test_somebody_who_probably_has_a_file_is_not_created_unseen(town: Records) -> None:
    first = replace(new_family("Fournier"), is_known_apart=False)
    create_family(town, SETUP, first)
    again = replace(new_family("Fournié"), is_known_apart=False)
    with pytest.raises(InvalidData, match=r"ressemble beaucoup à.*fournier-lea"):
        create_family(town, SETUP, again)
    create_family(town, SETUP, replace(again, is_known_apart=True))
