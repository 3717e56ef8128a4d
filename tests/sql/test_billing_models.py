"""What the billing models say of a payer's months: the threshold, what is carried, corrected or kept aside."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sql.billing_world import OTHER_PLACE, PLACE, BillingWorld, Line, month_after
from warehouse.project import CompiledProject

SEPTEMBER, OCTOBER, NOVEMBER, DECEMBER = (date(2026, month, 1) for month in (9, 10, 11, 12))


@pytest.fixture
def world(compiled: CompiledProject) -> BillingWorld:
    """A world without lines, its four months confirmed."""
    made = BillingWorld(compiled)
    for month in (SEPTEMBER, OCTOBER, NOVEMBER, DECEMBER):
        made.close(month)
    return made


def a_line(cents: int | None, month: date = SEPTEMBER, day: int = 8, **changes: object) -> Line:
    """A line of Léa, paid by Anne."""
    return replace(Line("lea", "cantine", month.replace(day=day), "anne", cents), **changes)  # type: ignore[arg-type]


def totals(world: BillingWorld, month: date) -> dict[str, tuple[int, bool]]:
    """Return what each draft of a month asks for, in cents, and whether it is held."""
    return {draft.payer_ref: (draft.total_cents, draft.is_held) for draft in world.drafts(month)}


@pytest.mark.parametrize(("cents", "is_held"), [(1_500, False), (1_499, True), (1_501, False)])
def test_fifteen_euros_go_and_a_cent_less_stays(world: BillingWorld, cents: int, is_held: bool) -> None:
    world.put(a_line(cents))
    assert totals(world, SEPTEMBER) == {"anne": (cents, is_held)}


def test_what_is_held_comes_with_its_own_line_on_the_next_invoice(world: BillingWorld) -> None:
    world.put(a_line(950))
    (held,) = world.issue(SEPTEMBER)
    world.put(a_line(600, OCTOBER))
    (invoice,) = world.issue(OCTOBER)
    assert (held.is_invoiced, invoice.is_invoiced, invoice.body.total_cents) == (False, True, 1_550)
    assert invoice.frozen["carried"] == [{"draft": 1, "month": "2026-09-01", "cents": 950}]
    assert [group["days"][0]["amount"] for group in invoice.frozen["lines"]] == [600]
    assert totals(world, NOVEMBER) == {}


def test_credits_count_towards_the_threshold(world: BillingWorld) -> None:
    line = a_line(2_000)
    world.put(line)
    world.issue(SEPTEMBER)
    world.put(replace(line, cents=1_700), a_line(1_600, OCTOBER))
    assert totals(world, OCTOBER) == {"anne": (1_300, True)}


def test_what_is_held_stays_held_without_anything_new_and_is_carried_over_several_months(
    world: BillingWorld,
) -> None:
    world.put(a_line(500))
    world.issue(SEPTEMBER)
    assert totals(world, OCTOBER) == {}
    world.issue(OCTOBER)
    world.put(a_line(500, NOVEMBER))
    world.issue(NOVEMBER)
    world.put(a_line(500, DECEMBER))
    (invoice,) = world.issue(DECEMBER)
    assert (invoice.body.total_cents, invoice.body.carried_ids) == (1_500, [1, 2])


def test_line_that_was_corrected_is_never_rewritten_but_given_back_once(world: BillingWorld) -> None:
    line = a_line(2_000)
    world.put(line)
    (first,) = world.issue(SEPTEMBER)
    world.put(replace(line, cents=1_200), a_line(3_000, OCTOBER))
    (second,) = world.issue(OCTOBER)
    assert (first.body.total_cents, second.body.total_cents) == (2_000, 2_200)
    (adjusted,) = second.frozen["adjustments"]
    assert (adjusted["before"], adjusted["now"], adjusted["reason"]) == (2_000, 1_200, "changed")
    assert world.rows("select * from marts.fct_adjustments") == []


def test_payer_who_changed_gives_credit_to_one_and_debit_to_the_other(world: BillingWorld) -> None:
    line = a_line(2_000)
    world.put(line)
    world.issue(SEPTEMBER)
    world.drop(line)
    world.put(replace(line, payer="bruno"), a_line(4_000, OCTOBER), a_line(4_000, OCTOBER, payer="bruno", day=9))
    assert totals(world, OCTOBER) == {"anne": (2_000, False), "bruno": (6_000, False)}
    world.issue(OCTOBER)
    assert world.by_payer() == {"anne": 4_000, "bruno": 6_000}


@pytest.mark.parametrize("missing", [{"cents": None}, {"held_back": "hole"}])
def test_line_with_a_fault_or_held_back_waits_by_name_and_comes_once_settled(
    world: BillingWorld, missing: dict[str, object]
) -> None:
    waiting = replace(a_line(700, day=9), **missing)  # type: ignore[arg-type]
    world.put(a_line(2_000), waiting)
    assert totals(world, SEPTEMBER) == {"anne": (2_000, False)}
    world.issue(SEPTEMBER)
    ((status, child),) = world.rows("select status, child_ref from marts.fct_billing_lines")
    assert (status, child) == ("held_back" if "held_back" in missing else "fault", "lea")
    world.put(a_line(700, day=9), a_line(2_000, OCTOBER))
    (invoice,) = world.issue(OCTOBER)
    assert (invoice.body.total_cents, invoice.frozen["adjustments"][0]["reason"]) == (2_700, "late")


def test_what_a_body_pays_comes_off_the_line_and_a_share_that_came_late_is_given_back(world: BillingWorld) -> None:
    line = a_line(4_000, covered=1_000)
    world.put(line)
    (invoice,) = world.issue(SEPTEMBER)
    assert invoice.body.total_cents == 3_000
    assert invoice.frozen["lines"][0]["days"][0]["covered"] == 1_000
    world.put(replace(line, covered=2_500))
    assert totals(world, OCTOBER) == {"anne": (-1_500, True)}


def test_line_billed_late_is_given_back_when_nothing_else_of_its_child_is_known(world: BillingWorld) -> None:
    world.issue(SEPTEMBER)
    line = a_line(2_000)
    world.put(line)
    world.issue(OCTOBER)
    world.drop(line)
    assert totals(world, NOVEMBER) == {"anne": (-2_000, True)}


def test_place_that_did_not_confirm_is_billed_once_it_has(world: BillingWorld) -> None:
    del world.closed[OTHER_PLACE, SEPTEMBER]
    world.put(a_line(2_000), a_line(3_000, day=9, place=OTHER_PLACE))
    assert totals(world, SEPTEMBER) == {"anne": (2_000, False)}
    world.issue(SEPTEMBER)
    world.close(SEPTEMBER, OTHER_PLACE)
    assert totals(world, OCTOBER) == {"anne": (3_000, False)}


def test_nothing_is_given_back_while_a_reopened_month_is_being_corrected(world: BillingWorld) -> None:
    line = a_line(2_000)
    world.put(line)
    world.issue(SEPTEMBER)
    world.closed[PLACE, SEPTEMBER] = "reopened"
    world.drop(line)
    assert totals(world, OCTOBER) == {}
    world.closed[PLACE, SEPTEMBER] = "confirmed"
    assert totals(world, OCTOBER) == {"anne": (-2_000, True)}


def test_invoiced_line_whose_payer_is_not_known_any_more_is_not_given_back_yet(world: BillingWorld) -> None:
    line = a_line(2_000)
    world.put(line)
    world.issue(SEPTEMBER)
    world.drop(line)
    world.put(replace(line, payer="bruno", cents=None))
    assert totals(world, OCTOBER) == {}


def test_strict_credit_offsets_its_own_service_alone_and_the_rest_waits(world: BillingWorld) -> None:
    world.strict_town = True
    meals, evenings = a_line(5_000), a_line(2_000, OCTOBER, service="soir")
    world.put(meals)
    world.issue(SEPTEMBER)
    world.put(replace(meals, cents=1_000), evenings, a_line(500, OCTOBER))
    (october,) = world.issue(OCTOBER)
    assert (october.body.total_cents, october.body.aside_cents) == (2_000, -3_500)
    assert october.frozen["aside"] == [{"service": "cantine", "service_label": "Service cantine", "cents": -3_500}]
    world.put(a_line(6_000, NOVEMBER))
    (november,) = world.issue(NOVEMBER)
    assert (november.body.total_cents, november.body.aside_cents) == (2_500, 3_500)
    assert world.by_payer() == {"anne": 9_500}


def test_strict_credit_of_a_service_left_is_flagged_and_offsets_anything_once_freed(world: BillingWorld) -> None:
    world.strict_credits["anne", "cantine"] = True
    meals = a_line(5_000)
    world.put(meals)
    world.issue(SEPTEMBER)
    world.put(replace(meals, cents=0), a_line(7_000, OCTOBER, service="soir"))
    flagged = world.rows("select payer_ref, service_ref, waiting_amount, is_stuck from marts.fct_waiting_credits")
    assert [(payer, service, str(amount), stuck) for payer, service, amount, stuck in flagged] == [
        ("anne", "cantine", "-50.00", True)
    ]
    world.issue(OCTOBER)
    world.strict_credits["anne", "cantine"] = False
    world.put(a_line(8_000, NOVEMBER, service="soir"))
    assert totals(world, NOVEMBER) == {"anne": (3_000, False)}


def test_invoice_cancelled_to_be_billed_anew_comes_back_whole_with_what_it_carried(world: BillingWorld) -> None:
    world.put(a_line(900))
    world.issue(SEPTEMBER)
    world.put(a_line(1_000, OCTOBER))
    (invoice,) = world.issue(OCTOBER)
    world.billed_anew.add(invoice.draft_id)
    assert totals(world, NOVEMBER) == {"anne": (1_900, False)}


def test_month_before_the_first_invoices_is_never_claimed_by_itself(world: BillingWorld) -> None:
    world.put(a_line(9_000), a_line(2_000, OCTOBER))
    world.issue(OCTOBER)
    assert totals(world, NOVEMBER) == {}


PAYERS, CHILDREN = ("anne", "bruno"), ("lea", "noe")
CHANGES = st.lists(
    st.tuples(
        st.sampled_from(CHILDREN),
        st.sampled_from(("cantine", "soir")),
        st.integers(0, 2),  # which month
        st.integers(1, 2),  # which day
        st.sampled_from(PAYERS),
        st.one_of(st.none(), st.integers(0, 2_500)),
    ),
    max_size=10,
)


@settings(max_examples=6, deadline=None)
@given(rounds=st.lists(CHANGES, min_size=3, max_size=3), strict=st.booleans(), shuffled=st.randoms())
def test_whatever_changes_each_line_is_billed_exactly_once(
    compiled: CompiledProject,
    rounds: list[list[tuple[str, str, int, int, str, int | None]]],
    strict: bool,
    shuffled: object,
) -> None:
    world = BillingWorld(compiled, strict_town=strict)
    months = [month_after(SEPTEMBER, place) for place in range(len(rounds) + 1)]
    for month in months:
        world.close(month)
    for place, changes in enumerate(rounds):
        for child, service, which, day, payer, cents in changes:
            line = Line(child, service, months[which].replace(day=day), payer, cents)
            for other in PAYERS:  # a line has one payer at a time
                world.lines.pop(replace(line, payer=other).key, None)
            world.put(line)
        before = world.digest(months[place])
        items = list(world.lines.items())
        shuffled.shuffle(items)  # type: ignore[attr-defined]
        world.lines = dict(items)
        assert world.digest(months[place]) == before
        made = world.issue(months[place])
        for bill in made:
            days = [day for group in bill.frozen["lines"] for day in group["days"]]
            assert sum(day["amount"] - day["covered"] for day in days) == bill.body.lines_cents
            assert len(days) == bill.body.line_count
            adjusted = sum(each["now"] - each["before"] for each in bill.frozen["adjustments"])
            assert adjusted == bill.body.adjustments_cents
            assert sum(each["cents"] for each in bill.frozen["aside"]) == bill.body.aside_cents
            assert bill.is_invoiced == (bill.body.total_cents >= 1_500)
    _everything_is_billed_once(world, set(months[: len(rounds)]))


def _everything_is_billed_once(world: BillingWorld, issued: set[date]) -> None:
    """What was billed of each line is what it costs, unless its price is missing: then it is what it was."""
    billed: defaultdict[str, int] = defaultdict(int)
    for bill in world.bills:
        for group in bill.frozen["lines"]:
            for day in group["days"]:
                key = f"{group['child']}~{group['service']}~{day['day']}~care~{bill.body.payer_ref}"
                billed[key] += day["amount"] - day["covered"]
        for each in bill.frozen["adjustments"]:
            key = f"{each['child']}~{each['service']}~{each['day']}~care~{bill.body.payer_ref}"
            billed[key] += each["now"] - each["before"]
    unsettled = {key.rpartition("~")[0] for key, line in world.lines.items() if line.cents is None}
    pending = {key for (key,) in world.rows("select line_key from marts.fct_adjustments")}
    for key in billed.keys() | {line.key for line in world.lines.values() if line.day.replace(day=1) in issued}:
        if key.rpartition("~")[0] not in unsettled and key not in pending:
            line = world.lines.get(key)
            assert billed[key] == (line.cents if line is not None else 0), key
    waiting = sum(bill.body.aside_cents for bill in world.bills)
    assert sum(world.by_payer().values()) + waiting == sum(billed.values())
