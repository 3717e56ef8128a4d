"""Coherence of the records: a whole file is without fault, and each thing taken away is named with whom to ask."""

from collections.abc import Callable, Mapping
from datetime import date

import pytest

from domain.time import instant_at
from tests.harness.memory_warehouse import MemoryWarehouse, kept_warehouse
from tests.sql.raw_world import PARIS, RawWorld
from warehouse.columns import LOADED

START, TODAY, LATER = date(2026, 9, 1), date(2026, 11, 24), date(2027, 7, 3)
AS_OF = instant_at(TODAY, 1200, PARIS)
Change = Mapping[str, Mapping[str, object]]
CHILD, GUARDIAN, FAMILY, PAYER, ENROLMENT, CANTEEN, SCHOOL, KIND = 1, 2, 1, 1, 1, 1, 1, 1


@pytest.fixture(scope="module")
def warehouse() -> MemoryWarehouse:
    return kept_warehouse("fct_coherence_faults")


def a_whole_file(*, without: str = "", change: Change | None = None) -> RawWorld:
    """A child who eats at school, with every paper; `without` leaves a table empty, `change` edits its row."""
    world = RawWorld().town().about(AS_OF, START, TODAY)

    def add(table: str, **values: object) -> None:
        if table != without:
            world.add(table, **{**values, **(change or {}).get(table, {})})

    world.structure("ecole")
    world.service("cantine", "canteen")
    world.rule(CANTEEN, bill_basis="booking", needs_departure=False, serves_meal=True)
    world.offer(CANTEEN, SCHOOL)
    world.person("lea", first_name="Léa", birth_date=date(2019, 3, 2))
    world.person("anne")
    add("family", ref="essai")
    add("family_member", family_id=FAMILY, person_id=CHILD, role="child", valid_from=START)
    world.add("family_member", family_id=FAMILY, person_id=GUARDIAN, role="guardian", valid_from=START)
    add("payer", ref="payeur", family_id=FAMILY)
    add(
        "enrolment",
        person_id=CHILD,
        service_id=CANTEEN,
        structure_id=SCHOOL,
        category="enfant",
        valid_from=START,
    )
    add("enrolment_pattern", enrolment_id=ENROLMENT, weekday=1, valid_from=START)
    add("enrolment_payer", enrolment_id=ENROLMENT, payer_id=PAYER, rule="all", valid_from=START)
    add("qf", family_id=FAMILY, effective_from=START, recorded_at=1, value_e2=65_000, source="caf")
    add("regime", family_id=FAMILY, effective_from=START, recorded_at=1, caf_group="RG")
    add("mandate", payer_id=PAYER, state="active")
    add("document_kind", ref="assurance", label="Assurance", about="child", is_health=False)
    add("document_requirement", kind_id=KIND, is_mandatory=True, valid_from=START)
    add("document", kind_id=KIND, family_id=FAMILY, person_id=CHILD, state="accepted")
    add("signature", family_id=FAMILY, paper="family_file", is_withdrawn=False)
    return world


def faults(warehouse: MemoryWarehouse, world: RawWorld) -> list[tuple[str, str, str, str]]:
    """The rule, severity, owner and link of each fault."""
    asked = "select rule, severity, owner_role, link_kind || ':' || link_ref from marts.fct_coherence_faults"
    with warehouse.filled(world.rows) as connection:
        return connection.execute(f"{asked} order by fault_key").fetchall()


def sentences(warehouse: MemoryWarehouse, world: RawWorld) -> str:
    """What the faults say."""
    with warehouse.filled(world.rows) as connection:
        rows = connection.execute("select message from marts.fct_coherence_faults order by fault_key").fetchall()
    return " ".join(message for (message,) in rows)


def test_whole_file_has_no_fault(warehouse: MemoryWarehouse) -> None:
    assert faults(warehouse, a_whole_file()) == []


@pytest.mark.parametrize(
    ("without", "expected"),
    [
        ("regime", ("regime_missing", "to_complete", "clerk", "family:essai")),
        ("qf", ("qf_missing", "blocking", "clerk", "family:essai")),
        ("enrolment_payer", ("payer_missing", "blocking", "clerk", "family:essai")),
        ("enrolment_pattern", ("meals_unplanned", "to_complete", "coordinator", "family:essai")),
        ("document", ("document_missing", "to_complete", "coordinator", "family:essai")),
        ("signature", ("file_unsigned", "to_complete", "clerk", "family:essai")),
    ],
)
def test_what_is_missing_is_named_with_whom_to_ask(
    warehouse: MemoryWarehouse, without: str, expected: tuple[str, str, str, str]
) -> None:
    assert faults(warehouse, a_whole_file(without=without)) == [expected]


@pytest.mark.parametrize(
    ("table", "change", "rules"),
    [
        ("regime", {"effective_from": LATER}, ["regime_missing"]),
        ("qf", {"source": "default", "value_e2": 999_900}, ["qf_default"]),
        ("qf", {"effective_from": LATER}, ["qf_missing"]),
        ("mandate", {"state": "awaiting_signature"}, ["mandate_unsigned"]),
        ("enrolment_payer", {"rule": "custody"}, ["custody_missing"]),
        ("enrolment_payer", {"valid_to": TODAY}, ["payer_missing"]),
        ("enrolment_pattern", {"valid_to": TODAY}, ["meals_unplanned"]),
        ("document", {"expires_on": TODAY}, ["document_missing"]),
        ("document", {"state": "refused"}, ["document_missing"]),
        ("document_requirement", {"valid_to": TODAY}, []),
        ("document_requirement", {"is_mandatory": False}, []),
        ("signature", {"paper": "rules"}, ["file_unsigned"]),
        ("enrolment", {"valid_to": TODAY}, []),
    ],
)
def test_what_holds_no_more_or_not_yet_is_a_fault_today(
    warehouse: MemoryWarehouse, table: str, change: dict[str, object], rules: list[str]
) -> None:
    assert [rule for rule, *_ in faults(warehouse, a_whole_file(change={table: change}))] == rules


def test_health_paper_is_asked_for_without_its_name(warehouse: MemoryWarehouse) -> None:
    kind = {"label": "PAI", "is_health": True}
    said = sentences(warehouse, a_whole_file(without="document", change={"document_kind": kind}))
    assert "un papier de santé" in said
    assert "PAI" not in said


@pytest.mark.parametrize(
    ("about", "fields"),
    [
        ("family", {}),
        ("adult", {"person_id": GUARDIAN}),
        ("payer", {"payer_id": PAYER}),
        ("enrolment", {"person_id": CHILD}),
    ],
)
def test_paper_is_asked_of_whom_it_is_about(
    warehouse: MemoryWarehouse, about: str, fields: dict[str, object]
) -> None:
    world = a_whole_file(without="document", change={"document_kind": {"about": about}})
    assert [rule for rule, *_ in faults(warehouse, world)] == ["document_missing"]
    world.add("document", kind_id=KIND, family_id=FAMILY, state="received", **fields)
    assert faults(warehouse, world) == []


def test_signature_taken_back_is_missing_again(warehouse: MemoryWarehouse) -> None:
    world = a_whole_file()
    world.add("signature", family_id=FAMILY, paper="family_file", is_withdrawn=True, replaces_id=1)
    assert [rule for rule, *_ in faults(warehouse, world)] == ["file_unsigned"]


def test_two_payers_need_a_calendar(warehouse: MemoryWarehouse) -> None:
    world = a_whole_file()
    other = world.add("payer", ref="autre", family_id=FAMILY)
    world.add("enrolment_payer", enrolment_id=ENROLMENT, payer_id=other, rule="all", valid_from=START)
    assert [rule for rule, *_ in faults(warehouse, world)] == ["custody_missing"]
    calendar = {
        "anchor_on": date(2026, 8, 31),
        "pattern": "11111112222222",
        "payer_1_id": PAYER,
        "payer_2_id": other,
    }
    world.add("custody_calendar", child_id=CHILD, valid_from=START, **calendar)
    assert faults(warehouse, world) == []


def test_merged_payer_is_no_second_payer(warehouse: MemoryWarehouse) -> None:
    world = a_whole_file()
    other = world.add("payer", ref="autre", family_id=FAMILY)
    world.add("enrolment_payer", enrolment_id=ENROLMENT, payer_id=other, rule="all", valid_from=START)
    world.rows["kept_payer"] = [(other, PAYER)]
    assert faults(warehouse, world) == []


def again(world: RawWorld, structure_id: int = SCHOOL, weekday: int = 1, **days: date) -> None:
    """Enrol the child a second time in the canteen."""
    enrolment = world.add(
        "enrolment",
        **{
            "person_id": CHILD,
            "service_id": CANTEEN,
            "structure_id": structure_id,
            "category": "enfant",
            "valid_from": START,
            **days,
        },
    )
    world.add("enrolment_pattern", enrolment_id=enrolment, weekday=weekday, valid_from=START)
    world.add("enrolment_payer", enrolment_id=enrolment, payer_id=PAYER, rule="all", valid_from=START)


def same_place(world: RawWorld) -> None:
    again(world, weekday=3)


def another_place_same_day(world: RawWorld) -> None:
    again(world, world.structure("bourg"))


def another_place_another_day(world: RawWorld) -> None:
    again(world, world.structure("bourg"), weekday=3)


def one_after_the_other(world: RawWorld) -> None:
    again(world, valid_from=LATER)


@pytest.mark.parametrize(
    ("change", "rules"),
    [
        (same_place, ["enrolments_overlap"]),
        (another_place_same_day, ["enrolments_overlap"]),
        (another_place_another_day, []),
    ],
)
def test_enrolments_of_a_service_overlap_at_a_place_or_on_a_weekday(
    warehouse: MemoryWarehouse, change: Callable[[RawWorld], None], rules: list[str]
) -> None:
    world = a_whole_file()
    change(world)
    assert [rule for rule, *_ in faults(warehouse, world)] == rules


def test_enrolments_one_after_the_other_do_not_overlap(warehouse: MemoryWarehouse) -> None:
    world = a_whole_file(change={"enrolment": {"valid_to": LATER}})
    one_after_the_other(world)
    assert faults(warehouse, world) == []


def test_presence_without_an_enrolment_goes_to_the_coordination(warehouse: MemoryWarehouse) -> None:
    world = a_whole_file()
    evening = world.service("soir")
    world.rule(evening)
    world.offer(evening, SCHOOL)
    day = date(2026, 11, 23)
    at = instant_at(day, 1000, PARIS)
    world.add("device", label="Borne", structure_id=SCHOOL)
    world.tap(
        "t1", device_id=1, epoch="e", seq=1, kind="roll_call", child_ref="lea", service_ref="soir", occurred_at=at
    )
    assert faults(warehouse, world) == [("enrolment_missing", "blocking", "coordinator", "family:essai")]
    assert "23/11/2026" in sentences(warehouse, world)


def test_two_people_of_one_name_and_birth_date_are_looked_at_until_they_are_merged(
    warehouse: MemoryWarehouse,
) -> None:
    world = a_whole_file()
    other = world.person("lea-2", first_name="LÉA", birth_date=date(2019, 3, 2))
    world.person("lea-3", first_name="Léa", birth_date=date(2018, 3, 2))
    assert faults(warehouse, world) == [("duplicate", "to_complete", "admin_school", "family:essai")]
    world.rows["kept_person"] = [(other, CHILD)]
    assert faults(warehouse, world) == []


def test_somebody_without_a_file_is_opened_by_their_own_name(warehouse: MemoryWarehouse) -> None:
    world = a_whole_file(without="enrolment_payer")
    world.rows["family_member"] = []
    found = faults(warehouse, world)
    assert ("payer_missing", "blocking", "clerk", "person:lea") in found


def covered(world: RawWorld, ref: str, **changes: object) -> int:
    """Add what the Département agreed to for the child; returns its id."""
    return world.add(
        "coverage",
        **{
            "ref": ref,
            "body_id": 1,
            "child_id": CHILD,
            "decision_number": f"N-{ref}",
            "state": "notified",
            "kind": "decision",
            "form": "flat",
            "amount_cents": 100,
            "unit": "day",
            "holidays_only": False,
            "rank": 1,
            "valid_from": START,
            **changes,
        },
    )


def a_covered_file() -> RawWorld:
    """The whole file, with a price for each meal and two bodies that pay for others."""
    world = a_whole_file()
    world.add("paying_body", ref="departement", name="Département", kind="department")
    world.add("tariff", service_id=CANTEEN, label="Cantine")
    world.add("tariff_version", tariff_id=1, valid_from=START, decision="Délibération")
    rule = {"ordinal": 1, "label": "Repas", "kind": None, "form": "flat", "unit": "meal", "amount_e4": 28_000}
    known = {name: value for name, value in rule.items() if name in LOADED["tariff_rule"]}
    world.add("tariff_rule", version_id=1, **known)
    return world


@pytest.mark.parametrize(
    ("changes", "rules"),
    [
        ({}, ["coverage_unapplied"]),
        ({"decision_number": " "}, ["coverage_unapplied", "coverage_unnumbered"]),
        ({"state": "quoted"}, []),
        ({"valid_to": TODAY}, []),
    ],
)
def test_what_a_body_agreed_to_and_pays_nothing_is_named(
    warehouse: MemoryWarehouse, changes: dict[str, object], rules: list[str]
) -> None:
    world = a_covered_file()
    covered(world, "pec", **changes)
    assert [rule for rule, *_ in faults(warehouse, world)] == rules


def test_second_body_of_one_rank_pays_nothing_and_is_named_with_whom_to_ask(warehouse: MemoryWarehouse) -> None:
    world = a_covered_file()
    for ref in ("pec", "autre"):
        world.add("coverage_enrolment", coverage_id=covered(world, ref), enrolment_id=ENROLMENT)
    assert faults(warehouse, world) == [("coverage_rank_twice", "blocking", "finance", "family:essai")]
    assert "N-autre de Département" in sentences(warehouse, world)


def test_leisure_voucher_without_its_scale_is_named(warehouse: MemoryWarehouse) -> None:
    world = a_covered_file()
    voucher = covered(world, "atl", form="scale", amount_cents=None)
    world.add("coverage_enrolment", coverage_id=voucher, enrolment_id=ENROLMENT)
    assert [rule for rule, *_ in faults(warehouse, world)] == ["aid_scale_missing"]
    world.add("aid_scale", body_id=1, valid_from=START, seq=1, decision="Courrier", unit="day", qf_day="on_day")
    world.add("aid_band", scale_id=1, qf_from_e2=0, qf_to_e2=70_000, amount_cents=600)
    assert faults(warehouse, world) == []
