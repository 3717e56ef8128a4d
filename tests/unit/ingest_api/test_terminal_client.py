"""The terminal's own client against the real server: the two sides of wire v1 read each other."""

import sys
from collections.abc import Iterator

import pytest

from domain.time import system_clock
from domain.wire.v1 import TapStatus
from records.actors import SETUP
from records.database import Records
from records.operations.devices import NewDevice, register_device, revoke_device
from terminal.outbox.drafts import StoredTap
from terminal.sync.client import NotWelcome, Rejected, ServerClient, new_http_client
from tests.factories.people import a_badge, a_family
from tests.factories.town import SCHOOL
from tests.factories.wire import make_taps
from tests.harness.processes import Processes, free_port


@pytest.fixture
def server(town: Records, processes: Processes) -> Iterator[ServerClient]:
    """The terminal's client, connected to a real server over the town."""
    port = free_port()
    url = town.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "ingest_api.serve", "--port", str(port)]
    address = f"http://127.0.0.1:{port}"
    processes.start("ingest", command, env={"MARELLE_DATABASE_URL": url}).wait_for_http(f"{address}/v1/health")
    with new_http_client(address) as http:
        yield ServerClient(http)


def test_terminal_enrols_learns_taps_and_is_revoked(town: Records, server: ServerClient) -> None:
    town.clock = system_clock  # the server is a process of today: a code of the town's day would be out of date
    code = register_device(town, SETUP, NewDevice("borne-1", "Borne du hall", SCHOOL, "badge"))
    with pytest.raises(NotWelcome) as wrong:
        server.enrol("WRONG-CODE", "0.1.0")
    assert wrong.value.error.code == "code_refused"
    token = server.enrol(code, "0.1.0").token

    uid = a_badge(town, a_family(town).child)
    answer = server.roster(token, None)
    assert answer.roster is not None
    assert [child.badges for child in answer.roster.children] == [[uid]]
    assert server.roster(token, answer.etag).roster is None

    taps = make_taps(3)
    stored = [StoredTap.of(tap) for tap in taps]
    assert [each.status for each in server.send(token, stored).answers] == [TapStatus.STORED] * 3
    assert [each.status for each in server.send(token, stored).answers] == [TapStatus.DUPLICATE] * 3
    (epoch,) = server.state(token).epochs
    assert (epoch.epoch, epoch.watermark, epoch.last_seq) == (taps[0].epoch, 3, 3)

    with pytest.raises(Rejected) as split:
        server.send(token, [StoredTap.of(tap) for tap in make_taps(201)])
    assert split.value.error is not None
    assert split.value.error.code == "too_many_taps"

    revoke_device(town, SETUP, "borne-1")
    assert server.state(token).revoked is True
    with pytest.raises(NotWelcome) as revoked:
        server.roster(token, None)
    assert revoked.value.error.code == "device_revoked"
    assert [each.status for each in server.send(token, [StoredTap.of(make_taps(1)[0])]).answers] == [
        TapStatus.STORED
    ]
