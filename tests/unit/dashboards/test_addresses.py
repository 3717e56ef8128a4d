"""An address that no page has is answered in our words; everything else is Streamlit's to answer."""

import httpx
import pytest
from starlette.responses import PlainTextResponse

from dashboards.addresses import KnownAddresses
from dashboards.pages import ENTRIES
from tests.harness.in_process import client_of

BROWSER = "text/html,application/xhtml+xml,*/*;q=0.8"


def asked(path: str, accept: str = BROWSER) -> httpx.Response:
    with client_of(KnownAddresses(PlainTextResponse("Streamlit"))) as client:
        return client.get(path, headers={"accept": accept})


@pytest.mark.parametrize("path", ["nimporte", "bilan", "bilan-caf/2026", "index.html", "présents"])
def test_a_browser_is_led_from_an_address_that_no_page_has_to_the_page_that_says_so(path: str) -> None:
    answer = asked(f"/{path}")
    assert (answer.status_code, answer.headers["location"]) == (302, "/adresse-inconnue")


@pytest.mark.parametrize("path", ["", "accueil", "adresse-inconnue", *(entry.path for entry in ENTRIES)])
def test_a_page_that_exists_is_answered_at_its_address(path: str) -> None:
    assert asked(f"/{path}").text == "Streamlit"


@pytest.mark.parametrize("path", ["_stcore/health", "static/js/index.js", "media/a.csv", "component/x/index.html"])
def test_what_pages_are_made_of_is_answered_at_its_address(path: str) -> None:
    assert asked(f"/{path}").text == "Streamlit"


def test_what_is_no_page_for_a_browser_is_left_to_streamlit() -> None:
    assert asked("/favicon.png", accept="image/*").text == "Streamlit"
