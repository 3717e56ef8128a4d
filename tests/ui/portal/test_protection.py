"""What every answer carries, and what is never let in."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from portal.app import create_app
from portal.context import PortalContext
from portal.security import FORM_BYTES_MAX
from tests.ui.portal.browsing import DASHBOARDS, Browser
from tests.ui.portal.conftest import SignIn
from tests.ui.town import Town

PAGES = ["/connexion", "/contact", "/accessibilite", "/donnees-personnelles", "/mentions-legales", "/absente", "/"]


@pytest.mark.parametrize("path", [*PAGES, "/static/portal.css", "/sante"])
def test_every_answer_carries_the_policy(portal: Browser, path: str) -> None:
    headers = portal.get(path).headers
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["style-src"] == policy["script-src"] == policy["font-src"] == "'self'"
    assert policy["form-action"] == f"'self' {DASHBOARDS}"
    assert (headers["x-frame-options"], headers["x-content-type-options"]) == ("DENY", "nosniff")


@pytest.mark.parametrize("path", PAGES)
def test_pages_are_kept_by_no_cache(portal: Browser, path: str) -> None:
    assert portal.get(path).headers["cache-control"] == "no-store"


def test_static_files_are_kept_for_an_hour(portal: Browser) -> None:
    for path in ("/static/portal.css", "/static/fonts/ahn.woff2", "/static/marelle.svg"):
        answer = portal.get(path)
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "public, max-age=3600")


@pytest.mark.parametrize("path", PAGES)
def test_page_needs_nothing_from_elsewhere_nor_any_inline_style_or_script(portal: Browser, path: str) -> None:
    text = portal.get(path).text.lower()
    assert "http://" not in text.replace("http://www.w3.org", "")
    assert "https://" not in text
    assert "style=" not in text
    assert not re.search(r"<script(?! src=\"/static/)|\son\w+=\"|javascript:", text)
    assert "<style" not in text


@pytest.mark.parametrize(("scheme", "asked"), [("http", None), ("https", "max-age=31536000")])
def test_strict_transport_is_asked_behind_https_only(
    town: Town, tmp_path: Path, scheme: str, asked: str | None
) -> None:
    with Browser(create_app(PortalContext(town.records, tmp_path, DASHBOARDS)), scheme) as browser:
        assert browser.get("/contact").headers.get("strict-transport-security") == asked


def test_form_that_is_too_long_is_refused_before_it_is_read(portal: Browser) -> None:
    answer = portal.post("/connexion", content=b"x" * (FORM_BYTES_MAX + 1))
    assert answer.status_code == 413
    assert "trop long" in answer.text


def test_form_of_unknown_length_is_refused(portal: Browser) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"login=x"

    assert portal.post("/connexion", content=pieces()).status_code == 413


def test_field_that_is_too_long_is_refused_in_french(portal: Browser) -> None:
    answer = portal.post("/connexion", data={"login": "x" * 121})
    assert answer.status_code == 400
    assert "Rien n&#39;a été enregistré" in answer.text


@pytest.mark.parametrize(
    "path", ["/openapi.json", "/docs", "/redoc", "/static/../app.py", "/static/", "/templates/"]
)
def test_nothing_but_pages_is_served(portal: Browser, path: str) -> None:
    answer = portal.get(path)
    assert answer.status_code == 404
    assert "Cette page n&#39;existe pas" in answer.text


def test_wrong_method_is_told_in_french(portal: Browser) -> None:
    answer = portal.send("DELETE", "/connexion")
    assert answer.status_code == 405
    assert 'lang="fr"' in answer.text


def test_fault_of_ours_gets_a_code_and_no_detail(
    town: Town, portal: Browser, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> int:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(town.records, "clock", broken)
    portal.hold("marelle_session", "x")
    answer = portal.get("/")
    assert answer.status_code == 500
    assert "secret detail" not in answer.text
    code = answer.text.split("Code à donner au service&nbsp;: ")[1][:8]
    assert code in caplog.text
    assert "secret detail" in caplog.text
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-frame-options"] == "DENY"


def test_health_says_nothing_personal(portal: Browser, sign_in: SignIn) -> None:
    answer = portal.get("/sante").json()
    assert set(answer) == {"status", "change_seq"}
    assert answer["status"] == "ok"


def test_staff_who_come_to_the_family_home_are_sent_to_their_pages(portal: Browser, sign_in: SignIn) -> None:
    sign_in("cuisine")
    assert portal.get("/").headers["location"] == DASHBOARDS


@pytest.mark.parametrize("login", ["coordination", "cuisine", "finances", "animation"])
def test_staff_read_no_family_page(portal: Browser, sign_in: SignIn, login: str) -> None:
    sign_in(login)
    answer = portal.get("/lignes")
    assert answer.status_code == 403
    assert "Cette page ne vous est pas ouverte" in answer.text


def test_cookie_is_set_only_with_a_form(portal: Browser) -> None:
    for path in PAGES:
        if path != "/connexion":
            assert "set-cookie" not in portal.get(path).headers, path
    assert "marelle_form" in portal.get("/connexion").headers["set-cookie"]
