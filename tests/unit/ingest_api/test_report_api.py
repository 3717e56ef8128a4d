"""`POST /v1/devices/me/report`: what only the terminal knows, bounded, versioned, refused by name."""

import json

import httpx
import pytest
from sqlalchemy import select

from domain.wire.v1 import BATCH_BYTES_MAX, SET_ASIDE_BYTES_MAX, SET_ASIDE_MAX, ErrorV1, ReportAnswerV1
from ingest_api.examples import REPORT, example
from records.actors import SETUP
from records.database import Records
from records.models import DeviceStatus, TapQuarantine
from records.operations.devices import revoke_device
from tests.factories.ingest import Terminal
from tests.factories.town import HandClock

PATH = "/v1/devices/me/report"


async def send(client: httpx.AsyncClient, terminal: Terminal, body: bytes | None = None) -> httpx.Response:
    """Send a report as the terminal: the documented example unless told otherwise."""
    content = json.dumps(example(REPORT)).encode() if body is None else body
    return await client.post(PATH, content=content, headers=terminal.headers)


def error_of(response: httpx.Response) -> tuple[int, str]:
    """Return the status and code of a refusal, which must be typed and speak French."""
    error = ErrorV1.model_validate_json(response.content)
    assert error.message.endswith("."), error.message
    return response.status_code, error.code


def changed(**fields: object) -> bytes:
    """Return the documented example with some fields changed."""
    return json.dumps({**example(REPORT), **fields}).encode()


async def test_report_is_kept_and_answered(
    client: httpx.AsyncClient, town: Records, terminal: Terminal, clock: HandClock
) -> None:
    response = await send(client, terminal)
    answer = ReportAnswerV1.model_validate_json(response.content)
    assert answer.server_time == clock.now
    assert answer.offer_again == [REPORT.set_aside[0].tap_id]
    with town.read() as session:
        status = session.get_one(DeviceStatus, terminal.device_id)
        assert (status.pending, status.parked, status.room) == (3, 1, "free")
        assert session.scalars(select(TapQuarantine.reason)).all() == ["parked_by_terminal"]


async def test_report_of_a_revoked_terminal_is_kept(
    client: httpx.AsyncClient, town: Records, terminal: Terminal
) -> None:
    revoke_device(town, SETUP, terminal.device_ref)
    assert (await send(client, terminal)).status_code == 200


async def test_newer_terminal_may_say_more(client: httpx.AsyncClient, terminal: Terminal) -> None:
    assert (await send(client, terminal, changed(battery_percent=80))).status_code == 200


async def test_report_of_a_future_protocol_is_named(
    client: httpx.AsyncClient, town: Records, terminal: Terminal
) -> None:
    response = await send(client, terminal, changed(protocol=2))
    assert error_of(response) == (400, "unsupported_report")
    assert "Mettez le serveur à jour" in response.text
    with town.read() as session:
        assert session.get(DeviceStatus, terminal.device_id) is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        changed(pending=-1),
        changed(room="vast"),
        changed(protocol="1"),
        changed(set_aside=[example(REPORT)["set_aside"][0]] * (SET_ASIDE_MAX + 1)),
        changed(set_aside=[{**example(REPORT)["set_aside"][0], "content": "pas du base64 !"}]),
        changed(set_aside=[{**example(REPORT)["set_aside"][0], "content": "A" * (SET_ASIDE_BYTES_MAX * 2)}]),
    ],
)
async def test_malformed_report_is_typed_and_keeps_nothing(
    client: httpx.AsyncClient, town: Records, terminal: Terminal, body: bytes
) -> None:
    assert error_of(await send(client, terminal, body)) == (422, "invalid_request")
    with town.read() as session:
        assert session.get(DeviceStatus, terminal.device_id) is None


async def test_oversized_report_is_refused_by_name(client: httpx.AsyncClient, terminal: Terminal) -> None:
    response = await send(client, terminal, b" " * (BATCH_BYTES_MAX + 1))
    assert error_of(response) == (413, "report_too_large")
    assert response.headers["connection"] == "close"


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer nobody"}])
async def test_report_of_a_stranger_is_refused(
    client: httpx.AsyncClient, town: Records, headers: dict[str, str]
) -> None:
    response = await client.post(PATH, content=changed(), headers=headers)
    assert error_of(response) == (401, "unknown_device")
    with town.read() as session:
        assert session.scalars(select(TapQuarantine.id)).all() == []
