"""Rows 1-2 (where and when), the training band, and row 30 (network, way out) of every screen."""

from __future__ import annotations

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from terminal.flows.views import Frame
from terminal.widgets.touch import TouchTarget

LOGO_TOP, LOGO_BOTTOM = "▇▇ ▇▇", " ▐█▌ "


class Header(Static):
    """Place and service at left, date and time at right."""

    def show(self, frame: Frame, width: int) -> None:
        """Draw the two rows over the whole width."""
        first = Text(" ")
        first.append(LOGO_TOP, style="#7CCFE0")
        first.append("  Marelle", style="bold #7CCFE0")
        gap = max(1, width - first.cell_len - len(frame.clock) - 1)
        first.append(" " * gap)
        first.append(frame.clock, style="bold")
        second = Text(" ")
        second.append(LOGO_BOTTOM, style="#F7C948")
        second.append(f"  {frame.place}")
        self.update(Text("\n").join([first, second]))


class FramedBody(Vertical):
    """The frame around a screen's own content."""

    def compose(self) -> ComposeResult:
        """Lay out header, training band, content and footer."""
        yield Header(id="header")
        yield Static("", id="training")
        yield Vertical(id="content")
        with Horizontal(id="footer"):
            yield Static("", id="network")
            yield TouchTarget("", "staff", classes="way-out")

    def show(self, frame: Frame) -> None:
        """Draw the frame for the present moment."""
        self.query_one(Header).show(frame, self.app.size.width)
        training = self.query_one("#training", Static)
        training.update(frame.training)
        training.display = bool(frame.training)
        network = self.query_one("#network", Static)
        network.update(frame.network)
        network.set_class(not frame.network_ok, "trouble")
        way_out = self.query_one(".way-out", TouchTarget)
        way_out.action_name, way_out.value = frame.way_out.action, frame.way_out.value
        way_out.update(frame.way_out.title)
