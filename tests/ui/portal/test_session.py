"""Log in, be sent where one belongs, log out: the same door for staff and families."""

from pathlib import Path

import pytest

from portal.app import create_app
from portal.context import PortalContext
from tests.ui.portal.browsing import DASHBOARDS, Browser, form_token
from tests.ui.portal.conftest import SignIn
from tests.ui.town import PASSWORD, Town

CLAIRE = "claire@exemple.test"


def test_family_goes_home(sign_in: SignIn) -> None:
    answer = sign_in(CLAIRE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


@pytest.mark.parametrize("login", ["coordination", "cuisine", "animation", "elue"])
@pytest.mark.parametrize("suite", ["", "dashboards", "/lignes"])
def test_staff_go_to_their_own_pages(sign_in: SignIn, login: str, suite: str) -> None:
    assert sign_in(login, suite=suite).headers["location"] == DASHBOARDS


def test_family_that_asks_for_staff_pages_goes_home(sign_in: SignIn) -> None:
    assert sign_in(CLAIRE, suite="dashboards").headers["location"] == "/"


def test_family_goes_on_to_the_page_it_asked_for(portal: Browser, sign_in: SignIn) -> None:
    asked = portal.get("/lignes?mois=2026-10")
    assert asked.headers["location"] == "/connexion?suite=%2Flignes%3Fmois%3D2026-10"
    assert sign_in(CLAIRE, suite="/lignes?mois=2026-10").headers["location"] == "/lignes?mois=2026-10"


@pytest.mark.parametrize(
    "suite",
    [
        "https://ailleurs.test/",
        "//ailleurs.test/",
        "/\\ailleurs.test/",
        "javascript:alert(1)",
        "/\t/ailleurs.test",
        "/deconnexion",
        "/connexion?suite=/lignes",
    ],
)
def test_nobody_is_sent_to_another_site(sign_in: SignIn, suite: str) -> None:
    assert sign_in(CLAIRE, suite=suite).headers["location"] == "/"


def test_session_cookie_is_out_of_reach_of_scripts_and_other_sites(sign_in: SignIn) -> None:
    cookies = [value for value in sign_in(CLAIRE).headers.get_list("set-cookie") if "marelle_session" in value]
    assert len(cookies) == 1
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= {part.strip() for part in cookies[0].split(";")}
    assert "Secure" not in cookies[0]


def test_cookie_is_secure_behind_https(town: Town, tmp_path: Path) -> None:
    with Browser(create_app(PortalContext(town.records, tmp_path, DASHBOARDS)), "https") as browser:
        fields = {"login": CLAIRE, "password": PASSWORD, "form_token": form_token(browser.get("/connexion"))}
        answer = browser.post("/connexion", data=fields)
    assert answer.headers["location"] == "/"
    assert all("Secure" in value for value in answer.headers.get_list("set-cookie"))


@pytest.mark.parametrize(("login", "password"), [(CLAIRE, "Pas le bon mot de passe"), ("personne", PASSWORD)])
def test_wrong_name_and_wrong_password_read_the_same(sign_in: SignIn, login: str, password: str) -> None:
    answer = sign_in(login, password)
    assert answer.status_code == 401
    assert "E-mail ou mot de passe incorrect." in answer.text
    assert "<title>Erreur : " in answer.text
    assert f'value="{login}"' in answer.text
    assert password not in answer.text
    assert "marelle_session" not in answer.headers.get("set-cookie", "")


def test_too_many_attempts_say_how_long_to_wait(sign_in: SignIn) -> None:
    answers = [sign_in(CLAIRE, f"essai numéro {attempt}") for attempt in range(6)]
    assert answers[-1].status_code == 429
    assert "Réessayez dans 1\u00a0minute" in answers[-1].text
    assert 0 < int(answers[-1].headers["retry-after"]) <= 60
    assert sign_in(CLAIRE).status_code == 429


@pytest.mark.parametrize("token", ["", "0" * 64, "é"])
def test_log_in_form_of_another_site_is_refused(portal: Browser, token: str) -> None:
    portal.get("/connexion")
    answer = portal.post("/connexion", data={"login": CLAIRE, "password": PASSWORD, "form_token": token})
    assert answer.status_code == 400
    assert "Ce formulaire n&#39;est plus valable" in answer.text
    assert "marelle_session" not in answer.headers.get("set-cookie", "")


def test_token_of_another_browser_is_refused(portal: Browser) -> None:
    stolen = form_token(portal.get("/connexion"))
    portal.cookies.clear()
    portal.get("/connexion")
    answer = portal.post("/connexion", data={"login": CLAIRE, "password": PASSWORD, "form_token": stolen})
    assert answer.status_code == 400


def test_each_log_in_opens_a_new_session_and_closes_the_former(portal: Browser, sign_in: SignIn) -> None:
    sign_in(CLAIRE)
    first = portal.cookies["marelle_session"]
    page = portal.get("/deconnexion")
    portal.post("/connexion", data={"login": CLAIRE, "password": PASSWORD, "form_token": form_token(page)})
    assert portal.cookies["marelle_session"] != first
    portal.hold("marelle_session", first)
    assert portal.get("/lignes").status_code == 303


def test_signed_in_person_is_not_asked_again(portal: Browser, sign_in: SignIn) -> None:
    sign_in(CLAIRE)
    assert portal.get("/connexion").headers["location"] == "/"


def test_log_out_closes_the_session_for_good(portal: Browser, sign_in: SignIn) -> None:
    sign_in(CLAIRE)
    token = portal.cookies["marelle_session"]
    answer = portal.post("/deconnexion", data={"form_token": form_token(portal.get("/deconnexion"))})
    assert answer.headers["location"] == "/connexion?motif=deconnexion"
    assert "marelle_session" not in portal.cookies
    portal.hold("marelle_session", token)
    assert portal.get("/").status_code == 303


def test_link_alone_does_not_log_out(portal: Browser, sign_in: SignIn) -> None:
    sign_in(CLAIRE)
    assert portal.get("/deconnexion").status_code == 200
    assert portal.post("/deconnexion").status_code == 400
    assert portal.get("/contact").text.count("Se déconnecter") == 1


@pytest.mark.parametrize(("minutes", "status"), [(29, 200), (31, 303)])
def test_session_closes_after_30_minutes_without_activity(
    town: Town, portal: Browser, sign_in: SignIn, minutes: int, status: int
) -> None:
    sign_in(CLAIRE)
    town.clock.now += minutes * 60_000_000
    answer = portal.get("/deconnexion")
    assert answer.status_code == status
    if status == 303:
        page = portal.get("/connexion?motif=inactivite")
        assert "Session fermée après 30 minutes sans activité." in page.text
        assert answer.headers["location"].endswith("motif=inactivite")


def test_unknown_reason_is_not_shown(portal: Browser) -> None:
    assert "avis" not in portal.get("/connexion?motif=<b>").text
