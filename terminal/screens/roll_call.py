"""The roll call: one row a child, the whole row is the target."""

from __future__ import annotations

from rich.text import Text
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Static

from terminal.flows.views import Button, RollCallView, RollRow
from terminal.screens.base import ViewScreen
from terminal.widgets.touch import TouchButton, TouchTarget


class RollCallScreen(ViewScreen):
    """Draws a RollCallView."""

    DEFAULT_CLASSES = "compact"  # seven rows need the room: the way out keeps row 30 alone

    def content(self) -> list[Widget]:
        """Return the counters, the rows and the validation."""
        view = self.view
        assert isinstance(view, RollCallView)
        top = Horizontal(
            Static(view.counters, id="counters"),
            TouchButton(Button("class", f"{view.class_label} ▼"), "small"),
            TouchButton(Button("find_child", "+ Non prévu"), "small"),
            id="roll-top",
        )
        rows: list[Widget] = [_row(row) for row in view.rows]
        if not rows:
            rows = [Static("Aucun enfant attendu ici. « + Non prévu » note une présence.", classes="help")]
        bottom = Horizontal(
            TouchButton(Button("page_up", "▲"), "page"),
            TouchButton(Button("page_down", "▼"), "page"),
            Static(view.message, id="roll-message"),
            TouchButton(view.validate, "validate"),
            id="roll-bottom",
        )
        return [top, Vertical(*rows, id="rows"), bottom]


def _row(row: RollRow) -> Widget:
    status = Text(f" {row.status}\n    {row.status_detail}")
    who = Text(f"{row.name}\n", style="bold")
    who.append(row.class_label, style="not bold")
    touch = "row" if row.child_ref else ""
    widgets = [
        TouchTarget(status, touch, row.child_ref, f"roll-status state-{row.state}"),
        TouchTarget(who, touch, row.child_ref, "roll-name"),
        TouchTarget(Text(row.notes, style="#FFB184"), touch, row.child_ref, "roll-notes"),
    ]
    if row.child_ref:
        widgets.append(TouchTarget("Autre ▸", "other", row.child_ref, "roll-other"))
    return Horizontal(*widgets, classes="roll-row")
