"""Which service a minute belongs to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.slots import Slot, service_at

MORNING = Slot("matin", 450, 510, 30)
NOON = Slot("cantine", 690, 810, 30)
EVENING = Slot("soir", 810, 1110, 15)
SLOTS = [MORNING, NOON, EVENING]


@pytest.mark.parametrize(
    ("minute", "service"),
    [
        (450, "matin"),
        (509, "matin"),
        (420, "matin"),  # 30 minutes early: within its grace
        (419, None),
        (539, "matin"),
        (540, None),
        (809, "cantine"),
        (810, "soir"),  # half-open: the evening begins when the canteen ends
        (1124, "soir"),
        (1125, None),
    ],
)
def test_minute_belongs_to_the_slot_that_holds_it_or_the_nearest_within_its_grace(
    minute: int, service: str | None
) -> None:
    assert service_at(SLOTS, minute) == service


def test_tie_goes_to_the_slot_that_begins_later() -> None:
    one, other = Slot("avant", 480, 540, 60), Slot("apres", 600, 660, 60)
    assert one.distance(569) == 30
    assert other.distance(570) == 30
    assert service_at([one, other], 570) == "apres"
    assert service_at([Slot("long", 480, 720, 0), Slot("court", 600, 660, 0)], 630) == "court"


def test_day_without_slots_has_no_service() -> None:
    assert service_at([], 600) is None


@given(st.integers(0, 1439), st.permutations(SLOTS))
def test_order_of_the_slots_does_not_matter(minute: int, slots: list[Slot]) -> None:
    assert service_at(slots, minute) == service_at(SLOTS, minute)
