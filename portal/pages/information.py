"""The short public pages of the footer."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.responses import HTMLResponse, JSONResponse, Response

from portal import answers
from portal.rendering import render
from portal.visitors import context_of

router = APIRouter(default_response_class=HTMLResponse, responses=answers.REFUSED)


class Health(BaseModel):
    """The portal answers and its records can be read: `change_seq` is how many operations they hold."""

    status: Literal["ok"] = "ok"
    change_seq: int


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


@router.get("/sante", response_class=JSONResponse)
def health(request: Request) -> Health:
    """Answer when the records can be read: for supervision, no personal data."""
    return Health(change_seq=context_of(request).records.change_seq())
