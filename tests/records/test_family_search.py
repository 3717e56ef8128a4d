"""A family file is found by what people remember of it, the same on both engines."""

from dataclasses import replace
from datetime import date

import pytest

from domain.errors import InvalidData
from records.actors import SETUP
from records.database import Records
from records.operations.families import NewFamily, NewMember, NewPayer, NewPerson, create_family
from records.operations.family_search import Found, search_families
from tests.factories.databases import Database
from tests.factories.people import new_family
from tests.factories.town import START


@pytest.fixture
def peopled(town: Records, town_database: Database) -> Records:
    """Four families whose names try the search."""
    town_database.filled_once(town, fill)
    return town


def fill(town: Records) -> None:
    mother = NewPerson(
        "claire", "Claire-Élise", "Müller", "D'Argenson", email="claire@exemple.fr", phone="+33 1 99 00 12 34"
    )
    create_family(town, SETUP, _family("F-0001", mother, "Léa-Rose", "Fournier"))
    create_family(town, SETUP, _family("F-0002", NewPerson("yann", "Yann", "Le Goff"), "Maël", "Le Goff"))
    create_family(town, SETUP, _family("F-0003", NewPerson("jean", "Jeanpierre", "Legrand"), "Œdipe", "Legrand"))
    create_family(town, SETUP, _family("F-0004", NewPerson("anne", "Anne", "Martin"), "Léa", "Martin"))


def _family(ref: str, adult: NewPerson, first_name: str, name: str) -> NewFamily:
    child = NewPerson(f"{ref}-enfant", first_name, name, birth_date=date(2019, 5, 4))
    return replace(
        new_family(name, children=()),
        ref=ref,
        members=(NewMember(adult, "guardian"), NewMember(child, "child")),
        payers=(NewPayer(f"{ref}-payeur", person_ref=adult.ref),),
    )


def refs(found: Found) -> list[str]:
    """Return the references of what was found, best first."""
    return [family.family_ref for family in found.families]


@pytest.mark.parametrize(
    "typed",
    [
        "Fournier", "fournier", "FOURNIÈR", "fourn", "fournir", "fourniers", "fourneir", "foirnier",
        "léa rose", "Lea-Rose", "learose", "rose fournier", "muller", "MÜLLER lea", "dargenson",
        "d'argenson claire",
        "claire elise", "01 99 00 12 34", "+33199001234", "0033 1 99 00 12 34", "01.99.00", "claire@exemple.fr",
        "F-0001", "claire", "F-0001-payeur", "F-0001-enfant",
    ],
)  # fmt: skip
def test_file_is_found_however_it_is_typed(peopled: Records, typed: str) -> None:
    assert refs(search_families(peopled, SETUP, typed)) == ["F-0001"]


@pytest.mark.parametrize(
    ("typed", "ref"),
    [
        ("legoff", "F-0002"),
        ("goff", "F-0002"),
        ("le gof", "F-0002"),
        ("jean pierre", "F-0003"),
        ("oedipe", "F-0003"),
    ],
)
def test_names_of_several_words_are_found_in_one_piece_or_not(peopled: Records, typed: str, ref: str) -> None:
    assert refs(search_families(peopled, SETUP, typed)) == [ref]


def test_whole_word_comes_before_its_beginnings(peopled: Records) -> None:
    found = search_families(peopled, SETUP, "le")
    assert refs(found)[0] == "F-0002"
    assert set(refs(found)) == {"F-0001", "F-0002", "F-0003", "F-0004"}


def test_every_word_typed_must_be_of_the_file(peopled: Records) -> None:
    assert refs(search_families(peopled, SETUP, "lea martin")) == ["F-0004"]
    assert refs(search_families(peopled, SETUP, "lea zorglub")) == []


def test_line_says_who_is_in_the_file_and_who_matched(peopled: Records) -> None:
    family = search_families(peopled, SETUP, "learose").families[0]
    assert (family.name, family.commune, family.score) == ("Fournier", "Ville d'essai", 1)
    assert [(p.first_name, p.role, p.is_match) for p in family.people] == [
        ("Claire-Élise", "guardian", False),
        ("Léa-Rose", "child", True),
    ]


def test_more_files_than_a_list_shows_is_said(town: Records) -> None:
    for number in range(21):
        adult = NewPerson(f"a{number}", "Anne", "Petit")
        create_family(town, SETUP, replace(_family(f"F{number}", adult, f"Tom{number}", "Petit"), valid_from=START))
    found = search_families(town, SETUP, "petit")
    assert (len(found.families), found.is_cut) == (20, True)


@pytest.mark.parametrize("typed", ["", " ", "-", "a", "%", "_____", "🙂🙂"])
def test_nothing_to_search_is_refused_with_what_to_type(peopled: Records, typed: str) -> None:
    with pytest.raises(InvalidData, match="Tapez au moins deux lettres"):
        search_families(peopled, SETUP, typed)


@pytest.mark.parametrize("typed", ["'; drop table person", "élé%", "🙂🙂 🙂zorglub", "x" * 5_000])
def test_anything_may_be_typed(peopled: Records, typed: str) -> None:
    assert refs(search_families(peopled, SETUP, typed)) == []
