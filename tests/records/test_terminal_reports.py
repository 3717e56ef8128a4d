"""What terminals report: the latest word of each, taps set aside in quarantine, cloned identities seen."""

import base64

import pytest
from sqlalchemy import select

from domain.wire.v1 import RecoveryV1, ReportAnswerV1, ReportV1, Room, SetAsideCause, SetAsideV1, TapV1
from records.actors import SETUP
from records.database import Records
from records.models import DeviceStatus, Tap, TapQuarantine
from records.operations.devices import KnownDevice, authenticate_device, enrol_device, renew_device_code
from records.operations.taps import TapStore
from records.operations.terminal_reports import MISFIT_OF_TERMINAL, PARKED_BY_TERMINAL, keep_report
from tests.factories.ingest import HandClock, Terminal
from tests.factories.people import a_terminal
from tests.factories.wire import make_tap

MINUTE = 60_000_000


@pytest.fixture
def terminal(town: Records) -> Terminal:
    """A terminal of the school."""
    return a_terminal(town)


@pytest.fixture
def device(town: Records, terminal: Terminal) -> KnownDevice:
    """The same, as the server knows it."""
    found = authenticate_device(town, terminal.token)
    assert found is not None
    return found


def content_of(tap: TapV1) -> bytes:
    """Return a tap as its terminal keeps it."""
    return tap.model_dump_json(exclude_none=True).encode()


def set_aside(content: bytes, cause: SetAsideCause = SetAsideCause.PARKED, tap_id: str = "0" * 32) -> SetAsideV1:
    """Return a tap that its terminal does not send."""
    said = base64.b64encode(content).decode()
    return SetAsideV1(tap_id=tap_id, cause=cause, reason="Ce lot est illisible.", set_aside_at=1, content=said)


def a_report(clock: HandClock, *aside: SetAsideV1, **changes: object) -> ReportV1:
    """Return the report of a terminal whose clock is two seconds behind."""
    fields: dict[str, object] = {
        "software_version": "0.2.0",
        "wall": clock.now - 2_000_000,
        "boot_id": "boot-1",
        "pending": 3,
        "oldest_pending_at": clock.now - MINUTE,
        "parked": len(aside),
        "room": Room.SCARCE,
        "set_aside": list(aside),
    }
    return ReportV1(**{**fields, **changes})  # type: ignore[arg-type]


def status_of(records: Records, device: KnownDevice) -> DeviceStatus:
    """Return what is known of a terminal."""
    with records.read() as session:
        return session.get_one(DeviceStatus, device.device_id)


def apart(records: Records) -> list[tuple[bytes, str]]:
    """Return (content, reason) of the quarantine, oldest first."""
    with records.read() as session:
        rows = session.execute(select(TapQuarantine.content, TapQuarantine.reason).order_by(TapQuarantine.id))
        return [(row[0], row[1]) for row in rows]


def test_last_report_stands_and_is_no_change_of_the_records(
    town: Records, device: KnownDevice, clock: HandClock
) -> None:
    before = town.change_seq()
    keep_report(town, device, a_report(clock, pending=9), clock.now - MINUTE)
    found = RecoveryV1(
        recovered_at=5, store_was_damaged=True, journals_damaged=0, taps_found_again=4, taps_missing=1
    )
    keep_report(town, device, a_report(clock, recovery=found), clock.now)
    status = status_of(town, device)
    assert (status.last_seen_at, status.reported_at, status.software_version) == (clock.now, clock.now, "0.2.0")
    assert (status.pending, status.oldest_pending_at, status.room) == (3, clock.now - MINUTE, "scarce")
    assert status.clock_offset_ms == 2_000
    assert RecoveryV1.model_validate_json(status.recovery or "") == found
    assert town.change_seq() == before


def test_parked_tap_is_kept_apart_once_however_often_it_is_told(
    town: Records, device: KnownDevice, clock: HandClock
) -> None:
    for _ in range(3):
        answer = keep_report(town, device, a_report(clock, set_aside(b"\xff illisible")), clock.now)
        assert answer == ReportAnswerV1(offer_again=[], server_time=clock.now)
    assert apart(town) == [(b"\xff illisible", PARKED_BY_TERMINAL)]


def test_parked_tap_that_can_be_read_now_is_asked_for_and_not_doubled(
    town: Records, terminal: Terminal, device: KnownDevice, clock: HandClock
) -> None:
    tap = make_tap()
    report = a_report(clock, set_aside(content_of(tap), tap_id=tap.tap_id))
    assert keep_report(town, device, report, clock.now).offer_again == [tap.tap_id]
    assert TapStore(town).keep(terminal.batch([tap], received_at=clock.now)).answers[0].status == "stored"
    assert keep_report(town, device, report, clock.now).offer_again == [tap.tap_id]
    with town.read() as session:
        assert session.scalars(select(Tap.tap_id)).all() == [tap.tap_id]
    assert len(apart(town)) == 1


def test_parked_tap_that_is_kept_already_is_not_kept_apart(
    town: Records, terminal: Terminal, device: KnownDevice, clock: HandClock
) -> None:
    tap = make_tap()
    TapStore(town).keep(terminal.batch([tap], received_at=clock.now))
    keep_report(town, device, a_report(clock, set_aside(content_of(tap), tap_id=tap.tap_id)), clock.now)
    assert apart(town) == []


def test_misfit_whose_identity_is_taken_by_another_tap_is_kept_apart(
    town: Records, terminal: Terminal, device: KnownDevice, clock: HandClock
) -> None:
    tap = make_tap()
    TapStore(town).keep(terminal.batch([tap], received_at=clock.now))
    other = content_of(tap.model_copy(update={"badge_uid": "04FFFFFF"}))
    said = set_aside(other, SetAsideCause.MISFIT, tap.tap_id)
    assert keep_report(town, device, a_report(clock, said, parked=0, misfits=1), clock.now).offer_again == []
    assert apart(town) == [(other, MISFIT_OF_TERMINAL)]


def test_machine_that_starts_anew_is_no_clone(town: Records, device: KnownDevice, clock: HandClock) -> None:
    for boot in ("a", "a", "b", "b", "c"):
        keep_report(town, device, a_report(clock, boot_id=boot), clock.now)
    assert status_of(town, device).cloned_at is None


def test_machine_that_comes_back_after_another_betrays_a_cloned_identity(
    town: Records, device: KnownDevice, clock: HandClock
) -> None:
    for boot in ("a", "b", "a"):
        keep_report(town, device, a_report(clock, boot_id=boot), clock.now)
    assert status_of(town, device).cloned_at == clock.now


def test_new_enrolment_forgets_the_clone(town: Records, device: KnownDevice, clock: HandClock) -> None:
    for boot in ("a", "b", "a"):
        keep_report(town, device, a_report(clock, boot_id=boot), clock.now)
    token = enrol_device(town, renew_device_code(town, SETUP, device.device_ref)).token
    again = authenticate_device(town, token)
    assert again is not None
    assert status_of(town, again).cloned_at is None
    keep_report(town, again, a_report(clock, boot_id="b"), clock.now)
    assert status_of(town, again).cloned_at is None
