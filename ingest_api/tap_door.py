"""`POST /v1/taps:batch` as a plain ASGI application.

The one address that carries a town's morning. What a framework does around a handler costs twice the handler, so
this one does without (docs/adr/0007); what it decides is in `domain.wire.batch` and `records.operations`.

The order of duties: who sends; how much; is it a batch; then each tap on its own. Whatever cannot be read is kept
before it is refused, and nothing is answered before it is durable (reliability notes, P2, P3, P8, §3.4).
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import NoReturn

from pydantic import TypeAdapter
from starlette.types import Receive, Scope, Send

from domain.errors import MarelleError
from domain.time import Clock
from domain.wire.batch import BatchUnreadable, TooManyTaps, read_envelope
from domain.wire.v1 import BATCH_BYTES_MAX, BatchAnswerV1
from ingest_api.bodies import READ_SECONDS_MAX, ClientGone, read_body
from ingest_api.refusals import Refusal, error_response, fault_response
from records.database import Records
from records.operations.contacts import note_contact
from records.operations.devices import authenticate_device
from records.operations.quarantine import RefusedBytes, keep_bytes
from records.operations.tap_rows import TapBatch
from records.operations.taps import TokenWithdrawn

PATH = "/v1/taps:batch"
_SENDERS_MAX = 10_000
_ANSWER = TypeAdapter(BatchAnswerV1)
_LOG = logging.getLogger(__name__)

_KEPT_APART = (
    "Ce terminal n'est pas reconnu. Son envoi est conservé à part pour être examiné, et il garde tout. "
    "Réenrôlez-le avec un code à usage unique."
)

Submit = Callable[[TapBatch], Awaitable[BatchAnswerV1]]


@dataclass(slots=True)
class TapDoor:
    """Receives batches of taps: reads them, hands them to `submit`, answers once they are durable."""

    records: Records
    submit: Submit
    clock: Clock
    senders: dict[str, int] = field(default_factory=dict)  # token hash → device; checked again at each write
    read_seconds_max: float = READ_SECONDS_MAX

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            body = await self._answer(scope, receive)
        except ClientGone:
            return
        except MarelleError as refusal:
            await error_response(refusal)(scope, receive, send)
            return
        except Exception:
            _LOG.exception("a batch could not be answered")
            await fault_response()(scope, receive, send)
            return
        length = str(len(body)).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", length)]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, scope: Scope, receive: Receive) -> bytes:
        received_at = self.clock()
        token = bearer_token(scope)
        token_hash = hashlib.sha256(token.encode()).hexdigest()
        device_id = self.senders.get(token_hash) or await self._look_up(token, token_hash)
        body, is_whole = await read_body(receive, self.read_seconds_max)
        if device_id is None:
            await self._refuse_stranger(body, is_whole, received_at)
        if not is_whole:
            raise Refusal("batch_too_large")
        try:
            sent = read_envelope(body)
        except TooManyTaps:
            raise Refusal("too_many_taps") from None
        except BatchUnreadable as refused:
            await self._keep(RefusedBytes(device_id, body, refused.code, str(refused), received_at))
            raise Refusal(refused.code) from None
        if not sent.items:
            await asyncio.to_thread(note_contact, self.records, device_id, received_at)
            return _ANSWER.dump_json(BatchAnswerV1(answers=[], acked_through={}, server_time=received_at))
        try:
            return _ANSWER.dump_json(
                await self.submit(TapBatch(device_id, token_hash, sent.items, received_at, sent.clocks))
            )
        except TokenWithdrawn:
            self.senders.pop(token_hash, None)
            await self._refuse_stranger(body, is_whole, received_at)

    async def _look_up(self, token: str, token_hash: str) -> int | None:
        if not token:
            return None
        device = await asyncio.to_thread(authenticate_device, self.records, token)
        if device is None:
            return None
        if len(self.senders) >= _SENDERS_MAX:
            self.senders.clear()
        self.senders[token_hash] = device.device_id
        return device.device_id

    async def _refuse_stranger(self, body: bytes, is_whole: bool, received_at: int) -> NoReturn:
        """Keep what nobody known sent, as far as it is bounded, and refuse it."""
        if body:
            detail = "no such token" if is_whole else f"no such token; cut after {BATCH_BYTES_MAX} bytes"
            await self._keep(RefusedBytes(None, body, TokenWithdrawn.code, detail, received_at))
        raise Refusal(TokenWithdrawn.code, _KEPT_APART)

    async def _keep(self, refused: RefusedBytes) -> None:
        await asyncio.to_thread(keep_bytes, self.records, refused)


def bearer_token(scope: Scope) -> str:
    """Return the token of the Authorization header, empty when there is none."""
    for name, value in scope["headers"]:
        if name == b"authorization":
            scheme, _, token = value.decode("latin-1").partition(" ")
            return token.strip() if scheme.lower() == "bearer" else ""
    return ""
