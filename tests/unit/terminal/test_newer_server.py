"""A newer server says more than this terminal knows: it passes over it, at every address and in every refusal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from terminal.outbox.sync_state import ask_enrolment, enrolment_request
from tests.unit.terminal.builders import instant, outbox
from tests.unit.terminal.fake_server import FakeServer, refusal
from tests.unit.terminal.sync_bench import TAPS, Terminal

NEWS = {"of_a_newer_server": {"anything": [1, 2.5, None]}}


class NewerServer(FakeServer):
    """The same server some releases later."""

    def answer(self, request: httpx.Request) -> httpx.Response:
        answer = super().answer(request)
        if not answer.content:
            return answer
        headers = {"etag": answer.headers["etag"]} if "etag" in answer.headers else {}
        return httpx.Response(answer.status_code, headers=headers, json=_newer(answer.json()))


def _newer(value: Any) -> Any:
    """Return a JSON value with one more key in each object; but `acked_through` is a map, whose keys are epochs."""
    if isinstance(value, list):
        return [_newer(each) for each in value]
    if isinstance(value, dict):
        return {key: each if key == "acked_through" else _newer(each) for key, each in value.items()} | NEWS
    return value


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """A blank terminal in front of a newer server."""
    found = Terminal(tmp_path, NewerServer(), outbox(tmp_path / "outbox"))
    found.start()
    return found


def test_terminal_enrols_learns_its_roster_and_sends_its_taps(terminal: Terminal) -> None:
    terminal.keep(3)
    ask_enrolment(terminal.box.store, terminal.server.code, instant(8, 2))
    terminal.run(400)
    state = terminal.engine.state
    assert (state.enrolled, state.reachable, state.roster_version, state.message) == (True, True, "r1", "")
    assert terminal.box.counts().acked == 3
    assert len(terminal.server.reports) >= 1


def test_terminal_understands_a_refusal_and_parks_the_one_tap_it_speaks_of(terminal: Terminal) -> None:
    taps = terminal.keep(3)
    terminal.server.unreadable.add(taps[1].tap_id)
    ask_enrolment(terminal.box.store, terminal.server.code, instant(8, 2))
    terminal.run(30)
    counts = terminal.box.counts()
    assert (counts.acked, counts.parked) == (2, 1)


def test_terminal_understands_that_it_must_be_enrolled_again(terminal: Terminal) -> None:
    ask_enrolment(terminal.box.store, terminal.server.code, instant(8, 2))
    terminal.run(3)
    terminal.keep()
    terminal.server.fail(TAPS, lambda _: refusal(401, "unknown_device"))
    terminal.run(3)
    request = enrolment_request(terminal.box.store)
    assert request is not None
    assert request.outcome == "accepted"
    assert terminal.engine.state.needs_enrolment is True
