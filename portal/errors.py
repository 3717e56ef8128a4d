"""Every failure is a page in French: what happened, what is recorded, one thing to do."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Sequence
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from domain.errors import MarelleError, NotAllowed, NotFound
from portal.forms import FormExpired
from portal.rendering import render
from portal.visitors import SignedOut

LOGGER = logging.getLogger(__name__)
# The page of last resort, when even the records cannot be read.
_BARE = """<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Page indisponible</title>
<link rel="stylesheet" href="/static/portal.css"></head><body><main><h1>Cette page est indisponible</h1>
<p>Le service ne répond pas en ce moment. Rien n’est perdu&nbsp;: tout ce qui était enregistré le reste.</p>
<p><a class="b" href="/">Réessayer</a></p><p>Code à donner au service&nbsp;: {reference}</p></main></body></html>"""


def error_page(request: Request, status: int, heading: str, sentences: Sequence[str]) -> Response:
    """Return an error page whose one action leads home."""
    return render(
        request,
        "error.html",
        status,
        heading=heading,
        sentences=sentences,
        action="Aller à l'accueil",
        action_href="/",
    )


def add_error_pages(app: FastAPI) -> None:
    """Give each kind of failure its page."""

    @app.exception_handler(SignedOut)
    def signed_out(request: Request, error: SignedOut) -> Response:
        path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        reason = "&motif=inactivite" if error.was_signed_in else ""
        suite = "" if path == "/" else f"suite={quote(path, safe='')}"
        query = (suite + reason).lstrip("&")
        return RedirectResponse("/connexion" + (f"?{query}" if query else ""), status_code=303)

    @app.exception_handler(MarelleError)
    def expected(request: Request, error: MarelleError) -> Response:
        if isinstance(error, NotFound):
            return not_found(request)
        if isinstance(error, NotAllowed):
            return not_allowed(request)
        heading = "Ce formulaire n'est plus valable" if isinstance(error, FormExpired) else "Demande impossible"
        return error_page(request, 400, heading, [error.message])

    @app.exception_handler(RequestValidationError)
    def malformed(request: Request, error: RequestValidationError) -> Response:
        return error_page(
            request, 400, "Cette adresse est incomplète", ["Rien n'a été enregistré. Revenez à l'accueil."]
        )

    @app.exception_handler(HTTPException)
    def other(request: Request, error: HTTPException) -> Response:
        if error.status_code == 404:
            return not_found(request)
        if error.status_code == 403:
            return not_allowed(request)
        return error_page(
            request, error.status_code, "Demande impossible", ["Rien n'a été enregistré. Revenez à l'accueil."]
        )


def not_found(request: Request) -> Response:
    """Return the 404 page; it never says whether the thing exists for somebody else."""
    return error_page(
        request,
        404,
        "Cette page n'existe pas",
        ["L'adresse est peut-être incomplète, ou la page ne vous est pas destinée."],
    )


def not_allowed(request: Request) -> Response:
    """Return the 403 page."""
    return error_page(
        request,
        403,
        "Cette page ne vous est pas ouverte",
        ["Votre compte ne permet pas de la lire. Si c'est une erreur, contactez le service."],
    )


class UnexpectedErrors:
    """ASGI middleware: a fault of ours is logged with a code, and the reader gets a page with that code."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 500 when nothing was sent yet; else let the connection break."""
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except Exception:
            if started or scope["type"] != "http":
                raise
            reference = secrets.token_hex(4).upper()
            LOGGER.exception("unexpected error %s on %s", reference, scope["path"])
            await HTMLResponse(_BARE.format(reference=reference), 500)(scope, receive, send)
