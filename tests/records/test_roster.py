"""The roster: what a terminal needs to work alone, in one stable order, and no more than that."""

import json
import time
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from domain.wire.v1 import ChildV1, RosterV1
from records.actors import SETUP
from records.database import Records
from records.models import Account
from records.operations import bookings, collectivity, devices, enrolments, events, families, services
from records.operations.devices import NewAgentCode, NewBadge, authenticate_device, end_badge, revoke_device
from records.operations.roles import NewGrant, revoke_role
from records.operations.rosters import EXPECTED_DAYS, OPEN_DAYS, DeviceRevoked, local_today, roster
from records.operations.taps import TapStore
from tests.factories.databases import sqlite_copy
from tests.factories.ingest import HandClock, Terminal
from tests.factories.people import a_badge, a_family, a_terminal, an_account, an_enrolment, new_booking, new_family
from tests.factories.town import (
    CANTEEN,
    CENTRE,
    EVENING,
    LEISURE,
    OTHER_SCHOOL,
    SCHOOL,
    SCHOOL_DAYS,
    START,
    TODAY,
    WEDNESDAY,
    canteen_rule,
)
from tests.factories.wire import make_taps


@pytest.fixture
def terminal(town: Records) -> Terminal:
    """A terminal of the first school."""
    return a_terminal(town)


def roster_of(records: Records, terminal: Terminal, today: date = TODAY) -> RosterV1:
    """Return what this terminal would download."""
    device = authenticate_device(records, terminal.token)
    assert device is not None
    return roster(records, device, today)


def child_of(found: RosterV1, child_ref: str) -> ChildV1:
    """Return one child of a roster."""
    return next(child for child in found.children if child.child_ref == child_ref)


def test_place_and_town_are_named(town: Records, terminal: Terminal) -> None:
    found = roster_of(town, terminal)
    assert (found.device_ref, found.structure_ref, found.structure_label) == (
        terminal.device_ref,
        SCHOOL,
        "École des Tilleuls",
    )
    assert (found.town_label, found.is_training, found.timezone) == ("Ville d'essai", True, "Europe/Paris")


def test_services_of_the_place_come_with_their_slots_by_weekday(town: Records, terminal: Terminal) -> None:
    found = roster_of(town, terminal)
    assert [service.service_ref for service in found.services] == [CANTEEN, EVENING]
    canteen = found.services[0]
    assert [(slot.weekday, slot.start_minute, slot.end_minute) for slot in canteen.slots] == [
        (0, 690, 810),
        (1, 690, 810),
        (3, 690, 810),
        (4, 690, 810),
    ]
    assert (canteen.kind, canteen.grace_minutes, canteen.anti_bounce_seconds) == ("canteen", 30, 120)
    assert [service.needs_departure for service in found.services] == [False, True]


def test_rule_of_the_place_wins_over_the_general_one_from_its_first_day(town: Records, terminal: Terminal) -> None:
    own = canteen_rule(valid_from=TODAY, structure_ref=SCHOOL, slot_start_minute=700)
    services.add_rule(town, SETUP, own)
    before = roster_of(town, terminal, TODAY - timedelta(days=1)).services[0]
    assert {slot.start_minute for slot in before.slots} == {690}
    assert {slot.start_minute for slot in roster_of(town, terminal).services[0].slots} == {700}


def test_service_that_is_not_offered_any_more_is_absent(town: Records, terminal: Terminal) -> None:
    before_all = roster_of(town, terminal, START - timedelta(days=1))
    assert before_all.services == []


def test_child_of_a_class_comes_with_names_class_badges_and_notes(town: Records, terminal: Terminal) -> None:
    family = new_family("Fournier", children=("Léa",))
    notes = (
        families.NewHealthNote("allergy", "Arachide", START),
        families.NewHealthNote("pai", "PAI : trousse au bureau", START),
        families.NewHealthNote("pai", "asthme", START),
    )
    diets = (families.NewDiet("sans_porc", "Sans porc", START),)
    child = replace(family.members[-1], diets=diets, health_notes=notes)
    families.create_family(town, SETUP, replace(family, members=(*family.members[:-1], child)))
    a_badge(town, child.person_ref, "04B0B0B0")
    a_badge(town, child.person_ref, "04A1B2C3")
    found = child_of(roster_of(town, terminal), child.person_ref)
    assert (found.first_name, found.last_name) == ("Léa", "Fournier")
    assert (found.class_ref, found.class_label) == ("tilleuls-cp", "CP")
    assert found.badges == ["04A1B2C3", "04B0B0B0"]
    assert found.notes == [
        "▲ PAI : trousse au bureau",
        "▲ PAI asthme",
        "▲ Allergie\u00a0: Arachide",
        "Sans porc",
    ]


def test_nothing_else_about_a_child_travels(town: Records, terminal: Terminal) -> None:
    a_family(town, "Fournier", qf_e2=34_900)
    text = roster_of(town, terminal).model_dump_json()
    for secret in ("2019", "birth", "Adulte", "34900", "349", "family", "payer"):
        assert secret not in text


def test_child_of_another_school_is_absent(town: Records, terminal: Terminal) -> None:
    other = a_family(town, "Ailleurs", class_ref="bourg-cp")
    assert other.child not in {child.child_ref for child in roster_of(town, terminal).children}


def test_child_enrolled_from_another_school_comes_with_the_name_of_its_class_only(
    town: Records, terminal: Terminal
) -> None:
    visitor = a_family(town, "Visiteur", class_ref="bourg-cp")
    an_enrolment(town, visitor, EVENING)
    found = child_of(roster_of(town, terminal), visitor.child)
    assert (found.class_ref, found.class_label) == (None, "CP")


def test_leisure_centre_lists_those_enrolled_there(town: Records) -> None:
    family = a_family(town)
    a_family(town, "Autre")
    patterns = (enrolments.NewPattern(2, "matin"),)
    an_enrolment(town, family, LEISURE, structure_ref=CENTRE, patterns=patterns)
    found = roster_of(town, a_terminal(town, "centre-1", CENTRE))
    assert [child.child_ref for child in found.children] == [family.child]
    assert [(each.day, each.service_ref, each.child_refs) for each in found.expected] == [
        (WEDNESDAY.isoformat(), LEISURE, [family.child]),
    ]
    assert found.classes == []


def test_expected_children_of_eight_days_are_all_in_the_list(town: Records, terminal: Terminal) -> None:
    family = a_family(town)
    an_enrolment(town, family)
    bookings.cancel(town, SETUP, new_booking(family, TODAY + timedelta(days=2)))
    found = roster_of(town, terminal)
    days = {each.day: each.child_refs for each in found.expected if each.service_ref == CANTEEN}
    assert days == {
        (TODAY + timedelta(days=offset)).isoformat(): [family.child]
        for offset in (0, 3, 6, 7)
        if offset < EXPECTED_DAYS
    }
    listed = {child.child_ref for child in found.children}
    assert all(ref in listed for each in found.expected for ref in each.child_refs)


def test_child_who_begins_next_week_is_already_listed(town: Records, terminal: Terminal) -> None:
    newcomer = a_family(town, "Nouveau", class_ref="bourg-cp")
    an_enrolment(town, newcomer, valid_from=TODAY + timedelta(days=6))
    found = roster_of(town, terminal)
    assert newcomer.child in {child.child_ref for child in found.children}
    assert {each.day for each in found.expected} == {
        (TODAY + timedelta(days=6)).isoformat(),
        (TODAY + timedelta(days=7)).isoformat(),
    }


def test_open_days_follow_the_calendar_for_two_months(town: Records, terminal: Terminal) -> None:
    opened = roster_of(town, terminal).open_days
    assert opened == sorted(opened)
    assert TODAY.isoformat() in opened
    assert WEDNESDAY.isoformat() not in opened
    assert "2026-12-25" not in opened
    assert "2026-12-28" not in opened  # Christmas holidays
    assert opened[-1] <= (TODAY + timedelta(days=OPEN_DAYS - 1)).isoformat()


def test_closed_day_of_the_place_is_not_open(town: Records, terminal: Terminal) -> None:
    closure = collectivity.CalendarEdit(TODAY, "closure", "Travaux", structure_ref=SCHOOL)
    collectivity.edit_calendar_day(town, SETUP, closure)
    assert TODAY.isoformat() not in roster_of(town, terminal).open_days
    other = a_terminal(town, "borne-bourg", OTHER_SCHOOL)
    assert TODAY.isoformat() in roster_of(town, other).open_days


def test_badge_that_has_ended_does_not_open_anything(town: Records, terminal: Terminal) -> None:
    family = a_family(town)
    uid = a_badge(town, family.child)
    end_badge(town, SETUP, uid, TODAY)
    assert child_of(roster_of(town, terminal), family.child).badges == []
    assert child_of(roster_of(town, terminal, TODAY - timedelta(days=1)), family.child).badges == [uid]


def test_badge_of_an_adult_is_listed_with_each_child_it_brings(town: Records, terminal: Terminal) -> None:
    family = a_family(town, children=("Léa", "Noé"))
    badge = NewBadge("04D0D0D0", family.guardians[0], START, child_refs=family.children)
    devices.assign_badges(town, SETUP, [badge])
    found = roster_of(town, terminal)
    assert [child_of(found, ref).badges for ref in family.children] == [["04D0D0D0"], ["04D0D0D0"]]


def test_agents_of_the_place_come_with_the_hash_of_their_code(town: Records, terminal: Terminal) -> None:
    for login, place in (("claire", SCHOOL), ("david", OTHER_SCHOOL), ("gone", SCHOOL)):
        an_account(town, login, "agent", structure_ref=place)
        code = NewAgentCode(f"agent-{login}", login, place, "4821", START)
        devices.set_agent_codes(town, SETUP, [code], iterations=10)
    an_account(town, "left", "agent", structure_ref=SCHOOL)
    devices.set_agent_codes(town, SETUP, [NewAgentCode("agent-left", "left", SCHOOL, "4821", START)], iterations=10)
    revoke_role(town, SETUP, "left", NewGrant("agent", TODAY, structure_ref=SCHOOL))
    with town.write(SETUP, "disable_account") as write:
        write.session.execute(update(Account).where(Account.login == "gone").values(disabled_at=write.now))
    (agent,) = roster_of(town, terminal).agents
    assert (agent.agent_ref, agent.display_name) == ("agent-claire", "Claire")
    assert agent.code_hash.startswith("pbkdf2_sha256$10$")


def test_same_records_give_the_same_version_whatever_was_tapped(town: Records, terminal: Terminal) -> None:
    family = a_family(town)
    an_enrolment(town, family)
    before = roster_of(town, terminal)
    TapStore(town).keep(terminal.batch(make_taps(3)))
    assert roster_of(town, terminal) == before


def test_version_changes_with_what_the_terminal_shows(town: Records, terminal: Terminal) -> None:
    family = a_family(town)
    before = roster_of(town, terminal)
    a_badge(town, family.child)
    after = roster_of(town, terminal)
    assert before.version != after.version
    assert len(after.version) == 32


def test_version_does_not_depend_on_itself(town: Records, terminal: Terminal) -> None:
    found = roster_of(town, terminal)
    assert RosterV1(**{**json.loads(found.model_dump_json()), "version": found.version}) == found


def test_revoked_terminal_is_told_no_name(town: Records, terminal: Terminal) -> None:
    revoke_device(town, SETUP, terminal.device_ref)
    with pytest.raises(DeviceRevoked, match="ne reçoit plus la liste"):
        roster_of(town, terminal)


def test_day_of_the_roster_is_the_day_of_the_place(town: Records, terminal: Terminal, clock: HandClock) -> None:
    device = authenticate_device(town, terminal.token)
    assert device is not None
    late = clock.set(23 * 60 + 59)
    assert local_today(town, device, late) == TODAY
    assert local_today(town, device, late + 60_000_000) == WEDNESDAY


def test_roster_of_three_hundred_children_takes_less_than_a_tenth_of_a_second(
    tmp_path: Path, town_file: Path
) -> None:
    records = sqlite_copy(town_file, tmp_path, HandClock())
    files = [new_family(f"Famille {number}") for number in range(300)]
    families.create_families(records, SETUP, files)
    children = [(file.members[-1].person_ref, file.payers[0].ref) for file in files]
    everyone = [
        replace(an_enrolment_of(child, service), payers=(enrolments.NewEnrolmentPayer(payer),))
        for child, payer in children
        for service in (CANTEEN, EVENING)
    ]
    enrolments.enrol_all(records, SETUP, everyone)
    terminal = a_terminal(records)
    seconds = []
    for _ in range(5):
        started = time.thread_time()
        assert len(roster_of(records, terminal).children) == 300
        seconds.append(time.thread_time() - started)
    records.close()
    assert min(seconds) < 0.1


def an_enrolment_of(child_ref: str, service_ref: str) -> enrolments.NewEnrolment:
    """Return an enrolment on every school day, without its payer."""
    patterns = tuple(enrolments.NewPattern(weekday) for weekday in SCHOOL_DAYS)
    ref = f"{child_ref}-{service_ref}"
    return enrolments.NewEnrolment(ref, child_ref, service_ref, SCHOOL, "enfant", START, None, patterns, ())


def test_pupils_of_a_class_on_an_outing_are_known_but_not_expected(town: Records, terminal: Terminal) -> None:
    away, here = a_family(town, class_ref="tilleuls-cp"), a_family(town, "Petit", class_ref="bourg-cp")
    for family in (away, here):
        an_enrolment(town, family)
    outing = events.NewEvent("sortie", "outing", "Musée", TODAY, TODAY + timedelta(days=1), SCHOOL, "tilleuls-cp")
    events.add_event(town, SETUP, outing)
    found = roster_of(town, terminal)
    assert {child.child_ref for child in found.children} == {away.child, here.child}  # one who stayed can still eat
    today, tomorrow = found.expected[0], found.expected[1]
    assert (today.day, today.child_refs) == (TODAY.isoformat(), [here.child])
    assert sorted(tomorrow.child_refs) == sorted([away.child, here.child])
