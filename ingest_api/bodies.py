"""Reading the body of a request within its size and its time."""

from __future__ import annotations

import asyncio

from starlette.types import Message, Receive

from domain.wire.v1 import BATCH_BYTES_MAX
from ingest_api.refusals import Refusal

READ_SECONDS_MAX = 30.0
# Read and thrown away, so that a client that is still sending can hear why it was refused.
_DRAIN_BYTES_MAX = 4 * BATCH_BYTES_MAX


class ClientGone(Exception):
    """The client hung up before its request was whole: nobody to answer."""


async def read_body(receive: Receive, seconds_max: float) -> tuple[bytes, bool]:
    """Return the body, or its first bytes and False when it is too large. Raises Refusal when it is too slow."""
    try:
        async with asyncio.timeout(seconds_max):
            message = await receive()
            if message["type"] == "http.request" and not message.get("more_body", False):
                body = message.get("body", b"")
            else:
                body = await _read_rest(receive, message)
    except TimeoutError:
        raise Refusal("slow_request") from None
    return body[:BATCH_BYTES_MAX], len(body) <= BATCH_BYTES_MAX


async def _read_rest(receive: Receive, message: Message) -> bytes:
    parts, size = [], 0
    while True:
        if message["type"] != "http.request":
            raise ClientGone
        part = message.get("body", b"")
        if size <= BATCH_BYTES_MAX:
            parts.append(part)
        size += len(part)
        if not message.get("more_body", False) or size > _DRAIN_BYTES_MAX:
            return b"".join(parts)
        message = await receive()
