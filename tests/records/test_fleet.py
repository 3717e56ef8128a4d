"""The fleet of terminals and what was kept apart: what staff see of it, where, and how a person settles it."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import select

from domain.errors import Conflict, InvalidData, NotAllowed
from records.actors import SETUP, Actor, Grant
from records.database import Records
from records.models import AuditEntry, Structure, TapQuarantine
from records.operations import quarantine_desk
from records.operations.devices import NewDevice, authenticate_device, register_device, revoke_device
from records.operations.fleet import DeviceState, FleetDevice, fleet
from records.operations.quarantine import RefusedBytes, keep_bytes
from records.operations.quarantine_desk import quarantined_things, settle_things, settled_things
from records.operations.taps import TapStore
from records.operations.terminal_reports import keep_report
from tests.factories.ingest import HandClock, Terminal
from tests.factories.people import a_family, a_tap, a_terminal
from tests.factories.town import OTHER_SCHOOL, SCHOOL
from tests.factories.wire import batch_body, make_tap, make_taps
from tests.records.test_terminal_reports import a_report, content_of, set_aside


@pytest.fixture
def terminal(town: Records) -> Terminal:
    """A terminal of the school."""
    return a_terminal(town)


@pytest.fixture
def director(town: Records) -> Callable[[str], Actor]:
    """A director of one place."""

    def of(place: str) -> Actor:
        with town.read() as session:
            structure_id = session.scalars(select(Structure.id).where(Structure.ref == place)).one()
        return Actor("Direction", (Grant("leisure_director", structure_id),))

    return of


def report(town: Records, terminal: Terminal, clock: HandClock, *aside: bytes, **changes: object) -> None:
    """Let a terminal report, with taps it set aside."""
    device = authenticate_device(town, terminal.token)
    assert device is not None
    keep_report(town, device, a_report(clock, *map(set_aside, aside), **changes), clock.now)


def seen(town: Records, clock: HandClock, actor: Actor = SETUP) -> FleetDevice:
    """Return the first terminal of the fleet."""
    return fleet(town, actor, clock.now).devices[0]


def unreadable(town: Records, terminal: Terminal | None, content: bytes = b"<html>", reason: str = "x") -> None:
    """Keep bytes that are no batch."""
    device_id = None if terminal is None else terminal.device_id
    keep_bytes(town, RefusedBytes(device_id, content, reason, "", 5))


def test_terminal_says_of_itself_what_staff_see(town: Records, terminal: Terminal, clock: HandClock) -> None:
    report(town, terminal, clock, b"{", misfits=2)
    found = seen(town, clock)
    assert (found.label, found.structure_ref, found.state) == ("Borne borne-1", SCHOOL, DeviceState.ENROLLED)
    assert (found.pending, found.parked, found.misfits, found.room) == (3, 1, 2, "scarce")
    assert (found.software_version, found.clock_offset_ms, found.last_seen_at) == ("0.2.0", 2_000, clock.now)
    assert (found.to_settle, found.conflicts, found.missing, found.is_cloned) == (1, 0, 0, False)


def test_terminal_that_never_spoke_says_nothing_rather_than_zero(town: Records, clock: HandClock) -> None:
    register_device(town, SETUP, NewDevice("borne-1", "Borne", SCHOOL, "badge"))
    found = seen(town, clock)
    assert found.state is DeviceState.NEVER
    assert (found.last_seen_at, found.pending, found.parked, found.clock_offset_ms) == (None, None, None, None)


def test_hole_of_an_epoch_is_counted_at_its_terminal(town: Records, terminal: Terminal, clock: HandClock) -> None:
    taps = make_taps(5)
    TapStore(town).keep(terminal.batch([taps[0], taps[4]], received_at=clock.now))
    assert seen(town, clock).missing == 3
    assert [hole.missing for hole in fleet(town, SETUP, clock.now).holes] == [3]


def test_taps_after_revocation_are_counted(town: Records, terminal: Terminal, clock: HandClock) -> None:
    a_tap(town, terminal, 400, badge_uid="04AA00")
    clock.now += 60_000_000
    revoke_device(town, SETUP, terminal.device_ref)
    TapStore(town).keep(terminal.batch(make_taps(2), received_at=clock.now + 1))
    found = seen(town, clock)
    assert (found.state, found.after_revocation) == (DeviceState.REVOKED, 2)


def test_machine_that_comes_back_is_an_alarm(town: Records, terminal: Terminal, clock: HandClock) -> None:
    for boot in ("a", "b", "a"):
        report(town, terminal, clock, boot_id=boot)
    assert seen(town, clock).is_cloned


def test_contradiction_of_a_kept_tap_is_an_alarm_until_a_person_settles_it(
    town: Records, terminal: Terminal, clock: HandClock
) -> None:
    tap = make_tap()
    forged = tap.model_copy(update={"badge_uid": "04FFFFFF"})
    for each in (tap, forged):
        TapStore(town).keep(terminal.batch([each], received_at=clock.now))
    assert seen(town, clock).conflicts == 1
    [thing] = quarantined_things(town, SETUP)
    settle_things(town, SETUP, [thing.thing_id], "no_effect", "Borne restaurée d'une copie")
    assert seen(town, clock).conflicts == 0


def test_director_sees_the_terminals_and_things_of_that_place_alone(
    town: Records, terminal: Terminal, clock: HandClock, director: Callable[[str], Actor]
) -> None:
    other = a_terminal(town, "borne-2", OTHER_SCHOOL)
    for each in (terminal, other, None):
        unreadable(town, each)
    found = fleet(town, director(SCHOOL), clock.now)
    assert [each.device_ref for each in found.devices] == ["borne-1"]
    assert [each.device_ref for each in found.things] == ["borne-1"]
    assert {each.device_ref for each in fleet(town, SETUP, clock.now).things} == {"borne-1", "borne-2", None}


def test_thing_of_another_place_or_of_a_stranger_cannot_be_settled_by_a_director(
    town: Records, terminal: Terminal, director: Callable[[str], Actor]
) -> None:
    unreadable(town, terminal)
    unreadable(town, None)
    for thing in quarantined_things(town, SETUP):
        with pytest.raises(NotAllowed):
            settle_things(town, director(OTHER_SCHOOL), [thing.thing_id], "no_effect", "x")
    assert len(quarantined_things(town, SETUP)) == 2


def test_settled_thing_leaves_the_work_list_and_stays_in_the_history(
    town: Records, terminal: Terminal, clock: HandClock
) -> None:
    unreadable(town, terminal)
    [thing] = quarantined_things(town, SETUP)
    clock.now += 1
    settle_things(town, SETUP, [thing.thing_id], "entered", "Présence saisie d'après la liste papier")
    assert quarantined_things(town, SETUP) == []
    [settled] = settled_things(town, SETUP)
    assert replace(settled, settled=None) == thing
    assert settled.settled is not None
    assert (settled.settled.outcome, settled.settled.by, settled.settled.at) == (
        "entered",
        "installation",
        clock.now,
    )
    with town.read() as session:
        assert session.scalars(select(TapQuarantine.content).order_by(TapQuarantine.id)).first() == b"<html>"
        entry = session.scalars(select(AuditEntry).order_by(AuditEntry.seq.desc())).first()
    assert entry is not None
    assert (entry.operation, entry.entity_id) == ("settle_things", str(thing.thing_id))


def test_older_things_are_shown_behind_many_that_came_by_themselves(
    town: Records, terminal: Terminal, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quarantine_desk, "THINGS_MAX", 2)
    unreadable(town, terminal, b"first")
    [oldest] = quarantined_things(town, SETUP)
    taps = make_taps(5)
    for tap in taps:
        clock.now += 1
        report(town, terminal, clock, content_of(tap))
    TapStore(town).keep(terminal.batch(taps, received_at=clock.now))
    assert quarantined_things(town, SETUP) == [oldest]
    assert len(settled_things(town, SETUP)) == 2


def test_thing_is_settled_once(town: Records, terminal: Terminal) -> None:
    unreadable(town, terminal)
    [thing] = quarantined_things(town, SETUP)
    settle_things(town, SETUP, [thing.thing_id], "no_effect", "Essai de la borne")
    with pytest.raises(Conflict, match="déjà réglé"):
        settle_things(town, SETUP, [thing.thing_id], "entered", "Encore")


def test_several_things_are_settled_together_or_not_at_all(town: Records, terminal: Terminal) -> None:
    for content in (b"1", b"2"):
        unreadable(town, terminal, content)
    ids = [thing.thing_id for thing in quarantined_things(town, SETUP)]
    with pytest.raises(Conflict):
        settle_things(town, SETUP, [*ids, 10**6], "no_effect", "x")
    assert len(quarantined_things(town, SETUP)) == 2
    settle_things(town, SETUP, ids, "no_effect", "x")
    assert quarantined_things(town, SETUP) == []


@pytest.mark.parametrize(("outcome", "note"), [("effacé", "x"), ("no_effect", "  "), ("no_effect", "x" * 401)])
def test_settlement_has_a_known_outcome_and_a_reason(
    town: Records, terminal: Terminal, outcome: str, note: str
) -> None:
    unreadable(town, terminal)
    [thing] = quarantined_things(town, SETUP)
    with pytest.raises(InvalidData, match="Rien n'a été enregistré"):
        settle_things(town, SETUP, [thing.thing_id], outcome, note)


def test_parked_tap_received_since_leaves_by_itself(town: Records, terminal: Terminal, clock: HandClock) -> None:
    tap = make_tap()
    report(town, terminal, clock, content_of(tap))
    assert len(quarantined_things(town, SETUP)) == 1
    TapStore(town).keep(terminal.batch([tap], received_at=clock.now))
    assert quarantined_things(town, SETUP) == []
    [settled] = settled_things(town, SETUP)
    assert settled.settled is not None
    assert (settled.settled.outcome, settled.settled.by) == ("received", None)


def test_batch_of_a_stranger_leaves_once_all_its_taps_are_kept(
    town: Records, terminal: Terminal, clock: HandClock
) -> None:
    taps = make_taps(3)
    unreadable(town, None, batch_body(taps), "unknown_device")
    TapStore(town).keep(terminal.batch(taps[:2], received_at=clock.now))
    [thing] = quarantined_things(town, SETUP)
    assert thing.tap_count == 3
    TapStore(town).keep(terminal.batch(taps[2:], received_at=clock.now))
    assert quarantined_things(town, SETUP) == []


@pytest.mark.parametrize("stray", ["null", "7", "{}"])
def test_batch_with_an_element_that_is_no_tap_waits_for_a_person_once_its_taps_are_kept(
    town: Records, terminal: Terminal, clock: HandClock, stray: str
) -> None:
    tap = make_tap()
    body = b'{"taps": [' + content_of(tap) + b", " + stray.encode() + b"]}"
    unreadable(town, None, body, "unknown_device")
    TapStore(town).keep(terminal.batch([tap], received_at=clock.now))
    [thing] = quarantined_things(town, SETUP)
    assert thing.tap_count == 1


def test_what_can_be_read_is_shown_with_no_more_of_a_badge_than_its_end(town: Records, terminal: Terminal) -> None:
    family = a_family(town)
    taps = [make_tap(1), make_tap(2, kind="roll_call", badge_uid=None, child_ref=family.child)]
    unreadable(town, terminal, batch_body(taps, protocol=2), "unsupported_protocol")
    unreadable(town, None, batch_body(taps, protocol=2), "unknown_device")
    known, stranger = sorted(quarantined_things(town, SETUP), key=lambda thing: thing.device_ref is None)
    assert [(tap.kind, tap.badge_end) for tap in known.taps] == [("badge", "B2C3"), ("roll_call", None)]
    assert known.taps[1].person == "FOURNIER Léa"
    assert known.taps[0].occurred_at == taps[0].occurred_at
    assert [tap.person for tap in stranger.taps] == [None, None]
    assert "04A1B2C3" not in repr((known, stranger))


@pytest.mark.parametrize("content", [b"\xff\x00", b"[]", b'{"taps": 3}', b'{"taps": [1, null, {}]}', b"[" * 9_999])
def test_anything_can_be_shown(town: Records, terminal: Terminal, content: bytes) -> None:
    unreadable(town, terminal, content)
    [thing] = quarantined_things(town, SETUP)
    assert (thing.taps, thing.size_bytes) == ((), len(content))
    assert thing.extract.isprintable()
