"""What the ingest benchmarks share: a school with terminals, a server process, and a client that costs little.

The client speaks HTTP over bare sockets with requests made beforehand: it shares the machine with the server, so
whatever it spends is taken from what is measured.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from domain.taps import TapKind, new_identity
from domain.wire.v1 import BatchV1, TapV1
from records import migrations
from records.actors import SETUP
from records.database import open_records
from records.operations.collectivity import CollectivityFacts, NewStructure, add_structures, set_collectivity
from records.operations.devices import NewBadge, NewDevice, assign_badges, enrol_device, register_device
from records.operations.families import NewFamily, NewMember, NewPayer, NewPerson, create_families
from records.operations.services import NewService, add_service

CHILDREN = 300
START = date(2020, 1, 1)
SERVICE = "garderie-matin"
_BADGES = [f"04{number:06X}" for number in range(CHILDREN)]
_START_SECONDS_MAX = 30


@dataclass(frozen=True)
class School:
    """A migrated database with a school, its children, their badges, and the tokens of its terminals."""

    url: str
    tokens: tuple[str, ...]


@dataclass(frozen=True)
class Run:
    """What a run of the client measured; latencies in seconds, sorted; `cpu_seconds` are the server's."""

    seconds: float
    cpu_seconds: float
    latencies: list[float]

    def percentile_ms(self, percent: float) -> float:
        """Return the latency in milliseconds under which `percent` of the requests were answered."""
        return self.latencies[min(len(self.latencies) - 1, int(len(self.latencies) * percent / 100))] * 1000


def make_school(url: str, terminals: int) -> School:
    """Make the database at `url`, with `terminals` enrolled."""
    migrations.upgrade(url)
    records = open_records(url)
    set_collectivity(records, SETUP, CollectivityFacts("Banc d'essai", "Europe/Paris", "A", "-", is_training=True))
    add_structures(records, SETUP, [NewStructure("ecole", "École", "school", "Europe/Paris", "Commune")])
    add_service(records, SETUP, NewService(SERVICE, "Garderie", "morning_care", "periscolaire_morning"))
    create_families(records, SETUP, [_family(number) for number in range(CHILDREN)])
    assign_badges(records, SETUP, [NewBadge(uid, f"enfant-{number}", START) for number, uid in enumerate(_BADGES)])
    devices = [NewDevice(f"borne-{number}", "Borne", "ecole", "badge") for number in range(terminals)]
    codes = [register_device(records, SETUP, device) for device in devices]
    tokens = tuple(enrol_device(records, code).token for code in codes)
    records.close()
    return School(url, tokens)


def make_epoch(count: int, now: int) -> list[TapV1]:
    """Return `count` taps of one epoch, as a terminal that knows its clock's offset sends them."""
    epoch, boot = new_identity(), secrets.token_hex(16)
    return [
        TapV1(
            tap_id=new_identity(),
            epoch=epoch,
            seq=seq,
            kind=TapKind.BADGE,
            badge_uid=_BADGES[seq % CHILDREN],
            service_ref=SERVICE,
            occurred_at=now + seq * 1_000,
            mono_ms=10_000 + seq,
            boot_id=boot,
            clock_offset_ms=-35,
            clock_offset_age_ms=12_000,
        )
        for seq in range(1, count + 1)
    ]


def make_request(token: str, taps: Sequence[TapV1]) -> bytes:
    """Return the whole HTTP request of one batch."""
    body = BatchV1(protocol=1, taps=list(taps)).model_dump_json(exclude_none=True).encode()
    head = (
        "POST /v1/taps:batch HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {token}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


@dataclass(frozen=True)
class Server:
    """A running server process."""

    port: int
    pid: int

    def cpu_seconds(self) -> float:
        """Return the processor time it has used so far, which other work on the machine hardly changes."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def server(url: str, store: str) -> Iterator[Server]:
    """Run a server process over the database (store `real` or `none`) and yield it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "benchmarks._ingest_server", url, str(port), store]
    process = subprocess.Popen(command, cwd=Path(__file__).resolve().parent.parent, env=dict(os.environ))
    try:
        _wait_for(port)
        yield Server(port, process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def send_all(server: Server, queues: Sequence[Sequence[bytes]]) -> Run:
    """Send each queue over its own connection, one request at a time each; every answer must be 200."""
    poll = select.epoll()
    left = {}
    for queue in queues:
        connection = socket.create_connection(("127.0.0.1", server.port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        left[connection.fileno()] = (connection, iter(queue))
        poll.register(connection, select.EPOLLIN)
    latencies: list[float] = []
    sent_at: dict[int, float] = {}
    started, cpu_before = time.perf_counter(), server.cpu_seconds()
    for number in list(left):
        _send_next(left, sent_at, number)
    while left:
        for number, _event in poll.poll():
            if _is_answered(left[number][0]):
                latencies.append(time.perf_counter() - sent_at[number])
                _send_next(left, sent_at, number)
    return Run(time.perf_counter() - started, server.cpu_seconds() - cpu_before, sorted(latencies))


def timed(work: Callable[[], None]) -> float:
    """Return how many seconds the work took."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _send_next(
    left: dict[int, tuple[socket.socket, Iterator[bytes]]], sent_at: dict[int, float], number: int
) -> None:
    connection, requests = left[number]
    request = next(requests, None)
    if request is None:
        del left[number]
        connection.close()
        return
    sent_at[number] = time.perf_counter()
    connection.sendall(request)


def _is_answered(connection: socket.socket) -> bool:
    """Read what came; True when it ends an answer, which is one JSON object."""
    data = connection.recv(1 << 18)
    if data.startswith(b"HTTP/1.1 ") and not data.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(f"refused: {data!r}")
    if not data:
        raise RuntimeError("the server hung up")
    return data.endswith(b"}") and not data.endswith(b'"}')


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + _START_SECONDS_MAX
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return


def _family(number: int) -> NewFamily:
    child = NewPerson(f"enfant-{number}", f"Prénom{number}", f"Nom{number}", birth_date=date(2018, 1, 1))
    return NewFamily(
        is_known_apart=True,
        ref=f"famille-{number}",
        name=f"Nom{number}",
        commune="Commune",
        valid_from=START,
        members=(NewMember(child, "child"),),
        payers=(NewPayer(f"payeur-{number}", body_name="Association"),),
    )
