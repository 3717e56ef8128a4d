"""What a badge does on a self-service terminal."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.taps import Direction, TapKind
from domain.wire.v1 import ChildV1
from terminal.flows.events import Sound
from terminal.flows.state import SAVED_SECONDS, UNKNOWN_SECONDS, Settings
from terminal.flows.views import IdleView, Tone
from tests.factories.rosters import LEA_UID, a_roster, a_service, all_week, children
from tests.unit.terminal.flows.bench import Bench

AFTER_ANTI_BOUNCE = 301


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_first_badge_is_an_arrival_with_time_name_and_class(bench: Bench) -> None:
    bench.badge(LEA_UID)
    assert bench.result.title == "✓  ARRIVÉE ENREGISTRÉE À 16\u00a0h\u00a032"
    assert (bench.result.children[0].first_name, bench.result.children[0].status) == (
        "Léa",
        "● Sur place – CE1, garderie du soir",
    )


def test_a_green_screen_only_follows_a_durable_tap(bench: Bench) -> None:
    bench.disk_refuses = True
    bench.badge(LEA_UID)
    assert (bench.result.tone, bench.result.title) == (Tone.REFUSED, "✗  RIEN N’A ÉTÉ ENREGISTRÉ")
    assert bench.effects[-1] == Sound(saved=False)


def test_the_red_screen_never_closes_alone(bench: Bench) -> None:
    bench.disk_refuses = True
    bench.badge(LEA_UID)
    bench.wait(3600)
    assert bench.result.tone is Tone.REFUSED


def test_the_red_screen_says_whose_passage_is_not_noted_and_what_to_do(bench: Bench) -> None:
    bench.disk_refuses = True
    bench.badge(LEA_UID)
    assert bench.result.subtitle == "Le passage de Léa n’est pas noté."
    assert "M-12" in bench.result.facts[0][1]
    assert "agent" in bench.result.facts[2][1]


def test_a_badge_that_is_kept_again_ends_the_trouble_of_the_footer(bench: Bench) -> None:
    bench.disk_refuses = True
    bench.badge(LEA_UID)
    assert bench.state.broken == "M-12"
    bench.disk_refuses = False
    bench.badge(LEA_UID)
    assert bench.state.broken == ""


def test_a_second_badge_within_the_anti_bounce_says_already_noted_and_is_kept(bench: Bench) -> None:
    bench.badge(LEA_UID)
    bench.wait(60)
    bench.badge(LEA_UID)
    assert bench.result.title == "Déjà noté : arrivée de Léa à 16\u00a0h\u00a032"
    assert len(bench.kept) == 2


def test_a_badge_after_the_anti_bounce_is_a_departure(bench: Bench) -> None:
    bench.badge(LEA_UID)
    bench.wait(AFTER_ANTI_BOUNCE)
    bench.badge(LEA_UID)
    assert bench.result.title == "←  DÉPART ENREGISTRÉ À 16\u00a0h\u00a037"
    assert bench.kept[-1].direction is Direction.DEPARTURE


def test_a_service_without_departure_never_shows_one(bench: Bench) -> None:
    bench = Bench(roster=a_roster(services=[a_service("matin", needs_departure=False, label="Garderie du matin")]))
    bench.badge(LEA_UID)
    bench.wait(AFTER_ANTI_BOUNCE)
    bench.badge(LEA_UID)
    assert bench.result.title.startswith("Déjà noté : arrivée")


def test_an_arrival_undone_from_already_noted_leaves_nobody_here(bench: Bench) -> None:
    bench.badge(LEA_UID)
    bench.wait(10)
    bench.badge(LEA_UID)
    bench.press("Annuler cette arrivée")
    lea, service = children()[0], bench.roster.services[0]
    assert bench.state.book.presence(lea, service).stays == ()
    assert [tap.kind for tap in bench.kept[2:]] == [TapKind.UNDO, TapKind.UNDO]


def test_an_undo_keeps_the_first_gesture(bench: Bench) -> None:
    bench.badge(LEA_UID)
    bench.press("Annuler pour Léa")
    assert bench.result.title == "✓  ANNULÉ"
    assert [tap.kind for tap in bench.kept] == [TapKind.BADGE, TapKind.UNDO]
    assert bench.kept[1].undoes == bench.kept[0].tap_id


def test_a_saved_screen_closes_after_six_seconds(bench: Bench) -> None:
    bench.badge(LEA_UID)
    bench.wait(SAVED_SECONDS - 1)
    assert bench.result.tone is Tone.SAVED
    bench.wait(1)
    assert isinstance(bench.state.view, IdleView)


def test_the_next_family_need_not_wait_for_the_screen_to_close(bench: Bench) -> None:
    bench.badge(LEA_UID)
    bench.badge("04000000000001")
    assert bench.result.children[0].first_name == "Noé"


def test_an_unknown_badge_is_kept_and_says_what_is_and_is_not_recorded(bench: Bench) -> None:
    bench.badge("04FFFFFFFF4F2A")
    assert bench.result.title == "▲  BADGE INCONNU"
    assert bench.kept[0].badge_uid == "04FFFFFFFF4F2A"
    assert bench.result.facts[0][1].startswith("Un passage à 16")
    assert bench.result.facts[3][1] == "Badge …4F 2A (à communiquer au service)"


def test_an_unknown_badge_goes_home_after_thirty_seconds(bench: Bench) -> None:
    bench.badge("04FFFFFFFF4F2A")
    bench.wait(UNKNOWN_SECONDS)
    assert isinstance(bench.state.view, IdleView)


def test_the_unknown_badge_screen_offers_a_way_out_through_an_agent(bench: Bench) -> None:
    bench.badge("04FFFFFFFF4F2A")
    bench.press("Chercher l’enfant")
    bench.type_code("2468")
    bench.touch("pick", "tom")
    assert bench.result.children[0].first_name == "Tom"
    assert (bench.kept[-1].child_ref, bench.kept[-1].agent_ref) == ("tom", "amina")


def test_outside_every_slot_the_passage_is_kept_without_a_service() -> None:
    bench = Bench(roster=a_roster(services=[a_service(slots=all_week(450, 515))]))
    bench.badge(LEA_UID)
    assert bench.kept[0].service_ref is None
    assert bench.result.title == "▲  AUCUN SERVICE À CETTE HEURE"


def test_a_wrong_clock_keeps_the_passage_and_asks_for_the_time(bench: Bench) -> None:
    bench.moment = replace(bench.moment, plausible=False)
    bench.badge(LEA_UID)
    assert bench.result.title == "▲  PASSAGE GARDÉ, HEURE À VÉRIFIER"


def test_one_badge_of_two_children_shows_both_with_one_tap() -> None:
    lea, noe, tom = children()
    both = [lea, noe.model_copy(update={"badges": [LEA_UID]}), tom]
    bench = Bench(roster=a_roster(children=both))
    bench.badge(LEA_UID)
    assert [child.first_name for child in bench.result.children] == ["Léa", "Noé"]
    assert len(bench.kept) == 1


def test_class_mates_of_the_same_first_name_are_told_apart() -> None:
    twin = ChildV1(
        child_ref="lea2", first_name="Léa", last_name="Garnier", class_ref="ce1", class_label="CE1", badges=["04AA"]
    )
    bench = Bench(roster=a_roster(children=[*children(), twin]))
    bench.badge(LEA_UID)
    assert bench.result.children[0].first_name == "Léa F."


def test_before_lunch_the_screen_says_whether_a_meal_is_planned() -> None:
    care = a_service("matin", label="Garderie du matin", kind="morning_care", needs_departure=False)
    canteen = a_service(
        "cantine", label="Cantine", kind="canteen", slots=all_week(1100, 1200), needs_departure=False
    )
    bench = Bench(roster=a_roster(services=[care, canteen]), settings=Settings(service_ref="matin"))
    bench.badge(LEA_UID)
    assert bench.result.children[0].details[0] == "Cantine : pas réservée aujourd’hui"


def test_no_self_service_screen_shows_health_or_last_names(bench: Bench) -> None:
    for uid in (LEA_UID, "0A000003E8"):
        bench.badge(uid)
        shown = repr(bench.state.view)
        assert "PAI" not in shown
        assert "Sans porc" not in shown
        assert "Garnier" not in shown


def test_a_simulated_badge_is_one_of_a_child_expected_and_not_here_yet(bench: Bench) -> None:
    bench.badge(LEA_UID)
    bench.touch("simulate")
    assert bench.effects[-1].uid == "04000000000001"  # type: ignore[union-attr]
