"""The town's network: the real API answers in this process, unless somebody pulled the cable."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager

import httpx
from fastapi import FastAPI


class InProcessServer(httpx.BaseTransport):
    """Carries requests to an application without a socket.

    The application lives in one task of a thread of its own, from its start to its end, as under a real server.
    """

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self._loop = asyncio.new_event_loop()
        self._requests: asyncio.Queue[tuple[httpx.Request, Future[httpx.Response]] | None] = asyncio.Queue()
        self._thread = threading.Thread(target=self._run, name="demo-api", daemon=True)
        self._thread.start()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Return the application's answer."""
        answer: Future[httpx.Response] = Future()
        self._loop.call_soon_threadsafe(self._requests.put_nowait, (request, answer))
        return answer.result()

    def stop(self) -> None:
        """Stop the application as a server would: what waits is written first."""
        self._loop.call_soon_threadsafe(self._requests.put_nowait, None)
        self._thread.join()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        transport = httpx.ASGITransport(app=self._app)
        async with self._app.router.lifespan_context(self._app):
            while (item := await self._requests.get()) is not None:
                request, answer = item
                try:
                    found = await transport.handle_async_request(request)
                    body = await found.aread()
                except Exception as error:
                    answer.set_exception(error)
                else:
                    answer.set_result(httpx.Response(found.status_code, headers=found.headers, content=body))


class Cable(httpx.BaseTransport):
    """One terminal's way to the server; pulled out, every request fails as on a real machine."""

    def __init__(self, server: httpx.BaseTransport) -> None:
        self._server = server
        self.is_plugged = True

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Return the server's answer; raises httpx.ConnectError when the cable is out."""
        if not self.is_plugged:
            raise httpx.ConnectError("the network is cut", request=request)
        return self._server.handle_request(request)


@contextmanager
def in_process(app: FastAPI) -> Iterator[InProcessServer]:
    """Start an application, and stop it at the end."""
    server = InProcessServer(app)
    try:
        yield server
    finally:
        server.stop()
