"""What directors steer by, from badges to figures: frequentation by class and day."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from domain.time import instant_at
from tests.sql.raw_world import PARIS, RawWorld
from warehouse.memory import MemoryWarehouse
from warehouse.project import CompiledProject

START, TUESDAY = date(2026, 9, 1), date(2026, 11, 24)
SLOT = (990, 1110)


@pytest.fixture(scope="module")
def warehouse(compiled: CompiledProject) -> MemoryWarehouse:
    return MemoryWarehouse(compiled, ["fct_frequentation"])


class School:
    """A school with one evening care, seen at 20:00 on a Tuesday; children come by their roll calls."""

    def __init__(self, **service: Any) -> None:
        self.world = RawWorld().town().about(instant_at(TUESDAY, 1200, PARIS), TUESDAY, TUESDAY)
        self.structure = self.world.structure("tilleuls")
        self.service = self.world.service("soir", **service)
        self.world.rule(self.service, slot_start_minute=SLOT[0], slot_end_minute=SLOT[1])
        self.world.offer(self.service, self.structure)
        self.world.add("device", label="Borne", structure_id=self.structure)
        self.seq = 0

    def child(self, ref: str, room: str | None = None, *, is_booked: bool = True, **person: Any) -> int:
        """Add a child, of a class, booked each Tuesday or not."""
        child = self.world.person(ref, **person)
        if room:
            ids = [row[0] for row in self.world.rows["school_class"] if row[2] == room]
            room_id = (
                ids[0]
                if ids
                else self.world.add("school_class", structure_id=self.structure, name=room, level="CP")
            )
            self.world.add("class_membership", person_id=child, class_id=room_id, valid_from=START)
        enrolment = self.world.add(
            "enrolment", person_id=child, service_id=self.service, structure_id=self.structure, category="enfant",
            valid_from=START,
        )  # fmt: skip
        if is_booked:
            self.world.add("enrolment_pattern", enrolment_id=enrolment, weekday=1, valid_from=START)
        return child

    def comes(self, ref: str, arrived: int, left: int) -> None:
        """Say by two taps when a child was there."""
        for minute, direction in ((arrived, "arrival"), (left, "departure")):
            self.seq += 1
            self.world.tap(
                f"t{self.seq}", device_id=1, epoch="e", seq=self.seq, kind="roll_call", child_ref=ref,
                service_ref="soir", direction=direction, occurred_at=instant_at(TUESDAY, minute, PARIS),
            )  # fmt: skip


def test_each_class_has_its_booked_present_absent_and_late(warehouse: MemoryWarehouse) -> None:
    school = School()
    for ref, room in (("lea", "CP"), ("tom", "CP"), ("noe", "CE1"), ("zoe", None)):
        school.child(ref, room)
    max_id = school.child("max", "CE1")
    school.child("imprevu", "CP", is_booked=False)
    school.comes("lea", 990, 1100)
    school.comes("tom", 990, 1125)  # a quarter of an hour late
    school.comes("imprevu", 1000, 1050)
    school.world.add(
        "attendance_decision", child_id=max_id, service_id=school.service, structure_id=school.structure,
        day=TUESDAY, kind="absent_justified", recorded_at=1,
    )  # fmt: skip
    school.world.add(
        "structure_capacity", structure_id=school.structure, service_id=school.service, age_from_months=0,
        age_to_months=1200, valid_from=START, seq=1, places=12,
    )  # fmt: skip
    asked = """
        select class_label, booked, present, unexpected, absent_justified, undecided, late_pickups, places
        from marts.fct_frequentation order by class_label
    """
    with warehouse.filled(school.world.rows) as connection:
        assert connection.execute(asked).fetchall() == [
            ("", 1, 0, 0, 0, 1, 0, 12),
            ("CE1", 2, 0, 0, 1, 1, 0, 12),
            ("CP", 2, 2, 1, 0, 0, 1, 12),
        ]


def test_child_who_changes_class_counts_in_the_later_one(warehouse: MemoryWarehouse) -> None:
    school = School()
    child = school.child("lea", "CP")
    later = school.world.add("school_class", structure_id=school.structure, name="CE1", level="CE1")
    school.world.add("class_membership", person_id=child, class_id=later, valid_from=date(2026, 11, 1))
    with warehouse.filled(school.world.rows) as connection:
        asked = "select class_label, booked from marts.fct_frequentation"
        assert connection.execute(asked).fetchall() == [("CE1", 1)]
