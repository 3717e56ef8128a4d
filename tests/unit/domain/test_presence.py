"""The fold from taps to stays, sentence by sentence, and what must hold of any day."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from domain.presence import PresenceRule, PresenceTap, Stay, stays_from_taps
from domain.taps import Direction, TapKind

MINUTE = 60_000_000
EVENING = PresenceRule(anti_bounce_seconds=120, needs_departure=True)
MORNING = PresenceRule(anti_bounce_seconds=120, needs_departure=False)


def badge(minute: float, seq: int = 0, epoch: str = "e", **changes: object) -> PresenceTap:
    """A badge read at a minute; its id says when."""
    tap = PresenceTap(f"b{minute}", epoch, seq or int(minute * 10), TapKind.BADGE, int(minute * MINUTE))
    return replace(tap, **changes)  # type: ignore[arg-type]


def roll_call(minute: float, direction: Direction = Direction.ARRIVAL) -> PresenceTap:
    """A touch in roll call."""
    return badge(minute, tap_id=f"r{minute}", kind=TapKind.ROLL_CALL, direction=direction)


def undo(minute: float, target: PresenceTap) -> PresenceTap:
    """An earlier tap taken back."""
    return badge(minute, tap_id=f"u{minute}", kind=TapKind.UNDO, undoes=target.tap_id)


def minutes(stays: tuple[Stay, ...]) -> list[tuple[float | None, float | None]]:
    """Return the stays as pairs of minutes."""
    return [
        (
            stay.arrival.occurred_at / MINUTE if stay.arrival else None,
            stay.departure.occurred_at / MINUTE if stay.departure else None,
        )
        for stay in stays
    ]


def folded(*taps: PresenceTap, rule: PresenceRule = EVENING) -> list[tuple[float | None, float | None]]:
    """Return the stays of some taps as pairs of minutes."""
    return minutes(stays_from_taps(taps, rule).stays)


def test_badges_take_turns_between_arrival_and_departure() -> None:
    assert folded(badge(10), badge(60), badge(70), badge(90)) == [(10, 60), (70, 90)]


def test_forgotten_departure_stays_open_and_inside() -> None:
    presence = stays_from_taps([badge(10)], EVENING)
    assert minutes(presence.stays) == [(10, None)]
    assert presence.is_inside


def test_day_without_taps_has_no_stay() -> None:
    presence = stays_from_taps([], EVENING)
    assert (presence.stays, presence.is_inside) == ((), False)


def test_second_read_within_the_anti_bounce_delay_is_a_repeat() -> None:
    presence = stays_from_taps([badge(10), badge(11.9), badge(60)], EVENING)
    assert minutes(presence.stays) == [(10, 60)]
    assert presence.repeats == ("b11.9",)


def test_read_at_exactly_the_delay_counts() -> None:
    assert folded(badge(10), badge(12)) == [(10, 12)]


def test_each_repeat_starts_the_delay_again() -> None:
    assert folded(badge(10), badge(11), badge(12.5)) == [(10, None)]


def test_where_no_departure_is_needed_every_tap_states_presence() -> None:
    presence = stays_from_taps([badge(10), badge(60), badge(90)], MORNING)
    assert minutes(presence.stays) == [(10, None)]
    assert presence.repeats == ("b60", "b90")


def test_roll_call_states_and_never_turns_over() -> None:
    assert folded(roll_call(10), roll_call(11)) == [(10, None)]
    assert folded(roll_call(10), roll_call(50, Direction.DEPARTURE)) == [(10, 50)]


def test_roll_call_right_after_a_badge_is_not_a_bounce() -> None:
    assert folded(badge(10), roll_call(10.5, Direction.DEPARTURE)) == [(10, 10.5)]


def test_badge_after_a_roll_call_is_a_departure() -> None:
    assert folded(roll_call(10), badge(60)) == [(10, 60)]


def test_departure_stated_first_makes_a_stay_whose_arrival_is_unknown() -> None:
    assert folded(roll_call(60, Direction.DEPARTURE)) == [(None, 60)]


def test_departure_stated_twice_changes_nothing() -> None:
    presence = stays_from_taps(
        [badge(10), roll_call(50, Direction.DEPARTURE), roll_call(55, Direction.DEPARTURE)], EVENING
    )
    assert minutes(presence.stays) == [(10, 50)]
    assert presence.repeats == ("r55",)


def test_undone_tap_does_not_count_and_is_named() -> None:
    wrong = badge(10)
    presence = stays_from_taps([wrong, undo(11, wrong), badge(20)], EVENING)
    assert minutes(presence.stays) == [(20, None)]
    assert presence.undone == ("b10",)


def test_undo_cannot_be_undone() -> None:
    wrong, back = badge(10), undo(11, badge(10))
    assert folded(wrong, back, undo(12, back)) == []


def test_inside_an_epoch_sequence_decides_even_when_the_clock_went_back() -> None:
    first, second = badge(60, seq=1), badge(30, seq=2)
    stays = stays_from_taps([first, second], replace(EVENING, anti_bounce_seconds=0)).stays
    assert [(stay.arrival, stay.departure) for stay in stays] == [(first, second)]


def test_between_epochs_time_decides() -> None:
    assert folded(badge(60, seq=1, epoch="a"), badge(10, seq=9, epoch="b")) == [(10, 60)]


TAPS = st.lists(
    st.builds(
        PresenceTap,
        st.uuids().map(str),
        st.sampled_from(["a", "b"]),
        st.integers(1, 10**6),
        st.sampled_from([TapKind.BADGE, TapKind.ROLL_CALL]),
        st.integers(0, 720).map(lambda minute: minute * MINUTE),
        st.sampled_from([None, Direction.ARRIVAL, Direction.DEPARTURE]),
    ),
    max_size=12,
    unique_by=lambda tap: (tap.epoch, tap.seq),
)
RULES = st.builds(PresenceRule, st.integers(0, 600), st.booleans())


@given(TAPS, RULES, st.randoms(use_true_random=False))
def test_order_in_which_taps_come_changes_nothing(
    taps: list[PresenceTap], rule: PresenceRule, random: object
) -> None:
    shuffled = list(taps)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = stays_from_taps(taps, rule), stays_from_taps(shuffled, rule)
    assert (one.stays, sorted(one.repeats), one.undone) == (other.stays, sorted(other.repeats), other.undone)


@given(TAPS, RULES)
def test_every_tap_is_an_end_of_one_stay_or_a_repeat(taps: list[PresenceTap], rule: PresenceRule) -> None:
    presence = stays_from_taps(taps, rule)
    ends = [end.tap_id for stay in presence.stays for end in (stay.arrival, stay.departure) if end is not None]
    assert sorted([*ends, *presence.repeats]) == sorted(tap.tap_id for tap in taps)


@given(TAPS, RULES)
def test_only_the_last_stay_is_open_and_only_the_first_may_lack_its_arrival(
    taps: list[PresenceTap], rule: PresenceRule
) -> None:
    stays = stays_from_taps(taps, rule).stays
    assert [stay.number for stay in stays] == list(range(1, len(stays) + 1))
    assert all(not stay.is_open for stay in stays[:-1])
    assert all(stay.arrival is not None for stay in stays[1:])


@given(TAPS, RULES)
def test_undoing_every_tap_leaves_nobody(taps: list[PresenceTap], rule: PresenceRule) -> None:
    undos = [
        PresenceTap(f"undo-{tap.tap_id}", "u", number, TapKind.UNDO, tap.occurred_at, None, tap.tap_id)
        for number, tap in enumerate(taps)
    ]
    presence = stays_from_taps([*taps, *undos], rule)
    assert (presence.stays, presence.repeats) == ((), ())
    assert presence.undone == tuple(sorted(tap.tap_id for tap in taps))
