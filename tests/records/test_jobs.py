"""Jobs: asked once, claimed once, and never lost without a word."""

import threading

import pytest

from domain.errors import NotAllowed, NotFound
from records.actors import Actor, Right, program
from records.database import Records
from records.operations import jobs
from tests.factories.town import NOW, HandClock

SCHEDULER = program("scheduler", Right.RUN_JOBS)
SECOND = 1_000_000


def claimed(records: Records) -> jobs.JobLine:
    """Ask for a build and claim it."""
    jobs.ask(records, SCHEDULER, "build", {"full": True})
    job = jobs.claim_next(records, SCHEDULER)
    assert job is not None
    return job


def test_job_is_claimed_with_its_arguments_and_who_asked(records: Records) -> None:
    job = claimed(records)
    assert (job.kind, job.arguments, job.state, job.asked_by) == ("build", {"full": True}, "running", "scheduler")
    assert (job.asked_at, job.started_at, job.finished_at) == (NOW, NOW, None)


def test_job_that_already_waits_is_not_asked_twice(records: Records) -> None:
    first = jobs.ask(records, SCHEDULER, "build", {"a": 1, "b": 2})
    assert jobs.ask(records, SCHEDULER, "build", {"b": 2, "a": 1}) == first
    assert jobs.ask(records, SCHEDULER, "build", {"a": 2}) != first
    jobs.claim_next(records, SCHEDULER)
    assert jobs.ask(records, SCHEDULER, "build", {"a": 1, "b": 2}) != first


def test_jobs_are_claimed_in_the_order_asked_and_then_none(records: Records) -> None:
    for name in ("one", "two"):
        jobs.ask(records, SCHEDULER, name, {})
    kinds = [job.kind if (job := jobs.claim_next(records, SCHEDULER)) else None for _ in range(3)]
    assert kinds == ["one", "two", None]


def test_callers_at_once_never_claim_the_same_job(records: Records) -> None:
    for number in range(12):
        jobs.ask(records, SCHEDULER, "build", {"number": number})
    found: list[int] = []

    def work() -> None:
        while (job := jobs.claim_next(records, SCHEDULER)) is not None:
            found.append(job.job_id)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 12
    assert len(set(found)) == 12


def test_progress_and_result_are_kept(records: Records) -> None:
    job = claimed(records)
    jobs.progress(records, SCHEDULER, job.job_id, 5_000, "moitié")
    (line,) = jobs.list_jobs(records, SCHEDULER, 10)
    assert (line.progress_e4, line.message) == (5_000, "moitié")
    jobs.finish(records, SCHEDULER, job.job_id, {"lines": 12})
    (line,) = jobs.list_jobs(records, SCHEDULER, 10)
    assert (line.state, line.progress_e4, line.result, line.finished_at) == ("done", 10_000, {"lines": 12}, NOW)


def test_progress_stays_between_nothing_and_all(records: Records) -> None:
    job = claimed(records)
    for given, kept in ((-5, 0), (20_000, 10_000)):
        jobs.progress(records, SCHEDULER, job.job_id, given, "x" * 1_000)
        (line,) = jobs.list_jobs(records, SCHEDULER, 1)
        assert (line.progress_e4, len(line.message)) == (kept, 400)


def test_failure_says_why_and_ends_the_job(records: Records) -> None:
    job = claimed(records)
    jobs.fail(records, SCHEDULER, job.job_id, "Disque plein.")
    (line,) = jobs.list_jobs(records, SCHEDULER, 1)
    assert (line.state, line.message) == ("failed", "Disque plein.")
    with pytest.raises(NotFound, match="n'est pas en cours"):
        jobs.finish(records, SCHEDULER, job.job_id, {})


def test_job_whose_process_died_is_failed_after_its_silence(records: Records, clock: HandClock) -> None:
    job = claimed(records)
    clock.now += 60 * SECOND
    assert jobs.fail_lost(records, SCHEDULER, 60) == 0
    jobs.progress(records, SCHEDULER, job.job_id, 1, "")
    clock.now += 61 * SECOND
    assert jobs.fail_lost(records, SCHEDULER, 60) == 1
    assert jobs.list_jobs(records, SCHEDULER, 1)[0].state == "failed"


def test_jobs_move_no_watermark(records: Records) -> None:
    jobs.finish(records, SCHEDULER, claimed(records).job_id, {})
    assert records.change_seq() == 0


def test_job_is_asked_by_those_who_may(records: Records) -> None:
    with pytest.raises(NotAllowed):
        jobs.ask(records, Actor("personne"), "build", {})
