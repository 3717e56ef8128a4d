"""What a terminal knows of the time (reliability notes, P6; test plan F5)."""

from __future__ import annotations

from terminal.clock import Instruments, Timekeeper, system_instruments
from terminal.outbox.sync_state import ClockAnchor
from tests.unit.terminal.builders import instant

HOUR = 3_600_000_000


def timekeeper(wall: int, mono_ms: int = 60_000, boot_id: str = "b", floor: int = 0) -> Timekeeper:
    return Timekeeper(Instruments(lambda: wall, lambda: mono_ms, boot_id), floor)


def test_within_one_boot_the_server_is_right_whatever_the_wall_clock_does() -> None:
    keeper = timekeeper(wall=0, mono_ms=60_000)
    keeper.learn(ClockAnchor(instant(8), wall=instant(8) - HOUR, mono_ms=30_000, boot_id="b"))
    moment = keeper.moment()
    assert abs(moment.now - (instant(8) + 30_000_000)) <= 1_000
    assert (moment.offset_age_ms, moment.plausible, moment.wall) == (30_000, True, 0)


def test_a_clock_before_1970_is_told_as_1970_and_still_dated_by_the_server() -> None:
    """The wire knows no instant before 1970; the offset is to the clock that is told."""
    keeper = timekeeper(wall=-225_000_000, mono_ms=60_000)
    keeper.learn(ClockAnchor(instant(8), wall=instant(8), mono_ms=30_000, boot_id="b"))
    moment = keeper.moment()
    assert (moment.wall, moment.now) == (0, instant(8) + 30_000_000)


def test_after_a_reboot_the_last_offset_is_used_and_its_age_is_not_known() -> None:
    """A machine without a battery may have stood still: its own clock cannot tell how old the offset is."""
    keeper = timekeeper(wall=instant(9), boot_id="new")
    keeper.learn(ClockAnchor(instant(8) + 2_000_000, wall=instant(8), mono_ms=5, boot_id="old"))
    moment = keeper.moment()
    assert (moment.offset_ms, moment.offset_age_ms, moment.plausible) == (2_000, None, True)


def test_a_clock_back_in_1970_after_a_reboot_is_called_wrong() -> None:
    keeper = timekeeper(wall=12 * HOUR, boot_id="new")
    keeper.learn(ClockAnchor(instant(8), wall=instant(8), mono_ms=5, boot_id="old"))
    moment = keeper.moment()
    assert (moment.plausible, moment.offset_ms) == (False, None)


def test_a_clock_years_ahead_after_a_reboot_is_called_wrong() -> None:
    keeper = timekeeper(wall=instant(8) + 3_000 * 24 * HOUR, boot_id="new")
    keeper.learn(ClockAnchor(instant(8), wall=instant(8), mono_ms=5, boot_id="old"))
    assert keeper.moment().plausible is False


def test_before_any_meeting_only_the_installation_day_is_known() -> None:
    assert timekeeper(wall=instant(8)).moment().plausible is True
    assert timekeeper(wall=12 * HOUR, floor=instant(8)).moment().plausible is False


def test_the_machines_clocks_go_forward() -> None:
    clocks = system_instruments()
    first = clocks.mono_ms()
    assert clocks.mono_ms() >= first
    assert clocks.boot_id == system_instruments().boot_id
