"""The application: its routes, its one writer, its typed errors."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI, Response
from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema
from starlette.types import ASGIApp, Receive, Scope, Send

from domain.time import Clock, system_clock
from domain.wire.v1 import BatchAnswerV1, BatchV1, ReportV1
from ingest_api import examples, refusals, tap_door
from ingest_api.device_routes import Credentials, DeviceRoutes
from ingest_api.group_commit import GroupCommit, KeepAll
from ingest_api.tap_door import TapDoor
from records.database import Records
from records.operations.tap_rows import TapBatch
from records.operations.taps import TapStore

TITLE = "Marelle : API des terminaux"
_TAP_REFUSALS = (
    "unknown_device", "quarantine_full", "unreadable_batch", "unsupported_protocol", "batch_too_large",
    "too_many_taps", "slow_request", "server_busy",
)  # fmt: skip


class IngestApp(FastAPI):
    """FastAPI, with the one busy address answered before the router is asked."""

    tap_door: TapDoor

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or run the lifespan."""
        if scope["type"] == "http" and scope["path"] == tap_door.PATH and scope["method"] == "POST":
            await self.tap_door(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)

    def openapi(self) -> dict[str, Any]:
        """Return the description of the API, with the bodies that we read by ourselves."""
        if not self.openapi_schema:
            described = super().openapi()
            read_here: list[tuple[type[BaseModel], JsonSchemaMode]] = [
                (BatchV1, "validation"),
                (ReportV1, "validation"),
            ]
            _, bodies = models_json_schema(read_here, ref_template="#/components/schemas/{model}")
            described["components"]["schemas"] |= bodies["$defs"]
        return super().openapi()


def create_app(records: Records, clock: Clock = system_clock, keep_all: KeepAll | None = None) -> IngestApp:
    """Return the API over these records.

    The writer starts with the first batch; when the server stops, what waits is written first. `keep_all` stands in
    for the store in benchmarks and failure tests.
    """
    store = TapStore(records)
    writer = GroupCommit(keep_all or store.keep_all)

    def submit(batch: TapBatch) -> Awaitable[BatchAnswerV1]:
        return writer.submit(store.draft(batch))

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        await asyncio.to_thread(writer.close)

    app = IngestApp(
        title=TITLE, version="1", lifespan=lifespan, openapi_url="/v1/openapi.json", docs_url=None, redoc_url=None
    )
    app.tap_door = TapDoor(records, submit, clock)
    refusals.install(app)
    app.include_router(_tap_router(app.tap_door))
    app.include_router(DeviceRoutes(records, clock).router())
    return app


class _Through(Response):
    """A response that leaves the whole exchange to another application."""

    def __init__(self, application: ASGIApp) -> None:
        super().__init__()
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._application(scope, receive, send)


def _tap_router(door: ASGIApp) -> APIRouter:
    """Return the documented route of the tap door, which also serves it where the short cut does not see it."""
    router = APIRouter(tags=["pointages"])

    @router.post(
        tap_door.PATH,
        summary="Envoyer un lot de pointages",
        response_model=None,
        responses=examples.answers("Une réponse par pointage, dans l'ordre", examples.ANSWER, *_TAP_REFUSALS),
        openapi_extra=examples.request_body(examples.BATCH),
    )
    async def send_taps(credentials: Credentials) -> Response:
        """Recevoir au plus 200 pointages et 256 Ko. La réponse vient quand tout est durablement enregistré.

        Renvoyer le même lot est sans effet, pour toujours. Rien de ce qui est lisible n'est refusé : un badge
        inconnu ou un enfant non inscrit est enregistré, puis revu par une personne.
        """
        return _Through(door)

    return router
