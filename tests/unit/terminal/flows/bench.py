"""A terminal without screen, disk or network: events in, view out; effects that keep are answered at once."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from domain.time import micros
from domain.wire.v1 import RosterV1
from terminal.flows.events import BadgeSeen, CheckCode, Chose, CodeChecked, Effect, Event, Keep, Kept, NotKept, Tick
from terminal.flows.machine import first_state, step
from terminal.flows.state import Settings, TerminalState
from terminal.flows.views import Button, ResultView
from terminal.outbox.drafts import Moment
from terminal.roster.agents import find_agent
from terminal.roster.book import RosterBook
from tests.factories.rosters import a_roster

AT_16_32 = micros(datetime(2026, 11, 24, 15, 32, tzinfo=UTC))  # 16:32 in Paris


@dataclass
class Bench:
    """Drives the flows; `disk_refuses` makes every keep fail, as a full disk would."""

    roster: RosterV1 = field(default_factory=a_roster)
    settings: Settings = field(default_factory=Settings)
    disk_refuses: bool = False
    moment: Moment = field(default_factory=lambda: Moment(AT_16_32, 1_000_000, "boot"))
    effects: list[Effect] = field(default_factory=list)
    kept: list[Any] = field(default_factory=list)
    state: TerminalState = field(init=False)

    def __post_init__(self) -> None:
        self.state = first_state(self.settings, RosterBook(self.roster), self.moment)

    def send(self, event: Event) -> None:
        """Step once, then answer what the surroundings would."""
        self.state, effects = step(self.state, event, self.moment)
        self.effects += effects
        for effect in effects:
            if isinstance(effect, Keep):
                self.send(self._keep(effect))
            elif isinstance(effect, CheckCode):
                self.send(CodeChecked(find_agent(self.roster.agents, effect.code)))

    def _keep(self, effect: Keep) -> Event:
        if self.disk_refuses:
            message = "La borne ne peut plus écrire dans sa mémoire."
            return NotKept("M-12", message, effect.purpose, effect.drafts)
        taps = tuple(
            draft.with_identity(f"{len(self.kept) + at:032x}", "e" * 32, len(self.kept) + at + 1)
            for at, draft in enumerate(effect.drafts)
        )
        self.kept += taps
        return Kept(taps, effect.purpose)

    def badge(self, uid: str) -> None:
        """Present a badge."""
        self.send(BadgeSeen(uid))

    def touch(self, action: str, value: str = "") -> None:
        """Touch a control."""
        self.send(Chose(action, value))

    def press(self, title: str) -> None:
        """Touch the button whose title begins so; it must be on the screen."""
        button = next(one for one in self.buttons if one.title.startswith(title))
        self.touch(button.action, button.value)

    def type_code(self, code: str) -> None:
        """Type a personal code on the keypad and hand it over."""
        for key in (*code, "valider"):
            self.touch("key", key)

    def wait(self, seconds: int) -> None:
        """Let time pass."""
        self.moment = replace(
            self.moment, wall=self.moment.wall + seconds * 1_000_000, mono_ms=self.moment.mono_ms + seconds * 1000
        )
        self.send(Tick())

    @property
    def buttons(self) -> tuple[Button, ...]:
        """The buttons on the screen."""
        return tuple(getattr(self.state.view, "buttons", ()))

    @property
    def result(self) -> ResultView:
        """The result on the screen."""
        assert isinstance(self.state.view, ResultView), self.state.view
        return self.state.view
