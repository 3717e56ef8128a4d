"""The screens as people see them, network unplugged from start to end."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ingest_api.refusals import MESSAGES
from terminal.app import TerminalApp
from terminal.flows import staff
from terminal.flows.views import IdleView, MenuView, RollCallView
from terminal.outbox.store import store_path
from terminal.screens.idle import IdleScreen
from tests.factories.rosters import AGENT_CODE, LEA_UID
from tests.ui.terminal.conftest import PANEL, present, shown, until, until_ready, view_of

MakeApp = Callable[..., TerminalApp]


async def test_the_idle_screen_fits_the_panel_and_says_what_to_do(make_app: MakeApp) -> None:
    async with make_app().run_test(size=PANEL) as pilot:
        await until_ready(pilot)
        await until(pilot, lambda: "Les Tilleuls, garderie du soir" in shown(pilot), "the place")
        screen = shown(pilot)
        assert "Présentez votre badge devant le lecteur." in screen
        assert "Simuler un badge" in screen
        assert screen.count("\n") == PANEL[1] - 1


async def test_a_badge_turns_the_screen_green_only_with_the_tap_in_the_outbox(
    make_app: MakeApp, tmp_path: Path
) -> None:
    async with make_app().run_test(size=PANEL) as pilot:
        await until_ready(pilot)
        present(pilot, LEA_UID)
        await until(pilot, lambda: "ARRIVÉE ENREGISTRÉE" in shown(pilot), "the green screen")
        with sqlite3.connect(store_path(tmp_path / "outbox")) as db:
            assert db.execute("SELECT count(*) FROM tap").fetchone() == (1,)
        db.close()


async def test_touching_undo_takes_the_arrival_back(make_app: MakeApp) -> None:
    async with make_app().run_test(size=PANEL) as pilot:
        await until_ready(pilot)
        present(pilot, LEA_UID)
        await until(pilot, lambda: "Annuler pour Léa" in shown(pilot), "the undo button")
        await pilot.click(".button")
        await until(pilot, lambda: "ANNULÉ" in shown(pilot), "the undo's answer")
        assert "ARRIVÉE ENREGISTRÉE" not in shown(pilot)


async def test_the_footer_tells_staff_how_many_wait_without_network(make_app: MakeApp) -> None:
    async with make_app().run_test(size=PANEL) as pilot:
        await until_ready(pilot)
        present(pilot, LEA_UID)
        await until(pilot, lambda: "1 passage gardé" in shown(pilot).replace("\u00a0", " "), "the count")


async def test_an_agent_unlocks_the_menu_by_touch(make_app: MakeApp) -> None:
    async with make_app().run_test(size=PANEL) as pilot:
        await until_ready(pilot)
        await pilot.click(".way-out")
        await until(pilot, lambda: "Saisissez votre code" in shown(pilot), "the keypad")
        for digit in AGENT_CODE:
            await pilot.press(digit)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(view_of(pilot), MenuView), "the menu")
        assert "Espace agents – Amina B." in shown(pilot)


@pytest.mark.parametrize("refusal", ["code_refused", "unknown_device", "too_many_attempts"])
async def test_a_refused_installation_code_is_explained_to_the_last_word(make_app: MakeApp, refusal: str) -> None:
    app = make_app()
    async with app.run_test(size=PANEL) as pilot:
        await until_ready(pilot)
        app.state = staff.ask_enrolment(app.state, app.surroundings.timekeeper.moment(), MESSAGES[refusal])
        await until(pilot, lambda: "Relier cette borne" in shown(pilot), "the keypad")
        await until(pilot, lambda: MESSAGES[refusal] in " ".join(shown(pilot).split()), "the whole refusal")


async def test_no_button_of_the_agents_is_cut_under_the_band_of_a_training_base(make_app: MakeApp) -> None:
    app = make_app(is_training=True)
    async with app.run_test(size=PANEL) as pilot:
        await until_ready(pilot)
        moment = app.surroundings.timekeeper.moment()
        for screen, end in (
            (staff.menu(app.state, moment), "Retour à l’accueil"),
            (staff.pick_child(app.state, moment), "⌫"),
        ):
            app.state = screen
            await until(pilot, lambda end=end: end in shown(pilot), end)  # type: ignore[misc]
            assert "BASE D’ENTRAÎNEMENT" in shown(pilot)
            assert shown(pilot).count("╭") == shown(pilot).count("╰")


async def test_a_drawing_that_was_cut_begins_again(make_app: MakeApp) -> None:
    async with make_app("roll-call").run_test(size=PANEL) as pilot:
        await until_ready(pilot)
        await until(pilot, lambda: bool(pilot.app.screen.query(".button")), "the way in")
        screen = pilot.app.screen
        assert isinstance(screen, IdleScreen)
        assert isinstance(screen.view, IdleView)
        new = replace(screen.view, headline="Autre service")
        drawing = asyncio.create_task(screen.show(new, screen.seen_frame, None))
        await asyncio.sleep(0)
        drawing.cancel()
        await asyncio.gather(drawing, return_exceptions=True)
        await screen.show(new, screen.seen_frame, None)
        assert screen.query(".button")


async def test_a_roll_call_row_is_a_touch_target_over_its_whole_width(make_app: MakeApp) -> None:
    async with make_app("roll-call").run_test(size=PANEL) as pilot:
        await until_ready(pilot)
        await until(pilot, lambda: bool(pilot.app.screen.query(".button")), "the way in")
        await pilot.click(".button")
        for digit in AGENT_CODE:
            await pilot.press(digit)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(view_of(pilot), RollCallView), "the roll call")
        await until(pilot, lambda: "À pointer" in shown(pilot), "the rows")
        await pilot.click(".roll-name")
        await until(pilot, lambda: "1 sur place" in shown(pilot), "one child present")


async def test_a_disk_that_refuses_shows_red_and_never_green(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app()
    async with app.run_test(size=PANEL) as pilot:
        await until_ready(pilot)
        monkeypatch.setattr("terminal.outbox.journal.os.fsync", _refuse)
        present(pilot, LEA_UID)
        await until(pilot, lambda: "RIEN N’A ÉTÉ ENREGISTRÉ" in shown(pilot), "the red screen")
        assert "ARRIVÉE ENREGISTRÉE" not in shown(pilot)
        monkeypatch.undo()


async def test_two_screens_of_one_terminal_share_what_they_know(make_app: MakeApp) -> None:
    async with make_app().run_test(size=PANEL) as badges:
        await until_ready(badges)
        present(badges, LEA_UID)
        await until(badges, lambda: "ARRIVÉE ENREGISTRÉE" in shown(badges), "the green screen")
        async with make_app("roll-call").run_test(size=PANEL) as roll:
            await until_ready(roll)
            await until(roll, lambda: len(roll.app.state.book.taps) == 1, "the other screen's tap")  # type: ignore[attr-defined]


async def test_a_small_window_does_not_break_the_terminal(make_app: MakeApp) -> None:
    async with make_app().run_test(size=(80, 24)) as pilot:
        await until_ready(pilot)
        present(pilot, LEA_UID)
        await until(pilot, lambda: "ARRIVÉE ENREGISTRÉE" in shown(pilot), "the green screen")


def _refuse(_fd: int) -> None:
    raise OSError(5, "Input/output error")
