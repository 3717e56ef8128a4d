"""Whatever is asked of the portal, by whomever, it answers as it describes itself: a page, never a fault."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

from portal.app import create_app
from portal.context import PortalContext
from portal.security import form_token
from portal.visitors import FORM_COOKIE, SESSION_COOKIE
from records.operations import accounts
from tests.harness.effort import examples
from tests.harness.fuzzing import AnyCase, ask, cases_of
from tests.harness.in_process import client_of
from tests.ui.invoicing import issue_november
from tests.ui.portal.browsing import DASHBOARDS, links
from tests.ui.town import LEA_BADGE, MONDAY, PASSWORD, Town
from warehouse.snapshot import folder

pytestmark = pytest.mark.fuzz

FAMILY, STAFF, NOBODY = "claire@exemple.test", "coordination", ""
FUZZ = settings(
    max_examples=examples(4),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much],
)
# What people and attackers put where the description says no more than « text ».
MONTHS, STRANGE_MONTHS = ["2026-11", "2026-10", "2025-11"], ["2026-13", "0000-00", "2026-11-01", "２０２６-11"]
PATHS = ["/", "/lignes", "//exemple.test", "/\\exemple.test", "dashboards", "/connexion", "/\r\nx: y", "/é ?#"]


@pytest.fixture
def application(town: Town, tmp_path: Path, compiled_models: Path) -> FastAPI:
    """The portal of the town, where Léa ate on Monday and stayed in the evening."""
    folder(tmp_path).symlink_to(compiled_models)
    town.at(20 * 60, MONDAY)
    for minute in (706, 995, 1051):
        town.tap("tilleuls", LEA_BADGE, minute, MONDAY)
    town.at(16 * 60 + 45)
    issue_november(town.records)
    return create_app(PortalContext(town.records, tmp_path, DASHBOARDS))


@pytest.fixture
def client(application: FastAPI) -> Iterator[httpx.Client]:
    with client_of(application) as opened:
        yield opened


class Visit:
    """Somebody before the portal, or nobody; signed in again at each request, so that no log-out ends the test."""

    def __init__(self, town: Town, client: httpx.Client, login: str) -> None:
        self._town, self._client, self._login = town, client, login
        self.seen: Counter[tuple[str, int]] = Counter()
        self.lines, self.invoices = self._under("/lignes"), self._under("/factures")

    def _under(self, page: str) -> list[str]:
        """Return what follows the address of a page in its own links."""
        found = links(self._client.get(page, headers={"cookie": self._cookie()}))
        return sorted(href.removeprefix(f"{page}/") for href in found if href.startswith(f"{page}/"))

    def _cookie(self) -> str:
        if not self._login:
            self._secret = "secret"
            return f"{FORM_COOKIE}={self._secret}"
        records = self._town.records
        self._secret, _ = accounts.log_in(records, self._login, PASSWORD, records.clock())
        return f"{SESSION_COOKIE}={self._secret}"

    def try_all(self, label: str, drawn: st.SearchStrategy[AnyCase]) -> None:
        """Send many requests to an address: half of them could be meant, which no chance may leave out."""
        for meant in (st.just(True), st.integers(0, 7).map(bool)):
            self._try(label, drawn, meant)

    def _try(self, label: str, drawn: st.SearchStrategy[AnyCase], meant: st.SearchStrategy[bool]) -> None:
        @FUZZ
        @given(case=drawn, data=st.data())
        def fuzz(case: AnyCase, data: st.DataObject) -> None:
            self._ask(label, case, data, meant)

        fuzz()

    def _ask(self, label: str, case: AnyCase, data: st.DataObject, meant: st.SearchStrategy[bool]) -> None:
        """Send a drawn request; where it is meant, with the form's token, a month that can be and what exists."""
        cookie = self._cookie()
        if isinstance(case.body, dict) and data.draw(meant):
            case.body["form_token"] = form_token(self._secret)  # the description lets a form leave it out
        known = {
            "mois": MONTHS,
            "suite": PATHS,
            "line_key": self.lines,
            "address": self.invoices,
        }
        for values in (case.query, case.path_parameters, case.body):
            if isinstance(values, dict):
                for name in values.keys() & {name for name, found in known.items() if found}:
                    if data.draw(meant):
                        values[name] = data.draw(st.sampled_from(known[name]))
                    elif name == "mois":
                        values[name] = data.draw(st.sampled_from(STRANGE_MONTHS))
        self._town.clock.now += 1_000_000
        self.seen[label, ask(self._client, case, cookie=cookie).status_code] += 1


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: str(mode.value))
@pytest.mark.parametrize("login", [NOBODY, FAMILY, STAFF])
def test_any_request_is_answered_as_the_portal_describes_itself(
    town: Town, application: FastAPI, client: httpx.Client, login: str, mode: GenerationMode
) -> None:
    visit = Visit(town, client, login)
    cases = cases_of(application, mode)
    for label, drawn in cases.items():
        visit.try_all(label, drawn)
    assert {label for label, _ in visit.seen} == set(cases)
    if login == FAMILY and mode is GenerationMode.POSITIVE:
        read = {label for label, status in visit.seen if status == 200}
        assert {"GET /", "GET /lignes", "GET /lignes/{line_key}"} <= read
        assert {"GET /factures", "GET /factures/{address}", "GET /factures/{address}/pdf"} <= read
        assert visit.seen["POST /deconnexion", 303] > 0


def test_the_portal_describes_every_page_and_form(application: FastAPI) -> None:
    assert set(cases_of(application, GenerationMode.POSITIVE)) == {
        "GET /",
        "GET /accessibilite",
        "GET /compte",
        "GET /connexion",
        "GET /contact",
        "GET /deconnexion",
        "GET /donnees-personnelles",
        "GET /factures",
        "GET /factures/attestations/{year}/{payer_ref}",
        "GET /factures/{address}",
        "GET /factures/{address}/pdf",
        "GET /lignes",
        "GET /lignes/{line_key}",
        "GET /mentions-legales",
        "GET /mot-de-passe",
        "GET /mot-de-passe-oublie",
        "GET /sante",
        "POST /compte/codes-de-secours",
        "POST /compte/mot-de-passe",
        "POST /compte/second-facteur",
        "POST /compte/second-facteur/code",
        "POST /compte/second-facteur/retirer",
        "POST /compte/sessions",
        "POST /connexion",
        "POST /deconnexion",
        "POST /mot-de-passe",
        "POST /mot-de-passe-oublie",
    }
