"""On whose account an administrator may act, and who is always left to give rights."""

from collections.abc import Callable
from datetime import timedelta
from itertools import permutations

import pytest

from domain.errors import InvalidData, NotAllowed
from records.actors import RIGHTS_OF_ROLE, SETUP, Actor, Right
from records.database import Records
from records.operations.account_links import reset_account
from records.operations.accounts import NewGrant, NewInvitation, disable_account, enable_account, invite
from records.operations.roles import grant_role, revoke_role
from records.operations.second_factor import remove_second_factor
from records.operations.sessions import revoke_sessions
from tests.factories.people import an_account, logged_in
from tests.factories.town import SCHOOL, START, TODAY, HandClock, place_ids

TOMORROW = TODAY + timedelta(days=1)
Act = Callable[[Records, Actor, str, str], object]
OPENING: dict[str, Act] = {
    "reset": lambda r, a, login, _: reset_account(r, a, login),
    "enable": lambda r, a, login, _: enable_account(r, a, login),
    "remove_second_factor": lambda r, a, login, _: remove_second_factor(r, a, login),
}
CLOSING: dict[str, Act] = {
    "disable": lambda r, a, login, _: disable_account(r, a, login),
    "revoke_role": lambda r, a, login, role: revoke_role(r, a, login, NewGrant(role, TODAY)),
    "revoke_sessions": lambda r, a, login, _: revoke_sessions(r, a, login),
}
ADMINISTRATORS = sorted(role for role, rights in RIGHTS_OF_ROLE.items() if Right.MANAGE_ACCOUNTS in rights)


@pytest.fixture
def office(town: Records) -> Records:
    """An account of each role, each with a login of its own, and a second super-administrator."""
    for role in RIGHTS_OF_ROLE:
        if role == "clerk":
            an_account(town, role)
            grant_role(town, SETUP, role, NewGrant(role, START, TODAY + timedelta(days=90)))
        elif role != "family":
            an_account(town, role, role)
    an_account(town, "chef", "super_admin")
    return town


def is_refused(records: Records, act: Act, actor: Actor, login: str, role: str) -> bool:
    """Return whether the account is out of reach, whatever is said next."""
    try:
        act(records, actor, login, role)
    except NotAllowed as refusal:
        return "a des droits que vous n'avez pas" in refusal.message
    except InvalidData:
        return False
    return False


@pytest.mark.parametrize("action", [*OPENING, *CLOSING])
def test_administrators_with_other_rights_cannot_act_on_each_other(office: Records, action: str) -> None:
    act = {**OPENING, **CLOSING}[action]
    pairs = [(one, other) for one, other in permutations(ADMINISTRATORS, 2) if "super_admin" in (one, other)]
    assert all(is_refused(office, act, logged_in(office, one), other, other) for one, other in pairs)
    assert len(pairs) == 4
    assert not is_refused(office, act, logged_in(office, "chef"), "super_admin", "super_admin")
    assert not is_refused(office, act, logged_in(office, "admin_school"), equal := "admin_early_childhood", equal)


@pytest.mark.parametrize("action", OPENING)
def test_nobody_opens_an_account_that_may_do_more_than_they_may(office: Records, action: str) -> None:
    for chief in ("super_admin", "admin_school"):
        actor = logged_in(office, chief)
        for role in sorted(RIGHTS_OF_ROLE.keys() - {"family", *ADMINISTRATORS}):
            exceeds = not RIGHTS_OF_ROLE[role] <= RIGHTS_OF_ROLE[chief]
            assert is_refused(office, OPENING[action], actor, role, role) == exceeds, (chief, role)
    assert is_refused(office, OPENING[action], logged_in(office, "super_admin"), "coordinator", "coordinator")
    assert is_refused(office, OPENING[action], logged_in(office, "admin_school"), "finance", "finance")


@pytest.mark.parametrize("action", CLOSING)
def test_whoever_may_give_a_role_may_close_what_holds_it(office: Records, action: str) -> None:
    assert not is_refused(office, CLOSING[action], logged_in(office, "admin_school"), "finance", "finance")


def test_role_that_is_to_come_counts_and_one_that_is_over_does_not(office: Records, clock: HandClock) -> None:
    grant_role(office, SETUP, "agent", NewGrant("super_admin", TOMORROW, TOMORROW + timedelta(days=1)))
    actor = logged_in(office, "admin_school")
    with pytest.raises(NotAllowed):
        revoke_sessions(office, actor, "agent")
    clock.set(600, TOMORROW + timedelta(days=1))
    assert revoke_sessions(office, actor, "agent") == 0


def test_right_at_one_place_does_not_exceed_the_same_right_everywhere(office: Records) -> None:
    an_account(office, "locale", "coordinator", structure_ref=SCHOOL)
    assert place_ids(office)
    assert not is_refused(office, OPENING["enable"], logged_in(office, "admin_school"), "locale", "coordinator")


def test_command_on_the_server_reaches_every_account(office: Records) -> None:
    for role in ADMINISTRATORS:
        assert reset_account(office, SETUP, role).token


@pytest.fixture
def alone(town: Records) -> Records:
    """A town with one super-administrator, and a functional one."""
    an_account(town, "chef", "super_admin")
    an_account(town, "anne", "admin_school")
    return town


def test_last_super_administrator_stays_even_when_other_administrators_do(alone: Records) -> None:
    for act in (CLOSING["disable"], CLOSING["revoke_role"]):
        with pytest.raises(InvalidData, match="aucun super-administrateur"):
            act(alone, SETUP, "chef", "super_admin")
    disable_account(alone, SETUP, "anne")


def test_last_super_administrator_is_not_ended_for_a_day_to_come(alone: Records) -> None:
    with pytest.raises(InvalidData, match="aujourd'hui ou plus tard"):
        revoke_role(alone, SETUP, "chef", NewGrant("super_admin", TODAY + timedelta(days=90)))
    an_account(alone, "relève")
    grant_role(alone, SETUP, "relève", NewGrant("super_admin", TODAY + timedelta(days=30)))
    with pytest.raises(InvalidData, match="aucun super-administrateur"):
        revoke_role(alone, SETUP, "chef", NewGrant("super_admin", TODAY + timedelta(days=29)))
    assert revoke_role(alone, SETUP, "chef", NewGrant("super_admin", TODAY + timedelta(days=30))) == 1


def test_account_that_was_never_activated_is_no_successor(alone: Records) -> None:
    invite(alone, SETUP, NewInvitation("zoe", "Zoé", "zoe@exemple.test", (NewGrant("super_admin", START),)))
    with pytest.raises(InvalidData, match="choisi son mot de passe"):
        disable_account(alone, SETUP, "chef")
    an_account(alone, "second", "super_admin")
    disable_account(alone, SETUP, "chef")


def test_successor_whose_role_ends_is_not_enough(alone: Records) -> None:
    an_account(alone, "passage")
    grant_role(alone, SETUP, "passage", NewGrant("super_admin", TODAY, TOMORROW))
    with pytest.raises(InvalidData, match="aucun super-administrateur"):
        disable_account(alone, SETUP, "chef")
