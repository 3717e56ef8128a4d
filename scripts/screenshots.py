"""Take the pictures of docs/screenshots: each page as its reader sees it, on a phone and on a screen.

Usage: `make screenshots`, or `python scripts/screenshots.py --only presents` for some. Starts `marelle run` on a
new demo town and stops it at the end; with `--home`, `--portal` and `--dashboards` it uses what already runs. The
terminal belongs to a second, smaller town where it is always about noon, so that a badge finds an open service at
whatever hour the pictures are taken. Both towns are imaginary: no real person is ever in these pictures.
"""

from __future__ import annotations

import argparse
import io
import json
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.e2e.town import LEA_BADGE, found_town  # noqa: E402  (the path above comes first)
from tests.harness.browser import chromium, open_page  # noqa: E402
from tests.harness.processes import Processes, free_port, wait_until  # noqa: E402

FOLDER = ROOT / "docs" / "screenshots"
MARELLE = (sys.executable, "-m", "cli")
LOCAL = "http://127.0.0.1"
PHONE, SCREEN = 360, 1280
HEIGHT_MAX = 2_400
BYTES_MAX = 400_000
COLOURS = 256
START_SECONDS_MAX = 300
PANEL = (800, 480)
UNKNOWN_BADGE = "04DEADBEEF0042"
CHALK, ONLINE = (247, 201, 72), (143, 224, 179)  # colours of the terminal's theme
TERMINAL_SECONDS_MAX = 90


@dataclass(frozen=True)
class Place:
    """Where the pages of the demo answer, and the folder of its data."""

    portal: str
    dashboards: str
    home: Path

    def password(self, login: str) -> str:
        """Return the public password of a demo account."""
        return next(str(each["password"]) for each in self._demo()["logins"] if each["login"] == login)

    def last_day(self) -> str:
        """Return the last day of the demo: a school day, even when the pictures are taken on a Sunday."""
        return str(self._demo()["last_day"])

    def _demo(self) -> dict[str, list[dict[str, str]]]:
        found: dict[str, list[dict[str, str]]] = json.loads((self.home / "demo.json").read_text(encoding="utf-8"))
        return found


@dataclass(frozen=True)
class Shot:
    """One picture: its name, who reads, which address, what to do first."""

    name: str
    login: str | None
    path: str
    prepare: Callable[[Page], None] | None = None
    widths: tuple[int, ...] = (PHONE, SCREEN)
    is_dark: bool = False


def first_reason(page: Page) -> None:
    """Open the first line's reason, then its own page."""
    page.locator("details.raison summary").first.click()
    page.get_by_role("link", name="Voir tout le calcul").first.click()


def open_first_reason(page: Page) -> None:
    """Unfold the reason of the first line."""
    page.locator("details.raison summary").first.click()


def refuse_log_in(page: Page) -> None:
    """Send a wrong password."""
    page.get_by_label("E-mail ou identifiant").fill("claire.fournier")
    page.get_by_label("Mot de passe").fill("pas le bon mot de passe")
    page.get_by_role("button", name="Se connecter").click()


def unfold_last_service(page: Page) -> None:
    """Unfold the last service of « Présents maintenant »."""
    page.locator("[data-testid=stExpander] summary").last.click()


FAMILY, DIRECTOR = "claire.fournier", "directrice"
PORTAL = (
    Shot("portail-connexion", None, "/connexion"),
    Shot("portail-connexion-refusee", None, "/connexion", refuse_log_in, (PHONE,)),
    Shot("portail-accueil", FAMILY, "/"),
    Shot("portail-accueil-sombre", FAMILY, "/", None, (PHONE,), is_dark=True),
    Shot("portail-mois", FAMILY, "/lignes", open_first_reason),
    Shot("portail-mois-sombre", FAMILY, "/lignes", None, (PHONE,), is_dark=True),
    Shot("portail-pourquoi-ce-prix", FAMILY, "/lignes", first_reason),
    Shot("portail-factures", FAMILY, "/factures"),
    Shot("portail-page-absente", FAMILY, "/absente", None, (PHONE,)),
    Shot("portail-accessibilite", None, "/accessibilite", None, (PHONE,)),
)
DASHBOARDS = (
    Shot("agents-connexion", None, "/", None, (SCREEN,)),
    Shot("agents-presents", DIRECTOR, "/presents?jour={last_day}&service=journee", unfold_last_service),
    Shot("agents-terminaux", "administration", "/terminaux"),
    Shot("agents-cuisine", DIRECTOR, "/cuisine"),
    Shot("agents-frequentation", DIRECTOR, "/frequentation"),
    Shot("agents-encadrement", DIRECTOR, "/encadrement"),
    Shot("agents-elus", DIRECTOR, "/elus?mois=2026-10-01"),
    Shot("agents-commande-repas", DIRECTOR, "/commande-repas"),
    Shot("agents-plateaux", DIRECTOR, "/plateaux"),
    Shot("agents-menus", DIRECTOR, "/menus"),
    Shot("agents-reglages-cuisine", "administration", "/reglages-cuisine"),
    Shot("agents-fermetures", DIRECTOR, "/fermetures"),
    Shot("agents-bilan-caf", DIRECTOR, "/bilan-caf"),
    Shot("agents-declarations-caf", "administration", "/declarations-caf"),
    Shot("agents-parametres-nationaux", "administration", "/parametres-nationaux", None, (SCREEN,)),
    Shot("agents-controles", DIRECTOR, "/controles"),
    Shot("agents-fin-de-mois", "finances", "/fin-de-mois"),
    Shot("agents-factures", "finances", "/factures"),
    Shot("agents-prises-en-charge", "finances", "/prises-en-charge"),
    Shot("agents-simuler-un-tarif", "administration", "/simuler-un-tarif"),
    Shot("agents-page-fermee", "cuisine", "/presents", None, (SCREEN,)),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Take the pictures asked for; return the exit code."""
    options = _parser().parse_args(arguments)
    FOLDER.mkdir(parents=True, exist_ok=True)
    portal, dashboards = _wanted(PORTAL, options.only), _wanted(DASHBOARDS, options.only)
    with chromium() as browser:
        if portal or dashboards:
            with _demo_town(options) as place:
                for shot in portal:
                    _take(browser, place, shot, place.portal)
                for shot in dashboards:
                    _take(browser, place, shot, place.dashboards)
        if not options.only or any("borne" in part for part in options.only):
            with _noon_terminal() as (terminal, reader):
                _take_terminal(browser, terminal, reader)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--only", nargs="*", default=[], help="parts of the names of the pictures to take")
    parser.add_argument("--home", type=Path, help="MARELLE_HOME of the demo that already runs")
    parser.add_argument("--portal", default=f"{LOCAL}:8020")
    parser.add_argument("--dashboards", default=f"{LOCAL}:8030")
    return parser


def _wanted(shots: Sequence[Shot], only: Sequence[str]) -> list[Shot]:
    return [shot for shot in shots if not only or any(part in shot.name for part in only)]


@contextmanager
def _demo_town(options: argparse.Namespace) -> Iterator[Place]:
    """Give what already runs, or start a demo town and stop it afterwards."""
    if options.home is not None:
        yield Place(options.portal, options.dashboards, options.home)
        return
    with _processes() as processes:
        home = processes.folder / "ville"
        ports = {name: free_port() for name in ("api", "portal", "dashboards", "terminal", "reader")}
        command = [part for name, port in ports.items() for part in (f"--{name}-port", str(port))]
        running = processes.start("run", [*MARELLE, "run", *command], {"MARELLE_HOME": str(home)}, ROOT)
        place = Place(f"{LOCAL}:{ports['portal']}", f"{LOCAL}:{ports['dashboards']}", home)
        running.wait_for_http(f"{place.portal}/sante", START_SECONDS_MAX)
        running.wait_for_http(f"{place.dashboards}/_stcore/health", START_SECONDS_MAX)
        pointer = home / "warehouse" / "published" / "pointer.json"
        wait_until(pointer.exists, START_SECONDS_MAX, "the demo's figures")
        yield place


@contextmanager
def _noon_terminal() -> Iterator[tuple[str, str]]:
    """Start the API and a terminal of the town where it is noon; give the terminal's address and its reader's."""
    with _processes() as processes:
        town = found_town(processes.folder / "ville")
        environment = {"MARELLE_HOME": str(town.home)}
        api, web, reader = free_port(), free_port(), f"sim:udp:127.0.0.1:{free_port()}"
        serve = processes.start("api", [*MARELLE, "serve", "api", "--port", str(api)], environment, ROOT)
        serve.wait_for_http(f"{LOCAL}:{api}/v1/health")
        terminal = [*MARELLE, "terminal", "--reader", reader, "--api", f"{LOCAL}:{api}", "--service", "cantine"]
        terminal += ["--code", town.canteen_code, "--folder", str(processes.folder / "borne")]
        command = [*MARELLE, "serve", "terminal", "--port", str(web), "--command", shlex.join(terminal)]
        processes.start("terminal", command, environment, ROOT).wait_for_http(f"{LOCAL}:{web}/")
        try:
            yield f"{LOCAL}:{web}", reader
        finally:
            town.records.close()


@contextmanager
def _processes() -> Iterator[Processes]:
    with tempfile.TemporaryDirectory(prefix="marelle-screenshots-") as folder:
        processes = Processes(Path(folder))
        try:
            yield processes
        finally:
            processes.stop_all()


def _take(browser: Browser, place: Place, shot: Shot, base: str) -> None:
    for width in shot.widths:
        with open_page(browser, width=width, height=740 if width == PHONE else 900, dark=shot.is_dark) as page:
            if shot.login is not None:
                _sign_in(page, place, shot.login)
            page.goto(base + shot.path.format(last_day=place.last_day()))
            _settle(page)
            if shot.prepare is not None:
                shot.prepare(page)
                _settle(page)
            _grow(page, width)
            _save(page, f"{shot.name}-{width}")


def _sign_in(page: Page, place: Place, login: str) -> None:
    page.goto(f"{place.portal}/connexion")
    page.get_by_label("E-mail ou identifiant").fill(login)
    page.get_by_label("Mot de passe").fill(place.password(login))
    page.get_by_role("button", name="Se connecter").click()
    page.wait_for_url(lambda url: "/connexion" not in url)


def _settle(page: Page) -> None:
    """Wait until the page has its fonts and, for a staff page, has drawn everything."""
    page.wait_for_selector("h1", timeout=120_000)
    page.evaluate("() => document.fonts.ready")
    if page.locator("[data-testid=stApp]").count():
        page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", timeout=120_000)
        page.wait_for_function("() => !document.querySelector('[data-testid=stSkeleton], [data-stale=true]')")
        page.wait_for_timeout(1_200)  # Vega draws after Streamlit says it is done, and says nothing itself


def _grow(page: Page, width: int) -> None:
    """Make the window as high as the page, from its top: what is fixed at the bottom is then at the bottom."""
    scroller = "(document.querySelector('[data-testid=stMain]') || document.scrollingElement)"
    height = int(page.evaluate(f"() => {scroller}.scrollHeight"))
    page.set_viewport_size({"width": width, "height": min(height, HEIGHT_MAX)})
    page.evaluate(f"() => {scroller}.scrollTo(0, 0)")
    _settle(page)


def _take_terminal(browser: Browser, terminal: str, reader: str) -> None:
    """Take the idle screen, then what the terminal says to a child's badge and to an unknown one."""
    with open_page(browser, width=PANEL[0], height=PANEL[1]) as page:
        page.goto(f"{terminal}/?fontsize=14")
        for name, uid in (
            ("borne-accueil", None),
            ("borne-badge", LEA_BADGE),
            ("borne-badge-inconnu", UNKNOWN_BADGE),
        ):
            _wait_for_idle(page)
            if uid is not None:
                _present(page, uid, reader)
            _save(page, name)


def _wait_for_idle(page: Page) -> None:
    """Wait until the terminal says « Bonjour ! » and that all is sent: its canvas has colours and no text."""
    wait_until(lambda: {CHALK, ONLINE} <= _colours(page), TERMINAL_SECONDS_MAX, "the terminal's idle screen")
    page.wait_for_timeout(800)


def _colours(page: Page) -> set[tuple[int, int, int]]:
    """Return which of the two colours stand where the greeting and the network's state are."""
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    places = {CHALK: picture.crop((200, 60, 600, 130)), ONLINE: picture.crop((0, 460, 300, 480))}
    return {
        colour
        for colour, part in places.items()
        if any(colour == seen for _, seen in part.getcolors(1 << 16) or [])
    }


def _present(page: Page, uid: str, reader: str) -> None:
    """Present a badge and wait for the screen that answers it."""
    idle = page.screenshot()
    subprocess.run([*MARELLE, "badge", uid, "--reader", reader], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    wait_until(lambda: CHALK not in _colours(page) and page.screenshot() != idle, 30, f"the answer to {uid}")
    page.wait_for_timeout(800)  # the rest of the same screen


def _save(page: Page, name: str) -> None:
    """Write the picture with a palette; refuse one that is too large for the repository."""
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    small = picture.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    path = FOLDER / f"{name}.png"
    small.save(path, optimize=True)
    size = path.stat().st_size
    if size > BYTES_MAX:
        raise SystemExit(f"{path.name}: {size} bytes, more than {BYTES_MAX}")
    print(f"{path.relative_to(ROOT)}  {size // 1000} kB")


if __name__ == "__main__":
    raise SystemExit(main())
