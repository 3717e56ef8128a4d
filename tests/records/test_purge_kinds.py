"""What a purge does to each kind of data, and when: health, badges, mandates, requests, accounts…"""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from domain.caf_days import DeclaredDay
from domain.caf_declarations import ACTUAL, Figure
from domain.errors import NotFound
from records.actors import SETUP
from records.database import Records
from records.models import (
    Account,
    AuditEntry,
    BadgeAssignment,
    HealthAccess,
    HealthNote,
    Mandate,
    Person,
    Request,
    RequestDecision,
    Tap,
    TapChild,
    WaitingEntry,
)
from records.operations import accounts, purges
from records.operations.attendance import presence_now
from records.operations.declarations import (
    NewDeclaration,
    declarations,
    declared_days,
    freeze_declaration,
)
from records.operations.mandates import move_mandate
from tests.factories.confiding import (
    BADGE,
    LONG_AFTER,
    Confided,
    a_confiding_family_and_another,
    adopt_durations,
    purge,
)
from tests.factories.databases import Database
from tests.factories.people import a_family, a_tap, a_terminal, an_account
from tests.factories.rows import a_row
from tests.factories.town import SCHOOL, TODAY, HandClock


@pytest.fixture
def adopted(town: Records) -> Records:
    """A town that has adopted a duration for each kind it may."""
    adopt_durations(town)
    return town


@pytest.fixture
def confided(adopted: Records, town_database: Database) -> Confided:
    """The family whose every table holds something personal, and another that stays."""
    return town_database.filled_once(adopted, a_confiding_family_and_another)


def test_badge_numbers_are_cut_once_billed_and_hashes_stay(
    adopted: Records, confided: Confided, clock: HandClock
) -> None:
    with adopted.read() as session:
        before = session.execute(select(Tap.tap_id, Tap.payload_hash, Tap.occurred_at).order_by(Tap.id)).all()
    clock.set(600, date(2027, 2, 28))
    assert purges.draw_up_purge(adopted, SETUP, "badge_number") is None
    clock.set(600, date(2027, 3, 1))
    report = purge(adopted, "badge_number")
    assert report is not None
    with adopted.read() as session:
        assert (
            session.execute(select(Tap.tap_id, Tap.payload_hash, Tap.occurred_at).order_by(Tap.id)).all() == before
        )
        assert session.scalars(select(Tap.badge_uid)).all() == [None, None]
        assert session.scalars(select(TapChild.child_id)).all() == [confided.child_id]
        assert session.scalars(select(BadgeAssignment.badge_uid)).all() == [BADGE]
    assert purge(adopted, "badge_number") is None


def test_badge_that_nobody_holds_keeps_its_number_until_the_control_is_over(
    adopted: Records, clock: HandClock
) -> None:
    a_tap(adopted, a_terminal(adopted), 700, badge_uid="04FFFF")
    clock.set(600, date(2027, 3, 1))
    assert purge(adopted, "badge_number") is None
    clock.set(600, date(2032, 11, 24))
    assert purge(adopted, "attendance") is not None
    with adopted.read() as session:
        assert session.scalars(select(Tap.badge_uid)).all() == [None]


def test_after_the_control_a_tap_keeps_its_number_and_hash_alone(
    adopted: Records, confided: Confided, clock: HandClock
) -> None:
    clock.set(600, LONG_AFTER)
    purge(adopted, "family_file")
    clock.set(600, date(2032, 11, 26))
    purge(adopted, "attendance")
    with adopted.read() as session:
        assert session.scalars(select(TapChild.id)).all() == []
        assert len(session.scalars(select(Tap.payload_hash)).all()) == 2
        assert session.scalars(select(Person.birth_date).where(Person.id == confided.child_id)).all() == [None]


def test_days_declared_go_with_the_control_and_the_declaration_stays_as_it_was_sealed(
    adopted: Records, clock: HandClock
) -> None:
    day = DeclaredDay("lea", "soir", TODAY, Decimal(120), ("peri_activity.hours",))
    figure = Figure("peri_activity", 1, "hours", Decimal(2), "hours")
    new = NewDeclaration(SCHOOL, 2026, ACTUAL, "chiffres-1", (figure,), (), (day,))
    frozen = freeze_declaration(adopted, SETUP, new)
    clock.set(600, date(2032, 11, 20))
    assert purge(adopted, "attendance") is None
    clock.set(600, date(2032, 11, 26))
    assert purge(adopted, "attendance") is not None
    assert declarations(adopted, SETUP, SCHOOL, [2026]) == [replace(frozen, keeps_days=False, days_are_gone=True)]
    with pytest.raises(NotFound, match="ne sont pas gardées"):
        declared_days(adopted, SETUP, frozen.about)
    assert purge(adopted, "attendance") is None


def test_health_ends_with_its_school_year_and_its_audit_too(
    adopted: Records, confided: Confided, clock: HandClock
) -> None:
    clock.set(600, date(2027, 7, 3))
    assert purge(adopted, "health") is not None
    with adopted.read() as session:
        assert session.scalars(select(HealthNote)).all() == []
        told = session.execute(select(AuditEntry.old, AuditEntry.new).where(AuditEntry.entity == "health_note"))
        assert [tuple(each) for each in told] == [(None, None)]


def test_reader_of_health_is_forgotten_after_a_year(adopted: Records, clock: HandClock) -> None:
    a_family(adopted)
    a_row(adopted, HealthAccess, reader="Claire (compte 1)", read_at=clock())
    clock.set(600, date(2027, 11, 24))
    purge(adopted, "access_log")
    with adopted.read() as session:
        assert session.scalars(select(HealthAccess.reader)).all() == [None]


def test_mandate_loses_its_account_forty_nine_months_after_it_ended(
    adopted: Records, confided: Confided, clock: HandClock
) -> None:
    move_mandate(adopted, SETUP, "RUM-7", "revoked")
    clock.set(600, date(2030, 12, 23))
    assert purge(adopted, "mandate") is None
    clock.set(600, date(2030, 12, 24))
    purge(adopted, "mandate")
    with adopted.read() as session:
        row = session.scalars(select(Mandate)).one()
    assert (row.iban, row.holder_name, row.iban_end, row.rum) == ("", "", "", "RUM-7")


def test_request_keeps_its_decision_and_loses_what_it_said(
    adopted: Records, confided: Confided, clock: HandClock
) -> None:
    clock.set(600, date(2028, 11, 24))
    purge(adopted, "request")
    with adopted.read() as session:
        row = session.scalars(select(Request)).one()
        assert (row.payload, row.seen, row.asked_by) == (None, None, None)
        assert session.scalars(select(RequestDecision.decision)).all() == ["accept"]


def test_waiting_that_came_to_nothing_is_erased_after_a_year(
    adopted: Records, confided: Confided, clock: HandClock
) -> None:
    clock.set(600, date(2027, 11, 24))
    purge(adopted, "waiting_list")
    with adopted.read() as session:
        assert session.scalars(select(WaitingEntry)).all() == []


def test_closed_account_is_nobodys_after_a_year(adopted: Records, clock: HandClock) -> None:
    an_account(adopted, "gone", "agent")
    accounts.disable_account(adopted, SETUP, "gone")
    clock.set(600, date(2027, 11, 24))
    purge(adopted, "account")
    with adopted.read() as session:
        row = session.scalars(select(Account)).one()
    assert (row.login, row.display_name, row.email) == (f"anonyme-{row.id}", "Compte effacé", None)


def test_old_changes_are_forgotten_and_who_made_them_stays(adopted: Records, clock: HandClock) -> None:
    clock.set(600, date(2032, 11, 24))
    purge(adopted, "audit")
    with adopted.read() as session:
        old = session.scalars(select(AuditEntry).where(AuditEntry.operation == "keep_for")).first()
    assert old is not None
    assert (old.new, old.actor) == (None, "installation")


def test_board_of_an_old_day_still_shows_who_came(adopted: Records, confided: Confided, clock: HandClock) -> None:
    def seen() -> list[tuple[str, str]]:
        board = presence_now(adopted, SETUP, TODAY, clock())
        assert board.unknown == ()
        return [(service.service_ref, child.child_ref) for service in board.services for child in service.children]

    clock.set(600, date(2027, 3, 1))
    before = seen()
    assert ("cantine", confided.family.child) in before
    assert purge(adopted, "badge_number") is not None
    assert seen() == before
