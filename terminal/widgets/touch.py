"""A touch target: a whole rectangle that answers a finger, a mouse click or Enter."""

from __future__ import annotations

from rich.text import Text
from textual.events import Click
from textual.message import Message
from textual.widgets import Static

from terminal.flows.views import Button


class Touched(Message):
    """A control was touched; the application hands it to the flows."""

    def __init__(self, action: str, value: str) -> None:
        self.action = action
        self.value = value
        super().__init__()


class TouchTarget(Static, can_focus=True):
    """Anything that answers to a touch."""

    BINDINGS = [("enter,space", "touch", "Toucher")]  # noqa: RUF012 - Textual reads the class attribute

    def __init__(self, content: Text | str, action: str, value: str = "", classes: str = "") -> None:
        super().__init__(content, classes=classes)
        self.action_name = action
        self.value = value

    def on_click(self, event: Click) -> None:
        """A finger or a mouse."""
        event.stop()
        self.action_touch()

    def action_touch(self) -> None:
        """Tell the application."""
        if self.action_name:
            self.post_message(Touched(self.action_name, self.value))


class TouchButton(TouchTarget):
    """A button of two lines: verb and object, then what it means."""

    def __init__(self, button: Button, classes: str = "") -> None:
        text = Text(button.title, style="bold", justify="center")
        if button.detail:
            text.append(f"\n{button.detail}", style="not bold")
        super().__init__(text, button.action, button.value, f"button {'main' if button.main else ''} {classes}")
