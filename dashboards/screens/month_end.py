"""Fin de mois: who has confirmed, what the invoices would be, what waits and for whom; then they are issued."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import streamlit as st

from dashboards.context import Visit, records, snapshot
from dashboards.look import decision, download, secondary, show_metrics, show_table
from dashboards.screens.common import choose, data_time, do, months_back, say_done
from dashboards.screens.controls import controls_of
from dashboards.screens.statements import third_party_statement
from dashboards.viewmodels import controls
from dashboards.viewmodels import month as view
from domain.french import month_name, number, typeset
from records.actors import Right
from records.operations.billing_settings import set_credit_rule
from records.operations.invoices import issued_month
from records.operations.jobs import ask_month_end, month_end_job
from records.operations.month_confirmation import confirm_month
from records.operations.month_states import CONFIRMED, LOCKED, PlaceMonth, months_of_places, reopen_month
from records.operations.untold_payers import untold_payers
from warehouse.reader import WaitingCredit

SHOWN_LINES = 200
HOW = typeset(
    "**Comment un mois se ferme.** Chaque lieu confirme ses présences. Ce qui a une information manquante, des "
    "passages manquants ou un lieu non confirmé n'est pas facturé : il vient en régularisation une fois réglé. Le "
    "reste se facture sans attendre. Sous le seuil, le montant reste en mairie et se reporte."
)


def page(visit: Visit) -> None:
    """Draw the page for the actor's places; raises NotAllowed."""
    st.title("Fin de mois")
    months = months_back(visit.today, 6)
    chosen = choose(
        "Mois", "mois", {f"{one:%Y-%m}": month_name(one).capitalize() for one in months}, f"{months[1]:%Y-%m}"
    )
    month = date.fromisoformat(f"{chosen}-01")
    places = months_of_places(records(), visit.actor, month)
    say_done()
    issued = None
    decision(*view.headline(places, month), icon=":material/event_available:")
    if visit.actor.may_somewhere(Right.SEE_MONEY):
        reader, issued = snapshot(), issued_month(records(), visit.actor, month)
        show_metrics(view.figures(reader.draft_totals(month)) if issued is None else view.issued_figures(issued))
        secondary(data_time(visit, reader.snapshot) if issued is None else view.issued_sentence(issued))
    show_table(view.places_table(places, visit.site.timezone), on_phone=(0, 1))
    if visit.actor.may_somewhere(Right.DECIDE_ATTENDANCE):
        _close_or_reopen(visit, places, month)
    _controls(visit)
    if visit.actor.may_somewhere(Right.SEE_MONEY):
        _waiting(visit, month)
    if visit.actor.may(Right.CLAIM_COVERAGES):
        third_party_statement(snapshot().third_party_statement(month), month)
    if visit.actor.may(Right.KEEP_ACCOUNTS) and issued is None:
        _issue(visit, month)
    if visit.actor.may_somewhere(Right.SEE_MONEY) and issued is not None:
        _untold(visit, month)
    secondary(HOW)


def _close_or_reopen(visit: Visit, places: Sequence[PlaceMonth], month: date) -> None:
    if not places:
        return
    by_ref = {place.structure_ref: place for place in places}
    ref = choose("Lieu", "lieu", {ref: place.structure_name for ref, place in by_ref.items()}, next(iter(by_ref)))
    name = by_ref[ref].structure_name
    if by_ref[ref].state not in (CONFIRMED, LOCKED):
        secondary("La règle du service décide des absences sans décision, sous votre nom.")
        if st.button(f"Confirmer {month_name(month)} pour {name}", type="primary"):
            do(
                lambda: confirm_month(records(), visit.actor, ref, month),
                f"{month_name(month)} confirmé pour {name}.",
            )
        return
    with st.form(f"rouvrir-{ref}-{month:%Y-%m}"):
        reason = st.text_input("Motif de réouverture", max_chars=200, help="Il reste dans l'historique.")
        if st.form_submit_button(f"Rouvrir {month_name(month)} pour {name}"):
            do(
                lambda: reopen_month(records(), visit.actor, ref, month, reason),
                f"{month_name(month)} rouvert pour {name}. Corrigez, puis confirmez à nouveau.",
            )


def _controls(visit: Visit) -> None:
    """Say what is wrong in the records and whose it is to mend: it still changes the month's bills."""
    found = controls_of(visit, snapshot())
    st.subheader("Contrôles")
    secondary(controls.headline(found)[1])
    if found:
        show_table(controls.owners_table(found), on_phone=(0, 1, 2))
        st.link_button("Voir les défauts et les marquer traités", "controles", icon=":material/fact_check:")


def _waiting(visit: Visit, month: date) -> None:
    reader = snapshot()
    lines = view.to_settle(reader.waiting_lines(month))
    if lines:
        st.subheader(f"À régler, pas encore facturé : {number(len(lines))}")
        table = view.waiting_table(lines)
        show_table(table.first(SHOWN_LINES), on_phone=(1, 4))
        download(table, f"a-regler-{month:%Y-%m}.csv")
    kept = reader.waiting_credits(month)
    if kept:
        st.subheader("Avoirs gardés pour leur service")
        show_table(view.credits_table(kept), on_phone=(0, 1, 3))
        if visit.actor.may(Right.KEEP_ACCOUNTS):
            _free_credit(visit, [each for each in kept if each.is_stuck])


def _free_credit(visit: Visit, stuck: Sequence[WaitingCredit]) -> None:
    """Let a credit whose service nobody uses any more offset anything its payer owes."""
    if not stuck:
        return
    with st.form("liberer-avoir"):
        chosen = st.selectbox("Avoir bloqué à libérer", stuck, format_func=view.credit_words)
        reason = st.text_input("Pourquoi le libérer", max_chars=200, help="Ce motif reste dans l'historique.")
        if st.form_submit_button("Libérer cet avoir"):
            do(
                lambda: set_credit_rule(
                    records(), visit.actor, (chosen.payer_ref, chosen.service_ref), False, reason
                ),
                f"L'avoir de {chosen.payer_ref} compensera tout ce qu'il doit dès les prochaines factures.",
            )


def _untold(visit: Visit, month: date) -> None:
    """Name who has an invoice and was told of it by nothing: they are to be called, or written to."""
    untold = untold_payers(records(), visit.actor, month)
    if untold:
        st.subheader(f"À prévenir autrement : {number(len(untold))}")
        secondary(
            "Aucun message n'a pu leur dire que leur facture est prête : appelez-les, ou complétez leur e-mail."
        )
        table = view.untold_table(untold)
        show_table(table.first(SHOWN_LINES), on_phone=(0, 3))
        download(table, f"a-prevenir-{month:%Y-%m}.csv")


def _issue(visit: Visit, month: date) -> None:
    st.subheader("Factures")
    job = month_end_job(records(), visit.actor, month)
    if job is not None:
        (st.error if job.state == "failed" else st.info)(view.job_sentence(job))
        if job.state == "running":
            st.progress(job.progress_e4 / 10_000)
    if job is None or job.state == "failed":
        sure = st.checkbox(f"Oui, émettre les factures de {month_name(month)}. Elles ne changeront plus.")
        if st.button("Émettre les factures", type="primary", disabled=not sure):
            do(lambda: ask_month_end(records(), visit.actor, month), "La facturation est demandée.")
