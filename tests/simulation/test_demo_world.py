"""The demo town as it stands in the records, made through the real doors: the same twice, whole or not at all."""

from __future__ import annotations

import hashlib
import json
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from demo.allocataires import REGISTER_FILE
from demo.create import DemoInterrupted, DemoSpec, HomeNotEmpty, create_demo, read_summary
from demo.timeline import OFFLINE_DEVICE
from demo.workshop import room_aside
from domain.errors import InvalidData
from domain.time import local_day
from exchanges.quotient.access import FILE as API_PARTICULIER_FILE
from records import models
from records.database import Records, open_records, records_url
from records.models import Base
from records.operations.accounts import log_in
from records.operations.attendance import expected
from tests.harness import postgres
from tests.harness.demo_world import TODAY, DemoWorld
from tests.harness.processes import Processes
from warehouse.reader import open_snapshot

# One worker makes the small towns.
pytestmark = [pytest.mark.xdist_group("demo-world"), pytest.mark.long]
SMALL = DemoSpec(TODAY, children=20, months=1)
# What is drawn by the machine and not by the seed: secrets, and the hashes made of them.
RANDOM_COLUMNS = {
    "account": {"password_hash"},
    "agent_code": {"code_hash"},
    "device": {"token_hash", "enrol_code_hash"},
}
NO_PROGRESS = lambda _share, _what: None  # noqa: E731


# PostgreSQL's sequences leave gaps where a row was already there.
GAPS = {"device_epoch": {"id"}}


def dump(url: str, *left_out: dict[str, set[str]]) -> dict[str, str]:
    """Return a hash of each table's rows, random secrets left out."""
    hidden = {(name, column) for each in (RANDOM_COLUMNS, *left_out) for name in each for column in each[name]}
    records = open_records(url)
    found = {}
    with records.read() as session:
        for table in Base.metadata.sorted_tables:
            columns = [each for each in table.columns if (table.name, each.name) not in hidden]
            rows = session.execute(select(*columns).order_by(*table.primary_key.columns)).all()
            found[table.name] = hashlib.sha256(repr([tuple(row) for row in rows]).encode()).hexdigest()
    records.close()
    return found


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The same small town made twice."""
    homes = tmp_path_factory.mktemp("twice")
    (homes / "two").mkdir()  # an empty folder that exists is as good as none
    for name in ("one", "two"):
        create_demo(homes / name, None, SMALL, NO_PROGRESS)
    return homes / "one", homes / "two"


@pytest.fixture
def records(demo_world: DemoWorld) -> Iterator[Records]:
    opened = demo_world.open()
    yield opened
    opened.close()


# ------------------------------------------------------------------------------------------------- determinism


def test_the_same_seed_and_day_give_the_same_rows_in_every_table(twice: tuple[Path, Path]) -> None:
    one, two = (dump(records_url(home)) for home in twice)
    assert {name for name in one if one[name] != two[name]} == set()


def test_the_log_ins_shown_are_the_same_too(twice: tuple[Path, Path]) -> None:
    assert read_summary(twice[0]) == read_summary(twice[1])


# ------------------------------------------------------------------------------------- what the records hold


def test_every_tap_of_the_plan_is_in_the_records_once(records: Records, demo_world: DemoWorld) -> None:
    with records.read() as session:
        taps = session.scalar(select(func.count()).select_from(models.Tap))
        holes = session.scalar(
            select(func.count())
            .select_from(models.DeviceEpoch)
            .where(models.DeviceEpoch.watermark < models.DeviceEpoch.last_seq)
        )
        quarantined = session.scalar(select(func.count()).select_from(models.TapQuarantine))
    # The one thing kept apart is what a tablet that lost its token sends: no tap of the plan.
    assert (taps, holes, quarantined) == (demo_world.summary.taps, 0, 1)


def test_taps_are_flagged_only_for_badges_of_nobody(records: Records) -> None:
    with records.read() as session:
        flags = Counter(session.scalars(select(models.Tap.flags)))
    assert set(flags) == {"", "unknown_badge"}


def test_one_terminal_was_cut_off_for_two_days_and_lost_nothing(records: Records) -> None:
    with records.read() as session:
        rows = session.execute(
            select(models.Tap.occurred_at_corrected, models.Tap.received_at)
            .join(models.Device, models.Device.id == models.Tap.device_id)
            .where(models.Device.ref == OFFLINE_DEVICE)
        ).all()
    late = {
        local_day(occurred, "Europe/Paris")
        for occurred, received in rows
        if received - occurred > timedelta(hours=12) // timedelta(microseconds=1)
    }
    assert len(late) == 2


def test_corrected_times_are_true_to_the_second(records: Records) -> None:
    """The terminals' clocks are wrong by seconds; what they know of the server's time makes up for it."""
    with records.read() as session:
        row = session.execute(
            text(
                "select max(abs(occurred_at_corrected - occurred_at)), min(received_at - occurred_at_corrected) "
                "from tap where time_confidence = 'synced'"
            )
        ).one()
        error, delay = int(row[0]), int(row[1])
        confidence = Counter(session.scalars(select(models.Tap.time_confidence)))
    assert 1_000_000 < error < 30_000_000
    assert 0 < delay < 60_000_000
    assert confidence["synced"] / confidence.total() > 0.95
    assert "doubtful" not in confidence


def test_nothing_is_recorded_after_the_last_school_day(records: Records, demo_world: DemoWorld) -> None:
    last = date.fromisoformat(demo_world.summary.last_day)
    with records.read() as session:
        newest = session.scalar(select(func.max(models.Tap.occurred_at_corrected)))
        written = session.scalar(select(func.max(models.AuditEntry.occurred_at)))
    assert newest is not None
    assert written is not None
    assert local_day(newest, "Europe/Paris") == last == date(2026, 11, 20)
    assert local_day(written, "Europe/Paris") <= last


def test_the_roll_of_the_coming_week_is_known(records: Records) -> None:
    with records.read() as session:
        coming = expected(session, None, date(2026, 11, 23), date(2026, 11, 27))
    services = {each.service_ref for each in coming}
    assert services == {"cantine", "garderie-matin", "garderie-soir", "mercredi", "halte-garderie"}


def test_october_is_invoiced_to_almost_every_family_and_paid_by_most(records: Records) -> None:
    with records.read() as session:
        runs = session.execute(select(models.BillingRun.month, models.BillingRun.state)).all()
        invoices = session.scalars(select(models.Invoice)).all()
        held = session.scalars(select(models.InvoiceDraft.total_cents).where(models.InvoiceDraft.is_held)).all()
        paid = session.scalar(
            select(func.count()).select_from(models.LedgerEntry).where(models.LedgerEntry.kind == "payment")
        )
    assert runs == [(date(2026, 10, 1), "issued")]
    assert [each.number for each in invoices] == list(range(1, len(invoices) + 1))
    assert len(invoices) > 30
    assert min(each.total_cents for each in invoices) >= 1_500 > max(held)
    assert paid is not None
    assert len(invoices) / 2 < paid < len(invoices)


def test_one_cancellation_is_a_credit_note_and_another_waits(records: Records) -> None:
    with records.read() as session:
        steps = Counter(session.scalars(select(models.CancellationStep.step)))
        noted = session.scalars(select(models.CreditNote.amount_cents)).all()
    assert steps == {"asked": 2, "relayed": 1, "accepted": 1}
    assert noted == [2_000]


def test_places_reopened_for_late_certificates_are_confirmed_again(records: Records) -> None:
    with records.read() as session:
        rows = session.execute(
            select(models.MonthState.structure_id, models.MonthState.state).order_by(
                models.MonthState.structure_id, models.MonthState.seq
            )
        ).all()
    said = {place: [state for where, state in rows if where == place] for place, _state in rows}
    assert len(said) == 5
    assert ["confirmed", "locked"] in said.values()
    assert ["confirmed", "locked", "reopened", "confirmed"] in said.values()


def test_prises_en_charge_stand_at_every_step(records: Records) -> None:
    with records.read() as session:
        states = Counter(session.scalars(select(models.Coverage.state)))
        bodies = session.scalars(select(models.PayingBody.kind)).all()
    assert states == {"applied": 3, "asked": 1, "quoted": 1, "notified": 1, "refused": 1}
    assert sorted(bodies) == ["department", "msa", "works_council"]


def test_a_trip_and_contracts_are_priced_beside_the_days_of_care(demo_world: DemoWorld) -> None:
    priced = open_snapshot(demo_world.home).sql(
        "select kind, sum(amount) as amount from fct_priced_lines group by kind having sum(amount) > 0"
    )
    assert {"sejour", "contract", "membership"} <= {row["kind"] for row in priced.to_pylist()}


def test_the_caf_finds_conventions_teams_and_a_forecast_and_asks_about_little(
    records: Records, demo_world: DemoWorld
) -> None:
    with records.read() as session:
        declared = Counter(session.scalars(select(models.Declaration.version)))
        agreed = Counter(session.scalars(select(models.FiloueConsent.is_agreed)))
        typed = session.scalars(select(models.Declaration.figures)).first()
    assert declared == {"forecast": 5}
    assert typed is not None
    assert '"basis":"typed"' in typed
    assert agreed[True] > agreed[False]
    figures = open_snapshot(demo_world.home)
    controls = figures.sql("select control, structure_ref from fct_caf_controls").to_pylist()
    assert {"control": "ratio", "structure_ref": "vieux-moulin"} in controls
    assert {row["control"] for row in controls} <= {"ratio", "regime_missing", "price_missing", "held_back"}
    faults = Counter(row["rule"] for row in figures.sql("select rule from fct_coherence_faults").to_pylist())
    assert faults["file_unsigned"] <= 4
    assert faults.total() <= 25


def test_whoever_declares_was_reminded_by_mail_and_noted_the_deadline_done(records: Records) -> None:
    with records.read() as session:
        told = session.execute(
            select(models.MessageOutbox.address, models.MessageOutbox.content).where(
                models.MessageOutbox.kind == "task_due"
            )
        ).all()
        done = select(models.YearlyTask.ref).join(models.YearlyTaskMark).where(models.YearlyTaskMark.is_done)
        noted = set(session.scalars(done))
    deadline = "Actualiser pour la CAF les chiffres de janvier à septembre"
    assert {address for address, content in told if json.loads(content or "{}")["what"].startswith(deadline)} == {
        "nadege.kerbrat@valdorme.example", "solenn.auvray@valdorme.example",
    }  # fmt: skip
    assert "caf-actualisation" in noted


def test_it_is_a_training_base_and_says_so(records: Records) -> None:
    with records.read() as session:
        town = session.scalars(select(models.Collectivity)).one()
    assert town.is_training
    assert town.school_zone == "A"


def test_every_log_in_shown_opens_a_session(demo_copy: DemoWorld) -> None:
    records = demo_copy.open()
    for login in demo_copy.summary.logins:
        _token, actor = log_in(records, login.login, login.password, demo_copy.now)
        assert actor.grants, login.login
    records.close()


def test_the_badges_shown_are_those_of_the_children_named(records: Records, demo_world: DemoWorld) -> None:
    with records.read() as session:
        holders = {
            uid: f"{first} {last}"
            for uid, first, last in session.execute(
                select(models.BadgeAssignment.badge_uid, models.Person.first_name, models.Person.last_name).join(
                    models.Person, models.Person.id == models.BadgeAssignment.holder_id
                )
            )
        }
    assert demo_world.summary.badges
    assert all(holders[badge.uid] == badge.name for badge in demo_world.summary.badges)


# --------------------------------------------------------------------------------------------- all or nothing


def test_a_town_of_ten_months_begins_in_the_school_year_before(tmp_path: Path) -> None:
    create_demo(tmp_path / "data", None, DemoSpec(TODAY, children=20, months=10), NO_PROGRESS)
    summary = read_summary(tmp_path / "data")
    assert summary is not None
    assert (summary.first_day, summary.last_day) == ("2026-01-21", "2026-11-20")


def test_a_folder_that_holds_anything_is_refused(tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("à garder")
    with pytest.raises(HomeNotEmpty, match="n'est pas vide"):
        create_demo(tmp_path, None, SMALL, NO_PROGRESS)
    assert [path.name for path in tmp_path.iterdir()] == ["precious.txt"]


def test_nothing_is_left_beside_the_town(twice: tuple[Path, Path]) -> None:
    assert sorted(path.name for path in twice[0].parent.iterdir()) == ["one", "two"]
    town = {REGISTER_FILE, API_PARTICULIER_FILE, "demo.json", "records.db"}
    assert {path.name for path in twice[1].iterdir()} == town


@pytest.mark.parametrize("spec", [DemoSpec(TODAY, children=3), DemoSpec(TODAY, months=0)])
def test_impossible_sizes_are_refused_and_leave_nothing(tmp_path: Path, spec: DemoSpec) -> None:
    with pytest.raises(InvalidData):
        create_demo(tmp_path / "data", None, spec, NO_PROGRESS)
    assert list(tmp_path.iterdir()) == []


def test_an_interruption_leaves_nothing(tmp_path: Path) -> None:
    def interrupt(share: float, _what: str) -> None:
        if share > 0.3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        create_demo(tmp_path / "data", None, SMALL, interrupt)
    assert list(tmp_path.iterdir()) == []


KILLED = """
import sys, time
from datetime import date
from pathlib import Path
from demo.create import DemoSpec, create_demo
def tell(share, what):
    if share > 0.1:
        print("half", flush=True)
        time.sleep(600)
create_demo(Path(sys.argv[1]), None, DemoSpec(date(2026, 11, 21), 20, 1), tell)
"""


def test_a_killed_creation_leaves_no_town_and_the_next_one_cleans_up(tmp_path: Path, processes: Processes) -> None:
    home = tmp_path / "town" / "data"
    half = processes.start("demo", [sys.executable, "-c", KILLED, home])
    half.wait_for_line("half", 120)
    half.popen.send_signal(signal.SIGKILL)
    half.popen.wait()
    assert not home.exists()
    (left,) = home.parent.iterdir()
    with room_aside(home):
        assert not left.exists()


# -------------------------------------------------------------------------------------------------- PostgreSQL


@pytest.fixture
def database(postgres_cluster: postgres.Cluster) -> str:
    """An empty database of the throw-away cluster."""
    return postgres.fresh_database(
        postgres.template_database(postgres_cluster, "empty_template", lambda _url: None)
    )


def test_the_same_town_is_made_on_postgresql(twice: tuple[Path, Path], tmp_path: Path, database: str) -> None:
    create_demo(tmp_path / "data", database, SMALL, NO_PROGRESS)
    on_server, on_file = dump(records_url(tmp_path, database), GAPS), dump(records_url(twice[0]), GAPS)
    assert {name for name in on_file if on_file[name] != on_server[name]} == set()


def test_a_database_that_holds_a_town_is_refused(tmp_path: Path, database: str) -> None:
    def interrupt(share: float, _what: str) -> None:
        if share > 0.1:
            raise KeyboardInterrupt

    with pytest.raises(DemoInterrupted, match="Supprimez cette base"):
        create_demo(tmp_path / "data", database, SMALL, interrupt)
    with pytest.raises(HomeNotEmpty, match="déjà une collectivité"):
        create_demo(tmp_path / "other", database, SMALL, NO_PROGRESS)
