"""Debian's Chromium driven by Playwright, and the checks each page must pass: axe-core and no sideways scroll."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
AXE = Path(__file__).parent.parent / "e2e" / "vendor" / "axe.min.js"
WCAG_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@dataclass(frozen=True)
class Violation:
    """One broken accessibility rule and the elements that break it (CSS selectors)."""

    rule: str
    impact: str
    help: str
    targets: tuple[str, ...]


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start Chromium for a session. Between two `open_page`, asyncio sees no running loop.

    Playwright's synchronous interface leaves its own loop marked as running in this thread, which would break
    every asyncio test that follows in the same process.
    """
    if not CHROMIUM.exists():
        raise RuntimeError(f"no {CHROMIUM}: run `sh scripts/system_packages.sh test`")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        loop = asyncio.get_running_loop()
        asyncio._set_running_loop(None)
        try:
            yield browser
        finally:
            asyncio._set_running_loop(loop)
            browser.close()


@contextmanager
def open_page(browser: Browser, width: int = 1280, height: int = 800, dark: bool = False) -> Iterator[Page]:
    """Open a page in a fresh profile (no cookie of another test), French, Paris time."""
    asyncio._set_running_loop(browser._impl_obj._loop)
    context = browser.new_context(
        viewport={"width": width, "height": height},
        locale="fr-FR",
        timezone_id="Europe/Paris",
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce",
    )
    try:
        yield context.new_page()
    finally:
        context.close()
        asyncio._set_running_loop(None)


def axe(page: Page) -> list[Violation]:
    """Return what axe-core finds against WCAG 2.2 A and AA on the page as it stands now."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})", WCAG_TAGS)
    return [
        Violation(
            rule=item["id"],
            impact=item["impact"],
            help=item["help"],
            targets=tuple(str(part) for node in item["nodes"] for part in node["target"]),
        )
        for item in found["violations"]
    ]


def no_sideways_scroll(page: Page) -> bool:
    """Say whether the whole page fits its window's width (the page itself; a table may scroll inside)."""
    return bool(
        page.evaluate("() => document.scrollingElement.scrollWidth <= document.documentElement.clientWidth")
    )
