"""The short public pages of the footer."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from portal.rendering import render
from portal.visitors import context_of

router = APIRouter()


@router.get("/contact", response_model=None)
def contact(request: Request) -> Response:
    """How to reach the service."""
    return render(request, "contact.html")


@router.get("/accessibilite", response_model=None)
def accessibility(request: Request) -> Response:
    """The honest state of accessibility."""
    return render(request, "accessibility.html")


@router.get("/donnees-personnelles", response_model=None)
def personal_data(request: Request) -> Response:
    """What is kept, for whom and for how long."""
    return render(request, "personal_data.html")


@router.get("/mentions-legales", response_model=None)
def legal_notice(request: Request) -> Response:
    """Who publishes the site, and with which software."""
    return render(request, "legal_notice.html")


@router.get("/sante")
def health(request: Request) -> JSONResponse:
    """Answer when the records can be read: for supervision, no personal data."""
    return JSONResponse({"status": "ok", "change_seq": context_of(request).records.change_seq()})
