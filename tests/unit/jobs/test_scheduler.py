"""The scheduler: one at a time, progress and results as rows, and nothing lost when it is killed."""

from __future__ import annotations

import shutil
import signal
import sys
import threading
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import pytest

from domain.errors import InvalidData
from domain.time import MICROS_PER_SECOND
from jobs import warehouse_build
from jobs.kinds import JobContext, JobKind, Result, registry
from jobs.scheduler import SCHEDULER, Scheduler, SchedulerRunning, only_one
from records.actors import SETUP
from records.database import Records, open_records, records_url
from records.operations import jobs
from records.operations.collectivity import NewSchoolYear, add_school_years
from tests.harness.processes import Processes, wait_until
from tests.unit.jobs.conftest import TestClock
from warehouse.snapshot import Snapshot, published_folder, write_pointer

pytestmark = pytest.mark.long


@pytest.fixture(autouse=True)
def published(home: Path, records: Records) -> Snapshot:
    """A snapshot as fresh as the records, so that no build is due unless a test makes it so."""
    return publish(home, records.change_seq(), records.clock())


def publish(home: Path, change_seq: int, as_of: int, *, seconds_true: int = 86_400) -> Snapshot:
    published_folder(home).mkdir(parents=True, exist_ok=True)
    path = published_folder(home) / "marelle-1.duckdb"
    snapshot = Snapshot(
        id="1",
        path=path,
        sha256="0" * 64,
        change_seq=change_seq,
        built_at=as_of,
        as_of=as_of,
        current_until=as_of + seconds_true * MICROS_PER_SECOND,
        models_hash="0" * 64,
        parameters_hash="0" * 64,
    )
    write_pointer(home, snapshot)
    return snapshot


def scheduler(records: Records, home: Path, **kinds: JobKind) -> Scheduler:
    return Scheduler(records, home, records_url(home), kinds)


def echo(context: JobContext) -> Result:
    context.progress(0.5, "à mi-chemin")
    return {"said": context.arguments["say"]}


def last_job(records: Records) -> jobs.JobLine:
    return jobs.list_jobs(records, SCHEDULER, 1)[0]


def change_records(records: Records) -> None:
    from datetime import date

    year = records.change_seq() + 2030
    add_school_years(records, SETUP, [NewSchoolYear(str(year), date(year, 9, 1), date(year + 1, 7, 1))])


def test_a_waiting_job_is_run_and_its_result_kept(records: Records, home: Path) -> None:
    jobs.ask(records, SCHEDULER, "echo", {"say": "bonjour"})
    assert scheduler(records, home, echo=echo).step()
    job = last_job(records)
    assert (job.state, job.result, job.progress_e4) == ("done", {"said": "bonjour"}, 10_000)


def test_nothing_to_do_is_told(records: Records, home: Path) -> None:
    assert not scheduler(records, home).step()


def test_jobs_are_run_in_the_order_they_were_asked(records: Records, home: Path) -> None:
    said: list[str] = []

    def remember(context: JobContext) -> Result:
        said.append(context.arguments["say"])
        return {}

    for word in ("un", "deux", "trois"):
        jobs.ask(records, SCHEDULER, "remember", {"say": word})
    runner = scheduler(records, home, remember=remember)
    while runner.step():
        pass
    assert said == ["un", "deux", "trois"]


def test_an_expected_failure_keeps_its_french_message(records: Records, home: Path) -> None:
    def refuse(_context: JobContext) -> Result:
        raise InvalidData("Il manque le tarif de la cantine.")

    jobs.ask(records, SCHEDULER, "refuse", {})
    scheduler(records, home, refuse=refuse).step()
    assert (last_job(records).state, last_job(records).message) == ("failed", "Il manque le tarif de la cantine.")


def test_an_unexpected_failure_says_so_and_the_next_job_runs(records: Records, home: Path) -> None:
    def fall(_context: JobContext) -> Result:
        raise ZeroDivisionError("secret detail")

    jobs.ask(records, SCHEDULER, "fall", {})
    jobs.ask(records, SCHEDULER, "echo", {"say": "encore"})
    runner = scheduler(records, home, fall=fall, echo=echo)
    runner.step()
    assert last_job_of(records, "fall").state == "failed"
    assert "ZeroDivisionError" in last_job_of(records, "fall").message
    assert "secret" not in last_job_of(records, "fall").message
    runner.step()
    assert last_job_of(records, "echo").state == "done"


def last_job_of(records: Records, kind: str) -> jobs.JobLine:
    return next(job for job in jobs.list_jobs(records, SCHEDULER, 20) if job.kind == kind)


def test_a_kind_of_a_later_release_is_refused_by_name(records: Records, home: Path) -> None:
    jobs.ask(records, SCHEDULER, "teleport", {})
    scheduler(records, home).step()
    assert last_job(records).state == "failed"
    assert "teleport" in last_job(records).message


def test_a_second_scheduler_in_the_folder_is_refused(records: Records, home: Path) -> None:
    with only_one(home), pytest.raises(SchedulerRunning, match="déjà"):
        scheduler(records, home).run()


def test_a_stopped_scheduler_leaves_the_folder_free(records: Records, home: Path) -> None:
    runner = scheduler(records, home)
    thread = threading.Thread(target=runner.run)
    thread.start()
    wait_until((home / "scheduler.alive").exists, 5, "a sign of life")
    runner.stop_asked.set()
    thread.join(5)
    with only_one(home):
        assert not thread.is_alive()


def test_progress_is_written_while_the_job_runs(
    records: Records, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.scheduler.BEAT_SECONDS", 0.01)
    seen: list[int] = []

    def slow(context: JobContext) -> Result:
        context.progress(0.42, "calcul des repas")
        wait_until(lambda: last_job(records).progress_e4 == 4_200, 5, "the progress to be written")
        seen.append(last_job(records).progress_e4)
        return {}

    jobs.ask(records, SCHEDULER, "slow", {})
    scheduler(records, home, slow=slow).step()
    assert seen == [4_200]
    assert last_job(records).state == "done"


# ------------------------------------------------------------------------------------------- killed schedulers


KILLED = """
import sys, time
from pathlib import Path
from jobs.scheduler import Scheduler
from records.database import open_records, records_url
home = Path(sys.argv[1])
def endless(context):
    print("running", flush=True)
    time.sleep(600)
Scheduler(open_records(records_url(home)), home, records_url(home), {"endless": endless}).run()
"""


def test_the_work_of_a_killed_scheduler_is_asked_again_and_done(
    records: Records, home: Path, processes: Processes
) -> None:
    jobs.ask(records, SCHEDULER, "endless", {"say": "enfin"})
    killed = processes.start("scheduler", [sys.executable, "-c", KILLED, home])
    killed.wait_for_line("running")
    killed.popen.send_signal(signal.SIGKILL)
    killed.popen.wait()
    assert last_job_of(records, "endless").state == "running"
    runner = scheduler(records, home, endless=echo)
    with only_one(home):
        assert len(runner.recover()) == 1
    while runner.step():
        pass
    found = [job for job in jobs.list_jobs(records, SCHEDULER, 5) if job.kind == "endless"]
    assert [job.state for job in found] == ["done", "failed"]
    assert found[0].result == {"said": "enfin"}


def test_work_lost_three_times_is_given_up(records: Records, home: Path) -> None:
    runner = scheduler(records, home)
    jobs.ask(records, SCHEDULER, "deadly", {})
    for _attempt in range(3):
        assert jobs.claim_next(records, SCHEDULER) is not None  # and its scheduler dies here
        runner.recover()
    assert jobs.claim_next(records, SCHEDULER) is None
    assert {job.state for job in jobs.list_jobs(records, SCHEDULER, 5)} == {"failed"}


def test_a_clock_set_back_does_not_hide_a_lost_job(records: Records, home: Path, clock: TestClock) -> None:
    jobs.ask(records, SCHEDULER, "echo", {"say": "ici"})
    jobs.claim_next(records, SCHEDULER)
    clock.pass_seconds(-86_400)
    assert len(scheduler(records, home).recover()) == 1


def test_a_job_in_hand_at_the_end_of_the_server_waits_for_the_next_start(records: Records, home: Path) -> None:
    begun, ended = threading.Event(), threading.Event()

    def long(_context: JobContext) -> Result:
        begun.set()
        ended.wait(10)
        return {}

    jobs.ask(records, SCHEDULER, "long", {"year": 2026})
    runner = scheduler(records, home, long=long)
    worker = threading.Thread(target=runner.step)
    worker.start()
    assert begun.wait(5)
    runner.abandon()
    found = [(job.state, job.arguments) for job in jobs.list_jobs(records, SCHEDULER, 5) if job.kind == "long"]
    assert found == [("waiting", {"year": 2026}), ("failed", {"year": 2026})]
    ended.set()
    worker.join(5)


# ------------------------------------------------------------------------------------------------ builds due


class Builds:
    """Counts the builds asked of it, and publishes as a build does."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.arguments: list[Mapping[str, object]] = []

    def __call__(self, context: JobContext) -> Result:
        self.arguments.append(context.arguments)
        publish(self.home, context.records.change_seq(), context.records.clock())
        return {}


def test_a_change_of_the_records_makes_one_build(records: Records, home: Path) -> None:
    builds = Builds(home)
    runner = scheduler(records, home, warehouse_build=builds)
    assert not runner.step()
    change_records(records)
    assert runner.step()
    assert not runner.step()
    assert builds.arguments == [{}]


def test_builds_are_a_minute_apart_at_least(records: Records, home: Path, clock: TestClock) -> None:
    builds = Builds(home)
    runner = scheduler(records, home, warehouse_build=builds)
    for _change in range(3):
        change_records(records)
        runner.step()
        clock.pass_seconds(19)
    assert len(builds.arguments) == 1
    clock.pass_seconds(60)
    runner.step()
    assert len(builds.arguments) == 2


def test_the_first_build_needs_no_change(records: Records, home: Path) -> None:
    (published_folder(home) / "pointer.json").unlink()
    builds = Builds(home)
    scheduler(records, home, warehouse_build=builds).step()
    assert len(builds.arguments) == 1


def test_failing_builds_are_asked_further_and_further_apart(records: Records, home: Path, clock: TestClock) -> None:
    asked: list[int] = []

    def fail(_context: JobContext) -> Result:
        asked.append(clock())
        raise InvalidData("Une donnée empêche le calcul.")

    runner = scheduler(records, home, warehouse_build=fail)
    change_records(records)
    for _minute in range(30):
        runner.step()
        clock.pass_seconds(60)
    gaps = [(after - before) // MICROS_PER_SECOND // 60 for before, after in pairwise(asked)]
    assert gaps == [2, 4, 8]


def test_without_a_collectivity_no_build_is_due(tmp_path: Path, empty_file: Path) -> None:
    shutil.copyfile(empty_file, tmp_path / "records.db")
    records = open_records(records_url(tmp_path))
    builds = Builds(tmp_path)
    assert not scheduler(records, tmp_path, warehouse_build=builds).step()
    records.close()
    assert builds.arguments == []


def test_a_build_does_not_make_the_next_one_due(records: Records, home: Path, clock: TestClock) -> None:
    builds = Builds(home)
    runner = scheduler(records, home, warehouse_build=builds)
    change_records(records)
    for _minute in range(5):
        runner.step()
        clock.pass_seconds(120)
    assert len(builds.arguments) == 1


def test_a_starting_scheduler_asks_for_a_build_in_case_the_release_changed(records: Records, home: Path) -> None:
    runner = scheduler(records, home, warehouse_build=Builds(home))
    thread = threading.Thread(target=runner.run)
    thread.start()
    wait_until(lambda: bool(jobs.list_jobs(records, SCHEDULER, 1)), 5, "a job")
    wait_until(lambda: last_job(records).state == "done", 5, "the build")
    runner.stop_asked.set()
    thread.join(5)
    assert not thread.is_alive()


def test_a_snapshot_of_a_day_under_way_grows_old(records: Records, home: Path, clock: TestClock) -> None:
    publish(home, records.change_seq(), clock(), seconds_true=300)
    clock.pass_seconds(299)
    assert not warehouse_build.is_due(records, home)
    clock.pass_seconds(1)
    assert warehouse_build.is_due(records, home)


def test_the_registry_knows_every_kind_of_work() -> None:
    assert registry().keys() == {
        "invoice_pdfs",
        "month_end",
        "quotient_refresh",
        "tariff_simulation",
        "warehouse_build",
    }
