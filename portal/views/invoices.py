"""« Mes factures » as families read it: the list, and one invoice with the words and figures of its paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote

from domain.explained_invoices import line_keys
from domain.french import NBSP, euros, long_date, month_name
from domain.invoice_paper import InvoicePaper
from domain.invoice_sheet import InvoiceFacts
from domain.invoice_text import NOBODY
from domain.notices import MAILED, MAILED_FOR_SMS, NO_EMAIL, SMS_UNSENT, UNWANTED
from portal.views.month import line_href
from records.operations.family_view import PayerView
from records.operations.invoice_papers import MyInvoice
from records.operations.tax_certificates import MyCertificate

_NOTICES = {
    SMS_UNSENT: "Vous avez choisi d'être prévenu par SMS. Nous ne pouvons pas encore en envoyer et n'avons pas "
    "votre e-mail : aucun message ne vous dira qu'une facture est prête. Donnez un e-mail au service.",
    NO_EMAIL: "Nous n'avons pas votre e-mail : aucun message ne vous dira qu'une facture est prête. Donnez-en un "
    "au service.",
    MAILED_FOR_SMS: "Vous avez choisi d'être prévenu par SMS. Nous ne pouvons pas encore en envoyer : un e-mail "
    "vous dit qu'une facture est prête.",
    UNWANTED: "Vous avez choisi de ne recevoir aucun message quand une facture est prête.",
    MAILED: "Un e-mail vous dit qu'une facture est prête.",
}


@dataclass(frozen=True, slots=True)
class InvoiceRow:
    """An invoice in the list."""

    month: str
    number: str
    issued: str
    due: str
    amount: str
    credited: str
    href: str


@dataclass(frozen=True, slots=True)
class CertificateLink:
    """The certificate of a year, as a PDF."""

    label: str
    href: str


@dataclass(frozen=True, slots=True)
class InvoiceList:
    """Everything `invoices.html` shows."""

    rows: tuple[InvoiceRow, ...]
    owed: str
    owed_sentence: str
    empty_sentence: str
    certificates: tuple[CertificateLink, ...]
    notice_sentence: str


@dataclass(frozen=True, slots=True)
class DayLink:
    """A day of a line, and the page that explains its price."""

    label: str
    href: str


@dataclass(frozen=True, slots=True)
class InvoiceView:
    """Everything `invoice.html` shows: the paper, the address of its PDF, and each day with its reason."""

    paper: InvoicePaper
    month: str
    pdf_href: str
    days: Mapping[str, tuple[DayLink, ...]]


def invoice_list(
    invoices: Sequence[MyInvoice], payers: Sequence[PayerView], certificates: Sequence[MyCertificate]
) -> InvoiceList:
    """Return the list, with what is owed of all of them today, and the certificates of years that are over."""
    owed = sum(payer.balance_cents for payer in payers)
    return InvoiceList(
        tuple(_row(invoice) for invoice in invoices),
        euros(abs(owed)),
        _owed_sentence(owed),
        "Aucune facture pour le moment. La prochaine paraîtra ici."
        if payers
        else "Vous n'êtes payeur d'aucune prestation de ce dossier. Les factures vont à un autre payeur.",
        tuple(_certificate(each, several=len(payers) > 1) for each in certificates),
        _notice_sentence(payers),
    )


def _notice_sentence(payers: Sequence[PayerView]) -> str:
    """Return how the reader is told of the next invoice: the least of what their payers are told."""
    told = {payer.notice for payer in payers}
    return next((sentence for notice, sentence in _NOTICES.items() if notice in told), "")


def invoice_view(facts: InvoiceFacts, paper: InvoicePaper) -> InvoiceView:
    """Return one invoice of the reader."""
    days: dict[str, list[DayLink]] = {}
    keys = line_keys(facts.body, facts.payer_ref)
    for group in facts.body["lines"]:
        child = facts.children.get(group["child"])
        for day in group["days"]:
            on = date.fromisoformat(day["day"])
            label = f"{long_date(on)}{NBSP}: {group['service_label']}, {euros(day['amount'])}"
            link = DayLink(label, line_href(next(keys)))
            days.setdefault(child.first_name if child else NOBODY, []).append(link)
    return InvoiceView(
        paper,
        month_name(facts.month),
        f"{_href(facts.number, facts.mark)}/pdf",
        {name: tuple(sorted(links, key=lambda link: link.href.split("~")[2])) for name, links in days.items()},
    )


def _row(invoice: MyInvoice) -> InvoiceRow:
    credited = f"avoir de {euros(invoice.credited_cents)}" if invoice.credited_cents else ""
    return InvoiceRow(
        month_name(invoice.month).capitalize(),
        invoice.number,
        long_date(invoice.issued_on).split(" ", 1)[1],
        long_date(invoice.due_on).split(" ", 1)[1],
        euros(invoice.total_cents),
        credited,
        _href(invoice.number, invoice.mark),
    )


def _certificate(certificate: MyCertificate, *, several: bool) -> CertificateLink:
    of = f", payeur n°{NBSP}{certificate.payer_ref}" if several else ""
    return CertificateLink(
        f"Attestation fiscale {certificate.year}{of} (PDF)",
        f"/factures/attestations/{certificate.year}/{quote(certificate.payer_ref, safe='')}",
    )


def _href(number: str, mark: str) -> str:
    return f"/factures/{number}-{mark}"


def _owed_sentence(owed: int) -> str:
    if owed > 0:
        return "Reste à payer, toutes factures comprises"
    return "En votre faveur, à déduire de la prochaine facture" if owed else "Votre compte est à jour"
