"""Take the pictures of docs/screenshots: each page as its reader sees it, on a phone and on a screen.

Usage: `make screenshots`, or `python scripts/screenshots.py --only presents` for some. Without addresses, starts
`marelle run` on a new demo town and stops it at the end; with `--home`, `--portal`, `--dashboards` and `--terminal`
it uses what already runs. The demo is imaginary: no real person is ever in these pictures.
"""

from __future__ import annotations

import argparse
import io
import json
import os
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

from tests.harness.browser import chromium, open_page  # noqa: E402  (the path above comes first)
from tests.harness.processes import Processes, free_port, wait_until  # noqa: E402

FOLDER = ROOT / "docs" / "screenshots"
PHONE, SCREEN = 360, 1280
HEIGHT_MAX = 2_400
BYTES_MAX = 400_000
COLOURS = 256
START_SECONDS_MAX = 180
PANEL = (800, 480)
CHALK, ONLINE = (247, 201, 72), (143, 224, 179)  # colours of the terminal's theme
TERMINAL_SECONDS_MAX = 60


@dataclass(frozen=True)
class Place:
    """Where the services answer, and the demo's own summary."""

    portal: str
    dashboards: str
    terminal: str
    reader: str
    home: Path

    def demo(self) -> dict[str, list[dict[str, str]]]:
        """Return what `marelle demo` wrote for whoever tries it."""
        found: dict[str, list[dict[str, str]]] = json.loads((self.home / "demo.json").read_text(encoding="utf-8"))
        return found

    def last_day(self) -> str:
        """Return the last day of the demo: a school day, even when the pictures are taken on a Sunday."""
        return str(json.loads((self.home / "demo.json").read_text(encoding="utf-8"))["last_day"])

    def password(self, login: str) -> str:
        """Return the public password of a demo account."""
        return next(each["password"] for each in self.demo()["logins"] if each["login"] == login)


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


def unfold_first_service(page: Page) -> None:
    """Unfold the first service of « Présents maintenant »."""
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
    Shot("portail-page-absente", FAMILY, "/absente"),
    Shot("portail-accessibilite", None, "/accessibilite"),
)
DASHBOARDS = (
    Shot("agents-connexion", None, "/", None, (SCREEN,)),
    Shot("agents-presents", DIRECTOR, "/presents?jour={last_day}&service=journee", unfold_first_service),
    Shot("agents-cuisine", DIRECTOR, "/cuisine"),
    Shot("agents-bilan-caf", DIRECTOR, "/bilan-caf"),
    Shot("agents-page-fermee", "cuisine", "/presents", None, (SCREEN,)),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Take the pictures asked for; return the exit code."""
    options = _parser().parse_args(arguments)
    FOLDER.mkdir(parents=True, exist_ok=True)
    with _place(options) as place, chromium() as browser:
        for shot in PORTAL:
            _take_all(browser, place, shot, place.portal, options.only)
        for shot in DASHBOARDS:
            _take_all(browser, place, shot, place.dashboards, options.only)
        if place.terminal:
            _take_terminal(browser, place, options.only)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--only", nargs="*", default=[], help="parts of the names of the pictures to take")
    parser.add_argument("--home", type=Path, help="MARELLE_HOME of the demo that already runs")
    parser.add_argument("--portal", default="http://127.0.0.1:8020")
    parser.add_argument("--dashboards", default="http://127.0.0.1:8030")
    parser.add_argument("--terminal", default="http://127.0.0.1:8040", help="empty: no picture of the terminal")
    parser.add_argument("--reader", default="", help="the simulated reader's address, as `marelle badge` takes it")
    return parser


@contextmanager
def _place(options: argparse.Namespace) -> Iterator[Place]:
    """Give what already runs, or start a demo town and stop it afterwards."""
    if options.home is not None:
        yield Place(options.portal, options.dashboards, options.terminal, options.reader, options.home)
        return
    with tempfile.TemporaryDirectory(prefix="marelle-screenshots-") as folder:
        ports = {name: free_port() for name in ("api", "portal", "dashboards", "terminal", "reader")}
        command = [sys.executable, "-m", "cli", "run"]
        for name, port in ports.items():
            command += [f"--{name}-port", str(port)]
        home, processes = Path(folder) / "town", Processes(Path(folder))
        local = {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}
        try:
            running = processes.start("marelle-run", command, {"MARELLE_HOME": str(home)}, ROOT)
            for address in (f"{local['portal']}/sante", f"{local['dashboards']}/_stcore/health", local["terminal"]):
                running.wait_for_http(address, START_SECONDS_MAX)
            pointer = home / "warehouse" / "published" / "pointer.json"
            wait_until(pointer.exists, START_SECONDS_MAX, "the demo's figures")
            reader = f"sim:udp:127.0.0.1:{ports['reader']}"
            yield Place(local["portal"], local["dashboards"], local["terminal"], reader, home)
        finally:
            processes.stop_all()


def _take_all(browser: Browser, place: Place, shot: Shot, base: str, only: Sequence[str]) -> None:
    if only and not any(part in shot.name for part in only):
        return
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
    page.wait_for_selector("h1")
    page.evaluate("() => document.fonts.ready")
    if page.locator("[data-testid=stApp]").count():
        page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
        page.wait_for_function("() => !document.querySelector('[data-testid=stSkeleton], [data-stale=true]')")
        page.wait_for_timeout(1_200)  # Vega draws after Streamlit says it is done, and says nothing itself


def _grow(page: Page, width: int) -> None:
    """Make the window as high as the page, so that what is fixed at the bottom is at the bottom."""
    height = page.evaluate(
        "() => (document.querySelector('[data-testid=stMain]') || document.scrollingElement).scrollHeight"
    )
    page.set_viewport_size({"width": width, "height": min(int(height), HEIGHT_MAX)})
    page.evaluate(
        "() => (document.querySelector('[data-testid=stMain]') || document.scrollingElement).scrollTo(0, 0)"
    )
    _settle(page)


def _take_terminal(browser: Browser, place: Place, only: Sequence[str]) -> None:
    """Take the idle screen of the terminal, then what it says to a child's badge and to an unknown one."""
    if only and not any("borne" in part for part in only):
        return
    with open_page(browser, width=PANEL[0], height=PANEL[1]) as page:
        page.goto(f"{place.terminal}/?fontsize=14")
        _wait_for_idle(page)
        _save(page, "borne-accueil")
        known = place.demo()["badges"][0]["uid"]
        for name, uid in (("borne-badge", known), ("borne-badge-inconnu", "04DEADBEEF0042")):
            idle = page.screenshot()
            _present(place, uid)
            wait_until(lambda before=idle: page.screenshot() != before, 20, f"the screen {name}")  # type: ignore[misc]
            page.wait_for_timeout(800)  # the rest of the same screen
            _save(page, name)
            _wait_for_idle(page)


def _wait_for_idle(page: Page) -> None:
    """Wait until the terminal says « Bonjour ! » and that all is sent: its canvas has colours and no text."""
    wait_until(lambda: {CHALK, ONLINE} <= _colours(page), TERMINAL_SECONDS_MAX, "the terminal's idle screen")
    page.wait_for_timeout(800)


def _colours(page: Page) -> set[tuple[int, int, int]]:
    """Return the colours of the greeting's place and of the bottom row."""
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    greeting = picture.crop((200, 60, 600, 130)).getcolors(1 << 16) or []
    bottom = picture.crop((0, 460, 300, 480)).getcolors(1 << 16) or []
    seen = {colour for _, colour in greeting if colour == CHALK} | {colour for _, colour in bottom}
    return {colour for colour in seen if isinstance(colour, tuple) and len(colour) == 3}


def _present(place: Place, uid: str) -> None:
    command = [sys.executable, "-m", "cli", "badge", uid]
    if place.reader:
        command += ["--reader", place.reader]
    subprocess.run(command, cwd=ROOT, check=True, env={**os.environ, "MARELLE_HOME": str(place.home)})


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
