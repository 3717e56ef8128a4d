"""The portal in a real browser: accessible in light and dark, on the narrowest phone, with the keyboard alone."""

import base64
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page

from domain.time import instant_at
from portal.app import create_app
from portal.context import PortalContext
from tests.harness.browser import axe, no_sideways_scroll, open_page
from tests.harness.processes import free_port, wait_until
from tests.ui.town import LEA_BADGE, MONDAY, PASSWORD, TODAY, ZONE, open_town
from warehouse.snapshot import folder

PUBLIC = (
    "/connexion",
    "/mot-de-passe",
    "/mot-de-passe-oublie",
    "/contact",
    "/accessibilite",
    "/donnees-personnelles",
    "/mentions-legales",
    "/absente",
)
PRIVATE = ("/", "/lignes", "/compte", "/deconnexion", "/absente")

# Outside running text, what one touches is 44 px high at least (look notes, « Target »).
SMALL_TARGETS = """() => [
    ...document.querySelectorAll("main :is(a.b, a.lien), button, :is(nav, footer) a, summary, input:not([hidden])"),
]
    .filter((each) => each.type !== "hidden" && each.checkVisibility())
    .filter((each) => each.getBoundingClientRect().height < 44)
    .map((each) => each.outerHTML.slice(0, 80))"""


@pytest.fixture(scope="module")
def served(town_file: Path, tmp_path_factory: pytest.TempPathFactory, compiled_models: Path) -> Iterator[str]:
    """The portal on a port of loopback, with a Monday of badges; these tests only read."""
    home = tmp_path_factory.mktemp("served")
    shutil.copyfile(town_file, home / "records.db")
    folder(home).symlink_to(compiled_models)
    town = open_town(f"sqlite:///{home / 'records.db'}")
    town.at(20 * 60, MONDAY)
    for minute in (706, 995, 1051):
        town.tap("tilleuls", LEA_BADGE, minute, MONDAY)
    town.at(16 * 60 + 45)
    port = free_port()
    app = create_app(PortalContext(town.records, home, "http://127.0.0.1:8030"))
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    wait_until(lambda: server.started, 20, "the portal")
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(20)
    town.records.close()


def sign_in(page: Page, base: str) -> None:
    """Log Claire in with the keyboard alone."""
    page.goto(f"{base}/connexion")
    page.get_by_label("E-mail ou identifiant").focus()
    page.keyboard.type("claire@exemple.test")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{base}/")


def check(page: Page, address: str) -> None:
    """Open a page: nothing wrong for axe-core, nothing wider than the window, every target large enough."""
    page.goto(address)
    assert axe(page) == [], address
    assert no_sideways_scroll(page), address
    small = page.evaluate(SMALL_TARGETS)
    assert small == [], address


@pytest.mark.parametrize(("width", "is_dark"), [(320, False), (320, True), (1280, True)])
def test_every_page_is_accessible(served: str, browser: Chromium, width: int, is_dark: bool) -> None:
    with open_page(browser, width=width, dark=is_dark) as page:
        for path in PUBLIC:
            check(page, served + path)
        sign_in(page, served)
        for path in PRIVATE:
            check(page, served + path)
        page.goto(f"{served}/lignes")
        for summary in page.locator("details.raison summary").all()[:3]:
            summary.click()
        assert axe(page) == []
        assert no_sideways_scroll(page)
        reason = page.get_by_role("link", name="Voir tout le calcul").first.get_attribute("href")
        check(page, f"{served}{reason}")


def test_second_factor_is_set_up_and_removed_on_accessible_pages(served: str, browser: Chromium) -> None:
    with open_page(browser, width=320) as page:

        def look() -> None:
            assert axe(page) == []
            assert no_sideways_scroll(page)

        def send(button: str) -> None:
            page.get_by_label("Mot de passe actuel").last.fill(PASSWORD)
            page.get_by_role("button", name=button).click()

        sign_in(page, served)
        page.goto(f"{served}/compte")
        page.get_by_label("Mot de passe actuel").last.fill("autre chose")
        page.get_by_role("button", name="Mettre en place un second facteur").click()
        page.get_by_role("alert").wait_for()
        look()
        send("Mettre en place un second facteur")
        page.get_by_text("1. Donnez cette clé").wait_for()
        look()
        key = page.locator("section b").inner_text().replace(" ", "")
        page.get_by_label("Code à six chiffres").fill("000000")
        page.get_by_role("button", name="Mettre en service").click()
        page.get_by_role("alert").wait_for()
        look()
        now = instant_at(TODAY, 16 * 60 + 45, ZONE) // 1_000_000
        page.get_by_label("Code à six chiffres").fill(
            TOTP(base64.b32decode(key), 6, SHA1(), 30).generate(now).decode()
        )
        page.get_by_role("button", name="Mettre en service").click()
        page.get_by_role("heading", name="Vos codes de secours").wait_for()
        look()
        page.get_by_role("link", name="J’ai noté mes codes").click()
        page.get_by_text("Codes de secours non utilisés").wait_for()
        look()
        send("Retirer le second facteur")
        page.get_by_text("Votre compte n'a plus de second facteur.").wait_for()
        look()


def test_no_page_breaks_its_own_policy(served: str, browser: Chromium) -> None:
    with open_page(browser) as page:
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("requestfailed", lambda request: complaints.append(request.url))
        sign_in(page, served)
        page.goto(f"{served}/lignes")
        assert page.evaluate(
            "() => document.fonts.ready.then(fonts => [...fonts].some(f => f.status === 'loaded'))"
        )
        assert complaints == []


def test_reason_unfolds_on_the_line(served: str, browser: Chromium) -> None:
    with open_page(browser, width=360) as page:
        sign_in(page, served)
        page.get_by_role("link", name="Voir le détail de novembre").click()
        evening = page.get_by_role("row").filter(has_text="Garderie du soir")
        evening.get_by_text("Pourquoi ce prix").first.click()
        text = evening.inner_text().replace("\u00a0", " ")
        assert "Arrivée notée à 16 h 35" in text
        assert "Départ noté à 17 h 31" in text


def test_link_to_the_content_is_the_first_stop_of_the_keyboard(served: str, browser: Chromium) -> None:
    with open_page(browser) as page:
        page.goto(f"{served}/connexion")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        assert page.evaluate("() => document.activeElement.id") == "contenu"


def test_end_of_the_session_is_told_five_minutes_before(served: str, browser: Chromium) -> None:
    with open_page(browser) as page:
        page.clock.install()
        sign_in(page, served)
        notice = page.locator("#session")
        page.clock.fast_forward("24:00")
        assert not notice.is_visible()
        page.clock.fast_forward("02:00")
        notice.wait_for(state="visible")
        assert "Votre session se ferme dans 5 minutes." in notice.inner_text()
        assert axe(page) == []
        notice.get_by_role("link", name="Rester connecté").click()
        page.wait_for_load_state()
        assert not page.locator("#session").is_visible()
