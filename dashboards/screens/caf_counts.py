"""Comptages: what services that keep no names count for the CAF, entered day by day."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import streamlit as st

from dashboards.context import Visit, records
from dashboards.look import decision, download, secondary, show_table
from dashboards.screens.common import choose, do, say_done
from dashboards.viewmodels import caf_entries as view
from domain.counts import INDICATOR_WORDS, KIND_WORDS, kind_of
from domain.french import long_date, month_name, plural, typeset
from records.actors import Right
from records.operations.anonymous_counts import CountSeen, counts_of, record_counts

DAYS_BACK = 400
HOW = typeset(
    "**Aucun nom n'est demandé ni gardé ici.** Un nombre saisi à nouveau pour le même jour corrige le premier, qui "
    "reste dans l'historique ; la déclaration CAF additionne les jours. Ce qui se dit « depuis janvier » ne "
    "s'additionne pas : une famille venue dix fois compte une fois. Donnez le total connu ce jour-là ; le dernier "
    "de la période vaut."
)


def page(visit: Visit) -> None:
    """Draw the page for those who declare for a place; raises NotAllowed."""
    places = visit.places(Right.DECLARE_CAF)
    st.title("Comptages")
    left, right = st.columns(2)
    with left:
        place = choose("Structure", "lieu", places, next(iter(places)))
    with right:
        kind = choose("Service", "service", KIND_WORDS, next(iter(KIND_WORDS)))
    first = date(visit.today.year - 1, 1, 1)
    seen = [
        each
        for each in counts_of(records(), visit.actor, place, first, visit.today)
        if kind_of(each.indicator) == kind
    ]
    secondary(f"{places[place]} – {KIND_WORDS[kind]}")
    say_done()
    days = {each.day for each in seen if each.day.replace(day=1) == visit.today.replace(day=1)}
    words = f"{plural(len(days), 'jour compté', 'jours comptés')} en {month_name(visit.today)}."
    decision(not days, words if days else f"**Aucun comptage en {month_name(visit.today)}.**", ":material/tag:")
    _entry(visit, (place, kind), seen)
    _months(seen, visit.today, place)
    secondary(HOW)


def _entry(visit: Visit, about: tuple[str, str], seen: list[CountSeen]) -> None:
    """Ask for the counts of a day; what was said of it is there already."""
    place, kind = about
    st.subheader("Saisir une journée")
    days = view.days_back(visit.today, DAYS_BACK)
    day = date.fromisoformat(choose("Jour compté", "jour", days, str(visit.today)))
    said = {each.indicator: each.quantity for each in seen if each.day == day}
    with st.form(f"comptage-{kind}-{day}"):
        texts = {}
        codes = [code for code in INDICATOR_WORDS if kind_of(code) == kind]
        for number, code in enumerate(codes):
            if number % 2 == 0:  # row by row: on a phone the fields keep their order
                columns = st.columns(2)
            known = "" if code not in said else view.quantity_text(said[code])
            texts[code] = columns[number % 2].text_input(
                INDICATOR_WORDS[code], known, key=f"{code}-{day}", max_chars=12
            )
        if st.form_submit_button("Enregistrer la journée", type="primary"):

            def save() -> None:
                counts: dict[str, Decimal] = view.typed_counts(texts)
                record_counts(records(), visit.actor, place, day, counts)

            do(save, f"Comptage du {long_date(day)} enregistré.")


def _months(seen: list[CountSeen], today: date, place: str) -> None:
    st.subheader("Ce mois et cette année")
    table = view.months_table(seen, today.year)
    if not table.rows:
        st.markdown(f"Rien n'est compté en {today.year}. Saisissez une journée ci-dessus.")
        return
    show_table(view.counts_table(seen, today))
    with st.expander("Mois par mois"):
        show_table(table, on_phone=(0, 1))
        download(table, f"comptages-{place}-{today.year}.csv")
