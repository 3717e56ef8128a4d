"""What commands print: French for people, exact for programs."""

from __future__ import annotations

import io
import json
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli import output
from cli.output import Column

NBSP = "\u00a0"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "inconnu"),
        (0, "0"),
        (1234, f"1{NBSP}234"),
        (Decimal("2.80"), "2,80"),
        (Decimal("-1234.5"), f"\u2212{NBSP}1{NBSP}234,5"),
        (True, "oui"),
        (date(2026, 11, 24), "24/11/2026"),
        ("cantine", "cantine"),
    ],
)
def test_values_read_in_french(value: object, text: str) -> None:
    assert output.as_text(value) == text


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=2))
def test_json_keeps_every_cent(amount: Decimal) -> None:
    assert Decimal(str(json.loads(json.dumps([amount], default=output._plain))[0])) == amount


def test_rows_become_an_array_of_objects(capsys: pytest.CaptureFixture[str]) -> None:
    row = {"day": date(2026, 9, 1), "n": 3, "hidden": 1}
    output.print_rows([row], [Column("day", "Jour"), Column("n", "Nombre")], as_json=True, empty="rien")
    assert json.loads(capsys.readouterr().out) == [{"day": "2026-09-01", "n": 3}]


def test_no_row_is_an_empty_array_for_programs_and_a_sentence_for_people(
    capsys: pytest.CaptureFixture[str],
) -> None:
    output.print_rows([], [Column("n", "Nombre")], as_json=True, empty="Aucun enfant.")
    assert json.loads(capsys.readouterr().out) == []
    output.print_rows([], [Column("n", "Nombre")], as_json=False, empty="Aucun enfant.")
    assert capsys.readouterr().out == "Aucun enfant.\n"


def test_csv_quotes_what_it_must(capsys: pytest.CaptureFixture[str]) -> None:
    output.print_csv([{"a": "x,y", "b": None}, {"a": 'say "z"', "b": Decimal("2.20")}], ["a", "b"])
    assert capsys.readouterr().out == 'a,b\n"x,y",\n"say ""z""",2.20\n'


def test_a_pipe_gets_no_progress_bar(capsys: pytest.CaptureFixture[str]) -> None:
    with output.progress("Calcul") as tell:
        tell(0.5, "moitié")
    assert capsys.readouterr() == ("", "")


def test_a_terminal_gets_a_progress_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = io.StringIO()
    monkeypatch.setattr(screen, "isatty", lambda: True)
    monkeypatch.setattr("sys.stderr", screen)
    with output.progress("Calcul") as tell:
        tell(0.5, "Lecture des données…")
    assert "Lecture" in screen.getvalue()
