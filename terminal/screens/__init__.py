"""Textual screens, one a file: each draws a view and tells what was touched."""

from __future__ import annotations

from terminal.flows.views import IdleView, KeypadView, MenuView, PickView, ResultView, RollCallView, View
from terminal.screens.base import ViewScreen
from terminal.screens.idle import IdleScreen
from terminal.screens.keypad import KeypadScreen
from terminal.screens.menu import MenuScreen
from terminal.screens.pick import PickScreen
from terminal.screens.result import ResultScreen
from terminal.screens.roll_call import RollCallScreen

_SCREENS: dict[type, type[ViewScreen]] = {
    IdleView: IdleScreen,
    ResultView: ResultScreen,
    KeypadView: KeypadScreen,
    MenuView: MenuScreen,
    PickView: PickScreen,
    RollCallView: RollCallScreen,
}


def screen_for(view: View) -> type[ViewScreen]:
    """Return the screen that draws a view."""
    return _SCREENS[type(view)]
