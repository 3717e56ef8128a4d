"""The server as a real process: concurrent terminals, a kill between commit and answer, a clean stop."""

import asyncio
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from domain.wire.v1 import BATCH_BYTES_MAX, BatchAnswerV1, ErrorV1, TapStatus, TapV1
from records.database import Records
from records.models import DeviceEpoch, Tap
from tests.factories.ingest import Terminal
from tests.factories.people import a_terminal
from tests.factories.wire import batch_body, make_taps
from tests.harness.processes import Processes, RunningProcess, free_port

pytestmark = pytest.mark.long

CLIENTS = 32


def url_of(records: Records) -> str:
    """Return the address of these records, password included."""
    return records.engine.url.render_as_string(hide_password=False)


def start_server(processes: Processes, records: Records) -> tuple[RunningProcess, str]:
    """Start the shipped server over these records; return it and its address once it answers."""
    port = free_port()
    command = [sys.executable, "-m", "ingest_api.serve", "--port", str(port)]
    server = processes.start("ingest", command, env={"MARELLE_DATABASE_URL": url_of(records)})
    address = f"http://127.0.0.1:{port}"
    assert server.wait_for_http(f"{address}/v1/health").status_code == 200
    return server, address


def kept_seqs(records: Records, epoch: str) -> list[int]:
    """Return the seqs kept of an epoch, in order, repeats included."""
    with records.read() as session:
        return list(session.scalars(select(Tap.seq).where(Tap.epoch == epoch).order_by(Tap.seq)))


async def send(client: httpx.AsyncClient, terminal: Terminal, taps: Sequence[TapV1]) -> BatchAnswerV1:
    """Send a batch as the terminal; it must be answered tap by tap."""
    response = await client.post("/v1/taps:batch", content=batch_body(taps), headers=terminal.headers)
    assert response.status_code == 200, response.text
    return BatchAnswerV1.model_validate_json(response.content)


def a_connection(address: str) -> httpx.AsyncClient:
    """Return a client with its own connection."""
    return httpx.AsyncClient(base_url=address, trust_env=False, timeout=30)


async def test_thirty_two_clients_at_once_are_each_answered_and_kept_once(
    either: Records, processes: Processes
) -> None:
    _, address = start_server(processes, either)
    terminals = [a_terminal(either, f"borne-{number}") for number in range(CLIENTS)]

    async def tap_ten_times(terminal: Terminal) -> str:
        taps = make_taps(10)
        async with a_connection(address) as client:
            for tap in taps:
                (answer,) = (await send(client, terminal, [tap])).answers
                assert answer.status is TapStatus.STORED
            again = await send(client, terminal, taps)
        assert {each.status for each in again.answers} == {TapStatus.DUPLICATE}
        assert again.acked_through == {taps[0].epoch: 10}
        return taps[0].epoch

    epochs = await asyncio.gather(*(tap_ten_times(terminal) for terminal in terminals))
    assert [kept_seqs(either, epoch) for epoch in epochs] == [list(range(1, 11))] * CLIENTS


async def test_server_killed_between_commit_and_answer_keeps_each_tap_once(
    either: Records, processes: Processes, tmp_path: Path
) -> None:
    terminal, taps = a_terminal(either), make_taps(5)
    port, mark = free_port(), tmp_path / "died"
    command = [sys.executable, "-m", "tests.unit.ingest_api.dying_server", url_of(either), str(port), str(mark)]
    address = f"http://127.0.0.1:{port}"
    dying = processes.start("dying", command)
    dying.wait_for_http(f"{address}/v1/health")
    async with a_connection(address) as client:
        with pytest.raises(httpx.TransportError):
            await send(client, terminal, taps)
    assert dying.popen.wait(10) == -signal.SIGKILL
    processes.start("again", command).wait_for_http(f"{address}/v1/health")
    async with a_connection(address) as client:
        answer = await send(client, terminal, taps)
    assert {each.status for each in answer.answers} == {TapStatus.DUPLICATE}
    assert answer.acked_through == {taps[0].epoch: 5}
    assert kept_seqs(either, taps[0].epoch) == [1, 2, 3, 4, 5]
    with either.read() as session:
        assert session.scalars(select(DeviceEpoch.watermark)).all() == [5]


async def test_stopped_server_has_kept_all_that_it_answered(town: Records, processes: Processes) -> None:
    server, address = start_server(processes, town)
    terminal = a_terminal(town)
    acknowledged: list[TapV1] = []

    async def tap_until_stopped() -> None:
        async with a_connection(address) as client:
            for tap in make_taps(10_000):
                try:
                    await send(client, terminal, [tap])
                except (httpx.TransportError, AssertionError):  # the connection was closed, or 503
                    return
                acknowledged.append(tap)

    clients = [asyncio.create_task(tap_until_stopped()) for _ in range(8)]
    while len(acknowledged) < 40:
        await asyncio.sleep(0.01)
    assert await asyncio.to_thread(server.stop) == 0
    await asyncio.gather(*clients)
    with town.read() as session:
        kept = set(session.scalars(select(Tap.tap_id)))
    assert {tap.tap_id for tap in acknowledged} <= kept


async def test_oversized_body_is_refused_by_name_over_a_real_connection(
    town: Records, processes: Processes
) -> None:
    _, address = start_server(processes, town)
    terminal = a_terminal(town)
    async with a_connection(address) as client:
        body = b" " * (2 * BATCH_BYTES_MAX)
        response = await client.post("/v1/taps:batch", content=body, headers=terminal.headers)
        assert (response.status_code, ErrorV1.model_validate_json(response.content).code) == (
            413,
            "batch_too_large",
        )
        answer = await send(client, terminal, make_taps(1))
    assert answer.answers[0].status is TapStatus.STORED
