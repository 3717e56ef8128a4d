"""The pure state machine of the terminal: `step(state, event, moment)` gives the next state and the effects.

Every green screen comes from a `Kept` event, never from a wish: the order « keep, then show » is in one place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from domain.taps import Direction
from domain.wire.v1 import TapV1
from terminal.flows import badge, roll_call, staff
from terminal.flows.day_book import DayBook
from terminal.flows.events import (
    BadgeSeen,
    Chose,
    CodeChecked,
    Event,
    Kept,
    NotKept,
    OfferParked,
    OutboxSeen,
    PresentBadge,
    Purpose,
    ReaderSeen,
    RosterSeen,
)
from terminal.flows.state import Settings, Step, TerminalState, go_home, idle_view
from terminal.flows.views import IdleView, KeypadView, RollCallView
from terminal.outbox.drafts import Moment
from terminal.roster.book import RosterBook

# Self-service may touch these; everything else asks for an agent's code first.
_NEEDS_AGENT = frozenset(
    {"roll_call", "find_child", "type_name", "no_badge", "staff", "menu", "terminal_state", "keep_name", "pick"}
)


def first_state(settings: Settings, roster: RosterBook | None, moment: Moment) -> TerminalState:
    """Return the state at start."""
    state = TerminalState(settings, roster)
    return go_home(state, moment)


def step(state: TerminalState, event: Event, moment: Moment) -> Step:
    """Return what an event changes and asks for."""
    match event:
        case BadgeSeen(uid):
            return badge.badge_seen(state, uid, moment)
        case Kept():
            return _kept(state, event, moment)
        case NotKept():
            return badge.not_kept(state, event, moment)
        case Chose(action, value):
            return _chose(state, action, value, moment)
        case CodeChecked(agent_ref):
            return _code_checked(state, agent_ref, moment)
        case OutboxSeen():
            return _outbox_seen(state, event, moment), ()
        case RosterSeen(roster):
            return _refreshed(replace(state, roster=roster), moment), ()
        case ReaderSeen(ready, detail, simulated):
            seen = replace(state, reader_ready=ready, reader_detail=detail, reader_simulated=simulated)
            return _refreshed(seen, moment), ()
        case _:
            return _tick(state, moment), ()


def _tick(state: TerminalState, moment: Moment) -> TerminalState:
    if state.closes_at_ms is not None and moment.mono_ms >= state.closes_at_ms:
        return go_home(state, moment)
    return _refreshed(state, moment)


def _refreshed(state: TerminalState, moment: Moment) -> TerminalState:
    """Redraw a waiting screen whose surroundings changed; other screens belong to whoever reads them."""
    if isinstance(state.view, IdleView):
        return replace(state, view=idle_view(state, moment))
    return state


def _outbox_seen(state: TerminalState, seen: OutboxSeen, moment: Moment) -> TerminalState:
    known = replace(
        state,
        sync=seen.sync,
        counts=seen.counts,
        recovery=seen.recovery,
        room=seen.room,
        enrolment_error=seen.enrolment_error,
        book=_book(state, seen.taps, moment),
    )
    if isinstance(known.view, KeypadView) and known.errand.after_code == "enrol":
        if seen.sync.enrolled and not seen.sync.needs_enrolment and known.roster is not None:
            return go_home(known, moment)
        if seen.enrolment_error and seen.enrolment_error != state.enrolment_error:
            return staff.ask_enrolment(known, moment, seen.enrolment_error)
    if isinstance(known.view, RollCallView) and seen.taps:
        return roll_call.roll_call(known, moment, known.view.message)
    return _refreshed(known, moment)


def _book(state: TerminalState, taps: tuple[TapV1, ...], moment: Moment) -> DayBook:
    since = state.roster.start_of_day(moment.now) if state.roster else 0
    return state.book.with_taps(taps, since)


def _kept(state: TerminalState, event: Kept, moment: Moment) -> Step:
    state = replace(state, book=_book(state, event.taps, moment), broken="")
    tap = event.taps[0]
    match event.purpose:
        case Purpose.BADGE:
            return badge.badge_kept(state, tap, moment)
        case Purpose.UNDO:
            return badge.undo_kept(state, moment)
        case Purpose.ROLL:
            return roll_call.roll_kept(state, event.taps, moment)
        case Purpose.CHILD | Purpose.NAME:
            if state.errand.after_code == "roll_call":
                return roll_call.roll_kept(state, event.taps, moment)
            return staff.statement_kept(state, tap, moment)


def _code_checked(state: TerminalState, agent_ref: str | None, moment: Moment) -> Step:
    refused = staff.code_checked(state, agent_ref, moment)
    if refused is not None:
        return refused, ()
    return _errand(replace(state, agent_ref=agent_ref), state.errand.after_code, moment)


def _chose(state: TerminalState, action: str, value: str, moment: Moment) -> Step:
    if action in _NEEDS_AGENT and state.agent_ref is None:
        if state.roster is None:
            return staff.ask_enrolment(state, moment), ()
        return staff.ask_code(state, _after_code(action), moment), ()
    found = _ACTIONS.get(action)
    return found(state, value, moment) if found is not None else _errand(state, action, moment)


def _after_code(action: str) -> str:
    return {"staff": "menu", "no_badge": "find_child"}.get(action, action)


def _errand(state: TerminalState, errand: str, moment: Moment) -> Step:
    """Go where an agent wanted to go."""
    match errand:
        case "roll_call":
            return roll_call.roll_call(_on(state, "roll_call"), moment), ()
        case "find_child" | "no_badge":
            return staff.pick_child(state, moment), ()
        case "type_name":
            return staff.type_name(state, moment), ()
        case "terminal_state":
            return staff.terminal_state(state, moment), ()
        case _:
            return staff.menu(_on(state, "menu"), moment), ()


def _on(state: TerminalState, errand: str) -> TerminalState:
    return replace(state, errand=replace(state.errand, after_code=errand))


def _simulate(state: TerminalState, _value: str, moment: Moment) -> Step:
    """Present a badge of a child expected now and not here yet; any badge when all are."""
    place, service = state.roster, state.service_now(moment)
    if place is None:
        return state, ()
    expected = place.expected(service.service_ref, place.day(moment.now)) if service else []
    waiting = [child for child in expected if child.badges and not state.book.presence(child, service).stays]
    chosen = (waiting or [child for child in place.roster.children if child.badges])[:1]
    return state, tuple(PresentBadge(child.badges[0]) for child in chosen)


_Action = Callable[[TerminalState, str, Moment], Step]
_ACTIONS: dict[str, _Action] = {
    "home": lambda state, _value, moment: staff.leave(state, moment),
    "enrol": lambda state, _value, moment: (staff.ask_enrolment(state, moment), ()),
    "undo": badge.undo_asked,
    "call_agent": lambda state, _value, moment: badge.agent_called(state, moment),
    "simulate": _simulate,
    "offer_parked": lambda state, _value, moment: (staff.terminal_state(state, moment), (OfferParked(),)),
    "key": staff.key_pressed,
    "letter": staff.letter_pressed,
    "pick": staff.child_chosen,
    "keep_name": lambda state, _value, moment: staff.name_given(state, moment),
    "row": roll_call.row_touched,
    "other": roll_call.other_asked,
    "roll_leave": lambda state, value, moment: roll_call.stated(state, value, Direction.DEPARTURE, moment),
    "roll_here": lambda state, value, moment: roll_call.stated(state, value, Direction.ARRIVAL, moment),
    "roll_undo": roll_call.taken_back,
    "validate": lambda state, _value, moment: roll_call.validated(state, moment),
    "class": lambda state, _value, moment: roll_call.next_class(state, moment),
    "page_down": lambda state, _value, moment: roll_call.next_page(state, 1, moment),
    "page_up": lambda state, _value, moment: roll_call.next_page(state, -1, moment),
}
