"""Reading a batch of taps from bytes: every tap on its own, so that one bad tap never holds back its neighbours.

The whole body is validated at once when it is sound, as nearly all are. Otherwise each tap is validated alone, and
what is no tap keeps the exact bytes it came in, for the quarantine.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from domain.wire.v1 import BATCH_TAPS_MAX, CLOCKS_MAX, PROTOCOL, BatchV1, ClockV1, TapV1

DETAIL_LENGTH_MAX = 400
MALFORMED_TAP = "malformed_tap"

_BATCH = TypeAdapter(BatchV1)
_DECODER = json.JSONDecoder()
_BLANK = re.compile(r"[ \t\n\r]*")
_IDENTITY = re.compile(r"[0-9a-f]{32}")


class BatchUnreadable(Exception):
    """The bytes are no envelope of taps: nothing in them can be answered tap by tap."""

    code = "unreadable_batch"


class ProtocolUnsupported(BatchUnreadable):
    """The envelope is of a protocol that this server does not speak (yet)."""

    code = "unsupported_protocol"


class TooManyTaps(Exception):
    """The batch holds more taps than one request may carry: the terminal splits it and sends again."""

    code = "too_many_taps"


@dataclass(frozen=True, slots=True)
class ReadTap:
    """A sound tap at its place in the batch."""

    index: int
    tap: TapV1
    payload_hash: str


@dataclass(frozen=True, slots=True)
class MalformedTap:
    """What cannot be kept as a tap: its bytes, and why (a code for programs, technical English for support)."""

    index: int
    content: bytes
    tap_id: str | None
    detail: str
    reason: str = MALFORMED_TAP


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a request body holds: its taps in order, and what its terminal knows of their boots."""

    items: list[ReadTap | MalformedTap]
    clocks: tuple[ClockV1, ...] = ()


def read_envelope(body: bytes) -> Envelope:
    """Return what a request body holds; a clock that cannot be read is passed over, like one that is not there.

    Raises BatchUnreadable (not JSON, or not an object with `protocol` and a list `taps`), ProtocolUnsupported,
    TooManyTaps.
    """
    try:
        batch = _BATCH.validate_json(body)
    except ValidationError:
        return _read_tap_by_tap(body)
    items: list[ReadTap | MalformedTap] = [
        ReadTap(index, tap, tap.payload_hash()) for index, tap in enumerate(batch.taps)
    ]
    return Envelope(items, tuple(batch.clocks))


def _read_tap_by_tap(body: bytes) -> Envelope:
    try:
        text = body.decode("utf-8")
        envelope = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BatchUnreadable(f"not JSON: {_printable(str(error))}") from None
    protocol = envelope.get("protocol") if isinstance(envelope, dict) else None
    if type(protocol) is int and protocol != PROTOCOL:
        raise ProtocolUnsupported(_printable(f"protocol {protocol}"))
    if protocol != PROTOCOL or not isinstance(envelope.get("taps"), list):
        raise BatchUnreadable("not an object with protocol 1 and a list of taps")
    values = envelope["taps"]
    if len(values) > BATCH_TAPS_MAX:
        raise TooManyTaps(f"{len(values)} taps")
    items = [
        _read_one(index, text[start:end].encode(), value)
        for index, ((start, end), value) in enumerate(zip(_tap_spans(text), values, strict=True))
    ]
    return Envelope(items, _readable_clocks(envelope.get("clocks")))


def _readable_clocks(values: object) -> tuple[ClockV1, ...]:
    found = []
    for value in values[:CLOCKS_MAX] if isinstance(values, list) else ():
        try:
            found.append(ClockV1.model_validate(value))
        except ValidationError:
            continue
    return tuple(found)


def _read_one(index: int, content: bytes, value: object) -> ReadTap | MalformedTap:
    try:
        tap = TapV1.model_validate_json(content)
    except ValidationError as error:
        return MalformedTap(index, content, _claimed_identity(value), _explain(error))
    return ReadTap(index, tap, tap.payload_hash())


def _tap_spans(text: str) -> list[tuple[int, int]]:
    """Return where each element of the top-level « taps » begins and ends, in a text known to be a JSON object."""
    spans: list[tuple[int, int]] = []
    position = _skip(text, _skip(text, 0) + 1)
    while text[position] != "}":
        key, position = _DECODER.raw_decode(text, position)
        position = _skip(text, _skip(text, position) + 1)  # over the colon
        if key == "taps":
            spans = _element_spans(text, position)
        position = _next(text, _DECODER.raw_decode(text, position)[1])
    return spans


def _element_spans(text: str, position: int) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    if text[position] != "[":  # an earlier « taps » of a repeated key: JSON keeps the last
        return spans
    position = _skip(text, position + 1)
    while text[position] != "]":
        end = _DECODER.raw_decode(text, position)[1]
        spans.append((position, end))
        position = _next(text, end)
    return spans


def _next(text: str, position: int) -> int:
    """Return where the next member begins, or where the closing bracket stands."""
    position = _skip(text, position)
    return _skip(text, position + 1) if text[position] == "," else position


def _skip(text: str, position: int) -> int:
    blank = _BLANK.match(text, position)
    assert blank is not None  # the pattern matches the empty string
    return blank.end()


def _claimed_identity(value: object) -> str | None:
    claimed = value.get("tap_id") if isinstance(value, dict) else None
    return claimed if isinstance(claimed, str) and _IDENTITY.fullmatch(claimed) else None


def _explain(error: ValidationError) -> str:
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    return _printable("; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in faults))


def _printable(text: str) -> str:
    """Keep what any database and any screen can hold."""
    return "".join(c if c.isprintable() else "\ufffd" for c in text)[:DETAIL_LENGTH_MAX]
