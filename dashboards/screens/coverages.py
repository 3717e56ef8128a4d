"""Prises en charge: what waits for whom, the month's statement for each body, and the recaps of MSA vouchers."""

from __future__ import annotations

from datetime import date

import streamlit as st

from dashboards.context import Visit, records, snapshot
from dashboards.look import download, secondary, show_metrics, show_table
from dashboards.screens.common import ALL, choose, data_time
from dashboards.viewmodels import coverages as view
from domain.coverages import STATE_WORDS
from domain.errors import NotFound
from domain.french import month_name, typeset
from records.actors import Right
from records.operations.coverage_lists import list_coverages
from records.operations.voucher_recaps import recap_states
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
    st.info(view.headline(lines), icon=":material/handshake:")
    show_metrics(view.figures(lines, statement))
    shown = [line for line in lines if state in (ALL, line.state)]
    if shown:
        show_table(view.work_table(shown))
    else:
        st.markdown("Aucune prise en charge dans cet état.")
    if statement is not None:
        _statement(statement, month)
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


def _statement(rows: list[StatementRow], month: date) -> None:
    st.subheader(f"État de {month_name(month)}, une ligne par décision")
    if not rows:
        st.markdown("Aucun organisme ne doit rien pour ce mois.")
        return
    table = view.statement_table(rows)
    show_table(table)
    if any(row.is_provisional for row in rows):
        secondary("Le mois n'est pas fini : ces montants peuvent encore changer.")
    download(table, f"prises-en-charge-{month:%Y-%m}.csv", "Télécharger l'état en CSV")


def _recaps(visit: Visit) -> None:
    st.subheader("Récapitulatifs de bons MSA")
    try:
        states = recap_states(records(), visit.actor)
    except NotFound as missing:
        st.markdown(missing.message)
        return
    if states:
        show_table(view.recap_table(states))
    else:
        st.markdown("Aucun récapitulatif n'est attendu.")
