"""What each screen shows: frozen contents in final French; screens only draw them.

A button carries the name of an action and a value; touching it comes back as a `Chose` event.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Tone(StrEnum):
    """How a screen speaks; colour never goes without its word and its sign (look notes §1)."""

    SAVED = "saved"
    LEFT = "left"
    INFO = "info"
    WARNING = "warning"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Button:
    """A touch target: what it does, in verb and object, and a second line that says more."""

    action: str
    title: str
    detail: str = ""
    value: str = ""
    main: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """What every screen carries: rows 1-2, the training band, row 30."""

    place: str = ""
    clock: str = ""
    network: str = ""
    network_ok: bool = True
    way_out: Button = Button("staff", "Espace agents ▸")
    training: str = ""


@dataclass(frozen=True, slots=True)
class IdleView:
    """The screen that waits for a badge, or for an agent where the roll is called."""

    headline: str
    lines: tuple[str, ...]
    warning: str
    buttons: tuple[Button, ...]


@dataclass(frozen=True, slots=True)
class ChildBlock:
    """A child on a public result screen: first name in large letters, then status lines."""

    first_name: str
    status: str
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ResultView:
    """What was recorded, or not: the fact first, then what to do. None never closes alone."""

    tone: Tone
    title: str
    subtitle: str = ""
    children: tuple[ChildBlock, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    buttons: tuple[Button, ...] = ()
    footer: str = ""
    closes_after_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class KeypadView:
    """A code to type by touch; `hidden` shows dots."""

    title: str
    help: str
    keys: tuple[str, ...]
    typed: str = ""
    hidden: bool = True
    error: str = ""


@dataclass(frozen=True, slots=True)
class MenuView:
    """A choice among large buttons, two a row."""

    title: str
    subtitle: str
    buttons: tuple[Button, ...]


@dataclass(frozen=True, slots=True)
class PickRow:
    """One child of a list."""

    child_ref: str
    name: str
    class_label: str
    status: str


@dataclass(frozen=True, slots=True)
class PickView:
    """A list of children narrowed by letters typed on screen; or, with no list, a name to type."""

    title: str
    help: str
    typed: str
    rows: tuple[PickRow, ...]
    more: int
    accept: Button | None = None


class RowState(StrEnum):
    """Where a child stands in a roll call."""

    TO_CALL = "to_call"
    PROPOSED = "proposed"
    PRESENT = "present"
    LEFT = "left"
    UNEXPECTED = "unexpected"


@dataclass(frozen=True, slots=True)
class RollRow:
    """One child of the roll call; `child_ref` is empty for a typed name."""

    child_ref: str
    state: RowState
    status: str
    status_detail: str
    name: str
    class_label: str
    notes: str


@dataclass(frozen=True, slots=True)
class RollCallView:
    """The roll call of one class at one service."""

    counters: str
    class_label: str
    rows: tuple[RollRow, ...]
    validate: Button
    message: str = ""


View = IdleView | ResultView | KeypadView | MenuView | PickView | RollCallView
