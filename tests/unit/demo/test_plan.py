"""The plan of the full town: volumes of the domain notes, and every fault of real life."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from statistics import mean

import pytest

from demo.gestures import Gesture
from demo.kitchen_orders import orders_placed
from demo.money import QF_UNKNOWN_E2
from demo.names import avoided_names
from demo.plan import TownPlan, make_plan
from demo.scope import Scope
from domain.presence import PresenceRule, PresenceTap, stays_from_taps
from domain.taps import TapKind
from domain.time import MICROS_PER_SECOND, local, local_day, local_minute
from tests.unit.demo.plans import TODAY, plan

ZONE = "Europe/Paris"
SERVICES = ("cantine", "garderie-matin", "garderie-soir", "mercredi", "halte-garderie")


@pytest.fixture(scope="module")
def town() -> TownPlan:
    return plan()


def visits_a_day(town: TownPlan, service: str) -> list[int]:
    counts = [len({v.person_ref for v in life.visits if v.service == service}) for life in town.lives]
    return [count for count in counts if count]


def taps_of(town: TownPlan, kind: TapKind) -> list[Gesture]:
    return [gesture for gesture in town.gestures.all if gesture.kind is kind]


# ------------------------------------------------------------------------------------------------- people


def test_there_are_about_300_children_in_190_families(town: TownPlan) -> None:
    assert sum(len(family.children) for family in town.families) == 300
    assert 180 <= len(town.families) <= 200


def test_three_schools_have_twelve_classes_of_fair_size(town: TownPlan) -> None:
    year = town.scope.period.main_year.ref
    sizes = Counter(c.class_refs[year] for f in town.families for c in f.children if year in c.class_refs)
    assert len(town.scope.town.schools) == 3
    assert len([each for each in town.classes if each.year_ref == year]) == len(sizes) == 12
    assert min(sizes.values()) >= 8
    assert max(sizes.values()) <= 30


def test_every_pupil_sits_in_a_class_that_takes_their_level(town: TownPlan) -> None:
    levels = {each.ref: each.levels for each in town.classes}
    names = ("PS", "MS", "GS", "CP", "CE1", "CE2", "CM1", "CM2")
    for family in town.families:
        for child in family.children:
            for class_ref in child.class_refs.values():
                assert names[child.level] in levels[class_ref]


def test_brothers_and_sisters_go_to_the_same_school(town: TownPlan) -> None:
    assert all(len({child.school for child in family.children}) == 1 for family in town.families)


def test_no_two_children_share_a_name_and_nobody_is_famous(town: TownPlan) -> None:
    adults = [a.human.full_name for f in town.families for a in (*f.guardians, *f.contacts)]
    children = [child.human.full_name for family in town.families for child in family.children]
    assert len(set(children)) == len(children)
    assert not avoided_names() & {*adults, *children}


def test_quotients_are_of_every_kind(town: TownPlan) -> None:
    values = [qf.value_e2 for family in town.families for qf in family.qfs]
    assert sum(value < 35_000 for value in values) >= 10
    assert sum(35_000 <= value < 100_000 for value in values) >= 60
    assert sum(100_000 <= value < QF_UNKNOWN_E2 for value in values) >= 20
    assert 5 <= sum(value == QF_UNKNOWN_E2 for value in values) <= 40


def test_an_unknown_quotient_says_so_and_a_known_one_has_a_source(town: TownPlan) -> None:
    for family in town.families:
        for qf in family.qfs:
            assert (qf.value_e2 == QF_UNKNOWN_E2) == (qf.source == "default")


def test_regimes_are_mostly_general_and_some_are_missing(town: TownPlan) -> None:
    groups = Counter(family.regime.caf_group if family.regime else None for family in town.families)
    assert groups["RG"] / len(town.families) > 0.75
    assert groups["MSA"] >= 5
    assert groups["AUTRE"] >= 1
    assert groups[None] >= 1


def test_separated_parents_have_two_payers_two_quotients_and_a_calendar(town: TownPlan) -> None:
    shared = [family for family in town.families if family.is_shared]
    assert len(shared) >= 8
    for family in shared:
        assert len(family.payers) == 2
        assert {qf.payer_ref for qf in family.qfs} == {payer.ref for payer in family.payers}
        assert family.custody is not None
        assert len(family.custody.pattern) == 14
        assert family.custody.anchor_on.weekday() == 0


def test_diets_allergies_and_forbidden_contacts_exist(town: TownPlan) -> None:
    children = [child for family in town.families for child in family.children]
    diets = Counter(child.diet[0] for child in children if child.diet)
    kinds = Counter(kind for child in children for kind, _label in child.health)
    assert {"sans_porc", "sans_viande", "panier_repas"} <= diets.keys()
    assert {"allergy", "pai"} <= kinds.keys()
    assert any(contact.pickup == "forbidden" for family in town.families for contact in family.contacts)


def test_badges_are_unique_hexadecimal_and_never_random_ones(town: TownPlan) -> None:
    uids = [c.badge_uid for f in town.families for c in f.children if c.badge_uid]
    assert len(set(uids)) == len(uids) > 250
    assert all(re.fullmatch(r"([0-9A-F]{8}|[0-9A-F]{14})", uid) and not uid.startswith("08") for uid in uids)


# ---------------------------------------------------------------------------------------------- volumes


@pytest.mark.parametrize(
    ("service", "low", "high"),
    [
        ("cantine", 180, 220),
        ("garderie-matin", 40, 60),
        ("garderie-soir", 60, 80),
        ("mercredi", 60, 80),
        ("halte-garderie", 9, 16),
    ],
)
def test_volumes_are_those_of_a_small_town(town: TownPlan, service: str, low: int, high: int) -> None:
    assert low <= mean(visits_a_day(town, service)) <= high


def test_meals_stay_within_the_band_on_ordinary_days(town: TownPlan) -> None:
    counts = visits_a_day(town, "cantine")
    # A class outing empties a table or two on its day.
    assert sum(180 <= count <= 220 for count in counts) >= len(counts) - 2


def test_nothing_is_planned_outside_the_weekdays_of_a_service(town: TownPlan) -> None:
    for life in town.lives:
        for visit in life.visits:
            assert life.day.weekday() in town.scope.town.service(visit.service).rule.weekdays


def test_a_smaller_town_keeps_its_proportions() -> None:
    small = plan(children=30, months=1)
    assert sum(len(family.children) for family in small.families) == 30
    assert 14 <= mean(visits_a_day(small, "cantine")) <= 24
    assert {service for life in small.lives for service in (v.service for v in life.visits)} == set(SERVICES)


@pytest.mark.parametrize("today", [date(2026, 9, 1), date(2026, 9, 15), date(2027, 1, 5), date(2027, 8, 10)])
def test_any_day_of_the_year_gives_a_full_town(today: date) -> None:
    town = plan(children=100, today=today)
    assert 60 <= mean(visits_a_day(town, "cantine")) <= 80
    coming = town.scope.period.years[-1]
    planned = sum(
        any(pattern.weekday == 0 for pattern in each.patterns)
        for each in town.enrolments
        if each.service == "cantine" and each.year == coming
    )
    assert planned > 55


# --------------------------------------------------------------------------------------- faults of real life


def test_about_three_departures_in_a_hundred_are_forgotten(town: TownPlan) -> None:
    departures = sum(p.left is not None for life in town.lives for v in life.visits for p in v.presences)
    assert 0.02 <= len(town.gestures.forgotten) / departures <= 0.04


def test_some_badges_are_nobodys(town: TownPlan) -> None:
    known = {c.badge_uid for f in town.families for c in f.children}
    strangers = [g for g in taps_of(town, TapKind.BADGE) if g.badge_uid not in known]
    assert 20 <= len(strangers) <= 300


def test_some_children_are_typed_by_name_with_and_without_a_file(town: TownPlan) -> None:
    assert any(typed.child_ref for typed in town.gestures.typed)
    assert any(typed.child_ref is None for typed in town.gestures.typed)
    assert sum(gesture.typed_name is not None for gesture in town.gestures.all) == len(town.gestures.typed)


def test_some_children_come_without_being_planned(town: TownPlan) -> None:
    for service in SERVICES:
        assert any(not v.is_expected for life in town.lives for v in life.visits if v.service == service)


def test_some_badges_are_read_twice_within_the_anti_bounce_delay(town: TownPlan) -> None:
    last: dict[tuple[str, str], int] = {}
    doubles = 0
    for gesture in taps_of(town, TapKind.BADGE):
        where = (gesture.device, gesture.badge_uid or "")
        doubles += gesture.at - last.get(where, 0) < 300 * MICROS_PER_SECOND
        last[where] = gesture.at
    assert doubles >= 100


def test_every_undo_takes_back_an_earlier_gesture_of_the_same_terminal(town: TownPlan) -> None:
    by_key = {gesture.key: gesture for gesture in town.gestures.all}
    undos = taps_of(town, TapKind.UNDO)
    assert len(undos) >= 10
    for undo in undos:
        target = by_key[undo.undoes or ""]
        assert target.device == undo.device
        assert target.at < undo.at


def test_some_children_leave_for_lunch_and_come_back(town: TownPlan) -> None:
    assert any(len(visit.presences) == 2 for life in town.lives for visit in life.visits)


def test_past_months_are_settled_and_the_last_days_are_not(town: TownPlan) -> None:
    settled = {(d.person_ref, d.service, d.day) for d in town.decisions if d.kind.startswith("absent")}
    absences = [
        (a.person_ref, a.service, a.day) for life in town.lives for a in life.absences
        if a.service in ("cantine", "mercredi", "halte-garderie")
    ]  # fmt: skip
    past = [a for a in absences if a[2] < date(2026, 11, 1)]
    recent = [a for a in absences if a[2] > TODAY - timedelta(days=4)]
    assert sum(a in settled for a in past) / len(past) > 0.9
    assert recent
    assert not settled & set(recent)


def test_every_kind_of_decision_is_taken_and_none_before_its_day(town: TownPlan) -> None:
    kinds = {decision.kind for decision in town.decisions}
    assert kinds == {"absent_justified", "absent_unjustified", "departure", "attach"}
    for decision in town.decisions:
        assert local(decision.at, "Europe/Paris").date() > decision.day


def test_bookings_are_received_before_their_day(town: TownPlan) -> None:
    bookings = [booking for life in town.lives for booking in life.bookings]
    assert {booking.action for booking in bookings} == {"book", "cancel", "absence"}
    assert all(booking.received_on <= booking.day for booking in bookings)


def test_someone_is_picked_up_too_late(town: TownPlan) -> None:
    late = [v for life in town.lives for v in life.visits if v.service == "garderie-soir"
            for p in v.presences if (p.left or 0) > 18 * 3600 + 1800]  # fmt: skip
    assert late


# ------------------------------------------------------------------------------------------------- coherence


def test_gestures_are_in_time_order_with_unique_keys(town: TownPlan) -> None:
    gestures = town.gestures.all
    assert [g.at for g in gestures] == sorted(g.at for g in gestures)
    assert len({g.key for g in gestures}) == len(gestures)


def test_gestures_fall_within_the_slot_and_grace_of_their_service(town: TownPlan) -> None:
    for gesture in town.gestures.all:
        rule = town.scope.town.service(gesture.service).rule
        minute = local_minute(gesture.at, "Europe/Paris")
        assert rule.slot_start_minute - rule.grace_minutes <= minute < rule.slot_end_minute + rule.grace_minutes


def test_folding_the_taps_gives_back_what_happened(town: TownPlan) -> None:
    """The presence fold of the gestures finds the true stays, forgotten departures apart."""
    badge_of = {c.badge_uid: c.ref for f in town.families for c in f.children if c.badge_uid}
    taps: dict[tuple[str, str, date], list[Gesture]] = defaultdict(list)
    undone = {gesture.undoes for gesture in town.gestures.all if gesture.undoes}
    for gesture in town.gestures.all:
        person = gesture.child_ref or badge_of.get(gesture.badge_uid or "")
        if person and gesture.key not in undone:
            taps[person, gesture.service, local(gesture.at, "Europe/Paris").date()].append(gesture)
    forgotten = {(f.person_ref, f.service, f.day) for f in town.gestures.forgotten}
    visits = {(v.person_ref, v.service, v.day): v for life in town.lives for v in life.visits}
    assert visits.keys() == taps.keys()
    for key, visit in visits.items():
        rule = town.scope.town.service(visit.service).rule
        found = stays_from_taps(
            _as_taps(taps[key]), PresenceRule(rule.anti_bounce_seconds, rule.needs_departure)
        ).stays
        assert len(found) == len(visit.presences)
        assert all(stay.arrival is not None for stay in found)
        if rule.needs_departure:
            assert found[-1].is_open == (key in forgotten)


def _as_taps(gestures: Iterable[Gesture]) -> list[PresenceTap]:
    return [PresenceTap(g.key, "epoch", number, g.kind, g.at, g.direction) for number, g in enumerate(gestures, 1)]


# ----------------------------------------------------------------------------------------------- determinism


def test_the_same_seed_gives_the_same_plan(town: TownPlan) -> None:
    again = make_plan(town.scope)
    assert (again.families, again.enrolments) == (town.families, town.enrolments)
    assert again.gestures.all == town.gestures.all
    assert again.decisions == town.decisions


def test_another_seed_gives_another_town(town: TownPlan) -> None:
    scope = town.scope
    other = make_plan(Scope(scope.town, scope.period, seed=2, children=scope.children))
    names = {child.human.full_name for family in town.families for child in family.children}
    assert names != {child.human.full_name for family in other.families for child in family.children}


# ------------------------------------------------------------------------------------------------ kitchen


def test_agents_order_each_week_ahead_a_few_more_than_are_planned_and_no_basket(town: TownPlan) -> None:
    weeks = list(orders_placed(town))
    assert len(weeks) > 5
    orders = [order for week in weeks for order in week.orders]
    assert {order.diet[0] for order in orders} >= {"standard", "sans_porc"}
    assert "panier_repas" not in {order.diet[0] for order in orders}
    assert all(local_day(week.at, ZONE) < order.day for week in weeks for order in week.orders)
    ordered = sum(order.quantity for order in orders)
    days = {(order.structure, order.day) for order in orders}
    served = sum(
        1
        for life in town.lives
        for visit in life.visits
        if visit.service == "cantine" and (visit.structure, visit.day) in days
    )
    assert 1.01 < ordered / served < 1.12
