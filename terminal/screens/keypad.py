"""A code typed by touch."""

from __future__ import annotations

from textual.containers import Grid
from textual.widget import Widget
from textual.widgets import Static

from terminal.flows.views import KeypadView
from terminal.screens.base import ViewScreen
from terminal.widgets.touch import Touched, TouchTarget

_FEW = 12
_NAMES = {"effacer": "⌫ Effacer", "valider": "✓ Valider"}


class KeypadScreen(ViewScreen):
    """Draws a KeypadView; a real keyboard works too."""

    def content(self) -> list[Widget]:
        """Return title, what was typed, and the keys."""
        view = self.view
        assert isinstance(view, KeypadView)
        shown = "● " * len(view.typed) if view.hidden else " ".join(view.typed)
        keys = (
            TouchTarget(_NAMES.get(key, key), "key", key, f"key {'word' if key in _NAMES else ''}")
            for key in view.keys
        )
        return [
            Static(view.title, classes="title"),
            Static(view.help, classes="help"),
            Static(shown or "…", id="typed"),
            Static(f"▲  {view.error}" if view.error else "", id="error"),
            Grid(*keys, classes="keys few" if len(view.keys) == _FEW else "keys many"),
        ]

    def key_enter(self) -> None:
        """Enter hands the code over when no key has the focus."""
        self.post_message(Touched("key", "valider"))

    def key_backspace(self) -> None:
        """Backspace takes the last sign back."""
        self.post_message(Touched("key", "effacer"))

    def on_key(self, event: object) -> None:
        """Type a sign of the pad on a real keyboard."""
        sign = (getattr(event, "character", None) or "").upper()
        if isinstance(self.view, KeypadView) and sign in self.view.keys:
            self.post_message(Touched("key", sign))
