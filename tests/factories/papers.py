"""Invoices as papers, made for the tests and benchmarks of their layout."""

from __future__ import annotations

from domain.french import NBSP, euros
from domain.invoice_paper import Box, ChildPart, Entry, InvoicePaper, PaperRow, Part, Sender

DAYS = "2, 3, 5, 6, 9, 10, 12, 13, 16, 17, 19, 20, 23 et 24 novembre"


def made_child(name: str, services: int = 2) -> ChildPart:
    """Return a child with some services, each with its days."""
    rows = tuple(
        PaperRow(f"Cantine n° {rank}", f"14{NBSP}repas", euros(280 + rank), euros(14 * (280 + rank)), DAYS)
        for rank in range(services)
    )
    total = sum(14 * (280 + rank) for rank in range(services))
    return ChildPart(name, "CE1, École Les Tilleuls", euros(total), rows)


def made_paper(
    children: tuple[ChildPart, ...] = (made_child("Léa Fournier"), made_child("Noé Fournier")),
    number: str = "2026-000412",
    recipient: tuple[str, ...] = ("Madame Claire FOURNIER", "12 rue des Lilas", "00000 VAL D’ORME"),
) -> InvoicePaper:
    """Return an invoice of November with a régularisation and a balance."""
    return InvoicePaper(
        title="Facture de novembre 2026",
        lead=f"N° {number} – établie le 8 décembre 2026 – payeur n° 00731",
        footer=f"Facture n° {number} – {recipient[0]}",
        sender=Sender("Val d’Orme", ("Services enfance", "1 place du Marché, 00000 Val d’Orme")),
        recipient=recipient,
        box=Box("À payer avant le 15 janvier 2027", ("Par carte sur le portail, ou à la régie.",), euros(16_017)),
        children=children,
        entries=(
            Entry("Régularisation", " d’octobre : absence du 22/10 justifiée après facturation", euros(-280)),
            Entry("Solde précédent", " : reste dû", euros(560)),
        ),
        total=Entry("Total à payer", "", euros(16_017)),
        parts=(Part(f"Une erreur{NBSP}?", "Écrivez-nous avant le 15 janvier 2027."),),
    )
