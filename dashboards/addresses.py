"""Addresses that no page has: a browser is led to words of ours, before Streamlit draws its own in English."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from dashboards.pages import ENTRIES, ROOT, UNKNOWN_ADDRESS

_OF_STREAMLIT = frozenset({"_stcore", "app", "component", "media", "static"})
_PAGES = frozenset({"", ROOT, UNKNOWN_ADDRESS} | {entry.path for entry in ENTRIES})


class KnownAddresses:
    """The staff pages behind their addresses; any other that a browser asks for leads to the page that says so."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI)."""
        answer = RedirectResponse(f"/{UNKNOWN_ADDRESS}", status_code=302) if _is_unknown(scope) else self._app
        await answer(scope, receive, send)


def _is_unknown(scope: Scope) -> bool:
    if scope["type"] != "http" or "text/html" not in Headers(scope=scope).get("accept", ""):
        return False
    path = scope["path"].strip("/")
    return path not in _PAGES and path.split("/")[0] not in _OF_STREAMLIT
