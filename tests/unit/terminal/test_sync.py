"""Sending, step by step, against a server that misbehaves (reliability notes §3.4; test plan F6, F8, F9, F11)."""

from __future__ import annotations

import random
import stat
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest

from domain.taps import TapKind
from domain.wire.v1 import BATCH_BYTES_MAX, TapV1
from terminal.clock import Instruments
from terminal.outbox import Moment, Outbox, TapDraft
from terminal.outbox.sync_state import ask_enrolment, enrolment_request, load_sync_state
from terminal.roster.store import RosterStore
from terminal.sync.backoff import Backoff
from terminal.sync.client import ServerClient
from terminal.sync.engine import SyncChance, SyncEngine, SyncPace, SyncPlace
from terminal.sync.identity import Identity, IdentityStore
from tests.unit.terminal.builders import BOOT, badge, instant, outbox, roster
from tests.unit.terminal.fake_server import TOKEN, FakeServer, Fault, answers, raises, refusal

TAPS = "/v1/taps:batch"


@dataclass
class Terminal:
    """One terminal's sync, its virtual time in seconds, and the server it talks to."""

    folder: Path
    server: FakeServer
    box: Outbox
    seconds: float = 0.0
    wall_error: int = 0

    def start(self, pace: SyncPace | None = None) -> SyncEngine:
        place = SyncPlace(
            outbox=lambda: nullcontext(self.box.store),
            roster=RosterStore(self.folder / "roster.json"),
            identity=IdentityStore(self.folder / "identity.json"),
            software_version="test",
        )
        clocks = Instruments(
            lambda: instant(8, 2) + int(self.seconds * 1_000_000) + self.wall_error,
            lambda: int(self.seconds * 1000),
            BOOT,
        )
        chance = SyncChance(clocks, random.Random(7))
        self.engine = SyncEngine(place, ServerClient(self.server.client()), chance, pace)
        return self.engine

    def steps(self, count: int) -> None:
        for _ in range(count):
            self.seconds += self.engine.step()

    def run(self, seconds: float) -> None:
        """Live for some virtual time."""
        end = self.seconds + seconds
        while self.seconds < end:
            self.seconds += max(self.engine.step(), 0.001)

    def keep(self, count: int = 1) -> list[TapV1]:
        return [kept.tap for kept in self.box.keep_all([badge()] * count)]

    @property
    def sent(self) -> int:
        return self.server.paths().count(TAPS)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    """An enrolled terminal that has not met the server yet."""
    IdentityStore(tmp_path / "identity.json").save(Identity("borne-1", TOKEN, "Borne du hall", "tilleuls"))
    box = outbox(tmp_path / "outbox")
    found = Terminal(tmp_path, FakeServer(), box)
    found.start()
    yield found
    box.close()


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
    assert request.content == b'{"protocol":1,"taps":[' + tap.model_dump_json(exclude_none=True).encode() + b"]}"


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


def test_what_a_restored_server_lost_is_offered_again_at_the_start(terminal: Terminal) -> None:
    taps = terminal.keep(10)
    terminal.run(5)
    terminal.server.forget({tap.tap_id for tap in taps[6:]})
    terminal.start()
    terminal.run(5)
    assert set(terminal.server.taps) == {tap.tap_id for tap in taps}


def test_what_a_restored_server_lost_is_offered_again_without_a_restart(terminal: Terminal) -> None:
    taps = terminal.keep(10)
    terminal.run(5)
    terminal.server.forget({tap.tap_id for tap in taps})  # the epoch itself is unknown to it now
    terminal.run(120)
    assert set(terminal.server.taps) == {tap.tap_id for tap in taps}


def test_what_a_restored_server_lost_is_offered_again_though_newer_taps_came_first(terminal: Terminal) -> None:
    taps = terminal.keep(10)
    terminal.run(5)
    terminal.server.forget({tap.tap_id for tap in taps[6:]})
    taps += terminal.keep(1)  # sent before the state is asked for: the end of the epoch is not missing any more
    terminal.run(3)
    assert taps[10].tap_id in terminal.server.taps
    terminal.run(120)
    assert set(terminal.server.taps) == {tap.tap_id for tap in taps}


def test_a_hole_the_server_waits_for_is_not_taken_for_a_loss(terminal: Terminal) -> None:
    taps = terminal.keep(10)
    terminal.server.unreadable = {taps[3].tap_id}
    terminal.run(30)
    before = terminal.sent
    terminal.run(600)
    assert terminal.sent == before


def test_a_wall_clock_years_ahead_empties_nothing_early(terminal: Terminal) -> None:
    terminal.keep(3)
    terminal.run(5)
    terminal.box.close()  # the epoch is over: it could be emptied
    terminal.wall_error = 10 * 365 * 24 * 3_600_000_000
    terminal.start()
    terminal.run(5)
    assert terminal.box.counts().acked == 3
    terminal.server.now += 91 * 24 * 3_600_000_000
    terminal.run(2 * 24 * 3600)
    assert terminal.box.counts().held == 0


def test_an_answer_without_a_word_on_any_tap_does_not_spin(terminal: Terminal) -> None:
    terminal.keep(1)
    empty = {"protocol": 1, "answers": [], "acked_through": {}, "server_time": instant(8, 2)}
    terminal.server.fail(TAPS, *[answers(200, json=empty)] * 100)
    terminal.run(20)
    assert terminal.box.counts().pending == 1
    assert terminal.sent < 15


def test_answers_for_another_batch_acknowledge_nothing(terminal: Terminal) -> None:
    terminal.keep(1)
    alien = {"index": 0, "tap_id": "f" * 32, "status": "stored"}
    body = {"protocol": 1, "answers": [alien], "acked_through": {}, "server_time": instant(8, 2)}
    terminal.server.fail(TAPS, answers(200, json=body))
    terminal.steps(3)
    assert terminal.box.counts().pending == 1


def test_taps_the_server_did_not_answer_for_stay_pending(terminal: Terminal) -> None:
    first, _ = terminal.keep(2)
    one = {"index": 0, "tap_id": first.tap_id, "status": "quarantined"}
    body = {"protocol": 1, "answers": [one], "acked_through": {}, "server_time": instant(8, 2)}
    terminal.server.fail(TAPS, answers(200, json=body))
    terminal.steps(3)
    assert (terminal.box.counts().acked, terminal.box.counts().pending) == (1, 1)


def test_the_roster_is_downloaded_once_and_asked_for_by_etag(terminal: Terminal) -> None:
    terminal.run(1000)
    asked = [one for one in terminal.server.requests if one.url.path.endswith("/roster")]
    assert len(asked) == 4
    assert "if-none-match" not in asked[0].headers
    assert {one.headers["if-none-match"] for one in asked[1:]} == {'"r1"'}
    assert load_sync_state(terminal.box.store).roster_version == "r1"


def test_a_changed_roster_replaces_the_stored_one(terminal: Terminal) -> None:
    terminal.run(3)
    terminal.server.roster, terminal.server.etag = roster(version="r2", structure_label="Les Érables"), '"r2"'
    terminal.run(310)
    stored = RosterStore(terminal.folder / "roster.json").load()
    assert stored is not None
    assert stored.roster.structure_label == "Les Érables"


def test_the_stored_roster_survives_a_start_without_network(terminal: Terminal) -> None:
    terminal.run(3)
    terminal.server.fail("", *[raises(httpx.ConnectError)] * 20)
    terminal.start()
    terminal.steps(4)
    assert RosterStore(terminal.folder / "roster.json").load() is not None
    assert terminal.engine.state.roster_version == "r1"


def test_the_servers_clock_is_remembered_with_each_answer(terminal: Terminal) -> None:
    terminal.wall_error = -3_600_000_000
    terminal.server.now = instant(8, 2)
    terminal.steps(1)
    anchor = load_sync_state(terminal.box.store).anchor
    assert anchor is not None
    assert anchor.server_time - anchor.wall == 3_600_000_000


def test_a_code_typed_on_the_screen_enrols(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, FakeServer(), outbox(tmp_path / "outbox"))
    terminal.start()
    terminal.keep(1)
    terminal.steps(2)
    assert terminal.server.requests == []
    ask_enrolment(terminal.box.store, "ABCD-1234", instant(8))
    terminal.run(5)
    identity = tmp_path / "identity.json"
    assert stat.S_IMODE(identity.stat().st_mode) == 0o600
    assert TOKEN not in repr(IdentityStore(identity).load())
    request = enrolment_request(terminal.box.store)
    assert request is not None
    assert (request.outcome, request.code) == ("accepted", "")
    assert load_sync_state(terminal.box.store).device_label == "Borne du hall"
    assert terminal.box.counts().acked == 1
    terminal.box.close()


def test_a_wrong_code_is_told_in_the_servers_words(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, FakeServer(), outbox(tmp_path / "outbox"))
    terminal.start()
    ask_enrolment(terminal.box.store, "WRONG", instant(8))
    terminal.steps(2)
    request = enrolment_request(terminal.box.store)
    assert request is not None
    assert (request.outcome, request.message) == ("refused", "Refus : code_refused.")
    assert terminal.server.paths() == ["/v1/devices/enrol"]
    terminal.box.close()


def test_a_code_spent_on_a_full_disk_is_not_spent_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal(tmp_path, FakeServer(), outbox(tmp_path / "outbox"))
    terminal.start()
    ask_enrolment(terminal.box.store, "ABCD-1234", instant(8))
    with monkeypatch.context() as full:

        def refuse(*_: object) -> None:
            raise OSError(28, "No space left on device")

        full.setattr(IdentityStore, "save", refuse)
        terminal.steps(1)
    terminal.run(10)
    assert terminal.server.paths().count("/v1/devices/enrol") == 1
    assert IdentityStore(tmp_path / "identity.json").load() is not None
    terminal.box.close()


def test_a_server_that_drips_its_answer_is_given_up(terminal: Terminal) -> None:
    clock = iter(range(0, 10_000, 7))

    def drip(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=(b" " for _ in range(1_000)))

    http = httpx.Client(transport=httpx.MockTransport(drip), base_url="http://server")
    client = ServerClient(http, monotonic=lambda: float(next(clock)))
    with pytest.raises(Exception, match="réponse trop longue"):
        client.state(TOKEN)
    assert next(clock) < 100
