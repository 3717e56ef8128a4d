"""« Mes factures »: the reader's own invoices, one in detail, and its PDF."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, Response

from domain.tax_certificate import certificate_paper
from exchanges.papers.invoices import invoice_pdf, paper_of
from exchanges.papers.statements import statement_pdf
from portal import answers
from portal.rendering import render
from portal.views.invoices import invoice_list, invoice_view
from portal.visitors import Visitor, context_of, visitor_of
from records.operations.family_view import my_families
from records.operations.invoice_papers import my_invoice, my_invoices
from records.operations.tax_certificates import my_certificate, my_certificates

router = APIRouter(default_response_class=HTMLResponse, responses=answers.SIGNED_IN)


@router.get("/factures", response_model=None)
def list_page(request: Request, visitor: Annotated[Visitor, Depends(visitor_of)]) -> Response:
    """Show the reader's own invoices, the last first."""
    records = context_of(request).records
    payers = [payer for family in my_families(records, visitor.actor) for payer in family.payers]
    certificates = my_certificates(records, visitor.actor)
    view = invoice_list(my_invoices(records, visitor.actor), payers, certificates)
    return render(request, "invoices.html", active="invoices", view=view)


@router.get("/factures/attestations/{year}/{payer_ref}", response_model=None, responses=answers.PDF)
def certificate_file(
    request: Request, year: int, payer_ref: str, visitor: Annotated[Visitor, Depends(visitor_of)]
) -> Response:
    """Give the PDF of the reader's own certificate of a year that is over; raises NotFound for any other."""
    facts = my_certificate(context_of(request).records, visitor.actor, payer_ref, year)
    return Response(
        statement_pdf(certificate_paper(facts), facts.made_on),
        media_type="application/pdf",
        headers={"content-disposition": f'inline; filename="attestation-{facts.year}.pdf"'},
    )


@router.get("/factures/{address}/pdf", response_model=None, responses=answers.PDF)
def pdf_file(request: Request, address: str, visitor: Annotated[Visitor, Depends(visitor_of)]) -> Response:
    """Give the PDF of one of the reader's own invoices; raises NotFound for any other."""
    context = context_of(request)
    facts = my_invoice(context.records, visitor.actor, *_number_and_mark(address))
    return Response(
        invoice_pdf(context.home, facts),
        media_type="application/pdf",
        headers={"content-disposition": f'inline; filename="facture-{facts.number}.pdf"'},
    )


@router.get("/factures/{address}", response_model=None)
def invoice_page(request: Request, address: str, visitor: Annotated[Visitor, Depends(visitor_of)]) -> Response:
    """Show one of the reader's own invoices; raises NotFound for any other."""
    records = context_of(request).records
    number, mark = _number_and_mark(address)
    facts = my_invoice(records, visitor.actor, number, mark)
    view = invoice_view(facts, paper_of(facts))
    return render(request, "invoice.html", active="invoices", invoice=view)


def _number_and_mark(address: str) -> tuple[str, str]:
    """Return both parts of « 2026-000123-0a1b… »: the number is easily guessed, the mark is not."""
    number, _, mark = address.rpartition("-")
    return number, mark
