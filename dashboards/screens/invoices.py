"""Factures: the list, one invoice with its lines, and cancelling it, each step by whoever has the right."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import streamlit as st

from dashboards.context import Visit, home, records, snapshot
from dashboards.look import decision, secondary, show_metrics, show_table
from dashboards.screens.common import ALL, choose, do, months_back, say_done
from dashboards.viewmodels import month as view
from dashboards.viewmodels.typed import typed_amount, typed_cents
from domain.errors import InvalidData, NotFound
from domain.explained_invoices import LineNow, explain_invoiced, line_keys, line_now
from domain.french import euros, month_name, plural, short_date, typeset
from domain.shares import Shares
from exchanges.papers.invoices import PRINT_FILE, invoice_pdf, month_folder
from records.actors import Right
from records.operations.cancellations import (
    CancellationAsked,
    CancellationLine,
    ask_cancellation,
    decide_cancellation,
    relay_cancellation,
    waiting_cancellations,
)
from records.operations.invoice_lines import line_mentions
from records.operations.invoice_papers import invoice_facts
from records.operations.invoices import InvoicesAsked, InvoiceSeen, list_invoices, see_invoice
from records.operations.jobs import ask_invoice_pdfs, invoice_pdfs_job
from records.operations.paging import PageAsked

PAGE_LINES = 25
HOW = typeset(
    "**Une facture émise ne change plus.** Une présence corrigée vient en régularisation sur la suivante. Une "
    "annulation est demandée ici, relayée par l'administration, décidée par les finances : elle donne un avoir."
)


def page(visit: Visit) -> None:
    """Draw the page; raises NotAllowed."""
    st.title("Factures")
    words = {
        ALL: "Tous les mois",
        **{f"{one:%Y-%m}": month_name(one).capitalize() for one in months_back(visit.today, 24)},
    }
    chosen = choose("Mois", "mois", words, ALL)
    month = None if chosen == ALL else date.fromisoformat(f"{chosen}-01")
    number = st.number_input("Page", min_value=1, step=1, key="page")
    found = list_invoices(records(), visit.actor, InvoicesAsked(month), PageAsked(int(number), PAGE_LINES))
    say_done()
    waiting = waiting_cancellations(records(), visit.actor)
    decision(bool(waiting), _headline(len(waiting)), icon=":material/receipt_long:")
    if waiting:
        show_table(view.cancellations_table(waiting), on_phone=(0, 1, 2))
        _decide(visit, waiting)
    if not found.total:
        st.info("Aucune facture. La page « Fin de mois » émet celles d'un mois confirmé.")
        return
    show_table(view.invoices_table(found.lines), on_phone=(0, 1, 3))
    secondary(f"{plural(found.total, 'facture')}, page {found.asked.number} sur {found.pages}")
    if found.lines:
        _one(visit, [line.number for line in found.lines])
    if month is not None and visit.actor.may(Right.KEEP_ACCOUNTS):
        _month_papers(visit, month)
    secondary(HOW)


def _month_papers(visit: Visit, month: date) -> None:
    """Offer the PDFs of a month: asked for, being made, and the file to print."""
    st.subheader("Papier")
    job = invoice_pdfs_job(records(), visit.actor, month)
    if job is not None:
        (st.error if job.state == "failed" else st.info)(view.pdfs_sentence(job))
    to_print = month_folder(home(), month) / PRINT_FILE
    if to_print.exists():
        name = f"factures-{month:%Y-%m}-a-imprimer.pdf"
        st.download_button("Télécharger le fichier à imprimer", to_print.read_bytes(), name, "application/pdf")
    if (job is None or job.state in ("done", "failed")) and st.button("Mettre les factures en PDF"):
        do(lambda: ask_invoice_pdfs(records(), visit.actor, month), "La mise en PDF est demandée.")


def _headline(waiting: int) -> str:
    if not waiting:
        return "Aucune annulation n'attend de décision."
    return f"{plural(waiting, 'annulation attend', 'annulations attendent')} une décision."


def _one(visit: Visit, numbers: Sequence[str]) -> None:
    st.subheader("Une facture en détail")
    number = choose("Facture n°", "facture", {each: each for each in numbers}, numbers[0])
    seen = see_invoice(records(), visit.actor, number)
    show_metrics(
        (
            ("Montant", euros(seen.line.total_cents), f"avant le {short_date(seen.line.due_on)}"),
            ("Solde précédent", euros(seen.line.previous_balance_cents), "à l'émission"),
            ("Solde du payeur", euros(seen.payer_owes_cents), "aujourd'hui"),
        )
    )
    secondary(f"{seen.line.payer_name} – {month_name(seen.line.month)}, émise le {short_date(seen.line.issued_on)}")
    show_table(view.days_table(seen), on_phone=(0, 2, 4))
    for sentence in view.other_sentences(seen):
        secondary(typeset(sentence))
    _paper(visit, seen)
    _why(visit, seen)
    _ask(visit, seen)


def _paper(visit: Visit, seen: InvoiceSeen) -> None:
    (facts,) = invoice_facts(records(), visit.actor, [seen.line.number])
    st.download_button(
        "Télécharger le PDF", invoice_pdf(home(), facts), f"facture-{facts.number}.pdf", "application/pdf"
    )


def _why(visit: Visit, seen: InvoiceSeen) -> None:
    """Explain one line as the family reads it: what was invoiced, why, and what changed since."""
    keys = list(line_keys(seen.body, seen.line.payer_ref))
    if not keys:
        return
    with st.expander("Pourquoi ce prix ?"):
        labels = dict(zip(keys, view.line_labels(seen), strict=True))
        key = choose("Ligne", "ligne", labels, keys[0])
        mentions = line_mentions(records(), visit.actor, key)
        reader = snapshot()
        try:
            line = reader.priced_line(key)
        except NotFound:
            now = LineNow(None, None)
        else:
            now = line_now(line, Shares.of(reader.covered_lines(line.day, payer_ref=line.payer_ref)))
        for sentence in explain_invoiced(key, mentions, now):
            secondary(sentence)


def _ask(visit: Visit, seen: InvoiceSeen) -> None:
    left = seen.line.total_cents - seen.line.credited_cents
    if left <= 0:
        return
    with st.expander("Demander une annulation"), st.form(f"annuler-{seen.line.number}"):
        amount = st.text_input("Montant à annuler (€)", typed_amount(left))
        again = st.checkbox("Toute la facture est fausse : facturer à nouveau ses lignes")
        reason = st.text_input("Motif", max_chars=200, help="Il reste dans l'historique.")
        if st.form_submit_button("Demander l'annulation", type="primary"):
            do(
                lambda: _ask_for(visit, seen.line.number, (amount, left), (reason, again)),
                "Annulation demandée à l'administration.",
            )


def _ask_for(visit: Visit, number: str, typed_of: tuple[str, int], why: tuple[str, bool]) -> None:
    """Ask for a cancellation of what was typed; all that is left of the invoice is the whole of it."""
    cents = typed_cents(typed_of[0])
    if cents is None:
        raise InvalidData(typeset("Écrivez le montant à annuler, par exemple 12,50."))
    reason, again = why
    asked = CancellationAsked(number, reason, None if cents == typed_of[1] else cents, again)
    ask_cancellation(records(), visit.actor, asked)


def _decide(visit: Visit, waiting: Sequence[CancellationLine]) -> None:
    """Offer the next step of each cancellation to whoever may take it."""
    for line in waiting:
        may_relay = line.step == "asked" and visit.actor.may(Right.ADMINISTER)
        may_decide = line.step == "relayed" and visit.actor.may(Right.KEEP_ACCOUNTS)
        if not (may_relay or may_decide):
            continue
        with st.form(f"annulation-{line.cancellation_id}"):
            st.markdown(f"**Facture n° {line.number}, {euros(line.amount_cents)}**")
            reason = st.text_input("Avis" if may_relay else "Motif de la décision", max_chars=200)
            (_relay if may_relay else _accept_or_refuse)(visit, line, reason)


def _relay(visit: Visit, line: CancellationLine, reason: str) -> None:
    if st.form_submit_button("Relayer aux finances", type="primary"):
        do(
            lambda: relay_cancellation(records(), visit.actor, line.cancellation_id, reason),
            "Annulation relayée aux finances.",
        )


def _accept_or_refuse(visit: Visit, line: CancellationLine, reason: str) -> None:
    accepted = st.form_submit_button("Accepter l'annulation", type="primary")
    refused = st.form_submit_button("Refuser")
    if accepted or refused:
        do(
            lambda: decide_cancellation(records(), visit.actor, line.cancellation_id, accepted, reason),
            "Annulation acceptée : l'avoir est émis." if accepted else "Annulation refusée.",
        )
