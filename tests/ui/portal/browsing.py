"""A browser without screen over an ASGI application, and what it sees in a page."""

import asyncio
import re
from html import unescape
from typing import Any, Self

from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Cookies, Response

DASHBOARDS = "http://127.0.0.1:8030"
HOST = "127.0.0.1"


class Browser:
    """Keeps cookies, follows no redirection by itself, and waits for each answer."""

    def __init__(self, app: FastAPI, scheme: str = "http") -> None:
        self._loop = asyncio.new_event_loop()
        transport = ASGITransport(app, raise_app_exceptions=False)
        self._client = AsyncClient(transport=transport, base_url=f"{scheme}://{HOST}:8020")

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Close the client and its loop."""
        self._loop.run_until_complete(self._client.aclose())
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()

    @property
    def cookies(self) -> Cookies:
        """The cookies held now."""
        return self._client.cookies

    def hold(self, name: str, value: str) -> None:
        """Replace a cookie by a value of one's own."""
        self._client.cookies.clear()
        self._client.cookies.set(name, value, domain=HOST, path="/")

    def get(self, path: str, **options: Any) -> Response:
        """Ask for a page."""
        return self.send("GET", path, **options)

    def post(self, path: str, **options: Any) -> Response:
        """Send a form."""
        return self.send("POST", path, **options)

    def send(self, method: str, path: str, **options: Any) -> Response:
        """Send a request and wait for its answer."""
        return self._loop.run_until_complete(self._client.request(method, path, **options))


def form_token(page: Response) -> str:
    """Return the hidden token of the page's first form."""
    found = re.search(r'name="form_token" value="([0-9a-f]+)"', page.text)
    assert found is not None, page.text
    return found.group(1)


def links(page: Response) -> set[str]:
    """Return the addresses of the page's links inside the site."""
    found = {unescape(href) for href in re.findall(r'<a [^>]*href="([^"]*)"', page.text)}
    return {href.split("#")[0] for href in found if href.startswith("/")}


def text_of(page: Response, start: str, end: str) -> str:
    """Return what stands between two marks of a page."""
    return page.text.split(start, 1)[1].split(end, 1)[0]
