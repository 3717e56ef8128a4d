"""What sync knows and remembers: restored servers, rosters, clocks, enrolment (F9, F11)."""

from __future__ import annotations

import stat
from pathlib import Path

import httpx
import pytest

from domain.evidence import MICROS_PER_DAY
from terminal.outbox.outbox import purge
from terminal.outbox.sync_state import ask_enrolment, enrolment_request, load_sync_state
from terminal.roster.store import RosterStore
from terminal.sync.client import ServerClient
from terminal.sync.identity import IdentityStore
from tests.unit.terminal.builders import instant, outbox, roster
from tests.unit.terminal.fake_server import TOKEN, FakeServer, answers, raises
from tests.unit.terminal.sync_bench import TAPS, Terminal


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


def test_what_a_restored_server_lost_of_its_quarantine_is_offered_again(terminal: Terminal) -> None:
    taps = terminal.keep(3)
    terminal.server.malformed = {taps[1].tap_id}
    terminal.run(5)
    terminal.server.forget({taps[1].tap_id})
    terminal.run(120)
    assert set(terminal.server.apart) == {taps[1].tap_id}


def test_a_last_tap_in_quarantine_is_not_offered_at_each_look_and_its_epoch_can_be_emptied(
    terminal: Terminal,
) -> None:
    taps = terminal.keep(3)
    terminal.server.malformed = {taps[2].tap_id}
    terminal.run(5)
    before = terminal.sent
    terminal.run(600)
    assert terminal.sent == before
    terminal.box.close()
    assert purge(terminal.box.store, instant(8, 2) + 200 * MICROS_PER_DAY) == 3


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
    terminal.run(24 * 3600 + 3600)
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
