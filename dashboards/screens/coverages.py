"""Prises en charge: what waits for whom, the month's statement for each body, and the recaps of MSA vouchers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date

import streamlit as st

from dashboards.context import Visit, records, snapshot
from dashboards.look import decision, secondary, show_metrics, show_table
from dashboards.screens import coverage_desk
from dashboards.screens.common import ALL, choose, data_time, do, say_done
from dashboards.screens.statements import third_party_statement
from dashboards.viewmodels import coverages as view
from domain.coverages import STATE_WORDS
from domain.errors import NotFound
from domain.french import month_name, short_date, typeset
from records.actors import Right
from records.operations.coverage_lists import list_coverages
from records.operations.voucher_recaps import (
    RECEIVED,
    RELAYED,
    RETURNED,
    SENT,
    RecapState,
    recap_states,
    receive_recap,
    relay_recap,
    return_recap,
    send_recap,
)
from warehouse.reader import StatementRow

MONTHS_BACK = 12
HOW = typeset(
    "**Comment ces chiffres sont calculés.** Seules les prises en charge notifiées et appliquées à une inscription "
    "se déduisent. Les organismes paient dans l'ordre déclaré, chacun sur ce qui reste, jamais au-delà du prix."
)


def page(visit: Visit) -> None:
    """Draw the page; raises NotAllowed, SnapshotMissing. Amounts are for those who claim them."""
    st.title("Prises en charge")
    reader = snapshot()
    lines = list_coverages(records(), visit.actor)
    state, month = _filters(visit.today)
    statement: list[StatementRow] | None = None
    if visit.actor.may(Right.CLAIM_COVERAGES):
        statement = reader.third_party_statement(month)
    secondary(f"{visit.site.town} – {data_time(visit, reader.snapshot)}")
    say_done()
    decision(any(line.waits_for for line in lines), view.headline(lines), icon=":material/handshake:")
    show_metrics(view.figures(lines, statement))
    shown = [line for line in lines if state in (ALL, line.state)]
    if shown:
        show_table(view.work_table(shown), on_phone=(0, 1, 2))
    else:
        st.markdown("Aucune prise en charge dans cet état.")
    if shown:
        coverage_desk.one(visit, shown)
    coverage_desk.register(visit)
    if statement is not None:
        third_party_statement(statement, month)
    _recaps(visit)
    secondary(HOW)


def _filters(today: date) -> tuple[str, date]:
    months = [_months_before(today, count) for count in range(MONTHS_BACK + 1)]
    left, right = st.columns(2)
    with left:
        words = {ALL: "Tous les états", **{code: said.capitalize() for code, said in STATE_WORDS.items()}}
        state = choose("État", "etat", words, ALL)
    with right:
        named = {str(month): month_name(month).capitalize() for month in months}
        month = date.fromisoformat(choose("Mois de l'état", "mois", named, str(months[0])))
    return state, month


def _months_before(day: date, count: int) -> date:
    months = day.year * 12 + day.month - 1 - count
    return date(months // 12, months % 12 + 1, 1)


def _recaps(visit: Visit) -> None:
    st.subheader("Récapitulatifs de bons MSA")
    try:
        states = recap_states(records(), visit.actor)
    except NotFound as missing:
        st.markdown(missing.message)
        return
    if not states:
        st.markdown("Aucun récapitulatif n'est attendu.")
        return
    show_table(view.recap_table(states), on_phone=(0, 1, 2))
    may = {
        right
        for right in (Right.EDIT_COVERAGES, Right.RELAY_VOUCHERS, Right.CLAIM_COVERAGES)
        if visit.actor.may_somewhere(right)
    }
    for state in states:
        steps = view.recap_steps(state, may)
        if steps:
            _recap_actions(visit, state, steps)


def _recap_actions(visit: Visit, state: RecapState, steps: Sequence[str]) -> None:
    """Offer the next step of a recap to whoever may take it."""
    with st.form(f"recap-{state.structure_ref}-{state.due_on}"):
        st.markdown(f"**{state.structure_label}, récapitulatif du {short_date(state.due_on)}**")
        reason = st.text_input("Ce qui manque", max_chars=200) if RETURNED in steps else ""
        for step in steps:
            label, act, done = _RECAP_STEPS[step]
            if st.form_submit_button(label, type="secondary" if step == RETURNED else "primary"):
                more = (reason,) if step == RETURNED else ()
                do(lambda: act(records(), visit.actor, state.structure_ref, state.due_on, *more), done)  # noqa: B023


_RECAP_STEPS: Mapping[str, tuple[str, Callable[..., int], str]] = {
    SENT: ("Envoyer au responsable de secteur", send_recap, "Récapitulatif envoyé au responsable de secteur."),
    RELAYED: ("Transmettre aux finances", relay_recap, "Récapitulatif transmis aux finances."),
    RECEIVED: ("Noter la réception", receive_recap, "Récapitulatif et bons reçus par les finances."),
    RETURNED: ("Renvoyer à la structure", return_recap, "Récapitulatif renvoyé à la structure."),
}
