"""The pages of a month in a real browser, with the demo's invoices and aids: accessible, and never too wide."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conftest import PROCESSES
from tests.harness.browser import axe, no_sideways_scroll, open_page
from tests.harness.demo_world import DemoWorld, copy_world
from tests.harness.processes import Processes, free_port

MARELLE = [sys.executable, "-m", "cli"]
# Streamlit's own navigation, on every page it draws: a list whose items are not its children. Not ours to mend.
STREAMLIT_FAULTS = frozenset({"list", "listitem"})
STAFF_PAGES = {
    "fin-de-mois?mois=2026-10": "Dû par les organismes pour octobre 2026",
    "controles": "Comment ces contrôles marchent",
    "factures?mois=2026-10": "Une facture en détail",
    "prises-en-charge": "Une prise en charge en détail",
    "simuler-un-tarif": "Simuler un tarif",
    "declarations-caf": "Contrôles avant envoi",
    "comptes-structure": "Importer de la comptabilité",
    "comptages": "Saisir une journée",
    "convention-caf": "À quoi sert la convention",
}
DIRECTOR_PAGES = {
    "nimporte": "Cette page n'existe pas",
    "commande-repas": "Restes et manques",
    "plateaux": "Qui voit ces noms",
    "menus": "À quoi servent les menus",
    "reglages-cuisine": "À quoi servent ces réglages",
    "fermetures": "Ce que fait un événement",
    "frequentation?mois=2026-10-01": "Par service",
    "encadrement": "Semaines passées",
    "elus?mois=2026-10-01": "Par commune",
}
TOO_LONG_MS = 90_000


@dataclass(frozen=True)
class Served:
    """The demo town's pages."""

    world: DemoWorld
    portal: str
    dashboards: str
    processes: Processes


@pytest.fixture(scope="module")
def served_once(demo_world: DemoWorld, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    world, processes = copy_world(demo_world, folder / "marelle"), Processes(folder)
    try:
        yield serve(world, processes)
    finally:
        processes.stop_all()


@pytest.fixture
def served(served_once: Served, request: pytest.FixtureRequest) -> Served:
    """The pages; what their processes printed is shown when the test fails."""
    request.node.stash[PROCESSES] = served_once.processes
    return served_once


def serve(world: DemoWorld, processes: Processes) -> Served:
    """Start the portal and the dashboards."""
    portal, dashboards = free_port(), free_port()
    found = Served(world, f"http://127.0.0.1:{portal}", f"http://127.0.0.1:{dashboards}", processes)
    commands = {
        "portal": ["--port", str(portal), "--dashboards-url", found.dashboards],
        "dashboards": ["--port", str(dashboards), "--portal-url", found.portal],
    }
    health = {"portal": f"{found.portal}/sante", "dashboards": f"{found.dashboards}/_stcore/health"}
    for name, options in commands.items():
        started = processes.start(name, [*MARELLE, "serve", name, *options], world.env())
        started.wait_for_http(health[name], timeout_seconds=90)
    return found


def log_in(page: Page, served: Served, login: str) -> None:
    page.goto(f"{served.portal}/connexion")
    page.get_by_label("E-mail ou identifiant").fill(login)
    page.get_by_label("Mot de passe").fill(served.world.password(login))
    page.get_by_role("button", name="Se connecter").click()
    page.wait_for_load_state("networkidle")


def check(page: Page, excused: frozenset[str] = frozenset()) -> None:
    assert [each for each in axe(page) if each.rule not in excused] == [], page.url
    assert no_sideways_scroll(page), page.url


def check_staff_pages(page: Page, served: Served, pages: Mapping[str, str]) -> None:
    for path, said in pages.items():
        page.goto(f"{served.dashboards}/{path}")
        expect(page.get_by_text(said).first).to_be_visible(timeout=TOO_LONG_MS)
        expect(page.locator("[data-testid=stStatusWidget]")).to_have_count(0, timeout=TOO_LONG_MS)
        expect(page.get_by_test_id("stException")).to_have_count(0)
        check(page, STREAMLIT_FAULTS)


def check_family_pages(page: Page, served: Served) -> None:
    page.goto(f"{served.portal}/lignes?mois=2026-10")
    check(page)
    reason = page.locator("details.raison a", has_text="Voir tout le calcul").first.get_attribute("href")
    page.goto(f"{served.portal}{reason}")
    check(page)
    page.goto(f"{served.portal}/factures")
    expect(page.get_by_role("link", name="Octobre 2026")).to_be_visible()
    check(page)
    page.get_by_role("link", name="Octobre 2026").click()
    page.wait_for_load_state("networkidle")
    expect(page.get_by_text("Total à payer")).to_be_visible()
    check(page)


@pytest.mark.parametrize("width", [360, 1280])
def test_pages_of_a_month_are_accessible_with_content(served: Served, browser: Browser, width: int) -> None:
    with open_page(browser, width=width) as page:
        log_in(page, served, "claire.fournier")
        check_family_pages(page, served)
    with open_page(browser, width=width) as page:
        log_in(page, served, "finances")
        check_staff_pages(page, served, STAFF_PAGES)
    with open_page(browser, width=width) as page:
        log_in(page, served, "directrice")
        check_staff_pages(page, served, DIRECTOR_PAGES)
