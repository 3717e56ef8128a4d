"""What a town is steered by, from badges to figures: frequentation, adults by half hour, communes."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from domain.time import instant_at
from tests.harness.memory_warehouse import MemoryWarehouse
from tests.oracles.staffing import adults_of_daycare
from tests.sql.raw_world import PARIS, RawWorld
from warehouse.project import CompiledProject
from warehouse.raw import NATIONAL_PARAMETER, national_parameter_rows

START, TUESDAY = date(2026, 9, 1), date(2026, 11, 24)
SLOT = (990, 1110)


@pytest.fixture(scope="module")
def warehouse(compiled: CompiledProject) -> MemoryWarehouse:
    return MemoryWarehouse(compiled, ["fct_frequentation", "fct_staffing", "fct_commune_figures"])


class School:
    """A school with one evening care, seen at 20:00 on a Tuesday; children come by their roll calls."""

    def __init__(self, **service: Any) -> None:
        self.world = RawWorld().town().about(instant_at(TUESDAY, 1200, PARIS), TUESDAY, TUESDAY)
        self.structure = self.world.structure("tilleuls")
        self.service = self.world.service("soir", **service)
        self.world.rule(self.service, slot_start_minute=SLOT[0], slot_end_minute=SLOT[1])
        self.world.offer(self.service, self.structure)
        self.device = self.world.add("device", label="Borne", structure_id=self.structure)
        self.seq = 0

    def move(self, ref: str) -> None:
        """Go on at another place that offers the same care."""
        self.structure = self.world.structure(ref)
        self.world.offer(self.service, self.structure)
        self.device = self.world.add("device", label="Borne", structure_id=self.structure)

    def child(
        self, ref: str, room: str | None = None, *, is_booked: bool = True, family: int = 1, **person: Any
    ) -> int:
        """Add a child of a file, of a class, booked each Tuesday or not."""
        child = self.world.person(ref, **person)
        self.world.add("family_member", family_id=family, person_id=child, role="child", valid_from=START)
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

    def joins_a_pedt(self) -> None:
        """Say in the convention of the place that it is in a PEDT."""
        self.world.add(
            "caf_setting", structure_id=self.structure, valid_from=START, seq=1, authorised_places=60,
            meals_provided=False, diapers_provided=False, has_pedt=True, has_plan_mercredi=False,
            oversize_rounding="floor",
        )  # fmt: skip

    def comes(self, ref: str, arrived: int, left: int) -> None:
        """Say by two taps when a child was there."""
        for minute, direction in ((arrived, "arrival"), (left, "departure")):
            self.seq += 1
            self.world.tap(
                f"t{self.seq}", device_id=self.device, epoch="e", seq=self.seq, kind="roll_call", child_ref=ref,
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


def test_adult_who_eats_fills_no_place_of_a_child_and_is_told_apart(warehouse: MemoryWarehouse) -> None:
    school = School()
    school.child("lea")
    school.child("maitresse")
    school.world.rows["family_member"].pop()  # who is no child of a file
    school.child("en retard", is_booked=False)
    school.world.rows["family_member"].pop()
    for ref in ("lea", "maitresse", "en retard"):
        school.comes(ref, 990, 1150)
    with warehouse.filled(school.world.rows) as connection:
        asked = "select booked, present, unexpected, late_pickups, adults from marts.fct_frequentation"
        assert connection.execute(asked).fetchall() == [(1, 1, 0, 1, 2)]


def test_child_who_changes_class_counts_in_the_later_one(warehouse: MemoryWarehouse) -> None:
    school = School()
    child = school.child("lea", "CP")
    later = school.world.add("school_class", structure_id=school.structure, name="CE1", level="CE1")
    school.world.add("class_membership", person_id=child, class_id=later, valid_from=date(2026, 11, 1))
    with warehouse.filled(school.world.rows) as connection:
        asked = "select class_label, booked from marts.fct_frequentation"
        assert connection.execute(asked).fetchall() == [("CE1", 1)]


def evening_of(ages: dict[str, date], **times: tuple[int, int]) -> School:
    """An evening care that the CAF pays for, with children of those births, there at those minutes."""
    school = School(caf_kind="periscolaire_evening")
    for ref, born in ages.items():
        school.child(ref, birth_date=born)
    for ref, (arrived, left) in times.items():
        school.comes(ref, arrived, left)
    return school


BIG, SMALL = date(2018, 3, 2), date(2021, 3, 2)


def staffing(warehouse: MemoryWarehouse, school: School, columns: str) -> list[tuple[Any, ...]]:
    """Read the half hours in order."""
    with warehouse.filled(school.world.rows) as connection:
        return connection.execute(
            f"select half_hour, {columns} from marts.fct_staffing order by half_hour"
        ).fetchall()


def test_peak_of_each_half_hour_is_held_against_the_ratio_of_each_age(warehouse: MemoryWarehouse) -> None:
    births = {f"petit{n}": SMALL for n in range(11)} | {"grand": BIG, "inconnu": None, "stagiaire": BIG}
    times = {f"petit{n}": (990, 1025 if n else 1000) for n in range(11)}
    school = evening_of(births, **times, grand=(1010, 1110), inconnu=(1005, 1030), stagiaire=(990, 1110))  # type: ignore[arg-type]
    school.world.rows["family_member"].pop()  # who is no child of a file is nobody to look after
    # The eleventh left at 16:40, before somebody of unknown age came: the peak asks for 2 + 1, never for their sum.
    assert staffing(warehouse, school, "peak_minute, under_6, from_6, required, is_planned") == [
        (990, 1010, 11, 1, 3, False),
        (1020, 1020, 11, 1, 3, False),
        (1050, 1050, 0, 1, 1, False),
        (1080, 1080, 0, 1, 1, False),
    ]


def test_place_in_a_pedt_needs_fewer(warehouse: MemoryWarehouse) -> None:
    births = {f"petit{n}": SMALL for n in range(11)}
    school = evening_of(births, **{ref: (990, 1019) for ref in births})
    before = staffing(warehouse, school, "required")
    school.joins_a_pedt()
    assert (before, staffing(warehouse, school, "required")) == ([(990, 2)], [(990, 1)])


def test_ratio_that_holds_is_told_with_what_decides_it(warehouse: MemoryWarehouse) -> None:
    school = evening_of({"petit": SMALL}, petit=(990, 1000))
    (evening,) = {row[1:] for row in staffing(warehouse, school, "care, has_pedt, under_6_per, from_6_per")}
    assert evening == ("short", False, 10, 14)
    long = School(caf_kind="periscolaire_wednesday")
    long.world.rows["service_rule"].clear()
    long.world.rule(long.service, slot_start_minute=480, slot_end_minute=1080)
    long.child("grand", birth_date=BIG)
    long.comes("grand", 500, 600)
    long.joins_a_pedt()
    (whole_day,) = {row[1:] for row in staffing(warehouse, long, "care, has_pedt, under_6_per, from_6_per")}
    assert whole_day == ("long", True, 10, 14)


@pytest.mark.parametrize(
    ("slots", "care"),
    [
        ([(480, 780)], "short"),
        ([(480, 781)], "long"),
        ([(480, 720), (720, 810), (810, 1080)], "long"),
        ([(480, 720), (721, 810)], "short"),
    ],
)
def test_care_is_long_after_five_hours_without_a_break_however_many_services_make_them(
    warehouse: MemoryWarehouse, slots: list[tuple[int, int]], care: str
) -> None:
    school = School(caf_kind="periscolaire_wednesday")
    school.world.rows["service_rule"].clear()
    for number, (start, end) in enumerate(slots):
        service = school.world.service(f"part{number}", caf_kind="periscolaire_wednesday") if number else None
        school.world.rule(service or school.service, slot_start_minute=start, slot_end_minute=end)
        if service:
            school.world.offer(service, school.structure)
    school.child("grand", birth_date=BIG)
    school.comes("grand", 500, 600)
    assert {row[1] for row in staffing(warehouse, school, "care")} == {care}


@pytest.mark.parametrize("walking_from", [None, 18])
def test_creche_counts_walking_children_apart_where_its_rules_do(
    warehouse: MemoryWarehouse, walking_from: int | None
) -> None:
    births = {f"bebe{n}": date(2025, 4 + n % 4, 24) for n in range(17)} | {"inconnu": None}
    school = School(caf_kind="eaje")
    for ref, born in births.items():
        school.child(ref, birth_date=born)
        school.comes(ref, 990, 1019)
    school.world.add(
        "caf_setting", structure_id=school.structure, valid_from=START, seq=1, authorised_places=20,
        meals_provided=0, diapers_provided=0, has_pedt=0, has_plan_mercredi=0, oversize_rounding="floor",
        walking_from_months=walking_from,
    )  # fmt: skip
    # Nine were 18 months old by that day, five since April and four that very day.
    walking = None if walking_from is None else 9
    wanted = adults_of_daycare(len(births), walking)
    assert staffing(warehouse, school, "daycare, daycare_walking, required") == [(990, 18, walking or 0, wanted)]


def test_booking_that_asks_for_one_more_adult_than_planned_is_named(warehouse: MemoryWarehouse) -> None:
    births = {f"petit{n}": SMALL for n in range(10)} | {"dernier": SMALL, "avant": SMALL}
    school = evening_of(births)
    school.world.about(instant_at(TUESDAY, 600, PARIS), TUESDAY, TUESDAY)  # ten in the morning
    for ref, hour in (("dernier", 660), ("avant", 600)):
        child = list(births).index(ref) + 1
        school.world.add(
            "booking", person_id=child, service_id=school.service, structure_id=school.structure, day=TUESDAY,
            action="book", received_on=date(2026, 11, 23), received_minute=hour, is_late=True,
        )  # fmt: skip
    plan = {"structure_id": school.structure, "is_one_day": False, "period": "school", "weekday": 1}
    hours = {"start_minute": 990, "end_minute": 1050}
    school.world.add("staff_plan", valid_from=START, seq=1, animators=5, **plan, **hours)
    school.world.add("staff_plan", valid_from=START, seq=2, animators=1, **plan, **hours)
    school.world.add("staff_plan", valid_from=TUESDAY, seq=1, animators=2, **{**plan, "is_one_day": True}, **hours)
    asked = "required, planned, tipping_child_ref"
    assert staffing(warehouse, school, asked)[:2] == [(990, 2, 2, None), (1020, 2, 2, None)]
    school.world.rows["staff_plan"].pop()  # only the week's: one animator
    found = staffing(warehouse, school, f"{asked}, tipping_booked_on, is_tipping_late, is_planned")
    assert found[0] == (990, 2, 1, "avant", date(2026, 11, 23), True, True)
    assert found[2] == (1050, 2, None, None, None, False, True)


def test_missing_ratio_is_a_fault_and_never_nobody(warehouse: MemoryWarehouse) -> None:
    school = evening_of({"lea": BIG}, lea=(990, 1019))
    school.world.rows[NATIONAL_PARAMETER] = [
        row for row in national_parameter_rows() if row[0] != "encadrement.periscolaire.short_from_6"
    ]
    assert staffing(warehouse, school, "from_6, required") == [(990, 1, None)]


def test_caf_asks_about_the_half_hours_short_of_adults_and_the_days_without_a_team(
    compiled: CompiledProject,
) -> None:
    """At each place two half hours ask for two adults, months before the days that the page of adults shows."""
    school = School(caf_kind="periscolaire_evening")
    school.world.about(instant_at(date(2027, 3, 2), 600, PARIS), TUESDAY, TUESDAY)
    family = school.world.add("family", ref="dubois")
    teams = {"personne": None, "assez": (1050, 2), "un": (1050, 1), "debut": (1020, 2)}
    for place, team in teams.items():
        school.move(place)
        for n in range(11):
            child = school.child(f"{place}{n}", birth_date=SMALL)
            school.world.add("family_member", family_id=family, person_id=child, role="child", valid_from=START)
            school.comes(f"{place}{n}", 990, 1049)
        if team is not None:
            school.world.add(
                "staff_plan", structure_id=school.structure, valid_from=TUESDAY, seq=1, is_one_day=True,
                period="school", weekday=1, start_minute=990, end_minute=team[0], animators=team[1],
            )  # fmt: skip
    asked = """
        select structure_ref, control, child_ref, service_ref, day, quantity from marts.fct_caf_controls
        where control in ('ratio', 'team_unknown', 'parameter_missing') order by structure_ref
    """
    with MemoryWarehouse(compiled, ["fct_caf_controls", "fct_staffing"]).filled(school.world.rows) as connection:
        assert connection.execute(asked).fetchall() == [
            ("debut", "team_unknown", "", "", TUESDAY, 1),
            ("personne", "team_unknown", "", "", TUESDAY, 1),
            ("un", "ratio", "", "", TUESDAY, 60),
        ]
        assert connection.execute("select * from marts.fct_staffing").fetchall() == []


def test_commune_of_the_child_then_of_the_file_counts_each_child_once_and_no_adult(
    warehouse: MemoryWarehouse,
) -> None:
    school = School()
    cook = school.world.person("cuisinier")
    enrolled = school.world.add(
        "enrolment", person_id=cook, service_id=school.service, structure_id=school.structure, category="adulte",
        valid_from=START,
    )  # fmt: skip
    school.world.add("enrolment_pattern", enrolment_id=enrolled, weekday=1, valid_from=START)
    for ref, commune in (("lea", "Orme"), ("tom", "Orme"), ("noe", None)):
        family = school.world.add("family", ref=f"famille-{ref}")
        child = school.child(ref, family=family)
        if commune:
            school.world.add("address", family_id=family, commune=commune, valid_from=START)
        if ref == "tom":
            school.world.add("address", person_id=child, commune="Saulaie", valid_from=START)
    school.comes("lea", 990, 1020)
    school.comes("lea", 1040, 1100)
    with warehouse.filled(school.world.rows) as connection:
        found = connection.execute(
            "select commune, service_ref, children, visits, booked, present "
            "from marts.fct_commune_figures order by all"
        ).fetchall()
    assert found == [
        (commune, service, came, came, 1, came)
        for commune, came in (("", 0), ("Orme", 1), ("Saulaie", 0))
        for service in ("", "soir")
    ]
