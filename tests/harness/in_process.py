"""An httpx client without `async` in front of an ASGI application of this process: no port, no thread."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from starlette.types import ASGIApp

BASE_URL = "http://marelle.test"


class _InProcess(httpx.BaseTransport):
    def __init__(self, application: ASGIApp) -> None:
        self._loop = asyncio.new_event_loop()
        transport = httpx.ASGITransport(application, raise_app_exceptions=False)
        self._client = httpx.AsyncClient(transport=transport, base_url=BASE_URL)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request; an exception of the application is its 500."""
        asked = httpx.Request(request.method, request.url, headers=request.headers, content=request.read())
        answer = self._loop.run_until_complete(self._client.send(asked))
        # As a stream: httpx takes the time when it has been read to its end.
        stream = httpx.ByteStream(answer.content)
        return httpx.Response(answer.status_code, headers=answer.headers, stream=stream)

    def close(self) -> None:
        """End the loop."""
        self._loop.run_until_complete(self._client.aclose())
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()


@contextmanager
def client_of(application: ASGIApp) -> Iterator[httpx.Client]:
    """Yield a client that follows no redirection by itself."""
    with httpx.Client(transport=_InProcess(application), base_url=BASE_URL) as client:
        yield client
