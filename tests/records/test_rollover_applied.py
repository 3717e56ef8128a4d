"""A passage applied some pupils at a time: interrupted, it goes on without losing a decision."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from domain.errors import InvalidData
from records.actors import SETUP
from records.database import Records
from records.models import AuditEntry, ClassMembership, Person
from records.operations import rollover, rollover_proposal, school_year_dates
from records.operations.collectivity import CalendarEdit, edit_calendar_day
from records.operations.rollover import Applied, LineDecision
from records.operations.rollover_proposal import Proposal
from tests.factories.databases import Content, sqlite_copy, sqlite_template
from tests.factories.passages import (
    BOURG_CP,
    CE1,
    CP,
    FIRST_DAY,
    NEXT_END,
    PASSAGE,
    applied,
    classes_on,
    decided,
    lines,
    next_year,
    proposed,
    seat,
)
from tests.factories.people import a_family
from tests.factories.town import HandClock, make_town

STEPS = st.sampled_from(["next", "repeat", "leave", "other_school", "by_hand", "again", "drop"])


@pytest.fixture
def ready(town: Records) -> Records:
    """The next year, with the CP of each school and a CE1 at the Tilleuls."""
    next_year(town)
    return town


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
