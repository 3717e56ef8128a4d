"""What every answer of the portal carries, and the token that each form must bring back."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

STATIC_PREFIX = "/static/"
FORM_BYTES_MAX = 16 * 1024


def new_form_secret() -> str:
    """Return the value of the cookie that a visitor without a session gets with a form."""
    return secrets.token_urlsafe(24)


def form_token(cookie_secret: str) -> str:
    """Return the token a form carries: bound to a cookie that scripts and other sites cannot read."""
    return hashlib.sha256(f"marelle form {cookie_secret}".encode()).hexdigest()


def is_form_token(given: str, cookie_secret: str | None) -> bool:
    """Say whether a posted token belongs to the cookie that came with it."""
    return cookie_secret is not None and hmac.compare_digest(given.encode(), form_token(cookie_secret).encode())


def origin_of(url: str) -> str:
    """Return scheme, host and port of an address, as a Content-Security-Policy source."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def safe_path(path: str) -> str | None:
    """Return a path of this site to go on to, or None: never another host, never back to the log-in page."""
    if not path.startswith("/") or path.startswith(("//", "/\\")) or any(ord(char) < 0x20 for char in path):
        return None
    return None if path.startswith(("/connexion", "/deconnexion")) else path


class SecurityHeaders:
    """ASGI middleware: strict policy on every answer, nothing private kept by caches, no oversized form.

    The log-in form ends at the dashboards for staff: browsers check `form-action` along redirects too, so
    that origin is named.
    """

    def __init__(self, app: ASGIApp, dashboards_url: str) -> None:
        self.app = app
        self.policy = "; ".join(
            [
                "default-src 'none'",
                "style-src 'self'",
                "script-src 'self'",
                "img-src 'self'",
                "font-src 'self'",
                f"form-action 'self' {origin_of(dashboards_url)}",
                "base-uri 'none'",
                "frame-ancestors 'none'",
            ]
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on unless its form is too large; dress the answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._dress(MutableHeaders(scope=message), scope)
            await send(message)

        if scope["method"] == "POST" and not _is_small(scope):
            await _refuse_large(send_dressed)
            return
        await self.app(scope, receive, send_dressed)

    def _dress(self, headers: MutableHeaders, scope: Scope) -> None:
        headers["Content-Security-Policy"] = self.policy
        headers["X-Frame-Options"] = "DENY"
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "same-origin"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
        if scope["scheme"] == "https":
            headers["Strict-Transport-Security"] = "max-age=31536000"
        is_static = scope["path"].startswith(STATIC_PREFIX)
        headers["Cache-Control"] = "public, max-age=3600" if is_static else "no-store"


def _is_small(scope: Scope) -> bool:
    """True when the request says its length and it fits; a body of unknown length is refused."""
    lengths = [value for name, value in scope["headers"] if name == b"content-length"]
    return len(lengths) == 1 and lengths[0].isdigit() and int(lengths[0]) <= FORM_BYTES_MAX


async def _refuse_large(send: Send) -> None:
    body = "Ce formulaire est trop long. Rien n'a été enregistré. Revenez en arrière et raccourcissez-le.".encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body})
