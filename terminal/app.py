"""The touch application: draws what the flows decide, hands them what happens, runs their effects."""

from __future__ import annotations

import math
from typing import ClassVar

from textual import work
from textual.app import App
from textual.binding import Binding, BindingType
from textual.events import Key
from textual.message import Message
from textual.theme import Theme

from device_drivers import parse_address
from terminal.config import NO_READER, ROLL_CALL, TerminalConfig
from terminal.flows.events import Chose, Event, Sound, Tick
from terminal.flows.machine import first_state, step
from terminal.flows.state import Settings, frame
from terminal.flows.views import IdleView, ResultView
from terminal.hangup import end_when_torn_away
from terminal.screens import screen_for
from terminal.screens.base import ViewScreen
from terminal.surroundings import Surroundings
from terminal.widgets.touch import Touched

THEME = Theme(
    name="marelle",
    dark=True,
    primary="#7CCFE0",
    secondary="#F7C948",
    accent="#F7C948",
    foreground="#F3EFE8",
    background="#14181F",
    surface="#1D232C",
    panel="#272F3A",
    success="#8FE0B3",
    warning="#FFD979",
    error="#B00E1E",
)


class Happened(Message):
    """An event from the surroundings."""

    def __init__(self, event: Event) -> None:
        self.event = event
        super().__init__()


class TerminalApp(App[int]):
    """One screen process of a terminal."""

    CSS_PATH = "terminal.tcss"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+q", "leave", "Quitter", priority=True)]

    def __init__(self, config: TerminalConfig) -> None:
        super().__init__()
        self.surroundings = Surroundings(config, self._report)
        settings = Settings(config.mode == ROLL_CALL, config.service, config.pre_tick)
        self.state = first_state(settings, None, self.surroundings.timekeeper.moment())

    def on_mount(self) -> None:
        """Paint first; the disk and the reader are opened behind."""
        self.register_theme(THEME)
        self.theme = "marelle"
        self.set_interval(1, lambda: self.post_message(Happened(Tick())))
        self.call_after_refresh(self.surroundings.start)
        if not self.is_headless:
            end_when_torn_away(self.surroundings.stop)
        self._paint()

    def on_unmount(self) -> None:
        """Let what was asked to be kept be kept."""
        self.surroundings.stop()

    def action_leave(self) -> None:
        """End the screen process; nothing kept is lost."""
        self.exit(0)

    def on_happened(self, message: Happened) -> None:
        """Step the flows."""
        self._step(message.event)

    def on_touched(self, message: Touched) -> None:
        """Step the flows with a touch."""
        self._step(Chose(message.action, message.value))

    def on_key(self, event: Key) -> None:
        """A reader that types: its keys matter on the screens that wait for a badge."""
        if isinstance(self.state.view, IdleView | ResultView):
            self.surroundings.key_pressed("enter" if event.key == "enter" else event.character or "")

    def _report(self, event: Event) -> None:
        self.post_message(Happened(event))

    def _step(self, event: Event) -> None:
        self.state, effects = step(self.state, event, self.surroundings.timekeeper.moment())
        for effect in effects:
            if isinstance(effect, Sound):
                self.sound(effect.saved)
            else:
                self.surroundings.do(effect)
        self._paint()

    def sound(self, saved: bool) -> None:
        """The sound hook: one bell for saved, two for not saved."""
        for _ in range(1 if saved else 2):
            self.bell()

    @work(exclusive=True, group="paint")
    async def _paint(self) -> None:
        if not self.screen_stack:  # a last event arrived while the application was closing
            return
        moment = self.surroundings.timekeeper.moment()
        view, around = self.state.view, frame(self.state, moment)
        left = None
        if self.state.closes_at_ms is not None:
            left = max(0, math.ceil((self.state.closes_at_ms - moment.mono_ms) / 1000))
        wanted = screen_for(view)
        if isinstance(self.screen, wanted):
            await self.screen.show(view, around, left)
        else:
            await self._switch(wanted(view, around, left))

    async def _switch(self, screen: ViewScreen) -> None:
        if len(self.screen_stack) > 1:
            await self.switch_screen(screen)
        else:
            await self.push_screen(screen)


def run_terminal(config: TerminalConfig) -> int:
    """Run a screen process until it is closed; raises ReaderAddressError for a reader it cannot understand."""
    if config.reader != NO_READER:
        parse_address(config.reader)
    return TerminalApp(config).run() or 0
