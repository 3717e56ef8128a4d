"""Purges: a list, an order, the work and its proof; nothing personal is left, what was paid and counted stays."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, text

from domain.data_kinds import data_kinds
from domain.errors import InvalidData, NotAllowed, NotFound, ParameterMissing
from records.actors import SETUP, Actor, Grant
from records.database import Records
from records.models import (
    Account,
    AuditEntry,
    Base,
    Booking,
    LedgerEntry,
    Person,
    PurgeWindow,
    Qf,
    Request,
    Tap,
    TapChild,
    WaitingEntry,
)
from records.models.retention import DATA_KINDS
from records.operations import accounts, ledger, purges
from records.operations.erasure import ERASED_LAST_NAME
from records.operations.erasure_family import OF_FAMILY, OF_PERSON, pointers
from records.operations.family_search import search_families
from records.operations.retention import NewRetention, keep_for, list_retention
from tests.factories.confiding import (
    LAST_DAY,
    LONG_AFTER,
    NAME,
    NEEDLES,
    Confided,
    a_confiding_family_and_another,
    adopt_durations,
    facts_of,
    purge,
    tables_with_something,
    what_is_left,
)
from tests.factories.databases import Database
from tests.factories.people import a_family, an_enrolment
from tests.factories.rows import a_row
from tests.factories.town import START, TODAY, HandClock


@pytest.fixture
def adopted(town: Records) -> Records:
    """A town that has adopted a duration for each kind it may."""
    adopt_durations(town)
    return town


@pytest.fixture
def confided(adopted: Records, town_database: Database) -> Confided:
    """The family whose every table holds something personal, and another that stays."""
    return town_database.filled_once(adopted, a_confiding_family_and_another)


def test_the_family_confides_something_to_every_table_that_can_hold_it(
    adopted: Records, confided: Confided
) -> None:
    treated = {table for table, names in {**OF_PERSON, **OF_FAMILY}.items() if names is not None}
    silent = {"family_review", "person_word", "rollover_line", "family_member"}
    assert treated - silent <= tables_with_something(adopted) | {"waiting_entry", "custody_exception"}
    assert {"tap", "badge_assignment", "account", "audit", "search_word", "mandate"} <= tables_with_something(
        adopted
    )


def test_every_table_that_points_at_a_person_or_a_file_has_a_treatment() -> None:
    own = {"person", "family", "account", "account_link"}
    for target, plan in (("person", OF_PERSON), ("family", OF_FAMILY)):
        pointing = {table.name for table in Base.metadata.sorted_tables if pointers(table.name, target)}
        assert pointing - own == plan.keys(), target


def test_nothing_personal_is_left_of_a_file_past_its_time(
    adopted: Records, confided: Confided, clock: HandClock
) -> None:
    clock.set(600, LONG_AFTER)
    report = purge(adopted, "family_file")
    assert report is not None
    assert what_is_left(adopted) == []
    with adopted.read() as session:
        assert session.get_one(Person, confided.child_id).last_name == ERASED_LAST_NAME
        assert session.scalars(select(Person.last_name).where(Person.ref == "durand-lea")).one() == "Durand"
        assert session.get_one(PurgeWindow, 1).order_id is None


def test_what_was_paid_and_counted_stays_to_the_cent(
    adopted: Records, confided: Confided, clock: HandClock
) -> None:
    kept = ("ledger_entry", "qf", "booking", "tap", "enrolment_payer", "regime", "badge_child", "diet")
    names = {"reason", "recorded_by", "badge_uid", "child_ref", "typed_name", "allocataire_number"}

    def figures() -> dict[str, list[dict[str, object]]]:
        return {
            table: [{k: v for k, v in row.items() if k not in names} for row in facts_of(adopted, table)]
            for table in kept
        }

    before = figures()
    clock.set(600, LONG_AFTER)
    purge(adopted, "family_file")
    assert figures() == before
    assert sum(len(rows) for rows in before.values()) > 10
    assert all(row["payload_hash"] for row in before["tap"])


def test_taps_still_say_whom_they_brought(adopted: Records, confided: Confided, clock: HandClock) -> None:
    clock.set(600, LONG_AFTER)
    purge(adopted, "family_file")
    with adopted.read() as session:
        assert session.scalars(select(TapChild.child_id)).all() == [confided.child_id] * 2
        assert session.scalars(select(Tap.badge_uid)).all() == [None, None]


@pytest.mark.parametrize("why", ["enrolled", "owes", "asks", "waits", "too_early"])
def test_file_in_use_is_not_listed(adopted: Records, confided: Confided, clock: HandClock, why: str) -> None:
    clock.set(600, LONG_AFTER)
    if why == "enrolled":
        an_enrolment(adopted, confided.family, "garderie-soir")
    elif why == "owes":
        entry = ledger.NewEntry(confided.family.payers[0], "opening", 1, "Reste", TODAY)
        ledger.add_entries(adopted, SETUP, [entry])
    elif why == "asks":
        a_row(
            adopted, Request, ref="demande-2", person_id=confided.child_id, family_id=_family_id(adopted, confided)
        )
    elif why == "waits":
        a_row(adopted, WaitingEntry, ref="attente-2", person_id=confided.child_id, state="waiting")
    else:
        clock.set(600, LONG_AFTER - timedelta(days=2))
    assert purges.draw_up_purge(adopted, SETUP, "family_file") is None


def test_file_that_came_back_into_use_since_the_list_stays(
    adopted: Records, confided: Confided, clock: HandClock
) -> None:
    clock.set(600, LONG_AFTER)
    drawn = purges.draw_up_purge(adopted, SETUP, "family_file")
    assert drawn is not None
    order = purges.order_purge(adopted, SETUP, drawn, "Fin de conservation")
    an_enrolment(adopted, confided.family, "garderie-soir")
    report = purges.carry_out(adopted, SETUP, order)
    assert (report.items, report.left) == (1, 1)
    assert "person" in tables_with_something(adopted)


def test_adult_and_child_of_another_file_stay_with_it(
    adopted: Records, confided: Confided, clock: HandClock
) -> None:
    other = a_family(adopted, "Zeller")
    with adopted.write(SETUP, "share") as write:
        write.session.execute(
            text("insert into family_member (family_id, person_id, role, pickup, valid_from, row_version) "
                 "select f.id, :child, 'child', 'yes', '2026-09-01', 1 from family f where f.ref = :ref"),
            {"child": confided.child_id, "ref": other.ref},
        )  # fmt: skip
    an_enrolment(adopted, other)
    clock.set(600, LONG_AFTER)
    purge(adopted, "family_file")
    with adopted.read() as session:
        assert session.get_one(Person, confided.child_id).first_name == "Zbigniew"
        assert (
            session.scalars(select(Person.last_name).where(Person.ref == confided.family.guardians[0])).all() == []
        )


def test_report_is_proved_by_its_hash_and_tells_no_value(
    adopted: Records, confided: Confided, clock: HandClock
) -> None:
    clock.set(600, LONG_AFTER)
    report = purge(adopted, "family_file")
    assert report is not None
    assert purges.purge_report(adopted, SETUP, report.order_ref) == report
    assert not NEEDLES.search(str(report))
    assert ("person_phone", "erased", 1) in {(each.table, each.done, each.rows) for each in report.done}
    with adopted.read() as session:
        told = session.scalars(select(AuditEntry.new).where(AuditEntry.entity == "purge_order")).all()
    assert any(report.sha256 in str(each) for each in told)
    (line,) = purges.purge_lists(adopted, SETUP)
    assert (line.state, line.order_ref, line.ordered_by) == ("done", report.order_ref, "installation")


def test_list_names_what_is_on_it_until_it_is_carried_out(
    adopted: Records, confided: Confided, clock: HandClock
) -> None:
    clock.set(600, LONG_AFTER)
    drawn = purges.draw_up_purge(adopted, SETUP, "family_file")
    assert drawn is not None
    (item,) = purges.purge_items(adopted, SETUP, drawn)
    assert (item.name, item.due_on) == (NAME, LAST_DAY.replace(year=2028) - timedelta(days=1))
    purges.carry_out(adopted, SETUP, purges.order_purge(adopted, SETUP, drawn, "Fin"))
    (item,) = purges.purge_items(adopted, SETUP, drawn)
    assert item.name == "Dossier anonymisé"


def test_list_is_ordered_once_with_a_reason_and_carried_out_once(
    adopted: Records, confided: Confided, clock: HandClock
) -> None:
    clock.set(600, LONG_AFTER)
    drawn = purges.draw_up_purge(adopted, SETUP, "family_file")
    assert drawn is not None
    with pytest.raises(InvalidData, match="Dites pourquoi"):
        purges.order_purge(adopted, SETUP, drawn, " ")
    order = purges.order_purge(adopted, SETUP, drawn, "Fin de conservation")
    with pytest.raises(InvalidData, match="déjà ordonnée"):
        purges.order_purge(adopted, SETUP, drawn, "Encore")
    with pytest.raises(InvalidData, match="pas encore exécuté"):
        purges.purge_report(adopted, SETUP, order)
    purges.carry_out(adopted, SETUP, order)
    with pytest.raises(InvalidData, match="déjà été exécuté"):
        purges.carry_out(adopted, SETUP, order)
    with pytest.raises(NotFound, match="ordre de purge"):
        purges.carry_out(adopted, SETUP, "inconnu")


def test_nothing_is_due_by_a_duration_that_nobody_adopted(town: Records) -> None:
    with pytest.raises(ParameterMissing, match="marelle rgpd keep family_file"):
        purges.draw_up_purge(town, SETUP, "family_file")
    with pytest.raises(NotFound, match="Choisissez parmi"):
        purges.draw_up_purge(town, SETUP, "tout")


def test_accounting_is_never_purged_here(adopted: Records) -> None:
    with pytest.raises(InvalidData, match="visa des archives"):
        purges.draw_up_purge(adopted, SETUP, "accounting")
    with pytest.raises(InvalidData, match="visa des archives"):
        keep_for(adopted, SETUP, NewRetention("accounting", 1, START, "x"))


def test_duration_is_dated_and_the_one_in_force_counts(
    adopted: Records, confided: Confided, clock: HandClock
) -> None:
    keep_for(adopted, SETUP, NewRetention("family_file", 36, date(2028, 1, 1), "Avis du 3 mai"))
    line = next(each for each in list_retention(adopted, SETUP) if each.kind.code == "family_file")
    assert (line.months, line.source, line.proposed) == (24, "Avis du DPO", 24)
    clock.set(600, LONG_AFTER)
    assert purges.draw_up_purge(adopted, SETUP, "family_file") is None
    clock.set(600, LONG_AFTER.replace(year=2029))
    assert purges.draw_up_purge(adopted, SETUP, "family_file") is not None


def test_file_names_every_kind_of_the_database() -> None:
    assert list(data_kinds()) == list(DATA_KINDS)


def test_erased_family_is_not_found_any_more(adopted: Records, confided: Confided, clock: HandClock) -> None:
    assert len(search_families(adopted, SETUP, NAME).families) == 1
    clock.set(600, LONG_AFTER)
    purge(adopted, "family_file")
    assert len(search_families(adopted, SETUP, NAME).families) == 0


def _family_id(records: Records, confided: Confided) -> int:
    with records.read() as session:
        return int(session.scalars(select(Qf.family_id).limit(1).order_by(Qf.id.desc())).one())


def test_account_of_an_agent_outlives_their_own_family_file(
    adopted: Records, confided: Confided, clock: HandClock
) -> None:
    accounts.grant_role(adopted, SETUP, "kowalczyk@exemple.test", accounts.NewGrant("agent", START))
    clock.set(600, LONG_AFTER)
    purge(adopted, "family_file")
    with adopted.read() as session:
        assert session.scalars(select(Account.login)).all() == ["kowalczyk@exemple.test"]
        assert session.scalar(select(func.count()).select_from(LedgerEntry)) == 2
        assert session.scalar(select(func.count()).select_from(Booking)) == 1


def test_administrator_alone_orders(adopted: Records) -> None:
    with pytest.raises(NotAllowed):
        purges.draw_up_purge(adopted, Actor("Zoé", (Grant("coordinator"),)), "family_file")
