"""One write, one short transaction: its order, its audit, and what happens when many write at once."""

import json
import sqlite3
import threading
from contextlib import closing, suppress
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError, InternalError

from domain.errors import InvalidData
from records.actors import SETUP, Actor
from records.database import Records, open_records, records_url
from records.models import AuditEntry, CalendarDay, Collectivity
from records.operations.collectivity import CalendarEdit, CollectivityFacts, edit_calendar_day, set_collectivity
from tests.factories.databases import sqlite_copy
from tests.factories.town import NOW, TODAY, HandClock
from tests.factories.writers import WRITES, write_closures
from tests.harness import writers

pytestmark = pytest.mark.long

ZONES = ("A", "B", "C")  # one writer each


def facts(name: str = "Ville") -> CollectivityFacts:
    """The facts of some collectivity."""
    return CollectivityFacts(name, "Europe/Paris", "A", "mairie@example.org")


def audit(records: Records) -> list[AuditEntry]:
    """Return the audit, oldest first."""
    with records.read() as session:
        return list(session.scalars(select(AuditEntry).order_by(AuditEntry.seq)))


def write_then_fall(records: Records) -> None:
    """Add a row and its audit, then fail before the end of the transaction."""
    with records.write(SETUP, "fail") as write:
        write.session.add(CalendarDay(zone="A", day=TODAY, kind="closure", label="Grève"))
        write.audit("calendar_day", TODAY, old=None, new={})
        write.session.flush()
        raise ZeroDivisionError


def test_operation_adds_one_to_change_seq_and_one_audit_row(records: Records) -> None:
    set_collectivity(records, SETUP, facts())
    assert records.change_seq() == 1
    entry = audit(records)[0]
    assert (entry.change_seq, entry.occurred_at, entry.operation) == (1, NOW, "set_collectivity")
    assert (entry.entity, entry.entity_id, entry.old) == ("collectivity", "1", None)
    assert json.loads(entry.new or "")["name"] == "Ville"


def test_edit_keeps_old_and_new_of_what_changed_and_counts_versions(records: Records) -> None:
    set_collectivity(records, SETUP, facts())
    set_collectivity(records, SETUP, facts("Ville nouvelle"))
    entry = audit(records)[1]
    assert (json.loads(entry.old or ""), json.loads(entry.new or "")) == (
        {"name": "Ville"},
        {"name": "Ville nouvelle"},
    )
    with records.read() as session:
        assert session.scalar(select(Collectivity.row_version)) == 2


def test_audit_tells_two_people_of_one_name_apart(records: Records) -> None:
    claire = Actor("Claire Martin", rights=SETUP.rights, account_id=12)
    set_collectivity(records, claire, facts())
    assert audit(records)[0].actor == "Claire Martin (compte 12)"


def test_failed_operation_leaves_nothing_behind(records: Records) -> None:
    set_collectivity(records, SETUP, facts())
    with pytest.raises(ZeroDivisionError):
        write_then_fall(records)
    assert records.change_seq() == 1
    assert len(audit(records)) == 1
    with records.read() as session:
        assert session.scalar(select(CalendarDay)) is None


def test_value_that_only_the_database_refuses_is_still_a_french_refusal(records: Records) -> None:
    with pytest.raises(InvalidData, match="Rien n'a été enregistré") as refusal, records.write(SETUP, "x") as write:
        write.session.add(CalendarDay(zone="A", day=TODAY, kind="carnaval", label="x"))
    assert "ck_calendar_day_kind" in str(refusal.value.fields["refusal"])
    assert records.change_seq() == 0


def test_housekeeping_is_kept_and_moves_no_watermark(records: Records) -> None:
    with records.upkeep() as session:
        session.execute(text("insert into login_attempt (login_hash, failures, last_failed_at) values ('x', 1, 1)"))
    with records.read() as session:
        assert session.execute(text("select count(*) from login_attempt")).scalar_one() == 1
    assert records.change_seq() == 0


def test_reader_sees_one_moment_while_others_write(town: Records) -> None:
    with town.read() as session:
        before: int = session.execute(text("select count(*) from calendar_day")).scalar_one()
        edit_calendar_day(town, SETUP, CalendarEdit(TODAY, "closure", "Grève", zone="A"))
        assert session.execute(text("select count(*) from calendar_day")).scalar_one() == before
    with town.read() as session:
        assert session.execute(text("select count(*) from calendar_day")).scalar_one() == before + 1


def test_reader_writes_nothing(records: Records) -> None:
    with records.read() as session, suppress(InternalError):  # PostgreSQL refuses it, SQLite takes it back
        session.execute(text("update change_seq set value = 99"))
    assert records.change_seq() == 0


def test_sqlite_keeps_the_promises_of_the_settings(tmp_path: Path) -> None:
    records = open_records(f"sqlite:///{tmp_path}/records.db")
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "recursive_triggers": 1}
    with records.engine.connect() as connection:
        found: dict[str, object] = {
            name: connection.exec_driver_sql(f"pragma {name}").scalar_one() for name in wanted
        }
    records.close()
    assert found == wanted


def test_sqlite_write_holds_its_turn_before_its_first_statement(tmp_path: Path) -> None:
    # A transaction that reads and then wants to write fails at once when another came between.
    records, path = open_records(f"sqlite:///{tmp_path}/records.db"), tmp_path / "records.db"
    with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as other:
        with records.upkeep(), pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("begin immediate")
        other.execute("begin immediate")
        other.execute("rollback")
    records.close()


def test_threads_write_in_one_strict_order(records: Records) -> None:
    taken: list[int] = []
    lock = threading.Lock()

    def work() -> None:
        for _ in range(20):
            with records.write(SETUP, "turn") as write:
                seq = write.change_seq
            with lock:
                taken.append(seq)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == list(range(1, 81))
    assert records.change_seq() == 80


def test_three_processes_write_without_a_locked_database(records: Records) -> None:
    url = records.engine.url.render_as_string(hide_password=False)
    with writers.processes().Pool(len(ZONES)) as pool:
        orders = pool.starmap(write_closures, [(url, zone) for zone in ZONES])
    assert all(order == sorted(order) for order in orders)
    assert sorted(seq for order in orders for seq in order) == list(range(1, len(ZONES) * WRITES + 1))
    with records.read() as session:
        assert session.execute(text("select count(*) from calendar_day")).scalar_one() == len(ZONES) * WRITES


def test_address_of_the_records_is_the_home_unless_configured(tmp_path: Path) -> None:
    assert records_url(tmp_path) == f"sqlite:///{tmp_path}/records.db"
    assert records_url(tmp_path, "postgresql://u@h/d") == "postgresql+psycopg://u@h/d"


def write_what_commit_refuses(records: Records) -> None:
    """Break a foreign key that is looked at no sooner than the commit."""
    with records.write(SETUP, "fail") as write:
        write.session.execute(text("pragma defer_foreign_keys = on"))
        write.session.execute(text("insert into device_epoch values (1, 404, 'e', 1, 1, 0, 0, null)"))


def test_a_commit_that_fails_leaves_no_connection_inside_its_transaction(tmp_path: Path, empty_file: Path) -> None:
    with closing(sqlite_copy(empty_file, tmp_path, HandClock())) as records:
        with pytest.raises(IntegrityError):
            write_what_commit_refuses(records)
        set_collectivity(records, SETUP, facts())
        assert records.change_seq() == 1
