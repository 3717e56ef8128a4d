"""What was recorded, or was not: a band with the fact, names in large letters, facts, and what to do next."""

from __future__ import annotations

from rich.text import Text
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Static

from terminal.flows.views import ChildBlock, ResultView
from terminal.screens.base import ViewScreen
from terminal.widgets.big_letters import big_letters, can_draw
from terminal.widgets.touch import TouchButton

_LABEL_WIDTH = 24
_BAR_COLUMNS = 50


class ResultScreen(ViewScreen):
    """Draws a ResultView."""

    def content(self) -> list[Widget]:
        """Return band, children, facts, buttons and the closing bar."""
        view = self._result()
        band = Text(view.title, style="bold", justify="center")
        if view.subtitle:
            band.append(f"\n{view.subtitle}", style="not bold")
        widgets: list[Widget] = [Static(band, classes=f"band tone-{view.tone}")]
        if view.children:
            room = self.app.size.width // len(view.children) - 8
            blocks = (Static(_block(child, room), classes="child") for child in view.children)
            widgets.append(Horizontal(*blocks, id="children"))
        if view.facts:
            widgets.append(Vertical(*(self._fact(*fact) for fact in view.facts), id="facts"))
        if view.buttons:
            widgets.append(Horizontal(*(TouchButton(button) for button in view.buttons), classes="buttons"))
        widgets.append(Static("", id="closing"))
        return widgets

    def count_down(self) -> None:
        """Draw the sentence and the bar that empties."""
        view = self._result()
        closing = self.query_one("#closing", Static)
        if view.closes_after_seconds is None or self.seconds_left is None or not view.footer:
            closing.update("")
            return
        full = _BAR_COLUMNS * max(0, self.seconds_left) // view.closes_after_seconds
        text = Text(view.footer.format(seconds=self.seconds_left), justify="center")
        text.append("\n" + "█" * full, style="#7CCFE0")
        text.append("░" * (_BAR_COLUMNS - full), style="#7D8896")
        closing.update(text)

    def _result(self) -> ResultView:
        assert isinstance(self.view, ResultView)
        return self.view

    @staticmethod
    def _fact(label: str, text: str) -> Widget:
        return Horizontal(Static(label, classes="fact-label"), Static(text, classes="fact-text"), classes="fact")


def _block(child: ChildBlock, columns: int) -> Text:
    if can_draw(child.first_name, columns):
        text = Text("\n".join(big_letters(child.first_name)), style="bold")
    else:
        text = Text(f"\n\n{child.first_name}\n\n", style="bold reverse")
    text.append(f"\n\n{child.status}", style="bold #9CC8FF" if child.status.startswith("●") else "bold #BEC5D1")
    for at, line in enumerate(child.details):
        style = "#FFD979" if "pas réservée" in child.details[0] else "#B4BDC9"
        text.append(("\n\n" if at == 0 else "\n") + line, style=style)
    return text
