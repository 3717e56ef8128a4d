"""Roles given, taken back and lent: who may give them, from when, until when."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from domain.errors import InvalidData, NotAllowed, NotFound
from records.actors import SETUP, Actor, Grant, Right
from records.database import Records
from records.models import AuditEntry, RoleGrant
from records.operations.accounts import disable_account, enable_account, list_accounts
from records.operations.roles import NewGrant, NewLoan, grant_role, lend_role, revoke_role
from records.operations.teachers import NewClassTeacher, assign_teacher
from tests.factories.people import an_account, logged_in
from tests.factories.town import OTHER_SCHOOL, SCHOOL, START, TODAY, HandClock, place_ids

TOMORROW, NEXT_WEEK = TODAY + timedelta(days=1), TODAY + timedelta(days=7)
DAY = 86_400_000_000
LOAN = NewLoan("claire", "paul", "coordinator", TODAY, NEXT_WEEK, "congé", SCHOOL)


@pytest.fixture
def pair(town: Records) -> Records:
    """A coordinator of one school, a deputy without a role, and an administrator."""
    an_account(town, "claire", "coordinator", structure_ref=SCHOOL)
    an_account(town, "paul")
    an_account(town, "chef", "super_admin")
    return town


def holds(records: Records, login: str, clock: HandClock, day: date) -> bool:
    """Return whether an account runs the school on a day."""
    now = clock.set(600, day)
    return logged_in(records, login, now).may(Right.EDIT_ENROLMENTS, place_ids(records)[SCHOOL])


def test_deputy_has_the_right_for_the_days_of_the_loan_and_no_other(pair: Records, clock: HandClock) -> None:
    lend_role(pair, SETUP, LOAN)
    days = [TODAY - timedelta(days=1), TODAY, NEXT_WEEK - timedelta(days=1), NEXT_WEEK]
    assert [holds(pair, "paul", clock, day) for day in days] == [False, True, True, False]
    assert not logged_in(pair, "paul", clock.set(600)).may(Right.EDIT_ENROLMENTS, place_ids(pair)[OTHER_SCHOOL])
    assert holds(pair, "claire", clock, TODAY)


def test_loan_says_who_lent_and_why(pair: Records) -> None:
    lend_role(pair, SETUP, LOAN)
    (line,) = next(each.grants for each in list_accounts(pair, SETUP) if each.login == "paul")
    assert (line.lender, line.reason, line.valid_to) == ("claire", "congé", NEXT_WEEK)


def test_loan_ends_with_the_role_of_its_holder(pair: Records, clock: HandClock) -> None:
    lend_role(pair, SETUP, LOAN)
    assert revoke_role(pair, SETUP, "claire", NewGrant("coordinator", TOMORROW, structure_ref=SCHOOL)) == 2
    assert holds(pair, "paul", clock, TODAY)
    assert not holds(pair, "paul", clock, TOMORROW)
    assert not holds(pair, "claire", clock, TOMORROW)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"role": "referent"}, "n'a pas ce rôle là"),
        ({"structure_ref": OTHER_SCHOOL}, "n'a pas ce rôle là"),
        ({"valid_from": date(2026, 8, 1)}, "n'a pas ce rôle là"),
        ({"reason": "  "}, "Dites pourquoi"),
        ({"deputy": "claire"}, "quelqu'un d'autre"),
        ({"valid_to": TODAY}, "doit venir après"),
        ({"deputy": "personne"}, "Compte inconnu"),
    ],
)
def test_loan_that_is_wider_longer_or_unexplained_is_refused(
    pair: Records, changes: dict[str, object], said: str
) -> None:
    fields = {name: getattr(LOAN, name) for name in LOAN.__slots__}
    with pytest.raises(InvalidData, match=said):
        lend_role(pair, SETUP, NewLoan(**{**fields, **changes}))


def test_loan_is_not_lent_again(pair: Records) -> None:
    lend_role(pair, SETUP, LOAN)
    an_account(pair, "zoe")
    again = NewLoan("paul", "zoe", "coordinator", TODAY, NEXT_WEEK, "congé", SCHOOL)
    with pytest.raises(InvalidData, match="en propre"):
        lend_role(pair, SETUP, again)


def test_loan_outlives_no_role_that_ends_earlier(pair: Records) -> None:
    revoke_role(pair, SETUP, "claire", NewGrant("coordinator", TOMORROW, structure_ref=SCHOOL))
    with pytest.raises(InvalidData, match="n'a pas ce rôle là"):
        lend_role(pair, SETUP, LOAN)


def test_role_of_the_whole_town_may_be_lent_for_one_place(pair: Records) -> None:
    an_account(pair, "zoe", "coordinator")
    lend_role(pair, SETUP, NewLoan("zoe", "paul", "coordinator", TODAY, NEXT_WEEK, "congé", OTHER_SCHOOL))
    assert logged_in(pair, "paul").structures_with(Right.EDIT_ENROLMENTS) == frozenset(
        {place_ids(pair)[OTHER_SCHOOL]}
    )


def test_deputy_of_a_teacher_takes_their_class(pair: Records) -> None:
    an_account(pair, "zoe", "teacher", structure_ref=SCHOOL)
    assign_teacher(pair, SETUP, NewClassTeacher("tilleuls-cp", "zoe", START))
    lend_role(pair, SETUP, NewLoan("zoe", "paul", "teacher", TODAY, NEXT_WEEK, "remplacement"))
    assert logged_in(pair, "paul").classes == logged_in(pair, "zoe").classes != frozenset()


def test_seasonal_clerk_has_an_end_and_loses_the_role_by_themselves(pair: Records, clock: HandClock) -> None:
    with pytest.raises(InvalidData, match="date de fin"):
        grant_role(pair, SETUP, "paul", NewGrant("clerk", TODAY))
    grant_role(pair, SETUP, "paul", NewGrant("clerk", TODAY, TOMORROW))
    assert logged_in(pair, "paul", clock()).may(Right.EDIT_FAMILIES)
    assert logged_in(pair, "paul", clock.set(0, TOMORROW)).grants == ()


def test_nobody_changes_their_own_roles(pair: Records) -> None:
    chief = logged_in(pair, "chef")
    with pytest.raises(NotAllowed, match="ses propres rôles"):
        grant_role(pair, chief, "chef", NewGrant("finance", TODAY))
    with pytest.raises(NotAllowed, match="ses propres rôles"):
        lend_role(pair, chief, NewLoan("claire", "chef", "coordinator", TODAY, NEXT_WEEK, "congé"))


def test_only_it_appoints_it(pair: Records) -> None:
    functional = Actor("Anne", (Grant("admin_school"),), account_id=99)
    with pytest.raises(NotAllowed, match="super-administrateur"):
        grant_role(pair, functional, "paul", NewGrant("super_admin", TODAY))
    grant_role(pair, functional, "paul", NewGrant("finance", TODAY))
    grant_role(pair, logged_in(pair, "chef"), "paul", NewGrant("super_admin", TODAY))


def test_role_given_by_mistake_goes_the_same_day_and_stays_in_the_audit(pair: Records) -> None:
    grant_role(pair, SETUP, "paul", NewGrant("finance", TODAY))
    revoke_role(pair, SETUP, "paul", NewGrant("finance", TODAY))
    assert logged_in(pair, "paul").grants == ()
    with pair.read() as session:
        last = session.scalars(select(AuditEntry).order_by(AuditEntry.seq.desc()).limit(1)).one()
    assert (last.operation, '"finance"' in str(last.old)) == ("revoke_role", True)


def test_last_administrator_stays(pair: Records) -> None:
    with pytest.raises(InvalidData, match="aucun super-administrateur"):
        revoke_role(pair, SETUP, "chef", NewGrant("super_admin", TODAY))
    with pytest.raises(InvalidData, match="aucun super-administrateur"):
        disable_account(pair, SETUP, "chef")
    assert logged_in(pair, "chef").may(Right.MANAGE_ACCOUNTS)


def test_closed_account_is_out_until_it_is_opened_again(pair: Records) -> None:
    disable_account(pair, SETUP, "claire")
    assert [each.login for each in list_accounts(pair, SETUP) if each.is_disabled] == ["claire"]
    enable_account(pair, SETUP, "claire")
    assert logged_in(pair, "claire").grants


def test_role_that_is_not_held_or_not_there_is_refused(pair: Records) -> None:
    with pytest.raises(InvalidData, match="n'a pas le rôle"):
        revoke_role(pair, SETUP, "paul", NewGrant("finance", TODAY))
    with pytest.raises(NotFound, match="structure"):
        grant_role(pair, SETUP, "paul", NewGrant("agent", TODAY, structure_ref="ailleurs"))
    with pytest.raises(InvalidData, match="appartient à un adulte"):
        grant_role(pair, SETUP, "paul", NewGrant("family", TODAY))
    with pytest.raises(InvalidData, match="Seul le rôle d'élu"):
        grant_role(pair, SETUP, "paul", NewGrant("agent", TODAY, commune="Ville d'essai"))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(start=st.integers(-90, 60), length=st.integers(1, 60), end=st.integers(-60, 90))
def test_deputy_never_has_a_day_that_the_holder_has_not(pair: Records, start: int, length: int, end: int) -> None:
    first, last = TODAY + timedelta(days=start), TODAY + timedelta(days=start + length)
    with pair.write(SETUP, "reset") as write:
        for row in write.session.scalars(select(RoleGrant).where(RoleGrant.role == "coordinator")).all():
            if row.lent_from_id is not None:
                write.session.delete(row)
            else:
                row.valid_to = None
    try:
        lend_role(pair, SETUP, NewLoan("claire", "paul", "coordinator", first, last, "congé", SCHOOL))
    except InvalidData:
        assert first < START
    stop = TODAY + timedelta(days=end)
    revoke_role(pair, SETUP, "claire", NewGrant("coordinator", stop, structure_ref=SCHOOL))
    with pair.read() as session:
        lent = session.scalars(select(RoleGrant).where(RoleGrant.lent_from_id.is_not(None))).all()
    assert all(START <= row.valid_from < row.valid_to <= stop for row in lent if row.valid_to)
