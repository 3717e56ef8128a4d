"""Sending, step by step, against a server that misbehaves (reliability notes §3.4; test plan F6, F8, F9, F11)."""

from __future__ import annotations

import random
from dataclasses import replace

import httpx
import pytest

from domain.taps import TapKind
from domain.wire.v1 import BATCH_BYTES_MAX
from terminal.outbox import Moment, TapDraft
from terminal.outbox.sync_state import load_sync_state
from terminal.sync.backoff import Backoff
from terminal.sync.engine import SyncPace
from tests.unit.terminal.builders import instant
from tests.unit.terminal.fake_server import FakeServer, Fault, answers, raises, refusal
from tests.unit.terminal.sync_bench import TAPS, Terminal


def test_taps_are_sent_oldest_first_and_marked_only_then(terminal: Terminal) -> None:
    taps = terminal.keep(450)
    terminal.run(5)
    assert [len(batch) for batch in terminal.server.batches] == [200, 200, 50]
    assert [tap_id for batch in terminal.server.batches for tap_id in batch] == [tap.tap_id for tap in taps]
    assert (terminal.box.counts().pending, terminal.box.counts().acked) == (0, 450)


def test_a_batch_never_exceeds_its_bytes(terminal: Terminal) -> None:
    """Names of control characters grow sixfold in JSON: the largest taps the contract allows."""
    when = Moment(instant(8, 2), 0, "\x01" * 64)
    draft = TapDraft(TapKind.ROLL_CALL, when, typed_name="\x01" * 80)
    largest = replace(draft, service_ref="s" * 64, class_ref="c" * 64, agent_ref="a" * 64)
    terminal.box.keep_all([largest] * 300)
    terminal.run(5)
    sizes = [len(one.content) for one in terminal.server.requests if one.url.path == TAPS]
    assert max(sizes) <= BATCH_BYTES_MAX
    assert max(sizes) > BATCH_BYTES_MAX // 2
    assert terminal.box.counts().acked == 300


def test_what_is_sent_is_what_was_kept_byte_for_byte(terminal: Terminal) -> None:
    [tap] = terminal.keep()
    terminal.run(3)
    [request] = [one for one in terminal.server.requests if one.url.path == TAPS]
    assert request.content.startswith(b'{"protocol":1,"taps":[' + tap.model_dump_json(exclude_none=True).encode())


@pytest.mark.parametrize(
    "fault",
    [
        answers(500, text="oops"),
        answers(503, json={"protocol": 1, "code": "server_busy", "message": "Trop."}),
        answers(409, text="conflict"),
        answers(429, text="slow"),
        answers(200, html="<html>Bienvenue sur le Wi-Fi</html>"),
        answers(302, headers={"location": "http://portal/login"}),
        answers(403, html="<html>Blocked by the proxy</html>"),
        answers(200, json={"hello": "world"}),
        raises(httpx.ConnectTimeout),
        raises(httpx.ReadTimeout),
        raises(httpx.ConnectError),
        raises(httpx.RemoteProtocolError),
    ],
)
def test_a_failure_costs_nothing_but_time(terminal: Terminal, fault: Fault) -> None:
    terminal.keep(3)
    terminal.server.fail(TAPS, fault)
    terminal.steps(3)
    assert terminal.box.counts().pending == 3
    assert terminal.engine.state.needs_enrolment is False
    terminal.run(10)
    assert terminal.box.counts().acked == 3


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (raises(httpx.ConnectError), "Le serveur ne répond pas"),
        (answers(200, html="<html>Bienvenue</html>"), "Une autre machine répond à la place du serveur"),
    ],
)
def test_staff_are_told_what_is_wrong_and_that_nothing_is_lost(
    terminal: Terminal, fault: Fault, words: str
) -> None:
    terminal.keep(1)
    terminal.server.fail(TAPS, fault)
    terminal.steps(3)
    message = load_sync_state(terminal.box.store).message
    assert message.startswith(words)
    assert "Les passages sont gardés" in message


def test_an_answer_lost_on_its_way_makes_a_duplicate_and_one_row(terminal: Terminal) -> None:
    taps = terminal.keep(2)

    def stored_but_lost(request: httpx.Request) -> httpx.Response:
        terminal.server.answer(request)
        raise httpx.ReadTimeout("half-open", request=request)

    terminal.server.fail(TAPS, stored_but_lost)
    terminal.run(20)
    assert len(terminal.server.taps) == 2
    assert terminal.box.store.rows("SELECT DISTINCT note FROM tap") == [("duplicate",)]
    assert {tap.tap_id for tap in taps} == set(terminal.server.taps)


def test_one_offender_is_parked_visibly_and_the_others_go_on(terminal: Terminal) -> None:
    taps = terminal.keep(60)
    terminal.server.unreadable = {taps[37].tap_id}
    terminal.run(30)
    counts = terminal.box.counts()
    assert (counts.acked, counts.parked, counts.pending) == (59, 1, 0)
    [parked] = terminal.box.store.parked()
    assert parked.tap.tap_id == taps[37].tap_id
    assert "unreadable_batch" in parked.reason


@pytest.mark.parametrize("status", [400, 413, 422])
def test_each_refusal_of_a_whole_batch_splits_it(terminal: Terminal, status: int) -> None:
    terminal.keep(8)
    terminal.server.fail(TAPS, lambda _: refusal(status, "refused"))
    terminal.run(5)
    assert [len(batch) for batch in terminal.server.batches] == [4, 4]


def test_a_proxy_that_refuses_a_single_tap_parks_nothing(terminal: Terminal) -> None:
    terminal.keep(1)
    terminal.server.fail(TAPS, *[answers(413, html="<h1>nginx</h1>")] * 4)
    terminal.run(60)
    assert (terminal.box.counts().parked, terminal.box.counts().acked) == (0, 1)


def test_a_server_that_refuses_everything_is_not_fed_the_whole_outbox(terminal: Terminal) -> None:
    taps = terminal.keep(100)
    terminal.server.unreadable = {tap.tap_id for tap in taps}
    terminal.steps(60)
    assert terminal.box.counts().parked < 30


def test_a_refused_token_keeps_taps_and_says_so(terminal: Terminal) -> None:
    terminal.keep(2)
    terminal.server.fail(TAPS, lambda _: refusal(401, "unknown_device"))
    terminal.steps(3)
    assert terminal.engine.state.needs_enrolment is True
    assert load_sync_state(terminal.box.store).needs_enrolment is True
    terminal.keep(1)
    assert terminal.box.counts().pending == 3
    before = terminal.sent
    terminal.run(120)
    assert terminal.sent == before
    terminal.run(400)
    assert terminal.box.counts().acked == 3
    assert terminal.engine.state.needs_enrolment is False


def test_a_revoked_terminal_forgets_names_and_still_sends(terminal: Terminal) -> None:
    terminal.run(3)
    path = terminal.folder / "roster.json"
    assert path.exists()
    terminal.server.revoked = True
    terminal.keep(2)
    terminal.run(120)
    assert not path.exists()
    assert load_sync_state(terminal.box.store).revoked is True
    assert terminal.box.counts().acked == 2


def test_waiting_grows_with_jitter_and_stops_at_five_minutes() -> None:
    backoff = Backoff(random.Random(1))
    ceilings = [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]
    waits = [backoff.failed() for _ in ceilings]
    assert all(0 <= wait <= ceiling for wait, ceiling in zip(waits, ceilings, strict=True))
    assert len(set(waits)) == len(waits)
    backoff.succeeded()
    assert backoff.failed() <= 1


def test_a_server_that_asks_for_patience_gets_it() -> None:
    assert Backoff(random.Random(1)).failed(at_least_seconds=60) == 60
    assert Backoff(random.Random(1)).failed(at_least_seconds=10**6) == 300


def test_retry_after_is_obeyed(terminal: Terminal) -> None:
    terminal.keep(1)
    terminal.server.fail(TAPS, answers(429, headers={"retry-after": "60"}))
    terminal.run(55)
    assert terminal.sent == 1
    terminal.run(10)
    assert terminal.box.counts().acked == 1


def test_a_long_outage_drains_within_ten_minutes_of_its_end(terminal: Terminal) -> None:
    terminal.keep(1_000)
    dead = True

    def gate(request: httpx.Request) -> httpx.Response:
        if dead:
            raise httpx.ConnectError("down", request=request)
        return FakeServer.answer(terminal.server, request)

    terminal.server.answer = gate  # type: ignore[method-assign]
    terminal.start(SyncPace(idle=60))
    terminal.run(4 * 3600)
    assert (terminal.box.counts().pending, terminal.engine.state.reachable) == (1_000, False)
    dead = False
    terminal.run(600)
    assert terminal.box.counts().acked == 1_000


def test_a_broken_roster_address_never_holds_taps_back(terminal: Terminal) -> None:
    terminal.server.fail("/roster", *[answers(500)] * 50)
    terminal.keep(3)
    terminal.run(30)
    assert terminal.box.counts().acked == 3
