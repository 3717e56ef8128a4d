"""The portal over the small town, through its own ASGI interface."""

from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path

import pytest
from httpx import Response

from domain.french import NBSP
from portal.app import create_app
from portal.context import PortalContext
from tests.ui.portal.browsing import DASHBOARDS, Browser, form_token
from tests.ui.town import PASSWORD, Town

SignIn = Callable[..., Response]


@pytest.fixture
def portal(town: Town, tmp_path: Path) -> Iterator[Browser]:
    """A browser in front of the portal."""
    app = create_app(PortalContext(town.records, tmp_path, DASHBOARDS))
    with Browser(app) as browser:
        yield browser


@pytest.fixture
def sign_in(portal: Browser) -> SignIn:
    """Fill the log-in form and send it."""

    def send(login: str, password: str = PASSWORD, suite: str = "") -> Response:
        page = portal.get("/connexion", params={"suite": suite})
        fields = {"login": login, "password": password, "suite": suite, "form_token": form_token(page)}
        return portal.post("/connexion", data=fields)

    return send


@pytest.fixture
def read(portal: Browser) -> Callable[[str], str]:
    """Return the text of a page as people read it, its no-break spaces plain."""

    def get(path: str) -> str:
        page = portal.get(path)
        assert page.status_code == 200, page.text
        return unescape(page.text).replace(NBSP, " ")

    return get
