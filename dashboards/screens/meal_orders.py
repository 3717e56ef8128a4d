"""Repas estimés et commande: the days ahead, what to order and to send, what was left, and who foretold best."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial

import altair as alt
import pandas as pd
import streamlit as st

from dashboards.context import Visit, records, snapshot
from dashboards.look import AMBER, PETROLEUM, french_numbers, heading, secondary, show_chart, show_table
from dashboards.screens.common import ALL, choose, choose_place, data_time, do, say_done
from dashboards.viewmodels import kitchen as view
from dashboards.viewmodels.proposals import (
    Proposal,
    after_transfers,
    day_transfers,
    proposals,
    sheet_lines,
    to_record,
)
from domain.french import NBSP, long_date, plural, typeset
from domain.kitchen import HORIZON_WORDS, WASTE_WORDS
from exchanges.meal_orders import place_sheets_pdf
from records.actors import Right
from records.operations.meal_dispatch import send_orders, sent_orders
from records.operations.meal_orders import meal_orders, place_orders
from records.operations.meal_wastes import Weighed, weigh_waste
from records.operations.menus import list_menus
from warehouse.reader import MealAccuracy, MealDelay, Reader

DAYS_AHEAD, DAYS_BACK, DAYS_REPLAYED = 14, 28, 365
LINES_MAX = 40
EVERYWHERE = "Tous les lieux"
HOW = typeset(
    "**Comment ces chiffres sont calculés.** *Estimés* : ce qui sera vraiment servi, d'après le passé du lieu, le "
    "jour de la semaine, le calendrier et le menu. *80 jours sur 100* : la fourchette tenue au moins huit jours "
    "sur dix. *Proposés* : de quoi suffire, selon ce que coûtent un repas qui manque et un repas perdu, par colis "
    "entiers. Un panier repas n'est jamais commandé. L'estimation n'entre dans aucun prix."
)


def page(visit: Visit) -> None:
    """Draw the page for the structures whose meals the reader may see; raises NotAllowed, SnapshotMissing."""
    allowed = visit.structure_refs(Right.SEE_MEALS)
    st.title("Repas estimés et commande")
    say_done()
    reader, last = snapshot(), visit.today + timedelta(days=DAYS_AHEAD)
    rows = reader.meal_forecast(visit.today, last, allowed)
    found = proposals(rows, meal_orders(records(), visit.actor, visit.today, last + timedelta(days=1)))
    if not found:
        st.info("Aucun repas à venir dans les deux semaines. Les inscriptions à la cantine font les prévisions.")
        return
    place = choose_place(view.places_of(found), EVERYWHERE)
    kept = [each for each in found if place in (ALL, each.row.structure_ref)]
    secondary(f"{_label(kept, place)} – {data_time(visit, reader.snapshot)}")
    _week(visit, kept)
    if visit.actor.may_somewhere(Right.ORDER_MEALS):
        _order(visit, kept, place)
        _transfers(visit, found)
        _send(visit)
    places = allowed if place == ALL else [place]
    _ledger(visit, reader, places, kept)
    _accuracy(reader.meal_accuracy(visit.today - timedelta(days=DAYS_REPLAYED), visit.today, places))
    secondary(typeset(view.choice_sentence(reader.meal_choice())))
    _delays(reader.meal_delays(places))
    secondary(HOW)


def _label(kept: Sequence[Proposal], place: str) -> str:
    return EVERYWHERE if place == ALL else kept[0].row.structure_label


def _week(visit: Visit, kept: Sequence[Proposal]) -> None:
    last = visit.today + timedelta(days=DAYS_AHEAD + 1)
    menus = list_menus(records(), visit.actor, visit.today - timedelta(days=7), last)
    st.subheader("Jours à venir")
    show_table(view.week_table(kept, {(menu.day, menu.structure_ref): menu for menu in menus}), (0, 3, 4, 6))
    for monday in view.weeks_without_vegetarian(menus, {each.row.day for each in kept}):
        st.warning(
            f"Semaine du {long_date(monday)} : aucun menu végétarien saisi. La loi EGalim en veut un par semaine.",
            icon=":material/eco:",
        )
    if any(each.row.quantity is None for each in kept):
        st.warning(
            "Les réglages de la cuisine manquent : sans conditionnement ni coûts, aucune quantité n'est proposée. "
            "L'administration les saisit sur la page « Réglages de la cuisine ».",
            icon=":material/tune:",
        )


def _order(visit: Visit, kept: Sequence[Proposal], place: str) -> None:
    st.subheader("Commander")
    words = view.days_words(each.row.day for each in kept)
    later = next((day for day in words if day > str(visit.today)), next(iter(words)))
    day = date.fromisoformat(choose("Jour à commander", "commande", words, later))
    lines = [each for each in kept if each.row.day == day]
    horizon = lines[0].row.horizon
    if len(lines) > LINES_MAX:
        st.info(f"{len(lines)} lignes ce jour-là : choisissez un lieu pour changer ses quantités.")
    else:
        _order_form(visit, lines, horizon, with_place=place == ALL)
    waiting = to_record(kept, horizon)
    if waiting and st.button(
        f"Tout commander comme proposé ({HORIZON_WORDS[horizon]}, {plural(len(waiting), 'ligne')})",
        icon=":material/done_all:",
    ):
        do(lambda: place_orders(records(), visit.actor, horizon, waiting), "Commande enregistrée comme proposée.")
    to_print = sheet_lines(kept)
    if to_print:
        st.download_button(
            "Feuilles par lieu, à imprimer (PDF)",
            partial(place_sheets_pdf, to_print, visit.site.town, visit.today),
            f"repas-commandes-{visit.today}.pdf",
            "application/pdf",
            on_click="ignore",
            icon=":material/print:",
        )


def _order_form(visit: Visit, lines: Sequence[Proposal], horizon: str, *, with_place: bool) -> None:
    day = lines[0].row.day
    with st.form(f"commande-{day}"):
        secondary(f"{HORIZON_WORDS[horizon].capitalize()} du {long_date(day)}")
        asked = []
        for each in lines:
            standing = each.row.quantity or 0 if each.ordered is None else each.ordered
            key = f"portions-{each.row.structure_ref}-{each.row.service_ref}-{each.row.diet_code}-{day}"
            label = view.line_words(each, with_place=with_place)
            asked.append(st.number_input(label, 0, None, standing, 1, key=key, help=view.line_help(each)))
        reason = st.text_input("Raison, si vous changez beaucoup", max_chars=400)
        if st.form_submit_button("Enregistrer la commande", type="primary"):
            wanted = [each.line(int(count), reason or None) for each, count in zip(lines, asked, strict=True)]
            do(
                lambda: place_orders(records(), visit.actor, horizon, wanted),
                f"Commande du {long_date(day)} enregistrée. Envoyez-la au fournisseur quand elle est complète.",
            )


def _transfers(visit: Visit, found: Sequence[Proposal]) -> None:
    """Show this morning's gaps, and what one place can give another."""
    gaps = view.gap_sentences(found, visit.today)
    if not gaps:
        return
    st.subheader("Ce matin")
    st.markdown(f"Attendus contre commandés{NBSP}: {', '.join(gaps)}.")
    carried = day_transfers(found, visit.today)
    if not carried:
        return
    for each in carried:
        st.markdown(f"- {view.transfer_sentence(each, view.places_of(found))}")
    if st.button("Enregistrer ces transferts", icon=":material/swap_horiz:"):
        lines = after_transfers(found, carried)
        do(lambda: place_orders(records(), visit.actor, "morning", lines), "Transferts enregistrés.")


def _send(visit: Visit) -> None:
    st.subheader("Envoyer")
    tomorrow = visit.today + timedelta(days=1)
    with st.form("envoi"):
        first = st.date_input("Premier jour", tomorrow, format="DD/MM/YYYY")
        last = st.date_input("Dernier jour", tomorrow + timedelta(days=6), format="DD/MM/YYYY")
        horizon = st.selectbox("Échéance", list(HORIZON_WORDS), 1, format_func=lambda code: HORIZON_WORDS[code])
        if st.form_submit_button("Envoyer au fournisseur"):
            do(
                lambda: send_orders(records(), visit.actor, horizon, first, last + timedelta(days=1)),
                "Commande remise au courrier, avec un CSV et un PDF. Inchangée, elle n'est pas renvoyée.",
            )
    if visit.actor.may(Right.SEE_MEALS):
        sent = sent_orders(records(), visit.actor, visit.today, visit.today + timedelta(days=DAYS_AHEAD))
        if sent:
            show_table(view.sent_table(sent), (0, 2, 3))


def _ledger(visit: Visit, reader: Reader, places: list[str] | None, kept: Sequence[Proposal]) -> None:
    first = visit.today - timedelta(days=DAYS_BACK)
    ledger, diets = reader.meal_ledger(first, visit.today, places), reader.meal_diets(first, visit.today, places)
    st.subheader("Restes et manques")
    st.markdown(view.ledger_sentence(ledger))
    if diets:
        show_table(view.diets_table(diets), (0, 3, 4))
        secondary(f"Par régime{NBSP}: ce qui reste de l'un ne sert pas à l'autre, le total est donc plus grand.")
    if ledger:
        with st.expander("Jour par jour, et lieu par lieu"):
            show_table(view.ledger_table(ledger), (0, 1, 4, 5))
    if not visit.actor.may_somewhere(Right.ORDER_MEALS):
        return
    services = {each.row.service_ref: each.row.service_label for each in kept}
    names = view.places_of(kept)
    with st.expander("Noter une pesée", icon=":material/scale:"), st.form("pesee"):
        where = st.selectbox("Lieu de la pesée", list(names), format_func=lambda ref: names[ref])
        service = st.selectbox("Service", list(services), format_func=lambda ref: services[ref])
        day = st.date_input("Jour de la pesée", visit.today, max_value=visit.today, format="DD/MM/YYYY")
        kind = st.selectbox("Ce qui est pesé", list(WASTE_WORDS), format_func=lambda code: WASTE_WORDS[code])
        grams = st.number_input("Poids en grammes", 0, None, 0, 100)
        if st.form_submit_button("Enregistrer la pesée"):
            weighed = Weighed(where, service, day, kind, int(grams))
            do(
                lambda: weigh_waste(records(), visit.actor, weighed),
                "Pesée enregistrée ; elle paraît au prochain calcul.",
            )


def _delays(found: Sequence[MealDelay]) -> None:
    """Show what a shorter or longer delay between order and meal costs, once they can be compared."""
    if not found:
        return
    heading("Écart selon le délai", "Les mêmes jours du dernier trimestre, rejoués avec chaque délai")
    show_table(view.delays_table(found), (0, 2, 4))


def _accuracy(found: Sequence[MealAccuracy]) -> None:
    heading(
        view.accuracy_title(found),
        "Une année rejouée, chaque semaine estimée trois semaines avant ; jours ordinaires",
    )
    if not found:
        return
    frame = pd.DataFrame(
        {"quoi": [view.WAYS[each.way] for each in found], "ecart": [float(each.error) for each in found]}
    )
    ours = alt.FieldOneOfPredicate(field="quoi", oneOf=[view.WAYS["forecast"], view.WAYS["forecast_where_ordered"]])
    bars = (
        alt.Chart(frame)
        .mark_bar()
        .encode(
            x=alt.X("ecart:Q", axis=french_numbers()),
            y=alt.Y("quoi:N", sort=None, title=None),
            color=alt.when(ours).then(alt.value(PETROLEUM)).otherwise(alt.value(AMBER)),
        )
    )
    show_chart(bars.properties(height=60 + 40 * len(found)), f"{view.accuracy_title(found)}. Le tableau suit.")
    show_table(view.accuracy_table(found), (0, 2, 3))
