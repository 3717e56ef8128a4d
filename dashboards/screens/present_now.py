"""Présents maintenant: live from the records, by place and service; it refreshes by itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import streamlit as st

from dashboards.context import Visit, records, still_signed_in
from dashboards.look import decision, secondary, show_metrics, show_table
from dashboards.screens.common import ALL, choose, choose_place
from dashboards.viewmodels import presence as view
from dashboards.viewmodels.tables import Table
from domain.french import plural, typeset
from domain.time import local_minute
from records.operations.attendance import PresenceBoard, presence_now
from records.operations.presence_board import ServicePresence
from records.operations.presence_freshness import presence_days, terminals_heard

DAYS_BACK = 30
REFRESH_SECONDS = 5
ROWS_SHOWN = 12
EVERYWHERE = "Tous les lieux"
HOW = typeset(
    "**Comment ces chiffres sont calculés.** Chaque badge et chaque appel reçu compte aussitôt ; l'ordre des "
    "passages dit qui arrive et qui part. *Attendus* : inscriptions, jours habituels et réservations de ce jour. "
    "Un enfant compte une fois par chiffre, même s'il passe par deux services."
)


def page(visit: Visit) -> None:
    """Draw the page for the structures whose children the reader may see; raises NotAllowed."""
    days = presence_days(records(), visit.actor, visit.today, DAYS_BACK)
    st.title("Présents maintenant")
    columns = st.columns(3)
    with columns[0]:
        words = {str(day): view.day_words(day, visit.today) for day in days.days}
        day = date.fromisoformat(choose("Jour", "jour", words, str(days.default)))
    board = presence_now(records(), visit.actor, day, visit.now)
    with columns[1]:
        place = choose_place({each.structure_ref: each.structure_name for each in board.services}, EVERYWHERE)
    with columns[2]:
        services = {each.service_ref: each.service_label for each in board.services}
        kinds = {view.IN_PROGRESS: "En cours", view.WHOLE_DAY: "Toute la journée", **services}
        service = choose("Service", "service", kinds, view.IN_PROGRESS if day == visit.today else view.WHOLE_DAY)
    _live(visit, day, None if place == ALL else place, service)
    secondary(HOW)


@st.fragment(run_every=REFRESH_SECONDS)
def _live(visit: Visit, day: date, place: str | None, service: str) -> None:
    """Draw what changes. A page left open is no activity: once the session has ended it shows nothing more."""
    actor = still_signed_in()
    if actor is None:
        st.rerun()
    now = records().clock()
    board = presence_now(records(), actor, day, now)
    heard = terminals_heard(records(), actor, now)
    minute = local_minute(now, visit.site.timezone)
    _draw(board, place, service, view.data_line(_place_words(board, place), minute, heard))


def _place_words(board: PresenceBoard, place: str | None) -> str:
    return next((each.structure_name for each in board.services if each.structure_ref == place), EVERYWHERE)


def _draw(board: PresenceBoard, place: str | None, service: str, data_line: str) -> None:
    secondary(data_line)
    kept = view.services_kept(board, place, service)
    unknown = [each for each in board.unknown if place in (None, each.structure_ref)]
    found = view.counts(kept)
    if kept:
        decision(*view.headline(found, unknown), icon=":material/assignment_late:")
        show_metrics(view.metrics(found))
    else:
        st.info("Aucun service n'est ouvert ce jour-là. Choisissez un autre jour.")
    _work(view.to_settle(kept, unknown))
    if kept:
        _services(kept)


def _work(work: Table) -> None:
    if not work.rows:
        return
    st.subheader("À régler")
    show_table(work.first(ROWS_SHOWN))
    if len(work.rows) > ROWS_SHOWN:
        with st.expander(plural(len(work.rows) - ROWS_SHOWN, "autre")):
            show_table(work.after(ROWS_SHOWN))


def _services(kept: Sequence[ServicePresence]) -> None:
    st.subheader("Par service")
    for each in kept:
        with st.expander(view.service_title(each)):
            if each.children:
                show_table(view.service_table(each))
            else:
                st.markdown("Aucun enfant attendu ni noté.")
