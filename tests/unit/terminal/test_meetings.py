"""When each boot met the server: kept across restarts, sent with the taps of those boots, and never waited for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from domain.wire.v1 import CLOCKS_MAX, ClockV1
from terminal.outbox.drafts import StoredTap
from terminal.outbox.sync_state import ClockAnchor
from terminal.sync.meetings import Meetings
from tests.factories.wire import make_tap
from tests.unit.terminal.builders import BOOT, instant
from tests.unit.terminal.fake_server import answers, refusal
from tests.unit.terminal.sync_bench import TAPS, Terminal

STATE = "/v1/devices/me/state"


def met(boot_id: str, mono_ms: int = 5_000) -> ClockAnchor:
    return ClockAnchor(instant(8, 2), 0, mono_ms, boot_id)


def clock(boot_id: str, mono_ms: int = 5_000) -> ClockV1:
    return ClockV1(boot_id=boot_id, mono_ms=mono_ms, server_time=instant(8, 2))


def taps_of(*boots: str) -> list[StoredTap]:
    return [StoredTap.of(make_tap(number, boot_id=boot)) for number, boot in enumerate(boots, start=1)]


def test_only_the_boots_of_the_taps_are_told() -> None:
    meetings = Meetings()
    for boot in ("a", "b", "c"):
        meetings.learn(met(boot))
    assert meetings.of(taps_of("c", "a", "unmet", "a")) == [clock("a"), clock("c")]


def test_first_meeting_of_a_boot_outlives_the_process(tmp_path: Path) -> None:
    meetings = Meetings(tmp_path / "meetings.json")
    meetings.learn(met("a"))
    meetings.learn(met("a", 65_000))
    assert meetings.of(taps_of("a")) == [clock("a", 65_000)]
    assert Meetings(tmp_path / "meetings.json").of(taps_of("a")) == [clock("a")]


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b"null", b"\xff\x00", b'[{"boot_id": 5}]'])
def test_damaged_file_only_forgets(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "meetings.json"
    path.write_bytes(content)
    meetings = Meetings(path)
    assert not meetings.has("a")
    meetings.learn(met("a"))
    assert Meetings(path).has("a")


def test_disk_that_refuses_forgets_at_the_end_of_the_process(tmp_path: Path) -> None:
    meetings = Meetings(tmp_path / "no-such-folder" / "meetings.json")
    meetings.learn(met("a"))
    assert meetings.of(taps_of("a")) == [clock("a")]


def test_oldest_boots_are_forgotten_first_and_a_batch_tells_of_the_latest(tmp_path: Path) -> None:
    meetings = Meetings(tmp_path / "meetings.json")
    boots = [f"boot-{number}" for number in range(501)]
    for boot in boots:
        meetings.learn(met(boot))
    assert [meetings.has(boot) for boot in (boots[0], boots[1], boots[-1])] == [False, True, True]
    assert [one.boot_id for one in meetings.of(taps_of(*boots))] == boots[-CLOCKS_MAX:]


def test_taps_travel_with_the_meeting_of_their_boot(terminal: Terminal) -> None:
    terminal.keep()
    terminal.run(3)
    [request] = [one for one in terminal.server.requests if one.url.path == TAPS]
    [told] = json.loads(request.content)["clocks"]
    assert (told["boot_id"], told["server_time"]) == (BOOT, terminal.server.now)


def test_time_is_asked_before_the_first_taps_when_no_other_answer_told_it(terminal: Terminal) -> None:
    terminal.keep(3)
    terminal.server.fail(STATE, *[answers(500)] * 20)
    terminal.run(3)
    sent = [json.loads(one.content) for one in terminal.server.requests if one.url.path == TAPS]
    assert [len(batch["taps"]) for batch in sent] == [0, 3]
    assert [one["boot_id"] for one in sent[1]["clocks"]] == [BOOT]
    assert terminal.box.counts().acked == 3


def test_server_that_refuses_to_tell_the_time_gets_the_taps_all_the_same(terminal: Terminal) -> None:
    terminal.keep(3)
    terminal.server.fail(STATE, *[answers(500)] * 20)
    terminal.server.fail(TAPS, lambda _: refusal(400, "unreadable_batch"))
    terminal.run(3)
    assert terminal.box.counts().acked == 3


@pytest.mark.parametrize("told", [-1, 2**60])
def test_server_without_a_sane_clock_gets_the_taps_all_the_same(terminal: Terminal, told: int) -> None:
    terminal.server.now = told
    terminal.keep(3)
    terminal.run(3)
    assert terminal.box.counts().acked == 3
