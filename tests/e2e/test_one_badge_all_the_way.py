"""One badge, all the way: real processes, real readers, a cable pulled out, a real browser, no mock.

An NFC badge over loopback UDP plans nothing new: it moves « servis » on the kitchen's page. A 125 kHz badge as
RDM6300 frames on a pseudo-terminal makes an arrival and a departure: a price for the family, hours for the CAF.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from device_drivers.serial.frames import RDM6300
from device_drivers.simulated.frame_player import FramePlayer
from device_drivers.simulated.nfc_badge import NfcBadge
from domain.time import system_clock
from tests.e2e.town import LEA_BADGE, NOE_BADGE, PASSWORD, Town, found_town
from tests.harness.browser import axe, no_sideways_scroll, open_page
from tests.harness.processes import Processes, free_port, wait_until
from tests.harness.proxy import Cable
from tests.harness.pty_terminal import PtyTerminal

MARELLE = [sys.executable, "-m", "cli"]
SERVED_BEFORE, SERVED_AFTER = "0", "1"
# Streamlit's own navigation, on every page it draws: a list whose items are not its children. Not ours to mend.
STREAMLIT_FAULTS = frozenset({"list", "listitem"})

# On a busy machine a terminal may believe the server's clock to be a second or two behind its own.
CLOCK_MARGIN_SECONDS = 5

StartTerminal = Callable[..., PtyTerminal]


@dataclass
class Running:
    """The town's servers and their addresses."""

    town: Town
    env: dict[str, str]
    processes: Processes
    api_port: int
    portal: str
    dashboards: str

    def build_figures(self) -> None:
        """Run `marelle warehouse build` and wait for its end."""
        build = self.processes.start("build", [*MARELLE, "warehouse", "build"], self.env)
        assert build.popen.wait(timeout=120) == 0, build.tail()


@pytest.fixture
def running(tmp_path: Path, processes: Processes) -> Iterator[Running]:
    """Start API, portal and staff pages of a town that has never been built."""
    home = tmp_path / "ville"
    town = found_town(home)
    api, portal, dashboards = free_port(), free_port(), free_port()
    env = {"MARELLE_HOME": str(home)}
    portal_url, dashboards_url = f"http://127.0.0.1:{portal}", f"http://127.0.0.1:{dashboards}"
    started = [
        (
            processes.start("api", [*MARELLE, "serve", "api", "--port", str(api)], env),
            f"http://127.0.0.1:{api}/v1/health",
        ),
        (
            processes.start(
                "portal",
                [*MARELLE, "serve", "portal", "--port", str(portal), "--dashboards-url", dashboards_url],
                env,
            ),
            f"{portal_url}/sante",
        ),
        (
            processes.start(
                "dashboards",
                [*MARELLE, "serve", "dashboards", "--port", str(dashboards), "--portal-url", portal_url],
                env,
            ),
            f"{dashboards_url}/_stcore/health",
        ),
    ]
    for process, address in started:
        process.wait_for_http(address, timeout_seconds=60)
    yield Running(town, env, processes, api, portal_url, dashboards_url)
    town.records.close()


def log_in(page: Page, running: Running, login: str, suite: str = "") -> None:
    """Sign in through the one log-in page."""
    page.goto(f"{running.portal}/connexion{suite}")
    page.get_by_label("E-mail ou identifiant").fill(login)
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Se connecter").click()


def staff_page(page: Page, running: Running, login: str, path: str) -> None:
    """Open a staff page as somebody; the log-in page leads there."""
    log_in(page, running, login)
    page.goto(f"{running.dashboards}/{path}")


def served_today(browser: Browser, running: Running) -> str:
    """Return what the kitchen reads as served today."""
    with open_page(browser) as page:
        staff_page(page, running, "cuisine", "cuisine")
        metric = page.get_by_test_id("stMetric").filter(has_text="Servis aujourd")
        expect(metric).to_be_visible(timeout=30_000)
        value = metric.get_by_test_id("stMetricValue").inner_text().strip()
        assert_accessible(page, STREAMLIT_FAULTS)
        return value


def assert_accessible(page: Page, excused: frozenset[str] = frozenset()) -> None:
    """Hold a page to axe's WCAG rules and to its own width."""
    found = [violation for violation in axe(page) if violation.rule not in excused]
    assert found == []
    assert no_sideways_scroll(page)


def start_terminal(
    pty_terminal: StartTerminal, running: Running, cable: Cable, place: tuple[str, str, str]
) -> PtyTerminal:
    """Start a terminal process on a pty; `place` is its name, reader and one-time code."""
    name, reader, code = place
    service = "cantine" if name == "cantine" else "garderie-soir"
    folder = running.town.home.parent / f"borne-{name}"
    command = [*MARELLE, "terminal", "--reader", reader, "--api", cable.url, "--folder", str(folder)]
    return pty_terminal([*command, "--code", code, "--service", service], env=running.env)


def test_a_badge_becomes_a_price_a_meal_and_caf_hours(
    running: Running, pty_terminal: StartTerminal, browser: Browser
) -> None:
    udp = free_port()
    with Cable(running.api_port) as cable, FramePlayer(RDM6300) as frames:
        canteen = start_terminal(
            pty_terminal, running, cable, ("cantine", f"nfc:udp:127.0.0.1:{udp}", running.town.canteen_code)
        )
        evening = start_terminal(pty_terminal, running, cable, ("soir", frames.address, running.town.evening_code))
        canteen.wait_for("École des Essais, cantine", timeout=60)
        evening.wait_for("École des Essais, garderie du soir", timeout=60)
        frames.tap(NOE_BADGE)
        evening.wait_for("ARRIVÉE ENREGISTRÉE", timeout=30)
        arrived_minute = minute_now()
        running.build_figures()
        assert served_today(browser, running) == SERVED_BEFORE
        cable.cut()
        tap_lea_at_the_canteen(canteen, udp)
        wait_until(lambda: minute_now(CLOCK_MARGIN_SECONDS) != arrived_minute, 70, "a stay of at least one minute")
        frames.tap(NOE_BADGE)
        evening.wait_for("DÉPART ENREGISTRÉ", timeout=30)
        for terminal in (canteen, evening):
            terminal.wait_for("Hors ligne", timeout=60)
        cable.heal()
        for terminal in (canteen, evening):
            terminal.wait_for("tout est envoyé", timeout=90)
    running.build_figures()
    assert served_today(browser, running) == SERVED_AFTER
    family_reads_price_times_and_reason(browser, running)
    direction_reads_caf_hours(browser, running)
    direction_looks_after_terminals(browser, running)


def minute_now(ago_seconds: int = 0) -> int:
    """Return the minute that terminals and bills show now, or showed so many seconds ago."""
    return (system_clock() // 1_000_000 - ago_seconds) // 60


def tap_lea_at_the_canteen(terminal: PtyTerminal, udp: int) -> None:
    with NfcBadge(udp, LEA_BADGE) as badge:
        terminal.wait_for("ARRIVÉE ENREGISTRÉE", timeout=30)
        badge.wait_until_read(timeout_seconds=10)


def family_reads_price_times_and_reason(browser: Browser, running: Running) -> None:
    with open_page(browser, width=360) as page:
        log_in(page, running, "claire@exemple.test")
        expect(page.get_by_role("heading", level=1)).to_contain_text("Fournier")
        assert_accessible(page)
        page.goto(f"{running.portal}/lignes")
        canteen = page.locator("tr.ligne").filter(has_text="Cantine")
        expect(canteen).to_contain_text("2,80\u00a0€")
        evening = page.locator("tr.ligne").filter(has_text="Garderie du soir")
        expect(evening).to_contain_text("0,75\u00a0€")
        assert re.search(r"1[12]\u00a0h(\u00a0\d\d)? – 1[12]\u00a0h", evening.inner_text()), evening.inner_text()
        assert_accessible(page)
        evening.get_by_text("Pourquoi ce prix").click()
        expect(evening).to_contain_text("demi-heure commencée")
        expect(evening).to_contain_text("Délibération d'essai")


def direction_reads_caf_hours(browser: Browser, running: Running) -> None:
    with open_page(browser) as page:
        staff_page(page, running, "direction", "bilan-caf")
        expect(page.get_by_role("heading", name="Bilan CAF")).to_be_visible(timeout=30_000)
        table = page.get_by_test_id("stTable").first
        expect(table.get_by_role("row").filter(has_text="Garderie du soir")).to_contain_text("6,0")
        expect(table.get_by_role("row").filter(has_text="Cantine")).to_contain_text("2,0")
        assert_accessible(page, STREAMLIT_FAULTS)


def direction_looks_after_terminals(browser: Browser, running: Running) -> None:
    """The page « Terminaux » at both widths: the two terminals of this test, heard, nothing missing."""
    for width in (1280, 360):
        with open_page(browser, width=width) as page:
            staff_page(page, running, "direction", "terminaux")
            expect(page.get_by_role("heading", name="Terminaux", exact=True)).to_be_visible(timeout=30_000)
            expect(page.get_by_test_id("stMetric").filter(has_text="Passages manquants")).to_contain_text("0")
            assert_accessible(page, STREAMLIT_FAULTS)
