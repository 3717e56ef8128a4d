"""Whatever is sent to the API of terminals, it answers as its description says; nothing is a fault of ours."""

from collections import Counter
from collections.abc import Iterator

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

from ingest_api.app import create_app
from records.actors import SETUP
from records.database import Records
from records.operations.devices import revoke_device
from tests.factories.ingest import Terminal
from tests.factories.people import a_terminal
from tests.factories.town import HandClock
from tests.harness.effort import examples
from tests.harness.fuzzing import AnyCase, ask, cases_of
from tests.harness.in_process import client_of

pytestmark = [pytest.mark.fuzz, pytest.mark.long]

TAPS, ENROL = "POST /v1/taps:batch", "POST /v1/devices/enrol"
FUZZ = settings(
    max_examples=examples(5),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much],
)


class Fuzzed:
    """The API over real records, a terminal, and a count of what was answered."""

    def __init__(self, records: Records, clock: HandClock) -> None:
        self.records, self.clock = records, clock
        self.terminal: Terminal = a_terminal(records)
        self.revoked = a_terminal(records, "borne-2")
        revoke_device(records, SETUP, self.revoked.device_ref)
        self.app = create_app(records, clock)
        self.seen: Counter[tuple[str, int]] = Counter()

    def try_all(self, client: httpx.Client, label: str, drawn: st.SearchStrategy[AnyCase]) -> None:
        """Send many requests to an address, as everybody in turn."""
        for token in (self.terminal.token, self.revoked.token, "", "stranger"):
            self._try(client, label, drawn, token)

    def _try(self, client: httpx.Client, label: str, drawn: st.SearchStrategy[AnyCase], token: str) -> None:
        @FUZZ
        @given(case=drawn)
        def fuzz(case: AnyCase) -> None:
            self._ask(client, label, case, token)

        fuzz()

    def _ask(self, client: httpx.Client, label: str, case: AnyCase, token: str) -> None:
        self.clock.now += 10_000_000  # so that the throttle of codes lets some guesses through
        answer = ask(client, case, authorization=f"Bearer {token}")
        self.seen[label, answer.status_code] += 1


@pytest.fixture
def fuzzed(either: Records, clock: HandClock) -> Fuzzed:
    return Fuzzed(either, clock)


@pytest.fixture
def client(fuzzed: Fuzzed) -> Iterator[httpx.Client]:
    with client_of(fuzzed.app) as opened:
        yield opened


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: str(mode.value))
def test_any_request_gets_an_answer_that_the_description_announces(
    fuzzed: Fuzzed, client: httpx.Client, mode: GenerationMode
) -> None:
    cases = cases_of(fuzzed.app, mode)
    for label, drawn in cases.items():
        fuzzed.try_all(client, label, drawn)
    assert {label for label, _ in fuzzed.seen} == set(cases)
    assert fuzzed.seen[TAPS, 401] > 0
    if mode is GenerationMode.POSITIVE:
        assert fuzzed.seen[TAPS, 200] > 0
        assert fuzzed.seen[ENROL, 403] > 0
        assert fuzzed.seen["GET /v1/devices/me/roster", 200] > 0
        assert fuzzed.seen["GET /v1/devices/me/roster", 403] > 0
