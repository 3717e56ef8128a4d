"""The server process of the ingest benchmarks: the shipped application, or one whose store does nothing."""

from __future__ import annotations

import sys

from domain.wire.batch import ReadTap
from domain.wire.v1 import BatchAnswerV1, TapAnswerV1, TapStatus
from ingest_api.app import create_app
from ingest_api.serve import serve
from records.database import open_records
from records.operations.tap_rows import TapBatch


async def keep_nothing(batch: TapBatch) -> BatchAnswerV1:
    """Answer as the store does, at once, and keep nothing."""
    taps = [item.tap for item in batch.items if isinstance(item, ReadTap)]
    return BatchAnswerV1(
        answers=[
            TapAnswerV1(index=index, tap_id=tap.tap_id, status=TapStatus.STORED) for index, tap in enumerate(taps)
        ],
        acked_through={taps[-1].epoch: taps[-1].seq},
        server_time=batch.received_at,
    )


def main(url: str, port: str, store: str) -> None:
    """Serve until SIGTERM."""
    records = open_records(url)
    app = create_app(records)
    if store == "none":
        app.tap_door.submit = keep_nothing
    serve(app, port=int(port))
    records.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
