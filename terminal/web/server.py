"""textual-serve with our own page: our typeface, no outside host, 100×30 cells on an 800×480 panel.

Each browser tab runs its own screen process; they share one outbox (house rule 11).
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import aiohttp_jinja2
from aiohttp import web
from textual_serve.server import Server

_HERE = Path(__file__).parent
PANEL_FONT_SIZE = 14  # 13 gives 114×32 on the panel


class TerminalServer(Server):
    """Serves the terminal's page and one process per tab."""

    def __init__(self, host: str, port: int, command: str) -> None:
        super().__init__(command, host, port, title="Marelle", templates_path=_HERE / "templates")

    async def _make_app(self) -> web.Application:
        app: web.Application = await super()._make_app()
        app.add_routes([web.static("/marelle", _HERE / "static")])
        return app

    def initialize_logging(self) -> None:
        """Say only what went wrong."""
        logging.basicConfig(level=logging.WARNING)

    async def on_startup(self, app: web.Application) -> None:
        """Say nothing: who started us tells the address."""

    @aiohttp_jinja2.template("index.html")
    async def handle_index(self, request: web.Request) -> dict[str, Any]:
        """Return the page's data; addresses follow the host that the tablet asked for."""
        scheme = "wss" if request.secure else "ws"
        asked = request.query.get("fontsize", "")
        return {
            "websocket_url": f"{scheme}://{request.host}/ws",
            "font_size": int(asked) if asked.isdigit() else PANEL_FONT_SIZE,
            "fits_window": not asked,
            "panel_font_size": PANEL_FONT_SIZE,
        }


def serve(host: str, port: int, command: str) -> None:
    """Serve `command` (a terminal) at `host:port` until interrupted."""
    TerminalServer(host, port, command).serve()
