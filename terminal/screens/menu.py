"""A choice among large buttons, two a row."""

from __future__ import annotations

from textual.containers import Grid
from textual.widget import Widget
from textual.widgets import Static

from terminal.flows.views import MenuView
from terminal.screens.base import ViewScreen
from terminal.widgets.touch import TouchButton


class MenuScreen(ViewScreen):
    """Draws a MenuView."""

    def content(self) -> list[Widget]:
        """Return the title and the buttons."""
        view = self.view
        assert isinstance(view, MenuView)
        return [
            Static(view.title, classes="title"),
            Static(view.subtitle, classes="help"),
            Grid(*(TouchButton(button) for button in view.buttons), classes="menu"),
        ]
