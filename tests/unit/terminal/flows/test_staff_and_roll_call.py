"""The staff area and the roll call."""

from __future__ import annotations

import pytest

from domain.taps import Direction, TapKind
from terminal.flows.state import HOME_SECONDS, Settings
from terminal.flows.views import IdleView, KeypadView, MenuView, PickView, RollCallView, RowState
from tests.factories.rosters import AGENT_CODE, LEA_UID
from tests.unit.terminal.flows.bench import Bench


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
def roll() -> Bench:
    bench = Bench(settings=Settings(roll_call=True))
    bench.touch("roll_call")
    bench.type_code(AGENT_CODE)
    return bench


def rows(bench: Bench) -> dict[str, RowState]:
    assert isinstance(bench.state.view, RollCallView), bench.state.view
    return {row.name: row.state for row in bench.state.view.rows}


def test_the_staff_area_asks_for_a_code(bench: Bench) -> None:
    bench.touch("staff")
    assert isinstance(bench.state.view, KeypadView)


def test_a_wrong_code_says_so_and_opens_nothing(bench: Bench) -> None:
    bench.touch("staff")
    bench.type_code("1111")
    assert isinstance(bench.state.view, KeypadView)
    assert bench.state.view.error == "Code inconnu ici. Vérifiez, puis recommencez."
    assert bench.state.agent_ref is None


def test_a_right_code_opens_the_menu_under_the_agents_name(bench: Bench) -> None:
    bench.touch("staff")
    bench.type_code(AGENT_CODE)
    assert isinstance(bench.state.view, MenuView)
    assert bench.state.view.subtitle == "Espace agents – Amina B."


def test_a_menu_nobody_touches_logs_the_agent_out(bench: Bench) -> None:
    bench.touch("staff")
    bench.type_code(AGENT_CODE)
    bench.wait(HOME_SECONDS)
    assert isinstance(bench.state.view, IdleView)
    assert bench.state.agent_ref is None


def test_the_code_is_never_shown(bench: Bench) -> None:
    bench.touch("staff")
    bench.touch("key", "2")
    assert isinstance(bench.state.view, KeypadView)
    assert bench.state.view.hidden


def test_letters_narrow_the_list_without_minding_accents(bench: Bench) -> None:
    bench.touch("find_child")
    bench.type_code(AGENT_CODE)
    for letter in "LEA":
        bench.touch("letter", letter)
    assert isinstance(bench.state.view, PickView)
    assert [row.name for row in bench.state.view.rows] == ["FOURNIER Léa"]


def test_a_child_without_file_is_kept_by_name(bench: Bench) -> None:
    bench.touch("type_name")
    bench.type_code(AGENT_CODE)
    for letter in "SACHA":
        bench.touch("letter", letter)
    bench.touch("keep_name")
    assert (bench.kept[0].typed_name, bench.kept[0].kind, bench.kept[0].agent_ref) == (
        "Sacha",
        TapKind.ROLL_CALL,
        "amina",
    )


def test_the_roll_call_lists_expected_children_to_call(roll: Bench) -> None:
    assert rows(roll) == {"FOURNIER Léa": RowState.TO_CALL, "FOURNIER Noé": RowState.TO_CALL}


def test_one_touch_makes_a_child_present_at_once(roll: Bench) -> None:
    roll.touch("row", "lea")
    assert rows(roll)["FOURNIER Léa"] is RowState.PRESENT
    assert (roll.kept[0].kind, roll.kept[0].child_ref, roll.kept[0].direction) == (
        TapKind.ROLL_CALL,
        "lea",
        Direction.ARRIVAL,
    )


def test_a_second_touch_within_five_seconds_takes_it_back(roll: Bench) -> None:
    roll.touch("row", "lea")
    roll.wait(4)
    roll.touch("row", "lea")
    assert rows(roll)["FOURNIER Léa"] is RowState.TO_CALL
    assert roll.kept[1].kind is TapKind.UNDO


def test_a_later_touch_changes_nothing_and_says_how_to_correct(roll: Bench) -> None:
    roll.touch("row", "lea")
    roll.wait(60)
    roll.touch("row", "lea")
    assert rows(roll)["FOURNIER Léa"] is RowState.PRESENT
    assert len(roll.kept) == 1
    assert isinstance(roll.state.view, RollCallView)
    assert "Autre ▸" in roll.state.view.message


def test_a_departure_is_noted_through_other(roll: Bench) -> None:
    roll.touch("row", "lea")
    roll.wait(600)
    roll.touch("other", "lea")
    roll.press("Noter le départ")
    assert rows(roll)["FOURNIER Léa"] is RowState.LEFT


def test_an_unexpected_child_of_the_list_joins_the_roll(roll: Bench) -> None:
    roll.touch("find_child")
    roll.touch("pick", "tom")
    assert rows(roll)["GARNIER Tom"] is RowState.UNEXPECTED


def test_an_unexpected_child_without_file_joins_the_roll(roll: Bench) -> None:
    roll.touch("type_name")
    for letter in "SACHA":
        roll.touch("letter", letter)
    roll.touch("keep_name")
    assert rows(roll)["Sans dossier : « Sacha »"] is RowState.UNEXPECTED


def test_a_badge_seen_elsewhere_on_this_terminal_shows_in_the_roll(roll: Bench) -> None:
    roll.badge(LEA_UID)
    roll.touch("roll_call")
    assert rows(roll)["FOURNIER Léa"] is RowState.PRESENT


def test_pre_ticked_children_are_taps_only_once_validated() -> None:
    bench = Bench(settings=Settings(roll_call=True, pre_tick=True))
    bench.touch("roll_call")
    bench.type_code(AGENT_CODE)
    assert set(rows(bench).values()) == {RowState.PROPOSED}
    assert bench.kept == []
    bench.touch("validate")
    assert set(rows(bench).values()) == {RowState.PRESENT}
    assert {tap.child_ref for tap in bench.kept} == {"lea", "noe"}


def test_an_unticked_child_is_not_noted_on_validation() -> None:
    bench = Bench(settings=Settings(roll_call=True, pre_tick=True))
    bench.touch("roll_call")
    bench.type_code(AGENT_CODE)
    bench.touch("row", "lea")
    bench.touch("validate")
    assert [tap.child_ref for tap in bench.kept] == ["noe"]
    assert rows(bench)["FOURNIER Léa"] is RowState.TO_CALL


def test_a_refused_validation_marks_nobody_present() -> None:
    bench = Bench(settings=Settings(roll_call=True, pre_tick=True))
    bench.touch("roll_call")
    bench.type_code(AGENT_CODE)
    bench.disk_refuses = True
    bench.touch("validate")
    assert bench.result.title == "✗  RIEN N’A ÉTÉ ENREGISTRÉ"
    assert bench.kept == []


def test_closing_the_roll_names_the_children_nobody_decided_for(roll: Bench) -> None:
    roll.touch("row", "lea")
    roll.touch("validate")
    assert roll.result.title == "✓  APPEL TERMINÉ"
    assert ("Pas pointés", "FOURNIER Noé") in roll.result.facts


def test_the_class_filter_walks_through_the_classes(roll: Bench) -> None:
    labels = []
    for _ in range(3):
        roll.touch("class")
        assert isinstance(roll.state.view, RollCallView)
        labels.append(roll.state.view.class_label)
    assert labels == ["CE1", "CM2", "Toutes"]


def test_self_service_cannot_reach_a_roll_call_by_itself(bench: Bench) -> None:
    bench.touch("roll_call")
    assert isinstance(bench.state.view, KeypadView)
