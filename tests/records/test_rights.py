"""Who may do what: every operation that takes an actor, against every role. Written by hand, read by people."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import select

import records.operations
from domain.errors import InvalidData, NotAllowed, NotFound
from records.actors import RIGHTS_OF_ROLE, SETUP, Actor, Grant, Right, program
from records.database import Records
from records.models import Structure
from records.operations import (
    accounts,
    attendance,
    collectivity,
    devices,
    enrolments,
    families,
    family_view,
    fleet,
    holes,
    jobs,
    ledger,
    presence_freshness,
    quarantine_desk,
    services,
    tariffs,
)
from records.operations.registry import Scope, all_operations
from tests.factories.databases import sqlite_copy, sqlite_template
from tests.factories.people import CHEAP, FamilyRefs, a_family, new_booking, new_custody, new_enrolment, new_family
from tests.factories.town import (
    CANTEEN,
    NOW,
    OTHER_SCHOOL,
    SCHOOL,
    START,
    TODAY,
    ZONE,
    HandClock,
    canteen_rule,
    canteen_tariff,
    make_town,
)

ADMINS = {"super_admin", "admin_school", "admin_early_childhood"}
OFFICE = ADMINS | {"referent", "sector_manager", "coordinator"}
DIRECTORS = {"leisure_director", "daycare_director"}
ENROLS = OFFICE | DIRECTORS | {"clerk"}

EXPECTED: dict[str, set[str]] = {
    "create_account": ADMINS,
    "create_accounts": ADMINS,
    "grant_role": ADMINS,
    "set_collectivity": ADMINS,
    "add_structures": ADMINS,
    "add_school_years": ADMINS,
    "add_classes": ADMINS,
    "import_calendar": ADMINS,
    "edit_calendar_day": ADMINS,
    "add_service": ADMINS,
    "offer_service": ADMINS,
    "add_formula": ADMINS,
    "add_rule": ADMINS,
    "publish_tariff": ADMINS,
    "register_device": ADMINS,
    "renew_device_code": ADMINS,
    "revoke_device": ADMINS,
    "list_devices": ADMINS,
    "set_agent_codes": ADMINS,
    "create_family": OFFICE | {"clerk"},
    "create_families": OFFICE | {"clerk"},
    "add_qf": OFFICE | {"clerk"},
    "add_regime": OFFICE | {"clerk"},
    "add_custody_calendar": OFFICE | {"clerk"},
    "assign_badges": OFFICE | {"clerk"},
    "end_badge": OFFICE | {"clerk"},
    "enrol": ENROLS,
    "enrol_all": ENROLS,
    "book": ENROLS,
    "cancel": ENROLS,
    "declare_absence": ENROLS,
    "add_bookings": ENROLS,
    "decide": OFFICE | DIRECTORS,
    "decide_all": OFFICE | DIRECTORS,
    "presence_now": OFFICE | DIRECTORS | {"teacher", "agent"},
    "terminals_heard": OFFICE | DIRECTORS | {"teacher", "agent"},
    "presence_days": OFFICE | DIRECTORS | {"teacher", "agent"},
    "fleet": OFFICE | DIRECTORS,
    "quarantined_things": OFFICE | DIRECTORS,
    "settled_things": OFFICE | DIRECTORS,
    "settle_things": OFFICE | DIRECTORS,
    "open_holes": OFFICE | DIRECTORS,
    "settled_holes": OFFICE | DIRECTORS,
    "settle_hole": OFFICE | DIRECTORS,
    "add_entries": {"super_admin", "finance"},
    "my_family": {"family"},
    "my_families": {"family"},
    "my_children_today": {"family"},
    # The scheduler's own: no person has this right by role.
    "ask": set(),
    "claim_next": set(),
    "progress": set(),
    "finish": set(),
    "fail": set(),
    "fail_lost": set(),
    "list_jobs": set(),
}

FAMILY = FamilyRefs("fournier", ("fournier-adulte-1",), ("fournier-lea",), ("fournier-adulte-1-payeur",) * 2)
PLACE = collectivity.NewStructure("x", "X", "school", ZONE, "Ville")
DECISION = attendance.Decision("fournier-lea", CANTEEN, SCHOOL, TODAY, "absent_justified", "certificat")
ENTRY = ledger.NewEntry(FAMILY.payers[0], "opening", 1, "Report", START)
CODE = devices.NewAgentCode("agent", "claire", SCHOOL, "2468", START)
ACCOUNT = accounts.NewAccount("anne", "Anne", "Un mot de passe d'essai", ())
HOLE = holes.Hole("borne-1", "Borne", 1, SCHOOL, "École", ZONE, "e", 2, 2, NOW, NOW)
FORMULA = services.NewFormula(CANTEEN, "x", "X", 1, 2, 1, False)

CALLS: dict[str, Callable[[Records, Actor], object]] = {
    "create_account": lambda r, a: accounts.create_account(r, a, ACCOUNT, CHEAP),
    "create_accounts": lambda r, a: accounts.create_accounts(r, a, [ACCOUNT], CHEAP),
    "grant_role": lambda r, a: accounts.grant_role(r, a, "x", accounts.NewGrant("agent", START)),
    "set_collectivity": lambda r, a: collectivity.set_collectivity(
        r, a, collectivity.CollectivityFacts("Ville", ZONE, "A", "x")
    ),
    "add_structures": lambda r, a: collectivity.add_structures(r, a, [PLACE]),
    "add_school_years": lambda r, a: collectivity.add_school_years(r, a, []),
    "add_classes": lambda r, a: collectivity.add_classes(r, a, []),
    "import_calendar": lambda r, a: collectivity.import_calendar(r, a, "A", TODAY, TODAY.replace(day=25)),
    "edit_calendar_day": lambda r, a: collectivity.edit_calendar_day(
        r, a, collectivity.CalendarEdit(TODAY, "closure", "x", "A")
    ),
    "add_service": lambda r, a: services.add_service(r, a, services.NewService("x", "X", "canteen", "none")),
    "offer_service": lambda r, a: services.offer_service(r, a, CANTEEN, [], START),
    "add_formula": lambda r, a: services.add_formula(r, a, FORMULA),
    "add_rule": lambda r, a: services.add_rule(r, a, canteen_rule(valid_from=TODAY)),
    "publish_tariff": lambda r, a: tariffs.publish_tariff(r, a, canteen_tariff()),
    "register_device": lambda r, a: devices.register_device(r, a, devices.NewDevice("x", "X", SCHOOL, "badge")),
    "renew_device_code": lambda r, a: devices.renew_device_code(r, a, "x"),
    "revoke_device": lambda r, a: devices.revoke_device(r, a, "x"),
    "list_devices": devices.list_devices,
    "set_agent_codes": lambda r, a: devices.set_agent_codes(r, a, [CODE], iterations=1),
    "create_family": lambda r, a: families.create_family(r, a, new_family("Petit", children=("Tom",))),
    "create_families": lambda r, a: families.create_families(r, a, []),
    "add_qf": lambda r, a: families.add_qf(r, a, FAMILY.ref, families.NewQf(1, "caf", START)),
    "add_regime": lambda r, a: families.add_regime(r, a, FAMILY.ref, families.NewRegime("general", "RG", START)),
    "add_custody_calendar": lambda r, a: families.add_custody_calendar(r, a, new_custody(FAMILY)),
    "assign_badges": lambda r, a: devices.assign_badges(r, a, [devices.NewBadge("04AA00", FAMILY.child, START)]),
    "end_badge": lambda r, a: devices.end_badge(r, a, "04FF00", TODAY),
    "enrol": lambda r, a: enrolments.enrol(r, a, new_enrolment(FAMILY)),
    "enrol_all": lambda r, a: enrolments.enrol_all(r, a, [new_enrolment(FAMILY)]),
    "book": lambda r, a: enrolments.book(r, a, new_booking(FAMILY)),
    "cancel": lambda r, a: enrolments.cancel(r, a, new_booking(FAMILY)),
    "declare_absence": lambda r, a: enrolments.declare_absence(r, a, new_booking(FAMILY)),
    "add_bookings": lambda r, a: enrolments.add_bookings(r, a, []),
    "decide": lambda r, a: attendance.decide(r, a, DECISION),
    "decide_all": lambda r, a: attendance.decide_all(r, a, [DECISION]),
    "presence_now": lambda r, a: attendance.presence_now(r, a, TODAY, NOW),
    "terminals_heard": lambda r, a: presence_freshness.terminals_heard(r, a, NOW),
    "presence_days": lambda r, a: presence_freshness.presence_days(r, a, TODAY, 7),
    "fleet": lambda r, a: fleet.fleet(r, a, NOW),
    "quarantined_things": quarantine_desk.quarantined_things,
    "settled_things": quarantine_desk.settled_things,
    "settle_things": lambda r, a: quarantine_desk.settle_things(r, a, [], "no_effect", "essai"),
    "open_holes": lambda r, a: holes.open_holes(r, a, NOW),
    "settled_holes": holes.settled_holes,
    "settle_hole": lambda r, a: holes.settle_hole(r, a, HOLE, "declared_closed", "borne détruite"),
    "add_entries": lambda r, a: ledger.add_entries(r, a, [ENTRY]),
    "my_family": family_view.my_family,
    "my_families": family_view.my_families,
    "my_children_today": lambda r, a: family_view.my_children_today(r, a, NOW),
    "ask": lambda r, a: jobs.ask(r, a, "x", {}),
    "claim_next": jobs.claim_next,
    "progress": lambda r, a: jobs.progress(r, a, 1, 0, ""),
    "finish": lambda r, a: jobs.finish(r, a, 1, {}),
    "fail": lambda r, a: jobs.fail(r, a, 1, ""),
    "fail_lost": lambda r, a: jobs.fail_lost(r, a, 1),
    "list_jobs": lambda r, a: jobs.list_jobs(r, a, 1),
}
# They show the places of the actor's grants instead of refusing: tests of their own hold that.
SHOWN_BY_PLACE = {
    "list_devices",
    "presence_now",
    "terminals_heard",
    "presence_days",
    "open_holes",
    "settled_holes",
    "fleet",
    "quarantined_things",
    "settled_things",
}
# They do what another does, for several things or about a thing that must exist first.
SAME_AS_ANOTHER = {"enrol_all", "add_bookings", "cancel", "declare_absence", "decide_all"}
NEED_A_DEVICE = {"renew_device_code", "revoke_device", "set_agent_codes", "settle_hole", "settle_things"}
AT_A_PLACE = ["register_device", "enrol", "book", "decide"]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Records]:
    """One town for the whole matrix: what is asked is whether the door opens, not what happens behind it."""
    folder, clock = tmp_path_factory.mktemp("rights"), HandClock()
    opened = sqlite_copy(sqlite_template(folder / "template.db", make_town, clock), folder, clock)
    a_family(opened)
    yield opened
    opened.close()


def may(records: Records, actor: Actor, operation: str) -> bool:
    """Return whether the operation lets the actor in, whatever it says next."""
    try:
        CALLS[operation](records, actor)
    except NotAllowed:
        return False
    except (InvalidData, NotFound):
        return True
    return True


def operations_with_an_actor() -> set[str]:
    """Return every public operation that takes an actor."""
    found = set()
    for module in pkgutil.iter_modules(records.operations.__path__):
        loaded = importlib.import_module(f"records.operations.{module.name}")
        for name, function in vars(loaded).items():
            is_own = inspect.isfunction(function) and function.__module__ == loaded.__name__
            if is_own and not name.startswith("_") and "actor" in inspect.signature(function).parameters:
                found.add(name)
    return found


def test_matrix_knows_every_operation_that_takes_an_actor() -> None:
    assert operations_with_an_actor() == EXPECTED.keys() == CALLS.keys()


def test_every_operation_that_takes_an_actor_declares_its_right() -> None:
    assert operations_with_an_actor() == all_operations().keys()


@pytest.mark.parametrize("operation", sorted(EXPECTED))
def test_declared_right_opens_to_exactly_the_roles_of_the_matrix(operation: str) -> None:
    right = all_operations()[operation].right
    assert {role for role, rights in RIGHTS_OF_ROLE.items() if right in rights} == EXPECTED[operation]


def test_every_operation_at_a_place_is_tried_at_another_place() -> None:
    tried = {*AT_A_PLACE, *SHOWN_BY_PLACE, *SAME_AS_ANOTHER, *NEED_A_DEVICE}
    assert {name for name, each in all_operations().items() if each.scope is Scope.PLACE} == tried


def test_health_and_bank_details_are_not_for_it_clerks_agents_or_kitchen() -> None:
    sensitive = {Right.SEE_HEALTH, Right.EDIT_HEALTH, Right.SEE_BANK, Right.EDIT_BANK}
    for role in ("super_admin", "clerk", "agent", "teacher", "kitchen", "elected", "family"):
        assert not RIGHTS_OF_ROLE[role] & sensitive, role
    assert RIGHTS_OF_ROLE["finance"] & sensitive == {Right.SEE_BANK, Right.EDIT_BANK}


@pytest.mark.parametrize("operation", sorted(EXPECTED))
def test_roles_that_may(shared: Records, operation: str) -> None:
    allowed = {role for role in RIGHTS_OF_ROLE if may(shared, Actor(role, (Grant(role),), person_id=1), operation)}
    assert allowed == EXPECTED[operation]


@pytest.mark.parametrize("operation", sorted(EXPECTED))
def test_nobody_without_a_role_may(shared: Records, operation: str) -> None:
    assert not may(shared, Actor("personne", person_id=1), operation)


@pytest.mark.parametrize("operation", AT_A_PLACE)
def test_role_at_another_place_does_not_count(shared: Records, operation: str) -> None:
    with shared.read() as session:
        ids = {row.ref: row.id for row in session.execute(select(Structure.ref, Structure.id))}
    role = "admin_school"
    assert may(shared, Actor("ici", (Grant(role, ids[SCHOOL]),)), operation)
    assert not may(shared, Actor("ailleurs", (Grant(role, ids[OTHER_SCHOOL]),)), operation)


def test_what_concerns_the_whole_town_needs_a_role_for_the_whole_town(shared: Records) -> None:
    with shared.read() as session:
        school = session.scalars(select(Structure.id).where(Structure.ref == SCHOOL)).one()
    local = Actor("ici", (Grant("super_admin", school),))
    for operation in ("set_collectivity", "create_account", "publish_tariff", "add_entries", "import_calendar"):
        assert not may(shared, local, operation), operation


def test_program_has_exactly_the_rights_it_was_given(shared: Records) -> None:
    terminal = program("terminal", Right.SEND_TAPS)
    assert [operation for operation in sorted(EXPECTED) if may(shared, terminal, operation)] == []
    assert terminal.may(Right.SEND_TAPS)
    assert all(SETUP.may(right) for right in Right)
    assert SETUP.structures_with(Right.SEE_PRESENCE) is None


def test_refusal_is_french_and_says_whom_to_ask() -> None:
    with pytest.raises(NotAllowed, match="Demandez ce droit à l'administration") as refusal:
        Actor("Claire", (Grant("agent"),)).require(Right.ADMINISTER)
    assert refusal.value.fields == {"actor": "Claire", "right": "administer", "structure_id": None}


def test_places_where_a_right_holds_are_those_of_its_grants() -> None:
    actor = Actor("Claire", (Grant("agent", 1), Grant("coordinator", 2), Grant("kitchen")))
    assert actor.structures_with(Right.SEE_PRESENCE) == frozenset({1, 2})
    assert actor.structures_with(Right.EDIT_FAMILIES) == frozenset({2})
    assert actor.structures_with(Right.SEE_MEALS) is None
    assert not actor.may(Right.SEE_PRESENCE)
    assert actor.may_somewhere(Right.SEE_PRESENCE)
