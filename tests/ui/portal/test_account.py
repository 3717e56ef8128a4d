"""« Mot de passe oublié » and « Mon compte »: what a person does about their own log-in."""

import base64
import re
from collections.abc import Callable
from html import unescape

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from httpx import Response

from domain.french import NBSP
from records.actors import SETUP
from records.operations.accounts import NewGrant, NewInvitation, invite
from records.operations.attempts import FREE_ATTEMPTS, FREE_ATTEMPTS_OF_ADDRESS
from records.operations.messages import waiting_messages
from records.operations.sessions import list_sessions
from tests.factories.people import token_of
from tests.ui.portal.browsing import Browser, form_token
from tests.ui.portal.conftest import SignIn
from tests.ui.town import PASSWORD, START, Town

CLAIRE, STAFF = "claire@exemple.test", "coordination"
CHOSEN = "un-cerisier-sous-la-pluie"
Send = Callable[..., Response]


def told(answer: Response) -> str:
    """Return the text of a page as people read it."""
    return unescape(answer.text).replace(NBSP, " ")


@pytest.fixture
def forget(portal: Browser) -> Callable[[str], Response]:
    """Fill the page of a forgotten password and send it."""

    def send(login: str) -> Response:
        fields = {"login": login, "form_token": form_token(portal.get("/mot-de-passe-oublie"))}
        return portal.post("/mot-de-passe-oublie", data=fields)

    return send


@pytest.fixture
def claire(portal: Browser, sign_in: SignIn) -> Send:
    """Claire, signed in; sends a form of her account."""
    assert sign_in(CLAIRE).status_code == 303

    def send(path: str, **fields: str) -> Response:
        token = form_token(portal.get("/compte"))
        return portal.post(f"/compte/{path}", data={**fields, "form_token": token})

    return send


def test_log_in_page_leads_to_whoever_forgot(portal: Browser) -> None:
    assert 'href="/mot-de-passe-oublie"' in portal.get("/connexion").text


def test_forgotten_password_is_chosen_again_by_the_link_in_the_mail(
    town: Town, portal: Browser, forget: Callable[[str], Response], sign_in: SignIn
) -> None:
    invite(town.records, SETUP, NewInvitation("zoe", "Zoé", "zoe@exemple.test", (NewGrant("agent", START),)))
    town.clock.now += 3_600_000_000
    answer = forget(" Zoe ")
    assert answer.headers["location"] == "/connexion?motif=lien"
    assert "regardez aussi dans les indésirables" in told(portal.get("/connexion?motif=lien"))
    (message,) = waiting_messages(town.records, SETUP)
    page = portal.get("/mot-de-passe", params={"jeton": message.content["token"]})
    fields = {"token": message.content["token"], "password": CHOSEN, "again": CHOSEN}
    assert portal.post("/mot-de-passe", data={**fields, "form_token": form_token(page)}).status_code == 303
    assert sign_in("zoe", CHOSEN).status_code == 303


def test_nobody_is_told_which_accounts_exist(
    town: Town, portal: Browser, forget: Callable[[str], Response]
) -> None:
    answers = {(forget(login).status_code, forget(login).headers["location"]) for login in (CLAIRE, "personne")}
    assert answers == {(303, "/connexion?motif=lien")}


def test_asking_for_many_names_waits(forget: Callable[[str], Response]) -> None:
    for number in range(FREE_ATTEMPTS_OF_ADDRESS):
        assert forget(f"nom{number}").status_code == 303
    refused = forget("personne")
    assert refused.status_code == 429
    assert "depuis ce réseau" in told(refused)
    assert int(refused.headers["retry-after"]) > 0


def test_account_is_shown_to_families_and_staff_and_to_nobody_else(portal: Browser, sign_in: SignIn) -> None:
    assert portal.get("/compte").headers["location"].startswith("/connexion")
    for login in (CLAIRE, STAFF):
        sign_in(login)
        page = portal.get("/compte")
        assert f"Identifiant : <b>{login}</b>" in told(page)
        assert "Cette session" in told(page)
        portal.cookies.clear()


def test_password_is_changed_with_the_one_in_use(portal: Browser, claire: Send, sign_in: SignIn) -> None:
    wrong = claire("mot-de-passe", current="autre chose", password=CHOSEN, again=CHOSEN)
    assert (wrong.status_code, "pas votre mot de passe actuel" in told(wrong)) == (400, True)
    differ = claire("mot-de-passe", current=PASSWORD, password=CHOSEN, again="autre chose")
    assert (differ.status_code, "diffèrent" in told(differ)) == (400, True)
    weak = claire("mot-de-passe", current=PASSWORD, password="court", again="court")
    assert (weak.status_code, "12 caractères" in told(weak)) == (400, True)
    done = claire("mot-de-passe", current=PASSWORD, password=CHOSEN, again=CHOSEN)
    assert done.headers["location"] == "/compte?fait=mot-de-passe"
    assert "Votre mot de passe est changé" in told(portal.get("/compte?fait=mot-de-passe"))
    portal.cookies.clear()
    assert sign_in(CLAIRE, PASSWORD).status_code == 401
    assert sign_in(CLAIRE, CHOSEN).status_code == 303


def test_guesses_of_the_password_in_use_wait(claire: Send) -> None:
    for _ in range(FREE_ATTEMPTS):
        assert claire("second-facteur", current="autre chose").status_code == 400
    refused = claire("second-facteur", current=PASSWORD)
    assert (refused.status_code, "Trop d'essais" in told(refused)) == (429, True)


def test_second_factor_is_put_in_force_renewed_and_taken_away(town: Town, portal: Browser, claire: Send) -> None:
    begun = claire("second-facteur", current=PASSWORD)
    key = re.search(r"<b>((?:[A-Z2-7]{4} ?)+)</b>", begun.text)
    assert key is not None
    assert "otpauth://totp/" in begun.text

    def code() -> str:
        secret = base64.b32decode(key.group(1).replace(" ", ""))
        return TOTP(secret, 6, SHA1(), 30).generate(town.records.clock() // 1_000_000).decode()

    wrong = claire("second-facteur/code", code="000000")
    assert (wrong.status_code, "pas le bon" in told(wrong)) == (400, True)
    shown = re.findall(r"<li><b>([0-9a-f]{10})</b></li>", claire("second-facteur/code", code=code()).text)
    assert len(set(shown)) == 8
    assert "Codes de secours non utilisés : <b>8</b>" in told(portal.get("/compte"))
    renewed = re.findall(r"<li><b>([0-9a-f]{10})</b></li>", claire("codes-de-secours", current=PASSWORD).text)
    assert len({*shown, *renewed}) == 16
    assert claire("codes-de-secours", current="autre chose").status_code == 400
    assert claire("second-facteur/retirer", current="autre chose").status_code == 400
    assert claire("second-facteur/retirer", current=PASSWORD).status_code == 303
    assert "Mettre en place un second facteur" in told(portal.get("/compte"))


def test_other_sessions_are_seen_and_closed(town: Town, portal: Browser, claire: Send, sign_in: SignIn) -> None:
    kept = portal.cookies.get("marelle_session")
    portal.cookies.clear()
    sign_in(CLAIRE)
    assert "Fermer les autres sessions" in told(portal.get("/compte"))
    assert claire("sessions").headers["location"] == "/compte?fait=sessions"
    assert len(list_sessions(town.records, SETUP, CLAIRE)) == 1
    assert kept != portal.cookies.get("marelle_session")
    assert "Fermer les autres sessions" not in told(portal.get("/compte"))


@pytest.mark.parametrize(
    "path", ["mot-de-passe", "second-facteur", "second-facteur/code", "second-facteur/retirer", "sessions"]
)
def test_form_of_another_site_changes_nothing(portal: Browser, claire: Send, path: str) -> None:
    fields = {"current": PASSWORD, "password": CHOSEN, "again": CHOSEN, "form_token": "0" * 64}
    answer = portal.post(f"/compte/{path}", data=fields)
    assert answer.status_code == 400
    assert "n'est plus valable" in told(answer)


def test_invited_person_has_an_account_page_too(town: Town, portal: Browser, sign_in: SignIn) -> None:
    invitation = NewInvitation("zoe", "Zoé Blanc", None, (NewGrant("agent", START),))
    token = token_of(invite(town.records, SETUP, invitation))
    page = portal.get("/mot-de-passe", params={"jeton": token})
    fields = {"token": token, "password": CHOSEN, "again": CHOSEN, "form_token": form_token(page)}
    portal.post("/mot-de-passe", data=fields)
    sign_in("zoe", CHOSEN)
    assert "n’a pas d’adresse e-mail" in told(portal.get("/compte"))
