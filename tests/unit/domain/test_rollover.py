"""Next classes as they are proposed: levels, schools, brothers and sisters, and classes of an even size."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.rollover import LEVELS, ClassSeen, PastYear, Proposed, Pupil, level_now, levels_of, propose

NURSERY, PRIMARY, OTHER = 1, 2, 3
GS, CP, CE1, CE2, CM1, CM2 = (LEVELS.index(level) for level in ("GS", "CP", "CE1", "CE2", "CM1", "CM2"))


def a_class(class_id: int, structure_id: int, code: str) -> ClassSeen:
    """A class called as its levels."""
    return ClassSeen(class_id, structure_id, code, levels_of(code), code)


def a_pupil(pupil_id: int, school_class: ClassSeen, level: int | None = None, *families: int) -> Pupil:
    """A pupil whose level is sure: that of the class unless given."""
    own = school_class.levels[0] if level is None and school_class.levels else level
    return Pupil(pupil_id, school_class, own, is_sure=True, families=frozenset(families))


def proposed(pupils: Sequence[Pupil], classes: Sequence[ClassSeen]) -> dict[int, Proposed]:
    """What is proposed when nobody has a place yet."""
    return propose(pupils, classes, {}, {})


@pytest.mark.parametrize(
    ("code", "expected"),
    [("CP", (CP,)), ("cm1-cm2", (CM1, CM2)), ("CE1/CE2", (CE1, CE2)), ("ULIS", ()), ("CP ULIS", ()), ("", ())],
)
def test_code_of_a_class_says_its_levels(code: str, expected: tuple[int, ...]) -> None:
    assert levels_of(code) == expected


def test_class_of_one_level_says_the_pupils() -> None:
    assert level_now([PastYear((CE1,), 2025)], None) == (CE1, True)


def test_year_before_says_the_level_in_a_class_of_two() -> None:
    assert level_now([PastYear((CP,), 2024), PastYear((CE1, CE2), 2025)], date(2015, 1, 1)) == (CE1, True)
    assert level_now([PastYear((CE1,), 2024), PastYear((CE1, CE2), 2025)], date(2019, 1, 1)) == (CE2, True)


def test_repeater_in_a_class_of_two_levels_keeps_theirs() -> None:
    years = [PastYear((CE1,), 2024), PastYear((CE1, CE2), 2025, is_repeat=True)]
    assert level_now(years, date(2017, 1, 1)) == (CE1, True)


def test_age_says_the_level_when_no_year_does_and_without_it_a_person_must_look() -> None:
    years = [PastYear((CE1, CE2), 2026)]
    assert level_now(years, date(2018, 12, 31)) == (CE2, True)
    assert level_now(years, date(2019, 1, 1)) == (CE1, True)
    assert level_now(years, None) == (CE1, False)


def test_pupil_goes_on_at_their_school_and_the_last_level_leaves() -> None:
    found = proposed(
        [a_pupil(1, a_class(1, PRIMARY, "CP")), a_pupil(2, a_class(2, PRIMARY, "CM2"))],
        [a_class(11, PRIMARY, "CE1"), a_class(12, PRIMARY, "CM2"), a_class(13, OTHER, "CE1")],
    )
    assert found == {1: Proposed("next", 11), 2: Proposed("leave", None)}


def test_only_school_with_the_level_is_proposed_without_a_doubt() -> None:
    found = proposed([a_pupil(1, a_class(1, NURSERY, "GS"))], [a_class(11, PRIMARY, "CP")])
    assert found == {1: Proposed("other_school", 11)}


def test_several_schools_with_the_level_are_a_doubt() -> None:
    classes = [a_class(11, PRIMARY, "CP"), a_class(12, OTHER, "CP")]
    found = proposed([a_pupil(1, a_class(1, NURSERY, "GS"))], classes)[1]
    assert found.outcome == "other_school"
    assert "Plusieurs écoles" in str(found.doubt)


def test_school_of_an_elder_comes_first_and_is_to_be_looked_at() -> None:
    elder, younger = a_pupil(1, a_class(2, OTHER, "CE1"), None, 7), a_pupil(2, a_class(1, NURSERY, "GS"), None, 7)
    classes = [a_class(11, PRIMARY, "CP"), a_class(12, OTHER, "CP"), a_class(13, OTHER, "CE2")]
    found = proposed([younger, elder], classes)
    assert found[2].class_id == 12
    assert "frère ou d'une sœur" in str(found[2].doubt)
    assert propose([younger], classes, {}, {7: frozenset({OTHER})})[2].class_id == 12


def test_twins_go_to_the_same_school() -> None:
    gs = a_class(1, NURSERY, "GS")
    classes = [a_class(11, PRIMARY, "CP"), a_class(12, OTHER, "CP")]
    found = proposed([a_pupil(1, gs, None, 7), a_pupil(2, gs), a_pupil(3, gs, None, 7)], classes)
    assert found[1].class_id == found[3].class_id


def test_level_nobody_takes_is_said_rather_than_guessed() -> None:
    found = proposed([a_pupil(1, a_class(1, NURSERY, "GS"))], [a_class(11, PRIMARY, "CE1")])[1]
    assert (found.outcome, found.class_id) == ("leave", None)
    assert "ouvrez-la" in str(found.doubt)


def test_class_without_a_level_is_proposed_again_and_looked_at() -> None:
    found = proposed([a_pupil(1, a_class(1, PRIMARY, "ULIS"))], [a_class(11, PRIMARY, "ULIS")])[1]
    assert (found.outcome, found.class_id) == ("next", 11)
    assert "n'a pas de niveau suivant" in str(found.doubt)


def test_level_that_is_not_sure_is_a_doubt() -> None:
    pupil = replace(a_pupil(1, a_class(1, PRIMARY, "CP-CE1")), is_sure=False)
    assert "Niveau à vérifier" in str(proposed([pupil], [a_class(11, PRIMARY, "CE1")])[1].doubt)


CODES = ["PS", "MS-GS", "GS", "CP", "CP-CE1", "CE1", "CE2", "CM1", "CM1-CM2", "CM2", "ULIS"]


@st.composite
def years(draw: st.DrawFn) -> tuple[list[Pupil], list[ClassSeen]]:
    """Pupils of any classes, and the classes of the next year."""
    places = st.sampled_from([NURSERY, PRIMARY, OTHER])
    made = draw(st.lists(st.tuples(places, st.sampled_from(CODES)), min_size=1, max_size=6))
    old = [a_class(number, place, code) for number, (place, code) in enumerate(made, 1)]
    made = draw(st.lists(st.tuples(places, st.sampled_from(CODES)), max_size=8))
    new = [a_class(number, place, code) for number, (place, code) in enumerate(made, 101)]
    pupils = []
    for number in range(1, draw(st.integers(0, 25)) + 1):
        school_class = draw(st.sampled_from(old))
        level = draw(st.sampled_from(school_class.levels)) if school_class.levels else None
        families = draw(st.frozensets(st.integers(1, 5), max_size=2))
        pupils.append(Pupil(number, school_class, level, draw(st.booleans()), families))
    return pupils, new


@given(years(), st.randoms(use_true_random=False))
def test_each_pupil_has_one_proposal_whatever_the_order(
    made: tuple[list[Pupil], list[ClassSeen]], random: object
) -> None:
    pupils, classes = made
    found = proposed(pupils, classes)
    assert found.keys() == {pupil.id for pupil in pupils}
    random.shuffle(pupils)  # type: ignore[attr-defined]
    assert proposed(pupils, classes[::-1]) == found


@given(years())
def test_proposed_class_takes_the_next_level_at_the_own_school_when_it_can(
    made: tuple[list[Pupil], list[ClassSeen]],
) -> None:
    pupils, classes = made
    by_id = {each.id: each for each in classes}
    for pupil in pupils:
        one = proposed(pupils, classes)[pupil.id]
        taking = [
            each
            for each in classes
            if (each.code == pupil.school_class.code if pupil.level is None else pupil.level + 1 in each.levels)
        ]
        own = {each.id for each in taking if each.structure_id == pupil.school_class.structure_id}
        if one.class_id is None:
            assert one.outcome == "leave"
            assert not taking
            assert (one.doubt is None) == (pupil.level == CM2 and pupil.is_sure)
        else:
            assert by_id[one.class_id] in taking
            assert (one.outcome == "next") == (one.class_id in own)
            assert bool(own) == (one.class_id in own)


@given(st.integers(0, 40), st.integers(1, 4))
def test_parallel_classes_are_of_an_even_size(pupils: int, parallel: int) -> None:
    cp = a_class(1, PRIMARY, "CP")
    classes = [a_class(number, PRIMARY, "CE1") for number in range(11, 11 + parallel)]
    found = proposed([a_pupil(number, cp) for number in range(pupils)], classes)
    sizes = Counter(one.class_id for one in found.values())
    counts = [sizes[each.id] for each in classes]
    assert max(counts) - min(counts) <= 1
