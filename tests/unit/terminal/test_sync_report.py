"""What a terminal tells the server of itself, and that nothing depends on it (S6, P7; test plan F8)."""

from __future__ import annotations

import base64
import json

import httpx
import pytest

from domain.wire.v1 import SET_ASIDE_MAX, ReportV1
from terminal.outbox.sync_state import load_sync_state
from terminal.sync.engine import SyncPace
from tests.unit.terminal.builders import BOOT, instant
from tests.unit.terminal.fake_server import Fault, answers, raises, refusal
from tests.unit.terminal.sync_bench import Terminal

REPORT = "/v1/devices/me/report"


def last(terminal: Terminal) -> ReportV1:
    """Return the last report the server got, which the contract must accept."""
    return ReportV1.model_validate_json(json.dumps(terminal.server.reports[-1]))


def test_report_says_what_waits_the_clock_and_the_release(terminal: Terminal) -> None:
    terminal.keep(3)
    terminal.server.fail("/v1/taps:batch", *[answers(503)] * 20)
    terminal.run(10)
    report = last(terminal)
    assert (report.pending, report.parked, report.room, report.boot_id) == (3, 0, "free", BOOT)
    assert report.oldest_pending_at == instant(8, 2)
    assert report.software_version == "test"
    assert abs(report.wall - instant(8, 2)) < 10_000_000


def test_quiet_terminal_reports_at_its_pace_and_no_more(terminal: Terminal) -> None:
    terminal.run(3_000)
    assert 10 <= len(terminal.server.reports) <= 11


def test_parked_tap_is_told_soon_with_its_bytes_and_its_reason(terminal: Terminal) -> None:
    terminal.run(5)
    [tap] = terminal.keep()
    terminal.server.unreadable = {tap.tap_id}
    terminal.run(30)
    [said] = last(terminal).set_aside
    assert (said.tap_id, said.cause, said.reason) == (tap.tap_id, "parked", "Refus : unreadable_batch.")
    assert base64.b64decode(said.content) == tap.model_dump_json(exclude_none=True).encode()


def test_every_tap_set_aside_is_told_in_turn(terminal: Terminal) -> None:
    taps = terminal.keep(SET_ASIDE_MAX * 2 + 5)
    for tap in taps:
        terminal.box.store.park(tap.tap_id, "illisible", instant(8, 3))
    terminal.run(30)
    told = [one["tap_id"] for report in terminal.server.reports for one in report["set_aside"]]
    assert sorted(told) == sorted(tap.tap_id for tap in taps)
    assert {report["parked"] for report in terminal.server.reports} == {len(taps)}


def test_tap_that_a_newer_server_can_read_is_sent_again(terminal: Terminal) -> None:
    [tap] = terminal.keep()
    terminal.server.unreadable = {tap.tap_id}
    terminal.run(10)
    assert terminal.box.counts().parked == 1
    terminal.server.unreadable, terminal.server.readable = set(), {tap.tap_id}
    terminal.run(400)
    assert (terminal.box.counts().acked, terminal.box.counts().parked) == (1, 0)


def test_tap_refused_again_after_it_was_asked_for_waits_for_a_person(terminal: Terminal) -> None:
    [tap] = terminal.keep()
    terminal.server.unreadable = terminal.server.readable = {tap.tap_id}
    terminal.run(2_000)
    assert terminal.box.counts().parked == 1
    assert terminal.sent == 2


@pytest.mark.parametrize(
    "fault",
    [
        lambda _: refusal(404, "not_found"),
        lambda _: refusal(422, "invalid_request"),
        lambda _: refusal(401, "unknown_device"),
        answers(500, text="oops"),
        answers(200, html="<html>Bienvenue sur le Wi-Fi</html>"),
        raises(httpx.ReadTimeout),
    ],
)
def test_server_that_does_not_listen_changes_nothing_else(terminal: Terminal, fault: Fault) -> None:
    terminal.server.fail(REPORT, *[fault] * 1_000)
    taps = terminal.keep(2)
    terminal.run(20)
    [late] = terminal.keep()
    terminal.run(1_000)
    assert set(terminal.server.taps) == {tap.tap_id for tap in [*taps, late]}
    state = load_sync_state(terminal.box.store)
    assert (state.reachable, state.needs_enrolment, state.message) == (True, False, "")
    assert 1 <= terminal.server.paths().count(REPORT) <= 4


def test_report_waits_until_taps_are_gone(terminal: Terminal) -> None:
    terminal.start(SyncPace(report_every=0))
    terminal.keep(1_000)
    terminal.steps(7)
    paths = terminal.server.paths()
    assert paths.count("/v1/taps:batch") == 5
    assert REPORT not in paths


def test_revoked_terminal_still_reports(terminal: Terminal) -> None:
    terminal.server.revoked = True
    terminal.run(700)
    assert len(terminal.server.reports) >= 2
