"""« Présents maintenant »: who is where, for what is known now."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import event

from domain.errors import NotAllowed
from domain.time import instant_at
from records.actors import SETUP, Actor, Grant
from records.database import Records
from records.operations.attendance import Decision, decide, presence_now
from records.operations.collectivity import NewStructure, add_structures
from records.operations.devices import revoke_device
from records.operations.presence_board import ChildPresence, PresenceBoard, ServicePresence, Whereabouts
from tests.factories.ingest import Terminal
from tests.factories.people import FamilyRefs, a_badge, a_family, a_tap, a_terminal, an_enrolment
from tests.factories.town import (
    CANTEEN,
    EVENING,
    OTHER_SCHOOL,
    SCHOOL,
    TODAY,
    WEDNESDAY,
    ZONE,
    place_ids,
)

SLOT, OVER = 1000, 1110  # inside the evening's slot, and its end
BADGE = "04A1B2C3"


@pytest.fixture
def family(town: Records) -> FamilyRefs:
    """A child expected at the canteen and in the evening, with a badge."""
    family = a_family(town)
    an_enrolment(town, family)
    an_enrolment(town, family, EVENING)
    a_badge(town, family.child, BADGE)
    return family


@pytest.fixture
def terminal(town: Records) -> Terminal:
    """The terminal of the school."""
    return a_terminal(town)


@pytest.fixture
def tap(town: Records, terminal: Terminal, family: FamilyRefs) -> Callable[..., str]:
    """Tap the child's badge at a minute of today; returns the tap's id."""

    def at(minute: int, **fields: object) -> str:
        subject: dict[str, object] = (
            {} if fields.keys() & {"child_ref", "typed_name", "undoes"} else {"badge_uid": BADGE}
        )
        return a_tap(town, terminal, minute, TODAY, **{**subject, **fields})

    return at


def board(records: Records, minute: int = SLOT, actor: Actor = SETUP) -> PresenceBoard:
    """Return today's board as known at a minute."""
    return presence_now(records, actor, TODAY, instant_at(TODAY, minute, ZONE))


def service(records: Records, minute: int = SLOT, ref: str = EVENING, place: str = SCHOOL) -> ServicePresence:
    """Return one service of one place."""
    return next(s for s in board(records, minute).services if (s.service_ref, s.structure_ref) == (ref, place))


def child(records: Records, minute: int = SLOT, ref: str = EVENING) -> ChildPresence:
    """Return the one child of a service of the school."""
    (found,) = service(records, minute, ref).children
    return found


def test_expected_child_is_awaited_then_missing(town: Records, family: FamilyRefs) -> None:
    assert child(town, 989).whereabouts is Whereabouts.AWAITED
    assert child(town, 990).whereabouts is Whereabouts.MISSING
    assert child(town, OVER).whereabouts is Whereabouts.MISSING
    assert service(town, 990).missing == (child(town, 990),)


def test_child_is_inside_from_the_arrival_to_the_departure(town: Records, tap: Callable[..., str]) -> None:
    tap(995)
    inside = child(town)
    assert (inside.whereabouts, inside.arrived_minute, inside.left_minute) == (Whereabouts.INSIDE, 995, None)
    assert (inside.first_name, inside.last_name, inside.class_label) == ("Léa", "Fournier", "CP")
    tap(1050)
    left = child(town, 1060)
    assert (left.whereabouts, left.arrived_minute, left.left_minute) == (Whereabouts.LEFT, 995, 1050)
    assert service(town, 1060).left == (left,)


def test_forgotten_departure_is_said_and_never_invented(town: Records, tap: Callable[..., str]) -> None:
    tap(995)
    assert not child(town, OVER - 1).is_departure_missing
    late = child(town, OVER)
    assert (late.whereabouts, late.is_departure_missing, late.left_at) == (Whereabouts.INSIDE, True, None)


def test_where_nobody_taps_a_departure_the_end_of_the_slot_is_one(town: Records, tap: Callable[..., str]) -> None:
    tap(700)
    assert child(town, 809, CANTEEN).whereabouts is Whereabouts.INSIDE
    after = child(town, 810, CANTEEN)
    assert (after.whereabouts, after.is_departure_missing) == (Whereabouts.LEFT, False)


def test_second_read_at_once_and_an_undone_read_change_nothing(town: Records, tap: Callable[..., str]) -> None:
    tap(995)
    tap(996)
    wrong = tap(1020)
    tap(1021, kind="undo", undoes=wrong)
    assert child(town).whereabouts is Whereabouts.INSIDE


def test_unexpected_child_is_shown_as_such(town: Records, tap: Callable[..., str]) -> None:
    other = a_family(town, "Martin", children=("Zoé",))
    tap(995, kind="roll_call", child_ref=other.child)
    assert [each.child_ref for each in service(town).unexpected] == [other.child]
    assert [each.child_ref for each in service(town).inside] == [other.child]


def test_tap_that_is_nobodys_waits_in_a_list(town: Records, tap: Callable[..., str]) -> None:
    tap(995, badge_uid="04FF0000")
    tap(996, kind="roll_call", typed_name="Zoé D.")
    tap(600)
    found = [(each.reason, each.typed_name, each.badge_uid) for each in board(town).unknown]
    assert found == [
        ("no_service", None, BADGE),
        ("unknown_badge", None, "04FF0000"),
        ("typed_name", "Zoé D.", None),
    ]


def test_typed_name_attached_to_a_child_puts_the_child_inside(town: Records, tap: Callable[..., str]) -> None:
    tap_id = tap(996, kind="roll_call", typed_name="Léa F.", service_ref=EVENING)
    lea = Decision("fournier-lea", EVENING, SCHOOL, TODAY, "attach", "reconnue", tap_id=tap_id)
    decide(town, SETUP, lea)
    assert board(town).unknown == ()
    assert child(town).whereabouts is Whereabouts.INSIDE
    decide(town, SETUP, replace(lea, kind="clear", tap_id=None))
    assert [each.reason for each in board(town).unknown] == ["typed_name"]


def test_decided_times_correct_the_taps(town: Records, tap: Callable[..., str]) -> None:
    tap(995)
    corrected = Decision("fournier-lea", EVENING, SCHOOL, TODAY, "departure", "vue partir")
    decide(town, SETUP, replace(corrected, occurred_at=instant_at(TODAY, 1040, ZONE)))
    left = child(town, 1050)
    assert (left.whereabouts, left.arrived_minute, left.left_minute) == (Whereabouts.LEFT, 995, 1040)


def test_decided_absence_is_shown_unless_the_child_was_seen(town: Records, tap: Callable[..., str]) -> None:
    absence = Decision("fournier-lea", EVENING, SCHOOL, TODAY, "absent_justified", "certificat")
    decide(town, SETUP, absence)
    assert (child(town).whereabouts, child(town).decision) == (Whereabouts.ABSENT, "absent_justified")
    tap(995)
    assert (child(town).whereabouts, child(town).decision) == (Whereabouts.INSIDE, "absent_justified")


def test_child_seen_at_another_place_is_inside_there_and_missing_here(town: Records, family: FamilyRefs) -> None:
    a_tap(town, a_terminal(town, "borne-2", OTHER_SCHOOL), 995, badge_uid=BADGE)
    assert [each.is_expected for each in service(town, place=OTHER_SCHOOL).inside] == [False]
    assert child(town).whereabouts is Whereabouts.MISSING


def test_tap_of_a_revoked_terminal_waits_for_a_person(
    town: Records, terminal: Terminal, tap: Callable[..., str]
) -> None:
    revoke_device(town, SETUP, terminal.device_ref)
    tap(995)
    assert [each.reason for each in board(town).unknown] == ["revoked_device"]
    assert child(town).whereabouts is Whereabouts.MISSING


def test_taps_of_other_days_do_not_count(town: Records, terminal: Terminal, family: FamilyRefs) -> None:
    a_tap(town, terminal, 995, WEDNESDAY, badge_uid=BADGE)
    assert child(town).whereabouts is Whereabouts.MISSING
    assert board(town).unknown == ()


def test_tap_belongs_to_the_day_of_its_place(town: Records) -> None:
    there = NewStructure("ecole-sud", "École du Sud", "school", "Indian/Reunion", "Ville d'essai")
    add_structures(town, SETUP, [there])
    a_tap(town, a_terminal(town, "borne-sud", "ecole-sud"), 22 * 60, badge_uid=BADGE)  # 1:00 the next day there
    now = instant_at(WEDNESDAY, SLOT, ZONE)
    found = {day: len(presence_now(town, SETUP, day, now).unknown) for day in (TODAY, WEDNESDAY)}
    assert found == {TODAY: 0, WEDNESDAY: 1}


def test_board_of_another_day_is_closed_or_to_come(town: Records, tap: Callable[..., str]) -> None:
    tap(995)
    tomorrow, yesterday = instant_at(WEDNESDAY, 0, ZONE), instant_at(TODAY, 0, ZONE) - 1
    past = presence_now(town, SETUP, TODAY, tomorrow)
    assert all(each.is_over for each in past.services)
    future = presence_now(town, SETUP, TODAY, yesterday)
    assert not any(each.has_begun for each in future.services)


def test_services_come_by_place_and_hour_and_empty_ones_are_there(town: Records) -> None:
    found = [(each.structure_ref, each.service_ref) for each in board(town).services]
    assert found == [(SCHOOL, CANTEEN), (SCHOOL, EVENING), (OTHER_SCHOOL, CANTEEN), (OTHER_SCHOOL, EVENING)]


def test_agent_of_one_school_sees_it_and_no_other(town: Records, tap: Callable[..., str]) -> None:
    ids = place_ids(town)
    agent = Actor("Agent", (Grant("agent", ids[SCHOOL]),))
    tap(995)
    assert {each.structure_ref for each in board(town, actor=agent).services} == {SCHOOL}
    now = instant_at(TODAY, SLOT, ZONE)
    one = presence_now(town, agent, TODAY, now, ids[SCHOOL])
    assert one == board(town, actor=agent)
    with pytest.raises(NotAllowed):
        presence_now(town, agent, TODAY, now, ids[OTHER_SCHOOL])
    with pytest.raises(NotAllowed):
        board(town, actor=Actor("Cuisine", (Grant("kitchen"),)))


def test_board_of_one_place_finds_its_taps_by_index(town: Records, tap: Callable[..., str]) -> None:
    tap(995)
    seen: list[tuple[str, object]] = []

    def note(*arguments: object) -> None:
        if "FROM tap " in str(arguments[2]):
            seen.append((str(arguments[2]), arguments[3]))

    event.listen(town.engine, "before_cursor_execute", note)
    board(town)
    event.remove(town.engine, "before_cursor_execute", note)
    statement, parameters = seen[0]
    with town.engine.connect() as connection:
        if town.is_postgresql:
            connection.exec_driver_sql("set enable_seqscan = off")
        explain = "explain " if town.is_postgresql else "explain query plan "
        plan = connection.exec_driver_sql(explain + statement, parameters).all()  # type: ignore[arg-type]
    assert "ix_tap_device_occurred" in str(plan)
