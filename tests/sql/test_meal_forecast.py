"""The kitchen's forecast on made files: what it learns, how far it may go, and what it says of bad input."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from domain.errors import InvalidData
from tests.factories.kitchen_files import Kitchen
from tests.harness.models import share_models
from warehouse import meal_trees
from warehouse.meal_files import MealFiles
from warehouse.meal_forecast import Forecast, forecast_files

pytestmark = pytest.mark.xdist_group("meal_forecast")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    share_models(folder)
    return folder


def _forecast(home: Path, files: MealFiles, *, with_trees: bool = False) -> tuple[Forecast, list[dict[str, str]]]:
    out = files.history.parent / "out.csv"
    done = forecast_files(home, files, out, with_trees=with_trees)
    with out.open(encoding="utf-8") as handle:
        return done, list(csv.DictReader(handle))


def _site(rows: list[dict[str, str]], site: str) -> dict[str, str]:
    return next(row for row in rows if row["site"] == site)


def _wape(kitchen: Kitchen, rows: list[dict[str, str]]) -> float:
    expected = [kitchen.expected(int(row["site"].split()[1]), date.fromisoformat(row["date"])) for row in rows]
    return sum(abs(float(row["prediction"]) - one) for row, one in zip(rows, expected, strict=True)) / sum(expected)


def test_it_finds_each_sites_habits_weekdays_and_menus(home: Path, tmp_path: Path) -> None:
    kitchen = Kitchen(sites=12, weeks=40)
    done, rows = _forecast(home, kitchen.write(tmp_path))
    assert (done.model, done.rows, len(rows)) == ("sql", 48, 48)
    assert _wape(kitchen, rows) < 0.03
    assert {row["remark"] for row in rows} == {""}


def test_the_parts_multiply_to_the_forecast(home: Path, tmp_path: Path) -> None:
    from math import exp

    _, rows = _forecast(home, Kitchen().write(tmp_path))
    for row in rows:
        parts = float(row["level"]) * float(row["weekday_profile"]) * float(row["site_weekday"])
        effect = exp(float(row["calendar_effect"]) + float(row["menu_effect"]))
        assert float(row["enrolled"]) * parts * effect == pytest.approx(float(row["prediction"]), rel=0.002)


def test_the_same_files_give_the_same_answer(home: Path, tmp_path: Path) -> None:
    files = Kitchen().write(tmp_path)
    assert _forecast(home, files)[1] == _forecast(home, files)[1]


@pytest.mark.parametrize(
    ("changed", "enrolled", "said"),
    [
        ({"enrolled": "-5"}, "0", "négatif"),
        ({"enrolled": "900"}, "120", "plus du double"),
        ({"enrolled": ""}, "60", "dernier nombre connu"),
        ({"enrolled": "beaucoup"}, "60", "dernier nombre connu"),
        ({"site": "École neuve"}, "60", "Site sans historique"),
        ({"date": "2031-01-06"}, "60", "Jour absent de service_days.csv"),
    ],
)
def test_what_nobody_can_believe_is_bounded_and_said(
    home: Path, tmp_path: Path, changed: dict[str, str], enrolled: str, said: str
) -> None:
    _, rows = _forecast(home, Kitchen(changed=changed).write(tmp_path))
    flagged = [row for row in rows if row["remark"]]
    assert len(flagged) == 1
    assert flagged[0]["enrolled"] == enrolled
    assert said in flagged[0]["remark"]
    assert 0 <= float(flagged[0]["prediction"]) <= float(enrolled)


def test_absurd_past_counts_are_set_aside_and_counted(home: Path, tmp_path: Path) -> None:
    bad = [["École 0", "E", "2025-01-08", "", "60", "", "-3"], ["École 1", "E", "2025-01-08", "", "80", "", "9000"]]
    done, _ = _forecast(home, Kitchen(bad_history=bad).write(tmp_path))
    assert done.messages[0].startswith("2 ligne(s) de l'historique")


def test_without_any_history_all_are_expected(home: Path, tmp_path: Path) -> None:
    _, rows = _forecast(home, Kitchen(weeks=0).write(tmp_path))
    assert _site(rows, "École 2")["prediction"] == "100.0"


@pytest.mark.parametrize(("name", "header"), [("history", "site,date,enrolled"), ("targets", "site,date")])
def test_a_missing_column_is_named(home: Path, tmp_path: Path, name: str, header: str) -> None:
    files = Kitchen(weeks=2).write(tmp_path)
    getattr(files, name).write_text(f"{header}\n", encoding="utf-8")
    with pytest.raises(InvalidData, match="il manque la colonne"):
        _forecast(home, files)


def test_a_missing_file_is_named(home: Path, tmp_path: Path) -> None:
    files = replace(Kitchen(weeks=2).write(tmp_path), strikes=tmp_path / "absent.csv")
    with pytest.raises(InvalidData, match=r"absent\.csv n'existe pas"):
        _forecast(home, files)


_COUNTS = st.one_of(
    st.integers(-10, 10_000).map(str), st.sampled_from(["", "abc", "1e9", "12,5", "NaN", "99999999999999"])
)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(enrolled="0", bad=[("1e9", "0", "0")])
@given(enrolled=_COUNTS, bad=st.lists(st.tuples(_COUNTS, _COUNTS, _COUNTS), max_size=4))
def test_whatever_is_written_each_day_asked_is_answered_within_bounds(
    home: Path, tmp_path: Path, enrolled: str, bad: list[tuple[str, str, str]]
) -> None:
    rows_before = [["École 0", "E", f"2025-02-0{day}", "", *counts] for day, counts in enumerate(bad, 3)]
    kitchen = Kitchen(sites=2, weeks=8, changed={"enrolled": enrolled}, bad_history=rows_before)
    _, rows = _forecast(home, kitchen.write(tmp_path))
    assert len(rows) == 8
    for row in rows:
        ends = [float(row[name]) for name in ("lo95", "lo80", "hi80", "hi95")]
        assert ends == sorted(ends)
        assert ends[0] >= 0
        assert 0 <= float(row["prediction"]) <= 3 * float(row["enrolled"])


def test_below_ten_sites_the_sql_model_answers_and_says_why(home: Path, tmp_path: Path) -> None:
    done, _ = _forecast(home, Kitchen().write(tmp_path), with_trees=True)
    assert done.model == "sql"
    assert "dix sites" in done.messages[-1]


def test_without_the_library_the_sql_model_answers_and_says_so(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "lightgbm", None)
    assert not meal_trees.is_installed()
    done, rows = _forecast(home, Kitchen().write(tmp_path), with_trees=True)
    assert done.model == "sql"
    assert "marelle[forecast]" in done.messages[0]
    assert len(rows) == 24


def test_trees_that_learned_more_answer_with_their_own_intervals(home: Path, tmp_path: Path) -> None:
    kitchen = Kitchen(sites=14, weeks=100, first=date(2023, 9, 4))
    files = kitchen.write(tmp_path)
    # The kitchen's menus no longer say fish: only the numbers of the known days do, and only trees read them.
    days = files.known / "service_days.csv"
    days.write_text(
        days.read_text(encoding="utf-8")
        .replace(",fish\n", ",other\n")
        .replace(",fish\r\n", ",other\n")
        .replace("menu_class", "autre"),
        encoding="utf-8",
    )
    done, rows = _forecast(home, files, with_trees=True)
    sql = _forecast(home, files)[1]
    assert done.model == "best"
    assert _wape(kitchen, rows) < _wape(kitchen, sql)
    assert any(row["correction"] != "1.0" for row in rows)
    assert all(float(row["lo80"]) <= float(row["prediction"]) <= float(row["hi80"]) for row in rows)
    assert _forecast(home, files, with_trees=True)[1] == rows
