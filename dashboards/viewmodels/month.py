"""Fin de mois and Factures: what the pages say, from what operations and marts give."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from dashboards.viewmodels.tables import Table
from domain.french import euros, month_name, number, plural, short_date, typeset
from domain.invoice_text import NOBODY, adjustment_sentence, quantity
from domain.notices import UNTOLD_WORDS, notice_sentence
from domain.time import local_day
from records.operations.cancellations import CancellationLine
from records.operations.invoices import InvoiceLine, InvoiceSeen, IssuedMonth
from records.operations.jobs import JobLine
from records.operations.month_states import CONFIRMED, LOCKED, PlaceMonth
from records.operations.untold_payers import UntoldPayer
from warehouse.reader import DraftTotals, WaitingCredit, WaitingLine

STATES = {
    "open": "… À confirmer",
    "confirmed": "✓ Confirmé",
    "locked": "✓ Facturé",
    "reopened": "… Rouvert, à confirmer",
}
STATUSES = {
    "fault": "⊘ Information manquante",
    "held_back": "… Passages manquants",
    "not_confirmed": "… Mois non confirmé",
    "provisional": "… Service pas terminé",
}
STEPS = {
    "asked": "… Attend l'administration",
    "relayed": "… Attend les finances",
    "accepted": "✓ Acceptée",
    "refused": "⊘ Refusée",
}


def headline(places: Sequence[PlaceMonth], month: date) -> tuple[bool, str]:
    """Return whether a place must still confirm, and the sentence that says so."""
    left = [place for place in places if place.state not in (CONFIRMED, LOCKED)]
    if not left:
        return False, f"Tous les lieux ont confirmé {month_name(month)}."
    names = ", ".join(place.structure_name for place in left[:3])
    more = f" et {len(left) - 3} de plus" if len(left) > 3 else ""
    return True, f"{plural(len(left), 'lieu', 'lieux')} à confirmer pour {month_name(month)} : {names}{more}."


def places_table(places: Sequence[PlaceMonth], zone: str) -> Table:
    """Return each place's state, who said it, when and why."""
    rows = tuple(
        (
            STATES[place.state],
            place.structure_name,
            place.said.recorded_by if place.said else "",
            short_date(local_day(place.said.recorded_at, zone)) if place.said else "",
            (place.said.reason or "") if place.said else "",
        )
        for place in places
    )
    return Table(("État", "Lieu", "Par", "Le", "Motif"), rows)


def figures(totals: DraftTotals) -> tuple[tuple[str, str, str], ...]:
    """Return what the invoices would be today, as metrics."""
    return (
        ("Factures", number(totals.invoices), "au-dessus du seuil"),
        ("Montant", _euros(totals.total_amount), "à demander"),
        ("En mairie", number(totals.held), f"reportés, {_euros(totals.held_amount)}"),
        ("Régularisations", _euros(totals.adjustments_amount), "des mois déjà facturés"),
    )


def issued_figures(issued: IssuedMonth) -> tuple[tuple[str, str, str], ...]:
    """Return what a month's invoices came to once they are issued, as metrics."""
    return (
        ("Factures", number(issued.invoices), "émises"),
        ("Montant", euros(issued.total_cents), "demandé"),
        ("En mairie", number(issued.held), f"reportés, {euros(issued.held_cents)}"),
        ("Régularisations", euros(issued.adjustments_cents), "de mois déjà facturés"),
    )


def issued_sentence(issued: IssuedMonth) -> str:
    """Return since when a month is invoiced, and what becomes of what changes now."""
    day = short_date(issued.issued_on)
    return typeset(f"Factures émises le {day}. Ce qui change depuis vient en régularisation avec les suivantes.")


def to_settle(lines: Sequence[WaitingLine]) -> list[WaitingLine]:
    """Return the lines that somebody must look at: a place that has not confirmed is told once, in its own row."""
    return [line for line in lines if line.status != "not_confirmed"]


def waiting_table(lines: Sequence[WaitingLine]) -> Table:
    """Return what is not invoiced yet, by name, and who must act."""
    rows = tuple(
        (
            STATUSES[line.status],
            f"{line.child_last_name.upper()} {line.child_first_name}",
            f"{line.service_label}, {line.structure_label}",
            short_date(line.day),
            typeset(line.message or ""),
        )
        for line in lines
    )
    return Table(("Attend", "Pour qui", "Service", "Jour", "À faire"), rows)


def credits_table(credits_kept: Sequence[WaitingCredit]) -> Table:
    """Return the credits kept for their own service, the stuck ones first."""
    rows = tuple(
        (
            "⊘ Bloqué" if credit.is_stuck else "… Gardé",
            credit.payer_ref,
            credit.service_label,
            _euros(credit.waiting_amount),
        )
        for credit in credits_kept
    )
    return Table(("Avoir", "Payeur", "Service", "Montant"), rows)


def credit_words(credit: WaitingCredit) -> str:
    """Return a kept credit as it is chosen: whose, of which service, how much."""
    return f"{credit.payer_ref}, {credit.service_label}, {_euros(credit.waiting_amount)}"


def job_sentence(job: JobLine) -> str:
    """Return where the making of a month's invoices is."""
    if job.state == "done" and job.result is not None:
        made = plural(int(job.result["invoices"]), "facture émise", "factures émises")
        held = plural(int(job.result["held"]), "montant reporté", "montants reportés")
        told = (int(job.result.get(name, 0)) for name in ("mailed", "mailed_for_sms", "untold"))
        return f"{made}, {held}. {notice_sentence(*told)}"
    if job.state == "failed":
        return f"La facturation s'est arrêtée, rien n'est émis. {job.message}"
    if job.state == "waiting":
        return "La facturation est demandée ; elle commence dans quelques secondes."
    return f"{number(job.progress_e4 // 100)} % : {job.message}"


def pdfs_sentence(job: JobLine) -> str:
    """Return where the PDFs of a month are."""
    if job.state == "done" and job.result is not None:
        made = plural(int(job.result["invoices"]), "facture")
        return f"{made} en PDF, {plural(int(job.result['on_paper']), 'à imprimer', 'à imprimer')}."
    if job.state == "failed":
        return f"La mise en PDF s'est arrêtée ; relancée, elle ne refait que ce qui manque. {job.message}"
    if job.state == "waiting":
        return "La mise en PDF est demandée ; elle commence dans quelques secondes."
    return f"{number(job.progress_e4 // 100)} % : {job.message}"


def invoices_table(lines: Sequence[InvoiceLine]) -> Table:
    """Return a list of invoices."""
    rows = tuple(
        (
            line.number,
            line.payer_name,
            month_name(line.month),
            Decimal(line.total_cents).scaleb(-2),
            Decimal(line.credited_cents).scaleb(-2) if line.credited_cents else "",
            short_date(line.due_on),
        )
        for line in lines
    )
    return Table(("N°", "Payeur", "Mois", "Montant (€)", "Avoirs (€)", "Avant le"), rows)


def days_table(seen: InvoiceSeen) -> Table:
    """Return every line of an invoice: for whom, service, day, quantity, amount."""
    rows = tuple(
        (
            seen.children.get(group["child"], NOBODY),
            f"{group['service_label']}, {group['place_label']}",
            short_date(date.fromisoformat(day["day"])),
            quantity(Decimal(day["units"]) / 10_000, group),
            Decimal(day["amount"] - day["covered"]).scaleb(-2),
        )
        for group in seen.body["lines"]
        for day in group["days"]
    )
    return Table(("Pour qui", "Service", "Jour", "Quantité", "Montant (€)"), rows)


def line_labels(seen: InvoiceSeen) -> list[str]:
    """Return how people call each line of an invoice, in the order of its body."""
    return [
        f"{seen.children.get(group['child'], NOBODY)}, {group['service_label']}, "
        f"{short_date(date.fromisoformat(day['day']))}"
        for group in seen.body["lines"]
        for day in group["days"]
    ]


def other_sentences(seen: InvoiceSeen) -> list[str]:
    """Return régularisations, what is carried and what credits did, one sentence each."""
    found = [adjustment_sentence(each, seen.children) for each in seen.body["adjustments"]]
    found += [
        f"Report de {month_name(date.fromisoformat(each['month']))} : {euros(each['cents'])}"
        for each in seen.body["carried"]
    ]
    found += [
        f"Annulation de {euros(each.amount_cents)}, {STEPS[each.step]} ({each.recorded_by}) : {each.reason}"
        + (f". Avoir n° {each.credit_note}" if each.credit_note else "")
        for each in seen.credits
    ]
    return found


def cancellations_table(lines: Sequence[CancellationLine]) -> Table:
    """Return the cancellations that wait for somebody."""
    rows = tuple((STEPS[line.step], line.number, euros(line.amount_cents), line.reason) for line in lines)
    return Table(("Attend", "Facture n°", "Montant", "Motif"), rows)


def _euros(amount: Decimal) -> str:
    return euros(int(amount * 100))


def untold_table(untold: Sequence[UntoldPayer]) -> Table:
    """Return who has an invoice and no notice of it, why, and the telephones to call."""
    rows = tuple(
        (each.payer_name, f"n° {each.number}", UNTOLD_WORDS[each.why], ", ".join(each.phones) or "aucun téléphone")
        for each in untold
    )
    return Table(("Payeur", "Facture", "Pourquoi", "Téléphone"), rows)
