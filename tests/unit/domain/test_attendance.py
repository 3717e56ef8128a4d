"""Whose tap is it, for which service, and what decisions change: the pure rule behind « Présents maintenant »."""

from dataclasses import replace

import pytest

from domain.attendance import (
    Attachment,
    DayService,
    DayTap,
    DecisionLine,
    PlacedTap,
    Settled,
    SettledStay,
    place_of,
    resolve,
    settled_stays,
    standing,
)
from domain.presence import PresenceRule, PresenceTap
from domain.slots import Slot
from domain.taps import TapKind

MINUTE = 60_000_000
SCHOOL, CENTRE, LEA, NOE = 1, 2, 100, 101
RULE = PresenceRule(anti_bounce_seconds=120, needs_departure=True)
OFFERED = {
    SCHOOL: {
        "cantine": DayService(Slot("cantine", 690, 810, 30), True, replace(RULE, needs_departure=False)),
        "soir": DayService(Slot("soir", 990, 1110, 30), True, RULE),
        "mercredi": DayService(Slot("mercredi", 480, 1080, 30), False, RULE),
    }
}
BADGES = {"04AA": [LEA]}


def tap(
    minute: int = 1000, tap_id: str = "t", kind: TapKind = TapKind.BADGE, undoes: str | None = None
) -> PresenceTap:
    """A tap at a minute."""
    return PresenceTap(tap_id, "e", minute, kind, minute * MINUTE, None, undoes)


def day_tap(minute: int = 1000, tap_id: str = "t", **changes: object) -> DayTap:
    """A read of Léa's badge at the school."""
    plain = DayTap(tap(minute, tap_id), SCHOOL, minute, "04AA", None, None, None, None)
    return replace(plain, **changes)  # type: ignore[arg-type]


def owners(*taps: DayTap, attached: dict[str, Attachment] | None = None) -> dict[tuple[int, str], list[str]]:
    """Return the tap ids of each child and service."""
    found, _ = resolve(taps, BADGES, attached or {}, OFFERED)
    return {key: [each.tap.tap_id for each in placed] for key, placed in found.items()}


def reasons(*taps: DayTap, attached: dict[str, Attachment] | None = None) -> list[str]:
    """Return why taps are given to nobody."""
    return [each.reason for each in resolve(taps, BADGES, attached or {}, OFFERED)[1]]


def test_badge_is_its_childs_and_the_slot_gives_the_service() -> None:
    assert owners(day_tap(1000)) == {(LEA, "soir"): ["t"]}
    assert owners(day_tap(700)) == {(LEA, "cantine"): ["t"]}


def test_claimed_service_wins_over_the_slot_even_when_it_is_shut() -> None:
    assert owners(day_tap(1000, service_ref="cantine")) == {(LEA, "cantine"): ["t"]}
    assert owners(day_tap(1000, service_ref="mercredi")) == {(LEA, "mercredi"): ["t"]}


def test_service_that_the_place_does_not_offer_falls_back_on_the_slot() -> None:
    assert owners(day_tap(1000, service_ref="piscine")) == {(LEA, "soir"): ["t"]}


def test_shut_service_takes_no_tap_by_its_slot() -> None:
    assert reasons(day_tap(600)) == ["no_service"]


def test_adults_badge_brings_all_its_children() -> None:
    found, _ = resolve([day_tap()], {"04AA": [NOE, LEA]}, {}, OFFERED)
    assert sorted(found) == [(LEA, "soir"), (NOE, "soir")]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"badge_uid": "04FF"}, "unknown_badge"),
        ({"badge_uid": None}, "unknown_child"),
        ({"badge_uid": None, "typed_name": "Zoé"}, "typed_name"),
        ({"distrust": "doubtful_time"}, "doubtful_time"),
        ({"structure_id": CENTRE}, "no_service"),
    ],
)
def test_tap_that_is_nobodys_says_why(changes: dict[str, object], reason: str) -> None:
    assert reasons(day_tap(**changes)) == [reason]  # type: ignore[arg-type]


def test_typed_name_goes_to_the_child_it_was_attached_to() -> None:
    attached = {"t": Attachment(NOE, "cantine", CENTRE)}
    typed = day_tap(badge_uid=None, typed_name="Noé")
    found, unresolved = resolve([typed], BADGES, attached, OFFERED)
    assert found == {(NOE, "cantine"): [PlacedTap(CENTRE, typed.tap)]}
    assert unresolved == []


def test_attaching_does_not_take_a_known_badge_from_its_child() -> None:
    assert owners(day_tap(), attached={"t": Attachment(NOE, "cantine", CENTRE)}) == {(LEA, "soir"): ["t"]}


def test_undo_follows_its_target() -> None:
    back = day_tap(1001, "u")
    back = replace(back, tap=tap(1001, "u", TapKind.UNDO, "t"), badge_uid=None)
    assert owners(day_tap(), back) == {(LEA, "soir"): ["t", "u"]}
    assert owners(back) == {}
    assert reasons(back) == []


def test_child_is_looked_after_where_the_first_tap_that_counts_was() -> None:
    wrong, first, second = tap(900, "wrong"), tap(1000, "a"), tap(1050, "b")
    undo = tap(901, "u", TapKind.UNDO, "wrong")
    placed = [PlacedTap(SCHOOL, second), PlacedTap(CENTRE, first)]
    assert place_of(placed) == CENTRE
    assert place_of([*placed, PlacedTap(SCHOOL, wrong), PlacedTap(SCHOOL, undo)]) == CENTRE


def decision(seq: int, kind: str, occurred_at: int | None = None, *, is_replaced: bool = False) -> DecisionLine:
    """One decision."""
    return DecisionLine(seq, kind, SCHOOL, occurred_at, is_replaced)


def test_last_decision_of_each_kind_stands() -> None:
    lines = [decision(2, "arrival", 20), decision(1, "arrival", 10), decision(3, "departure", 90)]
    assert standing(lines) == Settled(None, 20, 90, SCHOOL)


def test_clear_forgets_what_came_before_it() -> None:
    assert standing([decision(1, "absent_justified"), decision(2, "clear")]) == Settled()
    later = [decision(1, "arrival", 10), decision(2, "clear"), decision(3, "absent_unjustified")]
    assert standing(later) == Settled("absent_unjustified", None, None, SCHOOL)


def test_replaced_decision_no_longer_counts() -> None:
    assert standing([decision(1, "absent_justified", is_replaced=True)]) == Settled()


def placed(*minutes: int) -> list[PlacedTap]:
    """Badge reads at the school."""
    return [PlacedTap(SCHOOL, tap(minute, f"t{minute}")) for minute in minutes]


def test_decided_instants_are_the_days_first_and_last() -> None:
    stays = settled_stays(placed(1000, 1020, 1030), RULE, Settled(None, 990 * MINUTE, 1100 * MINUTE, SCHOOL))
    assert stays == [SettledStay(990 * MINUTE, 1020 * MINUTE), SettledStay(1030 * MINUTE, 1100 * MINUTE)]


def test_decided_instant_without_a_tap_makes_a_stay() -> None:
    assert settled_stays([], RULE, Settled(None, 990, None, SCHOOL)) == [SettledStay(990, None)]
    assert settled_stays([], RULE, Settled()) == []


def test_decided_absence_leaves_no_stay() -> None:
    assert settled_stays(placed(1000), RULE, Settled("absent_justified", None, None, SCHOOL)) == []
