"""docs/how_a_meal_is_priced.md: the files it names exist, and its example is what the published SQL gives."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path

import pytest

from domain.french import NBSP, number
from records.actors import SETUP
from records.operations import attendance, tariffs
from tests.factories.databases import SMALL_TOWN, sqlite_copy, sqlite_template
from tests.factories.people import a_family, a_tap, a_terminal, an_enrolment
from tests.factories.town import CANTEEN, SCHOOL, TODAY, HandClock, canteen_tariff
from tests.harness.models import share_models
from warehouse.family import family_lines

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "how_a_meal_is_priced.md").read_text(encoding="utf-8")
EXAMPLE = re.findall(r"^\| ([\d,]+)[^|]*\| mardi \| (prévu, [^|]+) \| ([^|]+) \|$", PAGE, re.MULTILINE)
NOON, EVENING = 12 * 60, 20 * 60
UNKNOWN_QF = "9999"


def test_the_page_names_files_that_exist() -> None:
    named = re.findall(r"`((?:int_|macros/)[\w/]+\.sql)`", PAGE)
    assert len(named) >= 4
    assert [name for name in named if not list((ROOT / "dbt_project").rglob(Path(name).name))] == []


def test_the_proof_told_is_the_last_one_kept() -> None:
    kept = json.loads(max((ROOT / "docs" / "data" / "proof" / "prices").glob("*.json")).read_text(encoding="utf-8"))
    told = " ".join(PAGE.replace(NBSP, " ").split())
    lines, towns = (f"{kept[name]:,}".replace(",", " ") for name in ("lines", "towns"))

    assert kept["towns_that_differ"] == 0
    assert f"version `{kept['commit']}` : {lines} lignes de {towns} villes comparées, 0 ville diffère" in told


@pytest.fixture(scope="module")
def town_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the models compiled once."""
    home = tmp_path_factory.mktemp("town")
    share_models(home)
    return home


@pytest.mark.parametrize(("qf", "situation", "price"), EXAMPLE)
def test_each_row_of_the_example_is_what_the_published_sql_gives(
    tmp_path: Path, town_home: Path, qf: str, situation: str, price: str
) -> None:
    clock = HandClock()
    records = sqlite_copy(sqlite_template(SMALL_TOWN), tmp_path, clock)
    tariffs.publish_tariff(records, SETUP, canteen_tariff())
    known = None if qf == UNKNOWN_QF else int(Decimal(qf.replace(",", ".")) * 100)
    family = a_family(records, qf_e2=known)
    an_enrolment(records, family)
    if "venu" in situation:
        a_tap(records, a_terminal(records), NOON, kind="roll_call", child_ref=family.child, service_ref=CANTEEN)
    if "justifié" in situation:
        decision = attendance.Decision(family.child, CANTEEN, SCHOOL, TODAY, "absent_justified", "certificat")
        attendance.decide(records, SETUP, decision)
    now = clock.set(EVENING)
    (line,) = family_lines(records, town_home, family.ref, TODAY, TODAY, now=now)
    records.close()
    assert f"{number(line.amount or Decimal(0), 2)}{NBSP}€" == price.replace(" ", NBSP)
    assert line.fault is None


def test_the_example_has_its_five_rows() -> None:
    assert len(EXAMPLE) == 5
