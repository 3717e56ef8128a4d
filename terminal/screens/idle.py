"""The waiting screen: what to do, in the largest letters, and two ways without a badge."""

from __future__ import annotations

from rich.text import Text
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Static

from terminal.flows.views import IdleView
from terminal.screens.base import ViewScreen
from terminal.widgets.big_letters import big_letters
from terminal.widgets.touch import TouchButton

_LOGO = (
    " ▄█████████▄ ",
    " ▀▀▀▀▀▀▀▀▀▀▀ ",
    " █████ █████ ",
    " ▀▀▀▀▀ ▀▀▀▀▀ ",
    "    █████    ",
    "    ▀▀▀▀▀    ",
    "    █████    ",
    "    ▀▀▀▀▀    ",
)
_PALET_ROW = 6


class IdleScreen(ViewScreen):
    """Draws an IdleView."""

    def content(self) -> list[Widget]:
        """Return headline, instructions beside the logo, a warning if any, and the buttons."""
        view = self.view
        assert isinstance(view, IdleView)
        logo = Text("\n").join(
            Text(row, style="#F7C948" if at >= _PALET_ROW else "#7CCFE0") for at, row in enumerate(_LOGO)
        )
        lines = Text("\n\n").join(
            Text(line, style="bold" if at == 0 else "#B4BDC9") for at, line in enumerate(view.lines)
        )
        widgets: list[Widget] = [
            Static("\n".join(big_letters(view.headline)), id="headline"),
            Horizontal(Static(logo, id="logo"), Static(lines, id="lines"), id="idle"),
        ]
        if view.warning:
            widgets.append(Static(f"▲  {view.warning}", id="warning"))
        widgets.append(Horizontal(*(TouchButton(button) for button in view.buttons), classes="buttons"))
        return widgets
