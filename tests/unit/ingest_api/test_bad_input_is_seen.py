"""Bad input from the wire to the desk: a typed answer, kept or refused as promised, seen by staff (P3, P4, S6)."""

import json

import httpx
import pytest

from domain.wire.v1 import BATCH_BYTES_MAX, BATCH_TAPS_MAX, ErrorV1
from ingest_api.examples import REPORT, example
from records.actors import SETUP
from records.database import Records
from records.operations.fleet import fleet
from tests.factories.ingest import Terminal
from tests.factories.town import HandClock
from tests.factories.wire import batch_body, make_tap, make_taps, tap_fields

TAPS, REPORTS = "/v1/taps:batch", "/v1/devices/me/report"
TAP = make_tap(1, "a" * 32)
CASES = {
    "unreadable_batch": (b"\xff<html>", 400, "unreadable_batch"),
    "unsupported_protocol": (batch_body([TAP], protocol=2), 400, "unsupported_protocol"),
    "malformed_tap": (batch_body([tap_fields(TAP) | {"seq": -1}]), 200, None),
}


@pytest.mark.parametrize("reason", CASES)
async def test_what_cannot_be_read_is_kept_and_waits_on_the_desk(
    client: httpx.AsyncClient, town: Records, terminal: Terminal, clock: HandClock, reason: str
) -> None:
    body, status, code = CASES[reason]
    for _ in range(2):
        response = await client.post(TAPS, content=body, headers=terminal.headers)
        assert response.status_code == status
        if code is not None:
            assert ErrorV1.model_validate_json(response.content).code == code
    found = fleet(town, SETUP, clock.now)
    assert [(thing.device_ref, thing.reason) for thing in found.things] == [(terminal.device_ref, reason)]
    assert found.devices[0].to_settle == 1


async def test_bytes_of_an_unknown_terminal_wait_on_the_desk_with_what_can_be_read(
    client: httpx.AsyncClient, town: Records, terminal: Terminal, clock: HandClock
) -> None:
    response = await client.post(TAPS, content=batch_body([TAP]), headers={"authorization": "Bearer nobody"})
    assert (response.status_code, ErrorV1.model_validate_json(response.content).code) == (401, "unknown_device")
    [thing] = fleet(town, SETUP, clock.now).things
    assert (thing.device_ref, thing.reason, thing.tap_count) == (None, "unknown_device", 1)


async def test_contradiction_is_an_alarm_of_its_terminal(
    client: httpx.AsyncClient, town: Records, terminal: Terminal, clock: HandClock
) -> None:
    for tap in (TAP, TAP.model_copy(update={"badge_uid": "04FFFFFF"})):
        await client.post(TAPS, content=batch_body([tap]), headers=terminal.headers)
    assert fleet(town, SETUP, clock.now).devices[0].conflicts == 1


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b" " * (BATCH_BYTES_MAX + 1), "batch_too_large"),
        (batch_body(make_taps(BATCH_TAPS_MAX + 1)), "too_many_taps"),
    ],
    ids=["bytes", "taps"],
)
async def test_what_is_too_large_stays_with_its_terminal_which_says_what_waits(
    client: httpx.AsyncClient, town: Records, terminal: Terminal, clock: HandClock, body: bytes, code: str
) -> None:
    response = await client.post(TAPS, content=body, headers=terminal.headers)
    assert (response.status_code, ErrorV1.model_validate_json(response.content).code) == (413, code)
    assert fleet(town, SETUP, clock.now).things == ()
    waiting = {**example(REPORT), "pending": BATCH_TAPS_MAX + 1, "parked": 0, "set_aside": []}
    assert (await client.post(REPORTS, content=json.dumps(waiting), headers=terminal.headers)).status_code == 200
    assert fleet(town, SETUP, clock.now).devices[0].pending == BATCH_TAPS_MAX + 1
