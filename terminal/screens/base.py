"""What all screens share: the frame, and drawing a view again only when it changed."""

from __future__ import annotations

import asyncio
from abc import abstractmethod

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import Screen
from textual.widget import Widget

from terminal.flows.views import Frame, View
from terminal.widgets.frame import FramedBody


class ViewScreen(Screen[None]):
    """A screen that draws one kind of view inside the frame."""

    AUTO_FOCUS = ""  # a touch panel: nothing is selected before someone moves with a keyboard

    def __init__(self, view: View, frame: Frame, seconds_left: int | None) -> None:
        super().__init__()
        self.view = view
        self.seen_frame = frame
        self.seconds_left = seconds_left
        self._drawn: View | None = None  # what is on the screen, None while it is being drawn
        self._drawing = asyncio.Lock()

    def compose(self) -> ComposeResult:
        """Lay out the frame; content is drawn on mount."""
        yield FramedBody()

    async def on_mount(self) -> None:
        """Draw everything a first time."""
        self.query_one(FramedBody).show(self.seen_frame)
        await self._draw()

    async def show(self, view: View, frame: Frame, seconds_left: int | None) -> None:
        """Draw what changed since the last time."""
        if not self.is_mounted:
            self.view, self.seen_frame, self.seconds_left = view, frame, seconds_left
            return
        if frame != self.seen_frame:
            self.seen_frame = frame
            self.query_one(FramedBody).show(frame)
        self.view = view
        counted, self.seconds_left = seconds_left != self.seconds_left, seconds_left
        if view != self._drawn:
            await self._draw()
        elif counted:
            self.count_down()

    async def _draw(self) -> None:
        """Draw the view; a drawing that a newer one cut is never taken for done, or the screen would stay empty."""
        content = self.query_one("#content", Vertical)
        async with self._drawing, self.batch():
            self._drawn = None
            await content.remove_children()
            view = self.view
            await content.mount_all(self.content())
            self._drawn = view
        self.count_down()

    @abstractmethod
    def content(self) -> list[Widget]:
        """Return the widgets of the present view."""

    def count_down(self) -> None:
        """Draw how long the screen stays; screens that close by themselves override this."""
