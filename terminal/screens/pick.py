"""Letters to type a name, and the children it may be."""

from __future__ import annotations

from rich.text import Text
from textual.containers import Grid, Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Static

from domain.french import plural
from terminal.flows.staff import LETTERS
from terminal.flows.views import PickRow, PickView
from terminal.screens.base import ViewScreen
from terminal.widgets.touch import TouchButton, Touched, TouchTarget

_WORDS = {"espace": "␣", "effacer": "⌫"}


class PickScreen(ViewScreen):
    """Draws a PickView; a real keyboard works too."""

    DEFAULT_CLASSES = "compact"

    def content(self) -> list[Widget]:
        """Return what was typed, the matching children and the letters."""
        view = self.view
        assert isinstance(view, PickView)
        typed = Text(view.typed or "…", style="bold")
        rows: list[Widget] = [TouchTarget(_row(row), "pick", row.child_ref, "pick-row") for row in view.rows]
        if view.more:
            rows.append(Static(f"▼ {plural(view.more, 'autre enfant', 'autres enfants')} : tapez plus de lettres"))
        letters = (TouchTarget(_WORDS.get(key, key), "letter", key, "letter") for key in LETTERS)
        side = [TouchButton(view.accept)] if view.accept else []
        return [
            Static(view.title, classes="title"),
            Static(view.help, classes="help"),
            Horizontal(Static(typed, id="typed"), *side, id="typed-row"),
            Vertical(*rows, id="found"),
            Grid(*letters, classes="letters"),
        ]

    def on_key(self, event: object) -> None:
        """Type on a real keyboard."""
        name = getattr(event, "key", "")
        sign = (getattr(event, "character", None) or "").upper()
        if name == "backspace":
            self.post_message(Touched("letter", "effacer"))
        elif name == "space":
            self.post_message(Touched("letter", "espace"))
        elif sign in LETTERS and len(sign) == 1:
            self.post_message(Touched("letter", sign))


def _row(row: PickRow) -> Text:
    text = Text(f" {row.status:<14} ", style="#9CC8FF" if row.status.startswith("●") else "#B4BDC9")
    text.append(f"{row.name:<48}", style="bold")
    text.append(row.class_label)
    return text
