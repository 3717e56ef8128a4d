"""`POST /v1/taps:batch`: the order of duties, and bytes that are never lost, whoever sent them."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from domain.wire.v1 import BATCH_BYTES_MAX, BATCH_TAPS_MAX, BatchAnswerV1, ErrorV1, TapStatus
from ingest_api import tap_door
from ingest_api.app import IngestApp, create_app
from records.actors import SETUP
from records.database import Records
from records.models import Tap, TapQuarantine
from records.operations import quarantine
from records.operations.devices import enrol_device, renew_device_code, revoke_device
from records.operations.quarantine import StorageUnavailable
from records.operations.tap_rows import TapBatch
from records.operations.taps import Outcome
from tests.factories.ingest import Terminal
from tests.factories.people import a_terminal
from tests.factories.town import HandClock
from tests.factories.wire import batch_body, make_tap, make_taps, tap_fields
from tests.unit.ingest_api.conftest import a_client

PATH = tap_door.PATH
STRANGER = {"authorization": "Bearer nobody-knows-this-token"}


async def send(client: httpx.AsyncClient, terminal: Terminal, body: bytes) -> httpx.Response:
    """Send a body as the terminal."""
    return await client.post(PATH, content=body, headers=terminal.headers)


def answer_of(response: httpx.Response) -> BatchAnswerV1:
    """Return the answer to a batch, which must be one."""
    assert response.status_code == 200, response.text
    return BatchAnswerV1.model_validate_json(response.content)


def error_of(response: httpx.Response) -> tuple[int, str]:
    """Return the status and code of a refusal, which must be typed and speak French."""
    error = ErrorV1.model_validate_json(response.content)
    assert error.message.endswith("."), error.message
    return response.status_code, error.code


def statuses(response: httpx.Response) -> list[str]:
    """Return the statuses of an answer, in order."""
    return [each.status.value for each in answer_of(response).answers]


def quarantined(records: Records) -> list[tuple[bytes, str, int | None]]:
    """Return (content, reason, device) of the quarantine, oldest first."""
    columns = select(TapQuarantine.content, TapQuarantine.reason, TapQuarantine.device_id)
    with records.read() as session:
        return [(row[0], row[1], row[2]) for row in session.execute(columns.order_by(TapQuarantine.id))]


def kept(records: Records) -> int:
    """Return how many taps are kept."""
    with records.read() as session:
        return session.scalar(select(func.count()).select_from(Tap)) or 0


@pytest.fixture
async def either_client(either: Records, clock: HandClock) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the API on each engine in turn."""
    app = create_app(either, clock)
    async with app.router.lifespan_context(app), a_client(app) as opened:
        yield opened


async def test_taps_are_answered_each_and_acknowledged(
    either_client: httpx.AsyncClient, either: Records, clock: HandClock
) -> None:
    taps, terminal = make_taps(3), a_terminal(either)
    answer = answer_of(await send(either_client, terminal, batch_body(taps)))
    assert [(each.index, each.tap_id, each.status) for each in answer.answers] == [
        (index, tap.tap_id, TapStatus.STORED) for index, tap in enumerate(taps)
    ]
    assert answer.acked_through == {taps[0].epoch: 3}
    assert answer.server_time == clock.now
    assert kept(either) == 3


async def test_resend_is_answered_duplicate_for_ever(either_client: httpx.AsyncClient, either: Records) -> None:
    body, terminal = batch_body(make_taps(2)), a_terminal(either)
    await send(either_client, terminal, body)
    for _ in range(3):
        assert statuses(await send(either_client, terminal, body)) == ["duplicate", "duplicate"]
    assert kept(either) == 2


async def test_bad_tap_is_quarantined_among_good_ones(either_client: httpx.AsyncClient, either: Records) -> None:
    one, two = make_taps(2)
    terminal = a_terminal(either)
    bad = tap_fields(make_tap(3)) | {"seq": -1}
    response = await send(either_client, terminal, batch_body([one, bad, 17, two]))
    assert statuses(response) == ["stored", "quarantined", "quarantined", "stored"]
    assert answer_of(response).answers[1].tap_id == bad["tap_id"]
    assert [reason for _, reason, _ in quarantined(either)] == ["malformed_tap", "malformed_tap"]


async def test_conflict_is_quarantined_under_the_name_of_its_reason(
    either_client: httpx.AsyncClient, either: Records
) -> None:
    tap, terminal = make_tap(1), a_terminal(either)
    await send(either_client, terminal, batch_body([tap]))
    forged = tap.model_copy(update={"badge_uid": "04FFFFFF"})
    (answer,) = answer_of(await send(either_client, terminal, batch_body([forged]))).answers
    assert (answer.status, answer.reason) == (TapStatus.QUARANTINED, "content_conflict")
    assert kept(either) == 1


async def test_unknown_token_is_refused_and_its_bytes_kept_on_both_engines(
    either_client: httpx.AsyncClient, either: Records
) -> None:
    body = batch_body(make_taps(1))
    response = await either_client.post(PATH, content=body, headers=STRANGER)
    assert error_of(response) == (401, "unknown_device")
    assert "conservé à part" in response.text
    assert quarantined(either) == [(body, "unknown_device", None)]


@pytest.mark.parametrize(
    "headers",
    [{}, {"authorization": ""}, {"authorization": "Basic bm9ib2R5"}, {"authorization": "Bearer"}],
)
async def test_request_without_a_token_is_a_stranger(
    client: httpx.AsyncClient, town: Records, headers: dict[str, str]
) -> None:
    response = await client.post(PATH, content=b"taps of somebody", headers=headers)
    assert error_of(response) == (401, "unknown_device")
    assert response.headers["www-authenticate"] == "Bearer"
    assert quarantined(town) == [(b"taps of somebody", "unknown_device", None)]


async def test_stranger_who_sends_too_much_is_kept_up_to_the_limit(
    client: httpx.AsyncClient, town: Records
) -> None:
    response = await client.post(PATH, content=b"x" * (BATCH_BYTES_MAX + 5), headers=STRANGER)
    assert error_of(response) == (401, "unknown_device")
    assert [len(content) for content, _, _ in quarantined(town)] == [BATCH_BYTES_MAX]


async def test_stranger_beyond_the_daily_room_is_told_that_nothing_is_kept(
    client: httpx.AsyncClient, town: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quarantine, "STRANGER_BYTES_A_DAY_MAX", 3)
    response = await client.post(PATH, content=b"1234", headers=STRANGER)
    assert error_of(response) == (401, "quarantine_full")
    assert "n'est pas conservé" in response.text
    assert quarantined(town) == []


async def test_empty_request_of_a_stranger_leaves_nothing(client: httpx.AsyncClient, town: Records) -> None:
    assert error_of(await client.post(PATH, content=b"", headers=STRANGER)) == (401, "unknown_device")
    assert quarantined(town) == []


async def test_token_replaced_by_a_new_enrolment_is_a_stranger_and_its_bytes_are_kept(
    client: httpx.AsyncClient, town: Records, terminal: Terminal
) -> None:
    await send(client, terminal, batch_body([make_tap(1)]))
    enrol_device(town, renew_device_code(town, SETUP, terminal.device_ref))
    body = batch_body([make_tap(1)])
    for _ in range(2):
        assert error_of(await send(client, terminal, body)) == (401, "unknown_device")
    assert quarantined(town) == [(body, "unknown_device", None)]
    assert kept(town) == 1


async def test_revoked_terminal_still_gets_its_taps_kept(
    client: httpx.AsyncClient, town: Records, terminal: Terminal
) -> None:
    revoke_device(town, SETUP, terminal.device_ref)
    assert statuses(await send(client, terminal, batch_body(make_taps(2)))) == ["stored", "stored"]
    with town.read() as session:
        assert all("revoked_device" in flags for flags in session.scalars(select(Tap.flags)))


@pytest.mark.parametrize("body", [b"not json", b"[]", b'{"protocol":1}', b"", b"\xff", b"<html>portail</html>"])
async def test_unreadable_body_is_refused_and_kept(
    client: httpx.AsyncClient, town: Records, terminal: Terminal, body: bytes
) -> None:
    response = await send(client, terminal, body)
    assert error_of(response) == (400, "unreadable_batch")
    assert "conservés" in response.text
    assert quarantined(town) == [(body, "unreadable_batch", terminal.device_id)]


async def test_future_protocol_is_named_and_kept(
    client: httpx.AsyncClient, town: Records, terminal: Terminal
) -> None:
    body = batch_body(make_taps(1), protocol=2)
    assert error_of(await send(client, terminal, body)) == (400, "unsupported_protocol")
    assert quarantined(town) == [(body, "unsupported_protocol", terminal.device_id)]


async def test_full_batch_is_taken(client: httpx.AsyncClient, town: Records, terminal: Terminal) -> None:
    await send(client, terminal, batch_body(make_taps(BATCH_TAPS_MAX)))
    assert kept(town) == BATCH_TAPS_MAX


async def test_one_tap_too_many_is_refused_whole(
    client: httpx.AsyncClient, town: Records, terminal: Terminal
) -> None:
    response = await send(client, terminal, batch_body(make_taps(BATCH_TAPS_MAX + 1)))
    assert error_of(response) == (413, "too_many_taps")
    assert (kept(town), quarantined(town)) == (0, [])


@pytest.mark.parametrize("excess", [1, 10 * BATCH_BYTES_MAX])
async def test_body_that_is_too_large_is_refused_whole(
    client: httpx.AsyncClient, town: Records, terminal: Terminal, excess: int
) -> None:
    response = await send(client, terminal, b" " * (BATCH_BYTES_MAX + excess))
    assert error_of(response) == (413, "batch_too_large")
    assert response.headers["connection"] == "close"
    assert (kept(town), quarantined(town)) == (0, [])


async def test_body_of_exactly_the_limit_is_read(
    client: httpx.AsyncClient, town: Records, terminal: Terminal
) -> None:
    body = batch_body(make_taps(1)).ljust(BATCH_BYTES_MAX)
    assert statuses(await send(client, terminal, body)) == ["stored"]


async def test_stranger_is_refused_before_its_batch_is_judged(client: httpx.AsyncClient) -> None:
    response = await client.post(PATH, content=b"not json", headers=STRANGER)
    assert error_of(response) == (401, "unknown_device")


async def test_empty_batch_is_answered_and_counts_as_a_contact(
    client: httpx.AsyncClient, town: Records, terminal: Terminal
) -> None:
    before = town.change_seq()
    answer = answer_of(await send(client, terminal, batch_body([])))
    assert (answer.answers, answer.acked_through) == ([], {})
    assert town.change_seq() == before


async def test_body_in_pieces_is_put_together(client: httpx.AsyncClient, terminal: Terminal) -> None:
    body = batch_body(make_taps(20))

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 1000):
            yield body[start : start + 1000]

    response = await client.post(PATH, content=pieces(), headers=terminal.headers)
    assert statuses(response) == ["stored"] * 20


async def test_request_that_never_ends_is_given_up(app: IngestApp, terminal: Terminal) -> None:
    sent = await exchange(app, terminal, [b'{"protocol": 1,'], give_up_seconds=0.05)
    assert sent[0]["status"] == 408
    assert ErrorV1.model_validate_json(sent[1]["body"]).code == "slow_request"


async def test_client_that_hangs_up_half_way_is_not_answered(app: IngestApp, terminal: Terminal) -> None:
    assert await exchange(app, terminal, [b'{"protocol": 1,', None]) == []


async def exchange(
    app: IngestApp, terminal: Terminal, parts: list[bytes | None], give_up_seconds: float = 5
) -> list[dict[str, Any]]:
    """Speak ASGI to the door: send the parts (None hangs up), then nothing; return what it sent."""
    left, sent = list(parts), list[dict[str, Any]]()

    async def receive() -> dict[str, object]:
        if not left:
            await asyncio.Event().wait()
        part = left.pop(0)
        if part is None:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": part, "more_body": True}

    async def send_message(message: object) -> None:
        assert isinstance(message, dict)
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": PATH,
        "headers": [(b"authorization", terminal.headers["authorization"].encode())],
    }
    app.tap_door.read_seconds_max = give_up_seconds
    await app(scope, receive, send_message)
    return sent


async def test_database_out_of_reach_is_a_typed_503_that_may_be_tried_again(
    town: Records, clock: HandClock, terminal: Terminal
) -> None:
    def outage(batches: list[TapBatch]) -> list[Outcome]:
        return [StorageUnavailable()] * len(batches)

    app = create_app(town, clock, keep_all=outage)  # type: ignore[arg-type]
    async with a_client(app) as client:
        response = await send(client, terminal, batch_body(make_taps(1)))
    assert error_of(response) == (503, "storage_unavailable")
    assert response.headers["retry-after"] == "1"


async def test_fault_of_ours_is_typed_and_says_that_nothing_is_lost(
    town: Records, clock: HandClock, terminal: Terminal
) -> None:
    def fault(batches: list[TapBatch]) -> list[Outcome]:
        raise RuntimeError("a bug")

    app = create_app(town, clock, keep_all=fault)  # type: ignore[arg-type]
    async with a_client(app) as client:
        response = await send(client, terminal, batch_body(make_taps(1)))
    assert error_of(response) == (500, "internal_error")


async def test_door_answers_the_same_behind_a_prefix(town: Records, app: IngestApp, terminal: Terminal) -> None:
    async with a_client(app) as client:
        response = await client.post(f"{PATH}", content=batch_body(make_taps(1)), headers=terminal.headers)
        assert statuses(response) == ["stored"]
    transport = httpx.ASGITransport(app=app, root_path="/terminaux")
    async with httpx.AsyncClient(transport=transport, base_url="http://marelle.test") as client:
        body = batch_body(make_taps(1))
        response = await client.post(f"/terminaux{PATH}", content=body, headers=terminal.headers)
    assert statuses(response) == ["stored"]


async def test_other_methods_and_addresses_are_typed_refusals(client: httpx.AsyncClient) -> None:
    assert error_of(await client.get(PATH)) == (405, "method_not_allowed")
    assert error_of(await client.get("/v1/unheard-of")) == (404, "not_found")


async def test_thirty_two_terminals_at_once_are_all_kept(either_client: httpx.AsyncClient, either: Records) -> None:
    terminals = [a_terminal(either, f"borne-{number}") for number in range(4)]
    epochs = [(terminals[number % 4], make_taps(3)) for number in range(32)]

    async def send_epoch(terminal: Terminal, body: bytes) -> httpx.Response:
        return await send(either_client, terminal, body)

    answers = await asyncio.gather(*(send_epoch(terminal, batch_body(taps)) for terminal, taps in epochs))
    assert [statuses(answer) for answer in answers] == [["stored"] * 3] * 32
    assert [answer_of(answer).acked_through for answer in answers] == [{taps[0].epoch: 3} for _, taps in epochs]
    assert kept(either) == 96
