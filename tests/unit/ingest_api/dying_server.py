"""The shipped server, but killed (SIGKILL) after a durable commit and before any answer, as a power cut would do.

`python -m tests.unit.ingest_api.dying_server URL PORT MARK`: it dies once; when the file MARK exists it lives.
"""

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from ingest_api.app import create_app
from ingest_api.serve import serve
from records.database import open_records
from records.operations.tap_rows import TapBatch
from records.operations.taps import Outcome, TapStore


def main(url: str, port: str, mark: str) -> None:
    """Serve; die after the first commit."""
    records = open_records(url)
    store = TapStore(records)

    def keep_then_die(batches: Sequence[TapBatch]) -> list[Outcome]:
        outcomes = store.keep_all(batches)
        if not Path(mark).exists():
            Path(mark).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return outcomes

    serve(create_app(records, keep_all=keep_then_die), port=int(port))


if __name__ == "__main__":
    main(*sys.argv[1:])
