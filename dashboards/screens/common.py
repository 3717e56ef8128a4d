"""What the staff pages share: filters kept in the address, and the line that says how fresh the figures are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

import streamlit as st

from dashboards.context import Visit, records
from domain.errors import MarelleError
from domain.french import NBSP, clock, long_date, typeset
from domain.time import local_day, local_minute
from warehouse.reader import Snapshot

ALL = "tous"
DONE = "fait"


def choose(label: str, key: str, options: Mapping[str, str], default: str) -> str:
    """Return the code chosen among `options` (code → words); the address keeps every choice but the default."""
    asked = st.session_state.get(key, st.query_params.get(key))
    st.session_state[key] = asked if asked in options else default
    chosen: str = st.selectbox(label, list(options), format_func=lambda code: options[code], key=key)
    if chosen != default:
        st.query_params[key] = chosen
    elif key in st.query_params:
        del st.query_params[key]
    return chosen


def forget(key: str) -> None:
    """Let a choice go back to its default, when the page is drawn anew."""
    st.session_state.pop(key, None)
    st.query_params.pop(key, None)


def choose_place(places: Mapping[str, str], every: str) -> str:
    """Return the place chosen, or ALL; one place needs no choice but still names itself."""
    ordered = dict(sorted(places.items(), key=lambda place: place[1]))
    if len(ordered) == 1:
        return choose("Lieu", "lieu", ordered, next(iter(ordered)))
    return choose("Lieu", "lieu", {ALL: every, **ordered}, ALL)


def data_time(visit: Visit, snapshot: Snapshot) -> str:
    """Return « chiffres calculés à 11 h 48 », and say when newer entries wait for the next calculation."""
    zone = visit.site.timezone
    day, minute = local_day(snapshot.built_at, zone), local_minute(snapshot.built_at, zone)
    when = f"à {clock(minute)}" if day == visit.today else f"le {long_date(day)} à {clock(minute)}"
    text = f"chiffres calculés {when}"
    if snapshot.change_seq < records().change_seq():
        return f"{text}{NBSP}; des saisies plus récentes attendent le prochain calcul"
    return text


def show_failures(draw: Callable[[Visit], None], visit: Visit) -> Callable[[], None]:
    """Return a page that tells an expected failure in its own French words instead of a traceback."""

    def page() -> None:
        try:
            draw(visit)
        except MarelleError as failure:
            st.error(failure.message, icon=":material/error:")

    return page


def months_back(today: date, count: int) -> list[date]:
    """Return the first days of this month and of those before, the latest first."""
    last = today.year * 12 + today.month - 1
    return [date(month // 12, month % 12 + 1, 1) for month in range(last, last - count, -1)]


def do(act: Callable[[], object], done: str) -> None:
    """Do something; say it at the top of the page drawn anew, or why nothing was done."""
    try:
        act()
    except MarelleError as failure:
        st.error(failure.message, icon=":material/error:")
        return
    st.session_state[DONE] = typeset(done)
    st.rerun()


def say_done() -> None:
    """Say once what was just done."""
    if DONE in st.session_state:
        st.success(st.session_state.pop(DONE), icon=":material/check:")
