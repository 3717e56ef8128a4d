"""Enrolment, roster, state and health over HTTP."""

import httpx
import pytest
from sqlalchemy import text

from domain.time import MICROS_PER_MINUTE
from domain.wire.v1 import DeviceStateV1, EnrolAnswerV1, ErrorV1, HealthV1, RosterV1
from ingest_api.device_routes import WRONG_CODES_A_MINUTE_MAX
from records.actors import SETUP
from records.database import Records
from records.models import DeviceStatus
from records.operations.devices import CODE_LIFETIME_SECONDS, NewDevice, register_device, revoke_device
from tests.factories.ingest import Terminal
from tests.factories.people import a_badge, a_family
from tests.factories.town import SCHOOL, TODAY, HandClock
from tests.factories.wire import batch_body, make_taps

ENROL, ROSTER, STATE, HEALTH = (
    "/v1/devices/enrol",
    "/v1/devices/me/roster",
    "/v1/devices/me/state",
    "/v1/health",
)


@pytest.fixture
def code(town: Records) -> str:
    """The one-time code of a terminal that was just registered."""
    return register_device(town, SETUP, NewDevice("borne-9", "Borne du hall", SCHOOL, "badge"))


async def enrol(client: httpx.AsyncClient, code: str) -> httpx.Response:
    """Present a code, as a new terminal does."""
    return await client.post(ENROL, json={"protocol": 1, "code": code, "software_version": "0.1.0"})


def error_of(response: httpx.Response) -> tuple[int, str]:
    """Return the status and code of a refusal, which must be typed."""
    return response.status_code, ErrorV1.model_validate_json(response.content).code


async def test_right_code_gives_an_identity_and_a_token_that_works(
    client: httpx.AsyncClient, code: str, clock: HandClock
) -> None:
    response = await enrol(client, code)
    assert response.status_code == 200
    answer = EnrolAnswerV1.model_validate_json(response.content)
    assert (answer.device_ref, answer.label, answer.structure_ref) == ("borne-9", "Borne du hall", SCHOOL)
    assert answer.server_time == clock.now
    headers = {"authorization": f"Bearer {answer.token}"}
    assert (await client.get(ROSTER, headers=headers)).status_code == 200


@pytest.mark.parametrize("typed", [str.lower, lambda code: f" {code[:4]}-{code[4:]} "])
async def test_code_may_be_typed_as_people_type(client: httpx.AsyncClient, code: str, typed: object) -> None:
    assert callable(typed)
    assert (await enrol(client, typed(code))).status_code == 200


async def test_version_of_the_terminal_is_noted(client: httpx.AsyncClient, town: Records, code: str) -> None:
    await enrol(client, code)
    with town.read() as session:
        (status,) = session.query(DeviceStatus).all()
    assert status.software_version == "0.1.0"


async def test_code_serves_once(client: httpx.AsyncClient, code: str) -> None:
    await enrol(client, code)
    refused = await enrol(client, code)
    assert error_of(refused) == (403, "code_refused")
    assert "déjà utilisé" in refused.text


async def test_wrong_code_is_refused_in_french(client: httpx.AsyncClient, code: str) -> None:
    refused = await enrol(client, "ZZZZ-9999")
    assert error_of(refused) == (403, "code_refused")
    assert "Demandez-en un nouveau" in refused.text


async def test_code_out_of_date_is_refused(client: httpx.AsyncClient, code: str, clock: HandClock) -> None:
    clock.now += CODE_LIFETIME_SECONDS * 1_000_000
    assert error_of(await enrol(client, code)) == (403, "code_refused")


async def test_guessing_codes_is_slowed_down_then_possible_again(
    client: httpx.AsyncClient, code: str, clock: HandClock
) -> None:
    for number in range(WRONG_CODES_A_MINUTE_MAX):
        assert error_of(await enrol(client, f"WRONG{number}")) == (403, "code_refused")
    slowed = await enrol(client, code)
    assert error_of(slowed) == (429, "too_many_attempts")
    assert slowed.headers["retry-after"] == "60"
    clock.now += MICROS_PER_MINUTE
    assert (await enrol(client, code)).status_code == 200


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"code": 12345678}', b'{"code": "A"}'])
async def test_malformed_request_is_typed(client: httpx.AsyncClient, body: bytes) -> None:
    headers = {"content-type": "application/json"}
    response = await client.post(ENROL, content=body, headers=headers)
    assert error_of(response) == (422, "invalid_request")


async def test_roster_comes_with_its_version_as_etag(
    client: httpx.AsyncClient, town: Records, terminal: Terminal
) -> None:
    family = a_family(town)
    response = await client.get(ROSTER, headers=terminal.headers)
    found = RosterV1.model_validate_json(response.content)
    assert response.headers["etag"] == f'"{found.version}"'
    assert response.headers["cache-control"] == "private, no-cache"
    assert [child.child_ref for child in found.children] == [family.child]


@pytest.mark.parametrize("form", ['"{}"', 'W/"{}"', '"other", "{}"', "{}", "*"])
async def test_roster_that_did_not_change_is_not_sent_again(
    client: httpx.AsyncClient, terminal: Terminal, form: str
) -> None:
    first = await client.get(ROSTER, headers=terminal.headers)
    version = first.headers["etag"].strip('"')
    again = await client.get(ROSTER, headers=terminal.headers | {"if-none-match": form.format(version)})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]


async def test_roster_that_changed_is_sent_whole(
    client: httpx.AsyncClient, town: Records, terminal: Terminal
) -> None:
    first = await client.get(ROSTER, headers=terminal.headers)
    a_badge(town, a_family(town).child)
    again = await client.get(ROSTER, headers=terminal.headers | {"if-none-match": first.headers["etag"]})
    assert again.status_code == 200
    assert again.headers["etag"] != first.headers["etag"]


async def test_roster_is_that_of_the_day_where_the_terminal_stands(
    client: httpx.AsyncClient, terminal: Terminal, clock: HandClock
) -> None:
    clock.set(0)
    found = RosterV1.model_validate_json((await client.get(ROSTER, headers=terminal.headers)).content)
    assert found.open_days[0] == TODAY.isoformat()


async def test_revoked_terminal_gets_no_names_and_is_told_so_in_its_state(
    client: httpx.AsyncClient, town: Records, terminal: Terminal
) -> None:
    revoke_device(town, SETUP, terminal.device_ref)
    assert error_of(await client.get(ROSTER, headers=terminal.headers)) == (403, "device_revoked")
    state = DeviceStateV1.model_validate_json((await client.get(STATE, headers=terminal.headers)).content)
    assert state.revoked is True


async def test_state_says_what_is_held(client: httpx.AsyncClient, terminal: Terminal, clock: HandClock) -> None:
    taps = make_taps(4)
    await client.post("/v1/taps:batch", content=batch_body([*taps[:2], taps[3]]), headers=terminal.headers)
    state = DeviceStateV1.model_validate_json((await client.get(STATE, headers=terminal.headers)).content)
    assert (state.device_ref, state.revoked, state.server_time) == (terminal.device_ref, False, clock.now)
    assert [(each.epoch, each.watermark, each.last_seq) for each in state.epochs] == [(taps[0].epoch, 2, 4)]


@pytest.mark.parametrize("path", [ROSTER, STATE])
@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer nobody"}, {"authorization": "Basic eDp5"}])
async def test_stranger_is_refused(client: httpx.AsyncClient, path: str, headers: dict[str, str]) -> None:
    response = await client.get(path, headers=headers)
    assert error_of(response) == (401, "unknown_device")
    assert response.headers["www-authenticate"] == "Bearer"


async def test_health_says_that_the_records_answer(
    client: httpx.AsyncClient, town: Records, clock: HandClock
) -> None:
    found = HealthV1.model_validate_json((await client.get(HEALTH)).content)
    assert (found.status, found.server_time, found.change_seq) == ("ok", clock.now, town.change_seq())


async def test_health_of_a_server_whose_records_are_gone_is_a_typed_503(
    client: httpx.AsyncClient, town: Records
) -> None:
    with town.engine.begin() as connection:
        connection.execute(text("drop table change_seq"))
    assert error_of(await client.get(HEALTH)) == (503, "storage_unavailable")
