"""The portal's application: `create_app(context)` is all a server needs."""

from __future__ import annotations

import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from portal.context import PortalContext
from portal.errors import UnexpectedErrors, add_error_pages
from portal.pages import account, forgotten, home, information, invoices, lines, password, session
from portal.rendering import FOLDER
from portal.security import SecurityHeaders
from warehouse.family import warm_up

LOGGER = logging.getLogger(__name__)
WARM_UP_STOP_SECONDS = 5.0


def create_app(context: PortalContext) -> FastAPI:
    """Return the portal over open records; no documentation pages: it serves people, not programs."""
    app = FastAPI(
        title="Marelle, portail famille", docs_url=None, redoc_url=None, openapi_url=None, lifespan=_prepared
    )
    app.state.portal = context
    app.mount("/static", StaticFiles(directory=FOLDER / "static"), name="static")
    for page in (session, password, forgotten, account, home, lines, invoices, information):
        app.include_router(page.router)
    add_error_pages(app)
    # The last added is the outermost: even the page of an unexpected error is dressed.
    app.add_middleware(UnexpectedErrors)
    app.add_middleware(SecurityHeaders, dashboards_url=context.dashboards_url)
    return app


@asynccontextmanager
async def _prepared(app: FastAPI) -> AsyncIterator[None]:
    """Prepare the pricing models while the first visitor still types a password; nobody waits for it to start."""
    worker = threading.Thread(target=_prepare, args=(app.state.portal,), name="warm-up", daemon=True)
    worker.start()
    yield
    worker.join(WARM_UP_STOP_SECONDS)


def _prepare(context: PortalContext) -> None:
    try:
        warm_up(context.home)
    except Exception:
        # The first page that needs a price meets the same fault, and tells its reader.
        LOGGER.exception("the pricing models could not be prepared")
