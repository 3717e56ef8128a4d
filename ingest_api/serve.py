"""Running the API: one worker, because there is one writer (more gave nothing on two cores)."""

from __future__ import annotations

import argparse
import gc
import logging
import os
import signal
import threading
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

import uvicorn
from starlette.types import ASGIApp

from ingest_api.app import create_app
from records.database import open_records, records_url

DEFAULT_HOST, DEFAULT_PORT = "127.0.0.1", 8010
# What is under way when the server is told to stop may end; then the writer is drained.
_GRACE_SECONDS = 20
_CONNECTIONS_MAX = 1_000
_OBJECTS_BEFORE_A_COLLECTION = 20_000


def serve(app: ASGIApp, host: str = DEFAULT_HOST, port: int = DEFAULT_PORT) -> None:
    """Serve until SIGTERM or SIGINT; every batch answered is durable, every batch taken in is written first."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        server_header=False,
        ws="none",
        limit_concurrency=_CONNECTIONS_MAX,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    if threading.current_thread() is threading.main_thread():
        # uvicorn stops in good order, then raises the signal again: end as a success, and run what closes.
        signal.signal(signal.SIGTERM, _leave)
    _collect_seldom()
    uvicorn.Server(config).run()


def _collect_seldom() -> None:
    """Let the collector of cycles look at what is new only, and less often: taps make many objects and no cycle."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_OBJECTS_BEFORE_A_COLLECTION)


def _leave(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve the records of MARELLE_HOME or MARELLE_DATABASE_URL, which must be migrated; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m ingest_api.serve", description="API des terminaux de Marelle")
    parser.add_argument("--host", default=DEFAULT_HOST, help="adresse d'écoute")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="port d'écoute")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.WARNING)
    home = Path(os.environ.get("MARELLE_HOME", "data"))
    records = open_records(records_url(home, os.environ.get("MARELLE_DATABASE_URL")))
    try:
        serve(create_app(records), options.host, options.port)
    finally:
        records.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
