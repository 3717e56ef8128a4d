"""Choosing a password by a link, and the code of a second factor at the log-in page."""

import base64
from html import unescape

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from httpx import Response

from domain.french import NBSP
from records.actors import SETUP
from records.operations import accounts
from records.operations.account_links import reset_account
from records.operations.second_factor import begin_second_factor, confirm_second_factor
from tests.factories.people import token_of
from tests.ui.portal.browsing import Browser, form_token
from tests.ui.portal.conftest import SignIn
from tests.ui.town import PASSWORD, Town

CLAIRE = "claire@exemple.test"
CHOSEN = "un-cerisier-sous-la-pluie"


def told(answer: Response) -> str:
    """Return the text of a page as people read it."""
    return unescape(answer.text).replace(NBSP, " ")


def choose(portal: Browser, token: str, password: str, again: str | None = None) -> Response:
    """Open a link and send its form."""
    page = portal.get("/mot-de-passe", params={"jeton": token})
    fields = {"token": token, "password": password, "again": again or password}
    return portal.post("/mot-de-passe", data={**fields, "form_token": form_token(page)})


@pytest.fixture
def link(town: Town) -> str:
    """A link for Claire, whose password no longer works."""
    return token_of(reset_account(town.records, SETUP, CLAIRE))


def test_link_leads_to_a_password_and_then_to_the_log_in_page(portal: Browser, link: str, sign_in: SignIn) -> None:
    answer = choose(portal, link, CHOSEN)
    assert (answer.status_code, answer.headers["location"]) == (303, "/connexion?motif=mot-de-passe")
    assert "Votre mot de passe est enregistré" in told(portal.get("/connexion?motif=mot-de-passe"))
    assert sign_in(CLAIRE, CHOSEN).status_code == 303


def test_used_and_invented_links_say_what_to_do(portal: Browser, link: str) -> None:
    choose(portal, link, CHOSEN)
    for token in (link, "invented", ""):
        page = portal.get("/mot-de-passe", params={"jeton": token})
        assert page.status_code == 410
        assert "Demandez-en un nouveau" in told(page)
        assert "<form" not in page.text.split("<main")[-1]


@pytest.mark.parametrize(
    ("password", "again", "said"),
    [("court", None, "12 caractères"), (CHOSEN, "autre chose", "diffèrent"), (PASSWORD, None, "déjà eu")],
)
def test_refused_password_is_explained_and_never_sent_back(
    portal: Browser, link: str, password: str, again: str | None, said: str
) -> None:
    answer = choose(portal, link, password, again)
    assert answer.status_code == 400
    assert said in told(answer)
    assert f'value="{password}"' not in answer.text
    assert choose(portal, link, CHOSEN).status_code == 303


def test_log_in_page_asks_for_the_code_once_the_password_is_right(
    town: Town, portal: Browser, sign_in: SignIn
) -> None:
    records = town.records
    token, _ = accounts.log_in(records, CLAIRE, PASSWORD, records.clock())
    secret = begin_second_factor(records, token).secret

    def code(steps: int) -> str:
        app = TOTP(base64.b32decode(secret), 6, SHA1(), 30)
        return app.generate(records.clock() // 1_000_000 + 30 * steps).decode()

    confirm_second_factor(records, token, code(0))
    assert 'name="code"' not in sign_in(CLAIRE, "Ce n'est pas celui-là").text
    asked = sign_in(CLAIRE)
    assert asked.status_code == 401
    assert 'name="code"' in asked.text
    fields = {"login": CLAIRE, "password": PASSWORD, "form_token": form_token(asked)}
    wrong = portal.post("/connexion", data={**fields, "code": "000000"})
    assert "code incorrect" in told(wrong)
    assert 'name="code"' in wrong.text
    right = portal.post("/connexion", data={**fields, "code": code(1), "form_token": form_token(wrong)})
    assert right.status_code == 303
