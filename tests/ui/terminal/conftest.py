"""The real application at 100×30, on a real outbox, with a simulated reader and no network."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot, WaitForScreenTimeout

from device_drivers.simulated import SimulatedReader
from domain.time import local_day, system_clock
from terminal.app import TerminalApp
from terminal.config import TerminalConfig, TerminalFiles
from terminal.flows.views import View
from terminal.roster.store import RosterStore
from tests.factories.rosters import a_roster

PANEL = (100, 30)
ANSWER_S = 2.0  # longer than a screen needs, shorter than a person waits
NO_SERVER = "http://127.0.0.1:9"  # the discard port: nothing answers, as with the cable out


@pytest.fixture(autouse=True)
def waits_that_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """End the pilot's wait for a widget that was taken away meanwhile; the test's `until` decides.

    Textual asks each widget of the screen for an answer. One that a change of view removes before
    it answers never does, and the pilot would fail after half a minute.
    """
    wait = Pilot._wait_for_screen

    async def wait_a_little(pilot: Pilot[int], timeout: float = ANSWER_S) -> bool:
        try:
            return await wait(pilot, timeout=timeout)
        except WaitForScreenTimeout:
            return False

    monkeypatch.setattr(Pilot, "_wait_for_screen", wait_a_little)


@pytest.fixture
def make_app(tmp_path: Path) -> Callable[..., TerminalApp]:
    """Make applications that share one terminal folder with today's roster."""

    def make(mode: str = "badge", is_training: bool = False) -> TerminalApp:
        today = a_roster(local_day(system_clock(), "Europe/Paris"), is_training=is_training)
        RosterStore(TerminalFiles(tmp_path).roster).save(today, "etag")
        return TerminalApp(TerminalConfig(home=tmp_path, mode=mode, api=NO_SERVER))

    return make


async def until(pilot: Pilot[int], condition: Callable[[], bool], what: str) -> None:
    """Wait for a condition, then for the screen to be painted."""
    for _ in range(400):
        if condition():
            await pilot.pause()
            return
        await pilot.pause(0.02)
    raise AssertionError(f"the terminal never got to: {what}\n{shown(pilot)}")


async def until_ready(pilot: Pilot[int]) -> None:
    """Wait for the roster and the reader."""
    app = app_of(pilot)
    await until(pilot, lambda: app.state.roster is not None and app.state.reader_simulated, "ready")


def app_of(pilot: Pilot[int]) -> TerminalApp:
    """Return the application under test."""
    assert isinstance(pilot.app, TerminalApp)
    return pilot.app


def view_of(pilot: Pilot[int]) -> View:
    """Return what the flows decided to show."""
    return app_of(pilot).state.view


def shown(pilot: Pilot[int]) -> str:
    """Return the text of the screen as painted."""
    screen = pilot.app.screen
    lines = screen._compositor.render_strips()
    return "\n".join(strip.text.rstrip() for strip in lines)


def present(pilot: Pilot[int], uid: str) -> None:
    """Present a badge to the simulated reader."""
    reader = app_of(pilot).surroundings._reader
    assert isinstance(reader, SimulatedReader)
    reader.present(uid)
