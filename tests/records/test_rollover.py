"""The passage to the next school year: proposed, looked at by a person, applied once, or dropped."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from domain.errors import InvalidData, NotAllowed, NotFound
from records.actors import SETUP, Actor, Grant
from records.database import Records
from records.models import AuditEntry, ClassMembership, ClassTeacher, Person, SchoolClass, SchoolYear
from records.operations import rollover, rollover_proposal, school_year_dates, school_years
from records.operations.collectivity import CalendarEdit, NewClass, NewSchoolYear, add_classes, edit_calendar_day
from records.operations.devices import KnownDevice
from records.operations.merges import merge_people
from records.operations.rollover import Applied, LineDecision, LineSeen
from records.operations.rollover_proposal import Passage, Proposal
from records.operations.rosters import roster
from records.operations.teachers import NewClassTeacher, assign_teacher
from tests.factories.databases import Content, sqlite_copy, sqlite_template
from tests.factories.people import a_family, a_terminal, an_account
from tests.factories.town import END, OTHER_SCHOOL, SCHOOL, HandClock, make_town, place_ids

NEXT_START, NEXT_END = date(2027, 8, 30), date(2028, 7, 8)
FIRST_DAY = date(2027, 9, 1)  # Monday 30 and Tuesday 31 August are still holidays below
PASSAGE = Passage("2026-2027", "2027-2028")
CE1, CP = "ecole-tilleuls-ce1-2027-2028", "ecole-tilleuls-cp-2027-2028"
BOURG_CP = "ecole-bourg-cp-2027-2028"


@pytest.fixture
def ready(town: Records) -> Records:
    """The next year, with the CP of each school and a CE1 at the Tilleuls."""
    next_year(town)
    return town


def next_year(town: Records) -> None:
    """Prepare the next school year; its first two days are holidays."""
    add_classes(town, SETUP, [NewClass("tilleuls-ce1", SCHOOL, "2026-2027", "CE1", "CE1")])
    year = NewSchoolYear("2027-2028", NEXT_START, NEXT_END)
    school_years.prepare_school_year(town, SETUP, year, "2026-2027")
    for day in (NEXT_START, NEXT_START + timedelta(days=1)):
        edit_calendar_day(town, SETUP, CalendarEdit(day, "school_holiday", "Vacances d'été", zone="A"))


def proposed(town: Records) -> Proposal:
    return rollover_proposal.propose_rollover(town, SETUP, PASSAGE)


def lines(town: Records, actor: Actor = SETUP) -> dict[str, LineSeen]:
    return {line.person_ref: line for line in rollover.rollover_lines(town, actor, PASSAGE).lines}


def decided(town: Records, *decisions: LineDecision, actor: Actor = SETUP) -> int:
    return rollover.decide_lines(town, actor, PASSAGE, decisions)


def applied(town: Records) -> Applied:
    return rollover.apply_rollover(town, SETUP, PASSAGE)


def classes_on(town: Records, day: date) -> dict[str, list[str]]:
    """The classes of each pupil on a day."""
    found: dict[str, list[str]] = {}
    with town.read() as session:
        rows = session.execute(
            select(Person.ref, SchoolClass.ref, ClassMembership.valid_from, ClassMembership.valid_to)
            .join(ClassMembership, ClassMembership.person_id == Person.id)
            .join(SchoolClass, SchoolClass.id == ClassMembership.class_id)
        )
        for person, school_class, start, end in rows:
            if start <= day and (end is None or day < end):
                found.setdefault(person, []).append(school_class)
    return found


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


class Interruption(Exception):
    """The process is stopped."""


@contextmanager
def stopped_at_write(town: Records, number: int) -> Iterator[None]:
    """Stop whatever is done at its nth write, before anything of it is kept; a shorter work ends in peace."""
    clock, left = town.clock, [number]

    def reading() -> int:
        left[0] -= 1
        if left[0] == 0:
            raise Interruption
        return clock()

    town.clock = reading
    try:
        with suppress(Interruption):
            yield
    finally:
        town.clock = clock


def three_confirmed(town: Records, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Three pupils of the CP whose passage to CE1 is confirmed, to be written one by one."""
    children = [a_family(town, name).child for name in ("Blanc", "Fournier", "Petit")]
    proposed(town)
    rollover.check_class(town, SETUP, PASSAGE, "tilleuls-cp")
    monkeypatch.setattr(rollover, "PUPILS_AT_ONCE", 1)
    monkeypatch.setattr(rollover_proposal, "PUPILS_AT_ONCE", 1)
    return children


def test_passage_is_applied_some_pupils_at_a_time(ready: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    three_confirmed(ready, monkeypatch)
    assert applied(ready) == Applied(FIRST_DAY, seated=3, leaving=0, placed_already=0)
    with ready.read() as session:
        seats = session.execute(
            select(AuditEntry.change_seq, func.count())
            .where(AuditEntry.operation == "apply_rollover", AuditEntry.entity == "class_membership")
            .group_by(AuditEntry.change_seq)
        )
        assert [count for _, count in seats] == [2, 2, 2]  # the class left and the next, of one pupil a write


def test_interrupted_passage_goes_on_where_it_was(ready: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, third = three_confirmed(ready, monkeypatch)
    with stopped_at_write(ready, 3):
        applied(ready)
    assert classes_on(ready, FIRST_DAY) == {first: [CE1], second: ["tilleuls-cp"], third: ["tilleuls-cp"]}
    with ready.write(SETUP, "test") as write:
        child = write.session.scalars(select(Person.id).where(Person.ref == first)).one()
        seats = select(ClassMembership).where(ClassMembership.person_id == child)
        for held in write.session.scalars(seats.where(ClassMembership.valid_from == FIRST_DAY)):
            held.valid_to = FIRST_DAY + timedelta(days=1)  # a person takes the seat back: it is not given again
    edit_calendar_day(ready, SETUP, CalendarEdit(FIRST_DAY, "school_holiday", "Vacances d'été", zone="A"))
    assert applied(ready).seated == 2
    assert classes_on(ready, FIRST_DAY + timedelta(days=1)) == {second: [CE1], third: [CE1]}
    assert classes_on(ready, FIRST_DAY - timedelta(days=1)) == {
        child: ["tilleuls-cp"] for child in (first, second, third)
    }


def test_passage_that_is_half_applied_is_not_changed(ready: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    first, *_ = three_confirmed(ready, monkeypatch)
    with stopped_at_write(ready, 3):
        applied(ready)
    before = classes_on(ready, FIRST_DAY), lines(ready)
    year = school_year_dates.school_year_named(ready, SETUP, "2027-2028")
    for attempt in (
        lambda: decided(ready, LineDecision(first, "leave")),
        lambda: rollover.check_class(ready, SETUP, PASSAGE, "tilleuls-cp"),
        lambda: proposed(ready),
        lambda: rollover_proposal.drop_rollover(ready, SETUP, PASSAGE),
        lambda: school_year_dates.edit_school_year(
            ready, SETUP, replace(year.what, ends_on=NEXT_END - timedelta(days=1)), year.row_version
        ),
    ):
        with pytest.raises(InvalidData, match="en cours d'application"):
            attempt()
    assert (classes_on(ready, FIRST_DAY), lines(ready)) == before


def test_two_who_apply_at_once_seat_each_pupil_once(ready: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    children = three_confirmed(ready, monkeypatch)
    with ThreadPoolExecutor(2) as both:
        found = list(both.map(lambda _: applied(ready), range(2)))
    assert found == [Applied(FIRST_DAY, seated=3, leaving=0, placed_already=0)] * 2
    assert classes_on(ready, FIRST_DAY) == {child: [CE1] for child in children}


def test_passage_whose_dropping_was_interrupted_is_proposed_anew(
    ready: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    children = three_confirmed(ready, monkeypatch)
    with stopped_at_write(ready, 3):
        rollover_proposal.drop_rollover(ready, SETUP, PASSAGE)
    assert len(lines(ready)) == 2
    assert proposed(ready) == Proposal(proposed=3, decided=0, doubtful=0)
    assert {child: line.is_checked for child, line in lines(ready).items()} == dict.fromkeys(children, False)


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


def seat(town: Records, child_ref: str, class_ref: str, day: date) -> None:
    """Give a child another class by hand: it ends the one they have."""
    with town.write(SETUP, "test") as write:
        child = write.session.scalars(select(Person).where(Person.ref == child_ref)).one()
        school_class = write.session.scalars(select(SchoolClass).where(SchoolClass.ref == class_ref)).one()
        for held in write.session.scalars(select(ClassMembership).where(ClassMembership.person_id == child.id)):
            held.valid_to = day
        write.session.add(ClassMembership(person_id=child.id, class_id=school_class.id, valid_from=day))


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


STEPS = st.sampled_from(["next", "repeat", "leave", "other_school", "by_hand", "again", "drop"])


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(STEPS, st.sampled_from(["blanc-lea", "fournier-lea", "petit-lea"])), max_size=6))
def test_whatever_is_done_before_each_pupil_has_one_class_at_most_on_any_day(
    ready_file: Path, steps: list[tuple[str, str]]
) -> None:
    with TemporaryDirectory() as folder, closing(sqlite_copy(ready_file, Path(folder), HandClock())) as town:
        decided_last: dict[str, str | None] = {}
        by_hand: set[str] = set()
        classes = {"next": CE1, "repeat": CP, "leave": None, "other_school": BOURG_CP}
        proposed(town)
        for step, child in steps:
            if step in classes and child in lines(town):
                decided(town, LineDecision(child, step, classes[step]))
                decided_last[child] = classes[step]
            elif step == "by_hand" and child not in by_hand:
                seat(town, child, CP, FIRST_DAY)
                by_hand.add(child)
            elif step == "drop":
                rollover_proposal.drop_rollover(town, SETUP, PASSAGE)
                decided_last.clear()
                proposed(town)
            elif step == "again":
                proposed(town)
        rollover.check_class(town, SETUP, PASSAGE, "tilleuls-cp")
        applied(town)
        for day in (FIRST_DAY - timedelta(days=1), FIRST_DAY, NEXT_END - timedelta(days=1), NEXT_END):
            assert all(len(held) == 1 for held in classes_on(town, day).values())
        expected = {child: decided_last.get(child, CE1) for child in ("blanc-lea", "fournier-lea", "petit-lea")}
        expected |= dict.fromkeys(by_hand, CP)
        held = classes_on(town, FIRST_DAY)
        assert {child: held.get(child, [None])[0] for child in expected} == expected


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.sampled_from([CE1, CP, BOURG_CP, None]), min_size=3, max_size=3),
    st.lists(st.integers(min_value=1, max_value=6), max_size=4),
)
def test_however_often_it_is_interrupted_every_decision_is_applied_once(
    ready_file: Path, wanted: list[str | None], stops: list[int]
) -> None:
    outcomes = {CE1: "next", CP: "repeat", BOURG_CP: "other_school", None: "leave"}
    children = dict(zip(("blanc-lea", "fournier-lea", "petit-lea"), wanted, strict=True))
    with (
        TemporaryDirectory() as folder,
        closing(sqlite_copy(ready_file, Path(folder), HandClock())) as town,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(rollover, "PUPILS_AT_ONCE", 1)
        proposed(town)
        decided(town, *(LineDecision(child, outcomes[ref], ref) for child, ref in children.items()))
        for stop in stops:
            with stopped_at_write(town, stop):
                applied(town)
        leaving = wanted.count(None)
        assert applied(town) == Applied(FIRST_DAY, 3 - leaving, leaving, 0)
        assert classes_on(town, FIRST_DAY) == {child: [ref] for child, ref in children.items() if ref}
        assert classes_on(town, FIRST_DAY - timedelta(days=1)) == {child: ["tilleuls-cp"] for child in children}


@pytest.fixture(scope="module")
def ready_file() -> Path:
    """A SQLite file with three pupils of a class and the next year, to be copied."""

    def fill(records: Records) -> None:
        make_town(records)
        next_year(records)
        for name in ("Blanc", "Fournier", "Petit"):
            a_family(records, name)

    return sqlite_template(Content("ready_for_the_next_year", fill))
