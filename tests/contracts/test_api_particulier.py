"""The client of API Particulier against its stand-in, over real HTTP: shapes, errors, pace, attempts, privacy."""

from __future__ import annotations

import hashlib
import json
import logging
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import httpx
import pytest

from domain.allocataires import EAJE, NOT_FOUND, NOT_YET, QUOTIENT, REFUSED, Identity
from exchanges.quotient.access import Access
from exchanges.quotient.client import ATTEMPTS_MAX, PATHS, ApiParticulier, Timing
from exchanges.quotient.errors import (
    AccessRefused,
    AllocataireUnknown,
    NotPublishedYet,
    QuestionRefused,
    ServiceUnavailable,
)
from exchanges.quotient.register import Dossier, Register, Somebody
from exchanges.quotient.stand_in import StandIn, serving

TOKEN, SIRET = "un-jeton-imaginaire", "21790000000019"
TODAY, NOVEMBER, DECEMBER = date(2026, 11, 24), date(2026, 11, 1), date(2026, 12, 1)
ANNE = Identity("Lefebvre", ("Alexis", "Gérôme"), None, "F", date(1982, 12, 27), "08480", "99100")
LEFEBVRE = Somebody("LEFEBVRE", "ALEXIS GÉRÔME JEAN-PHILIPPE", "1982-12-27", "F", None, "08480")
CHILD = Somebody("LEFEBVRE", "LÉO", "2023-05-04", "M")
DOSSIER = Dossier("CNAF", (LEFEBVRE,), (CHILD, CHILD), {"2026-06": 2550, "2026-11": 650}, (40_923, 2024), 1)
MSA = replace(DOSSIER, fournisseur="MSA", allocataires=(replace(LEFEBVRE, nom_naissance="ROUX"),))


ACCESS = Access("", TOKEN, SIRET, 1_000.0)
ASKED: dict[str, str] = {
    "recipient": SIRET,
    "nomNaissance": "LEFEBVRE",
    "prenoms[]": "ALEXIS",
    "anneeDateNaissance": "1982",
    "codeCogInseePaysNaissance": "99100",
    "codeCogInseeCommuneNaissance": "08480",
}


@dataclass
class Slept:
    """A time that only moves when somebody sleeps."""

    now: float = 0.0
    waits: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.waits.append(seconds)

    def timing(self) -> Timing:
        return Timing(lambda: self.now, self.sleep, lambda: 1.0)


@dataclass
class World:
    """A stand-in that runs, a client that asks it, and the time that both live in."""

    stand_in: StandIn
    client: ApiParticulier
    time: Slept
    url: str

    def ask(self, endpoint: str = QUOTIENT, identity: Identity = ANNE, month: date = NOVEMBER) -> object:
        return self.client.ask(endpoint, identity, month, self.stand_in.today())


@contextmanager
def a_world(*dossiers: Dossier, today: date = TODAY, calls: int = 20, access: Access = ACCESS) -> Iterator[World]:
    time = Slept()
    stand_in = StandIn(Register(TOKEN, dossiers, calls), lambda: today, lambda: time.now)
    with serving(stand_in) as url, ApiParticulier(replace(access, url=url), time.timing()) as client:
        yield World(stand_in, client, time, url)


def test_the_quotient_of_a_month_is_read_exactly_with_the_hash_of_its_bytes() -> None:
    with a_world(DOSSIER) as world:
        answer = world.client.ask(QUOTIENT, ANNE, NOVEMBER, TODAY)
        raw = httpx.get(
            f"{world.url}{PATHS[QUOTIENT]}",
            params={**ASKED, "annee": 2026, "mois": 11},
            headers={"Authorization": f"Bearer {TOKEN}"},
        )
    assert (answer.provider, answer.value_e2, answer.month) == ("CNAF", 65_000, NOVEMBER)
    assert answer.sha256 == hashlib.sha256(raw.content).hexdigest()


def test_an_earlier_month_has_the_quotient_that_it_had() -> None:
    with a_world(DOSSIER) as world:
        assert world.client.ask(QUOTIENT, ANNE, date(2026, 9, 1), TODAY).value_e2 == 255_000


def test_income_children_and_aeeh_are_read_for_eaje_fees() -> None:
    with a_world(DOSSIER) as world:
        answer = world.client.ask(EAJE, ANNE, NOVEMBER, TODAY)
    assert (answer.annual_cents, answer.income_year, answer.children, answer.aeeh) == (4_092_300, 2024, 2, 1)


def test_the_year_that_the_msa_tells_is_never_later_than_n_2() -> None:
    with a_world(MSA) as world:
        answer = world.client.ask(EAJE, replace(ANNE, last_name="Roux"), NOVEMBER, TODAY)
    assert answer.income_year == 2024


def test_an_unknown_allocataire_is_told_as_such() -> None:
    with a_world(DOSSIER) as world, pytest.raises(AllocataireUnknown, match=r"ne connaissent pas") as refusal:
        world.ask(identity=replace(ANNE, last_name="Inconnue"))
    assert (refusal.value.answer.outcome, refusal.value.answer.error_code) == (NOT_FOUND, "37003")


def test_before_the_monthly_update_an_unknown_allocataire_means_wait() -> None:
    with a_world(DOSSIER, today=date(2026, 12, 3)) as world:
        with pytest.raises(NotPublishedYet, match=r"pas encore publié.*ancien QF reste") as refusal:
            world.ask(month=DECEMBER)
        assert refusal.value.answer.outcome == NOT_YET
        # The month before is published, and the MSA does not wait for a date.
        assert world.client.ask(QUOTIENT, ANNE, NOVEMBER, date(2026, 12, 3)).value_e2 == 65_000


def test_the_msa_answers_before_the_cafs_update() -> None:
    with a_world(MSA, today=date(2026, 12, 3)) as world:
        found = world.client.ask(QUOTIENT, replace(ANNE, last_name="Roux"), DECEMBER, date(2026, 12, 3))
    assert found.provider == "MSA"


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_service_that_stumbles_is_asked_again_later_and_later(status: int) -> None:
    with a_world(replace(DOSSIER, failures=(status, status))) as world:
        assert world.client.ask(QUOTIENT, ANNE, NOVEMBER, TODAY).value_e2 == 65_000
        assert world.stand_in.questions == 3
        assert [wait for wait in world.time.waits if wait >= 0.5] == [0.5, 1.0]


def test_a_service_that_never_answers_is_given_up_with_what_to_do() -> None:
    with a_world(replace(DOSSIER, failures=(503,) * 10)) as world:
        with pytest.raises(ServiceUnavailable, match=r"HTTP 503.*reprendra où elle s'est arrêtée"):
            world.ask()
        assert world.stand_in.questions == ATTEMPTS_MAX


def test_nobody_at_the_address_is_an_unavailable_service() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        access = Access(f"http://127.0.0.1:{taken.getsockname()[1]}", TOKEN, SIRET)
        with ApiParticulier(access, Slept().timing()) as client, pytest.raises(ServiceUnavailable, match="Connect"):
            client.ask(QUOTIENT, ANNE, NOVEMBER, TODAY)


@pytest.mark.parametrize(
    ("access", "status"),
    [(replace(ACCESS, token="faux"), 401), (replace(ACCESS, siret="123"), 422), (replace(ACCESS, siret=""), 422)],
)
def test_a_wrong_token_or_siret_stops_everything_with_what_to_check(access: Access, status: int) -> None:
    with a_world(DOSSIER, access=access) as world:
        with pytest.raises(AccessRefused, match=r"jeton, le SIRET.*habilitation") as refusal:
            world.ask()
        assert refusal.value.fields["status"] == status
        assert world.stand_in.questions == 1


@pytest.mark.parametrize(
    ("identity", "month"),
    [
        (replace(ANNE, birth_country_code=None), NOVEMBER),
        (replace(ANNE, birth_commune_code=None), NOVEMBER),
        (ANNE, date(2023, 1, 1)),
        (ANNE, date(2027, 1, 1)),
    ],
)
def test_a_question_that_cannot_be_put_is_refused_alone(identity: Identity, month: date) -> None:
    with a_world(DOSSIER) as world, pytest.raises(QuestionRefused, match="refuse cette question") as refusal:
        world.ask(identity=identity, month=month)
    assert refusal.value.answer.outcome == REFUSED


def test_calls_keep_the_pace_of_one_token() -> None:
    with a_world(DOSSIER, access=replace(ACCESS, calls_per_second=10.0)) as world:
        for _ in range(5):
            world.ask()
        assert world.time.now == pytest.approx(0.4)


def test_who_calls_too_often_waits_as_long_as_the_server_asks() -> None:
    with a_world(DOSSIER, calls=3) as world:
        for _ in range(4):
            world.ask()
        assert max(world.time.waits) == 1.0
        assert world.stand_in.questions == 5


# ---------------------------------------------------------------- answers that the real service could give one day


@contextmanager
def answering(status: int, body: bytes) -> Iterator[ApiParticulier]:
    """A client of a server that always answers the same bytes."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    with ExitStack() as stack:
        stack.callback(thread.join)
        stack.callback(server.server_close)
        stack.callback(server.shutdown)
        access = Access(f"http://127.0.0.1:{server.server_port}", TOKEN, SIRET, 1_000.0)
        yield stack.enter_context(ApiParticulier(access, Slept().timing()))


def quotient_body(**changes: object) -> bytes:
    figure = {"fournisseur": "CNAF", "valeur": 650, "annee": 2026, "mois": 11, **changes}
    return json.dumps({"data": {"quotient_familial": figure, "nouveau": 1}, "links": {}, "meta": {}}).encode()


def test_new_fields_of_a_later_release_are_ignored() -> None:
    with answering(200, quotient_body(date_effet="2026-11-01")) as client:
        assert client.ask(QUOTIENT, ANNE, NOVEMBER, TODAY).value_e2 == 65_000


def test_a_quotient_with_cents_stays_exact() -> None:
    with answering(200, quotient_body().replace(b"650", b"650.35")) as client:
        assert client.ask(QUOTIENT, ANNE, NOVEMBER, TODAY).value_e2 == 65_035


@pytest.mark.parametrize("body", [b'{"data": {"enfants": []}}', b'{"data": {"quotient_familial": null}}'])
def test_a_figure_masked_by_the_scopes_is_a_missing_habilitation(body: bytes) -> None:
    with answering(200, body) as client, pytest.raises(AccessRefused, match="habilitation ne donne pas"):
        client.ask(QUOTIENT, ANNE, NOVEMBER, TODAY)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"<html>portail captif</html>"),
        (200, quotient_body(valeur=-1)),
        (200, quotient_body(mois=13)),
        (200, b"[" * 100_000),
        (200, b"x" * 2_000_000),
        (302, b""),
        (404, b"<html>nginx</html>"),
    ],
)
def test_what_is_not_the_api_is_never_taken_for_an_answer(status: int, body: bytes) -> None:
    with answering(status, body) as client, pytest.raises(ServiceUnavailable):
        client.ask(QUOTIENT, ANNE, NOVEMBER, TODAY)


@pytest.mark.parametrize("status", [200, 401, 404, 503])
def test_no_log_and_no_error_names_anybody(status: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    body = quotient_body() if status == 200 else b'{"errors": [{"code": "1", "title": "x", "detail": "LEFEBVRE"}]}'
    told = ""
    with answering(status, body) as client:
        try:
            client.ask(QUOTIENT, ANNE, NOVEMBER, TODAY)
        except Exception as error:
            told = repr(error) + str(getattr(error, "fields", ""))
    told += caplog.text
    assert "/v3/dss/quotient_familial/identite" in told
    assert not [word for word in ("lefebvre", "alexis", "1982", "08480", TOKEN) if word in told.lower()]


def test_the_stand_in_says_nothing_of_who_was_asked_about(capfd: pytest.CaptureFixture[str]) -> None:
    with a_world(DOSSIER) as world:
        world.ask()
    assert capfd.readouterr() == ("", "")
