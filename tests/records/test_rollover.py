"""The passage to the next school year: proposed, looked at by a person, applied once, or dropped."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from domain.errors import InvalidData, NotAllowed, NotFound
from records.actors import SETUP, Actor, Grant
from records.database import Records
from records.models import AuditEntry, ClassTeacher, SchoolClass, SchoolYear
from records.operations import rollover, rollover_proposal, school_years
from records.operations.collectivity import NewSchoolYear
from records.operations.devices import KnownDevice
from records.operations.merges import merge_people
from records.operations.rollover import Applied, LineDecision, LineSeen
from records.operations.rollover_proposal import Passage, Proposal
from records.operations.rosters import roster
from records.operations.teachers import NewClassTeacher, assign_teacher
from tests.factories.passages import (
    BOURG_CP,
    CE1,
    CP,
    FIRST_DAY,
    NEXT_END,
    NEXT_START,
    PASSAGE,
    applied,
    classes_on,
    decided,
    lines,
    next_year,
    proposed,
    seat,
)
from tests.factories.people import a_family, a_terminal, an_account
from tests.factories.town import END, OTHER_SCHOOL, SCHOOL, place_ids


@pytest.fixture
def ready(town: Records) -> Records:
    """The next year, with the CP of each school and a CE1 at the Tilleuls."""
    next_year(town)
    return town


def test_year_is_prepared_with_the_classes_and_teachers_of_the_last(town: Records) -> None:
    an_account(town, "claire", "teacher", structure_ref=SCHOOL)
    assign_teacher(town, SETUP, NewClassTeacher("tilleuls-cp", "claire", date(2026, 9, 1), END))
    year = NewSchoolYear("2027-2028", NEXT_START, NEXT_END)
    found = school_years.prepare_school_year(town, SETUP, year, "2026-2027")
    assert found == school_years.PreparedYear(classes=2, teachers=1)
    with town.read() as session:
        held = session.scalars(select(ClassTeacher).order_by(ClassTeacher.id.desc())).first()
        assert held is not None
        assert session.get_one(SchoolClass, held.class_id).ref == CP
        assert (held.valid_from, held.valid_to) == (NEXT_START, NEXT_END)


def test_year_that_is_known_or_comes_before_is_not_prepared(ready: Records) -> None:
    year = NewSchoolYear("2028-2029", NEXT_START, NEXT_END)
    with pytest.raises(InvalidData, match="déjà utilisée"):
        school_years.prepare_school_year(ready, SETUP, replace(year, ref="2027-2028"), "2026-2027")
    with pytest.raises(InvalidData, match="doit commencer après"):
        school_years.prepare_school_year(ready, SETUP, year, "2027-2028")
    with pytest.raises(InvalidData, match="se chevauchent"):
        school_years.prepare_school_year(ready, SETUP, year, "2026-2027")


def test_rosters_begin_on_the_first_day_with_school(ready: Records) -> None:
    with ready.read() as session:
        year = session.scalars(select(SchoolYear).where(SchoolYear.ref == "2027-2028")).one()
        assert school_years.first_school_day(session, year) == FIRST_DAY


def test_each_pupil_is_proposed_and_nobody_changes_class_before_a_person_has_looked(ready: Records) -> None:
    family = a_family(ready)
    assert proposed(ready) == Proposal(proposed=1, decided=0, doubtful=0)
    assert lines(ready)[family.child] == LineSeen(
        family.child,
        "Fournier",
        "Léa",
        "CP",
        "tilleuls-cp",
        "next",
        "CE1",
        "École des Tilleuls",
        is_checked=False,
        comment=None,
    )
    with pytest.raises(InvalidData, match="attendent encore une décision"):
        applied(ready)
    assert classes_on(ready, FIRST_DAY) == {family.child: ["tilleuls-cp"]}


def test_pupils_change_class_on_the_first_school_day(ready: Records) -> None:
    family = a_family(ready)
    proposed(ready)
    assert rollover.check_class(ready, SETUP, PASSAGE, "tilleuls-cp") == rollover.ClassChecked(1, 0)
    assert applied(ready) == Applied(FIRST_DAY, seated=1, leaving=0, placed_already=0)
    assert classes_on(ready, FIRST_DAY - timedelta(days=1)) == {family.child: ["tilleuls-cp"]}
    assert classes_on(ready, FIRST_DAY) == {family.child: [CE1]}
    assert classes_on(ready, NEXT_END) == {}


def test_roster_of_a_terminal_switches_by_itself(ready: Records) -> None:
    a_family(ready)
    proposed(ready)
    rollover.check_class(ready, SETUP, PASSAGE, "tilleuls-cp")
    applied(ready)
    terminal = a_terminal(ready)
    device = KnownDevice(
        terminal.device_id,
        terminal.device_ref,
        "Borne",
        "badge",
        place_ids(ready)[SCHOOL],
        SCHOOL,
        is_revoked=False,
    )
    shown = [
        [child.class_ref for child in roster(ready, device, day).children] for day in (date(2027, 6, 1), FIRST_DAY)
    ]
    assert shown == [["tilleuls-cp"], [CE1]]


def test_applying_again_changes_nothing(ready: Records) -> None:
    a_family(ready)
    proposed(ready)
    rollover.check_class(ready, SETUP, PASSAGE, "tilleuls-cp")
    first = applied(ready)
    before = classes_on(ready, FIRST_DAY)
    with ready.read() as session:
        audited = len(session.scalars(select(AuditEntry.seq)).all())
    assert applied(ready) == first
    assert classes_on(ready, FIRST_DAY) == before
    with ready.read() as session:
        assert len(session.scalars(select(AuditEntry.seq)).all()) == audited
    with pytest.raises(InvalidData, match="déjà appliqué"):
        proposed(ready)
    with pytest.raises(InvalidData, match="déjà appliqué"):
        rollover_proposal.drop_rollover(ready, SETUP, PASSAGE)


def test_repeaters_leavers_and_changes_of_school_are_decided_by_a_person(ready: Records) -> None:
    children = [a_family(ready, name).child for name in ("Blanc", "Fournier", "Petit")]
    proposed(ready)
    assert (
        decided(
            ready,
            LineDecision(children[0], "repeat", CP, "Redouble"),
            LineDecision(children[1], "leave", comment="Déménage"),
            LineDecision(children[2], "other_school", BOURG_CP),
        )
        == 3
    )
    assert applied(ready) == Applied(FIRST_DAY, seated=2, leaving=1, placed_already=0)
    assert classes_on(ready, FIRST_DAY) == {children[0]: [CP], children[2]: [BOURG_CP]}


def test_passage_is_written_some_pupils_at_a_time_and_is_the_same(
    ready: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    children = [a_family(ready, name).child for name in ("Blanc", "Fournier", "Petit")]
    monkeypatch.setattr(rollover_proposal, "PUPILS_AT_ONCE", 1)
    with ready.read() as session:
        before = session.scalars(select(AuditEntry.change_seq)).all()
    assert proposed(ready) == Proposal(proposed=3, decided=0, doubtful=0)
    with ready.read() as session:
        writes = set(session.scalars(select(AuditEntry.change_seq))) - set(before)
    assert len(writes) == 1 + len(children)
    assert set(lines(ready)) == set(children)


def test_decision_stays_when_the_passage_is_proposed_again(ready: Records) -> None:
    first = a_family(ready).child
    proposed(ready)
    decided(ready, LineDecision(first, "repeat", CP))
    second = a_family(ready, "Petit").child
    assert proposed(ready) == Proposal(proposed=1, decided=1, doubtful=0)
    assert lines(ready)[first].outcome == "repeat"
    assert not lines(ready)[second].is_checked


def test_impossible_decisions_are_refused_by_name(ready: Records) -> None:
    child = a_family(ready).child
    proposed(ready)
    for decision, words in (
        (LineDecision(child, "vanish"), "Décision inconnue"),
        (LineDecision(child, "leave", CE1), "Qui part n'a pas de classe"),
        (LineDecision(child, "next"), "indiquez-la"),
        (LineDecision(child, "next", "tilleuls-ce1"), "pas de l'année à venir"),
        (LineDecision(child, "next", BOURG_CP), "vérifiez l'école"),
        (LineDecision(child, "other_school", CE1), "vérifiez l'école"),
        (LineDecision(child, "repeat", CE1), "niveau à refaire"),
        (LineDecision("fournier-adulte-1", "leave"), "refaites la proposition"),
    ):
        with pytest.raises(InvalidData, match=words):
            decided(ready, decision)


def test_what_is_doubtful_is_not_confirmed_with_the_class(ready: Records) -> None:
    child = a_family(ready, class_ref="bourg-cp").child  # the Bourg has no CE1: the Tilleuls have the only one
    other = a_family(ready, "Petit", class_ref="tilleuls-ce1").child  # nobody has a CE2
    assert proposed(ready).doubtful == 1
    assert lines(ready)[child].outcome == "other_school"
    assert "« CE2 »" in str(lines(ready)[other].comment).replace("\u00a0", " ")
    assert rollover.check_class(ready, SETUP, PASSAGE, "tilleuls-ce1") == rollover.ClassChecked(0, 1)


def test_dropped_passage_leaves_classes_alone_and_can_be_proposed_again(ready: Records) -> None:
    child = a_family(ready).child
    proposed(ready)
    decided(ready, LineDecision(child, "leave"))
    assert rollover_proposal.drop_rollover(ready, SETUP, PASSAGE) is True
    assert rollover_proposal.drop_rollover(ready, SETUP, PASSAGE) is False
    with pytest.raises(InvalidData, match="abandonné"):
        applied(ready)
    assert classes_on(ready, FIRST_DAY) == {child: ["tilleuls-cp"]}
    assert proposed(ready) == Proposal(proposed=1, decided=0, doubtful=0)
    assert lines(ready)[child].outcome == "next"


def test_pupil_who_has_a_place_already_is_left_alone(ready: Records) -> None:
    family = a_family(ready)
    proposed(ready)
    rollover.check_class(ready, SETUP, PASSAGE, "tilleuls-cp")
    seat(ready, family.child, CP, FIRST_DAY)
    assert applied(ready) == Applied(FIRST_DAY, seated=0, leaving=0, placed_already=1)
    assert classes_on(ready, FIRST_DAY) == {family.child: [CP]}


def test_pupil_placed_before_the_proposal_is_not_in_it(ready: Records) -> None:
    seat(ready, a_family(ready).child, CP, FIRST_DAY)
    assert proposed(ready) == Proposal(proposed=0, decided=0, doubtful=0)


def test_merged_pupil_is_seated_once(ready: Records) -> None:
    kept, merged = a_family(ready).child, a_family(ready, "Fournier-Petit").child
    proposed(ready)
    merge_people(ready, SETUP, kept, merged, "même enfant")
    assert lines(ready).keys() == {kept}
    assert proposed(ready).proposed == 1
    decided(ready, LineDecision(merged, "next", CE1))
    assert applied(ready).seated == 1
    assert classes_on(ready, FIRST_DAY)[kept] == [CE1]


def test_coordinator_sees_and_decides_for_their_own_school_alone(ready: Records) -> None:
    here, there = a_family(ready).child, a_family(ready, "Petit", class_ref="bourg-cp").child
    proposed(ready)
    coordinator = Actor("Claire", (Grant("coordinator", place_ids(ready)[OTHER_SCHOOL]),))
    assert lines(ready, coordinator).keys() == {there}
    assert decided(ready, LineDecision(there, "leave"), actor=coordinator) == 1
    with pytest.raises(NotAllowed):
        decided(ready, LineDecision(here, "leave"), actor=coordinator)
    with pytest.raises(NotAllowed):
        rollover.check_class(ready, coordinator, PASSAGE, "tilleuls-cp")


def test_passage_needs_two_years_in_order_classes_and_a_proposal(ready: Records) -> None:
    with pytest.raises(InvalidData, match="ne vient pas après"):
        rollover_proposal.propose_rollover(ready, SETUP, Passage("2027-2028", "2026-2027"))
    with pytest.raises(NotFound, match="pas été proposé"):
        applied(ready)
    with pytest.raises(NotFound, match="année scolaire inconnue"):
        rollover_proposal.propose_rollover(ready, SETUP, Passage("2026-2027", "2031-2032"))
