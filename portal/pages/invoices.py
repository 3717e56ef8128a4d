"""« Mes factures »: the reader's own invoices, one in detail, and its PDF."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, Response

from exchanges.papers.invoices import invoice_pdf, paper_of
from portal import answers
from portal.rendering import local_now, render
from portal.views.invoices import invoice_list, invoice_view
from portal.visitors import Visitor, context_of, visitor_of
from records.operations.family_view import my_families
from records.operations.invoice_papers import my_invoice, my_invoices

router = APIRouter(default_response_class=HTMLResponse, responses=answers.SIGNED_IN)


@router.get("/factures", response_model=None)
def list_page(request: Request, visitor: Annotated[Visitor, Depends(visitor_of)]) -> Response:
    """Show the reader's own invoices, the last first."""
    records = context_of(request).records
    _now, today = local_now(request)
    payers = [payer for family in my_families(records, visitor.actor) for payer in family.payers]
    view = invoice_list(my_invoices(records, visitor.actor), payers, today)
    return render(request, "invoices.html", active="invoices", view=view)


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
