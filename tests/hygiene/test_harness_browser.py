"""Chromium of the harness: it sees the faults it is there to see, and leaves asyncio alone."""

import asyncio

import pytest
from playwright.sync_api import Browser, Page

from tests.harness.browser import axe, no_sideways_scroll, open_page

SOUND = """<!doctype html><html lang="fr"><head><title>Accueil</title></head>
<body><main><h1>Bonjour</h1><p>Tout va bien.</p></main></body></html>"""


def test_sound_page_has_no_violation(page: Page) -> None:
    page.set_content(SOUND)
    assert axe(page) == []


def test_axe_names_the_broken_rule_and_the_element(page: Page) -> None:
    page.set_content(SOUND.replace("<p>", "<img id='logo' src='data:,'><p>"))
    assert [(violation.rule, violation.targets) for violation in axe(page)] == [("image-alt", ("#logo",))]


def test_faint_text_is_a_violation(page: Page) -> None:
    page.set_content(SOUND.replace("<p>", "<p style='color:#ccc'>"))
    assert [violation.rule for violation in axe(page)] == ["color-contrast"]


@pytest.mark.parametrize(("width_px", "fits"), [(320, True), (330, False)])
def test_sideways_scroll_is_seen_on_a_phone(browser: Browser, width_px: int, fits: bool) -> None:
    with open_page(browser, width=320) as phone:
        phone.set_content(f"<body style='margin:0'><div style='width:{width_px}px'>x</div>")
        assert no_sideways_scroll(phone) is fits


def test_page_speaks_french_in_paris(page: Page) -> None:
    seen = page.evaluate("() => [navigator.language, Intl.DateTimeFormat().resolvedOptions().timeZone]")
    assert seen == ["fr-FR", "Europe/Paris"]


async def test_asyncio_test_runs_after_the_browser_started() -> None:
    assert await asyncio.sleep(0, "free") == "free"
