"""The staff pages over the small town, with one snapshot built once a worker."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from dashboards import context
from records.database import open_records
from records.operations import accounts
from tests.harness.models import publish_without_dbt
from tests.ui.town import INES_BADGE, LEA_BADGE, MONDAY, NOE_BADGE, PASSWORD, Town, found_town, open_town

MAIN = Path(__file__).parents[3] / "dashboards" / "main.py"
EVENING = 16 * 60 + 45
UNKNOWN_BADGE = "04DEADBEEF00BB"
Open = Callable[..., AppTest]


@pytest.fixture(scope="session")
def built_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A MARELLE_HOME with Monday's and Tuesday's badges, and the figures published from them."""
    home = tmp_path_factory.mktemp("built")
    url = f"sqlite:///{home / 'records.db'}"
    found_town(url)
    town = open_town(url)
    town.at(20 * 60, MONDAY)
    for terminal, badge, minute in (("tilleuls", LEA_BADGE, 706), ("tilleuls", NOE_BADGE, 707)):
        town.tap(terminal, badge, minute, MONDAY)
    town.at(EVENING)
    town.tap("tilleuls", LEA_BADGE, 705)
    town.tap("bourg", INES_BADGE, 710)
    town.tap("tilleuls", UNKNOWN_BADGE, 711)
    town.tap("tilleuls", LEA_BADGE, 1000)
    publish_without_dbt(home, url, town.clock.now)
    (home / "terminals.json").write_text(json.dumps({ref: asdict(each) for ref, each in town.terminals.items()}))
    town.records.close()
    return home


@pytest.fixture
def staff_town(built_home: Path, tmp_path: Path) -> Iterator[Town]:
    """A copy of that home, its clock at a quarter to five on Tuesday."""
    home = tmp_path / "home"
    shutil.copytree(built_home, home)
    town = open_town(
        f"sqlite:///{home / 'records.db'}", terminals=json.loads((home / "terminals.json").read_text())
    )
    town.at(EVENING)
    yield town
    town.records.close()


@pytest.fixture
def open_pages(staff_town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Run the staff application as one person sees it, at one of its addresses."""
    monkeypatch.setenv(context.HOME_VARIABLE, str(tmp_path / "home"))
    monkeypatch.setenv(context.PORTAL_VARIABLE, "http://127.0.0.1:8020/")
    # The pages open their records by themselves: give them the town's clock.
    monkeypatch.setattr(context, "open_records", lambda url: open_records(url, staff_town.clock))
    tokens: list[str | None] = [None]
    monkeypatch.setattr(context, "session_token", lambda: tokens[0])

    def run(login: str | None, page: str = "", **query: str) -> AppTest:
        records = staff_town.records
        tokens[0] = None if login is None else accounts.log_in(records, login, PASSWORD, records.clock())[0]
        app = AppTest.from_file(str(MAIN), default_timeout=30)
        for name, value in query.items():
            app.query_params[name] = value
        # `switch_page` knows pages that are files only; ours are functions, named by their address.
        app._page_hash = calc_hash(page) if page else ""
        return app.run()

    yield run
    st.cache_resource.clear()
