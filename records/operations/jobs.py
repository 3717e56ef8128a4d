"""Long work as rows: asked for by people and programs, claimed by the one scheduler (docs/adr/0009).

A job is housekeeping, not a record: it has no audit row and leaves `change_seq` alone, or asking for a build would
make the build out of date. What the work itself writes goes through its own operations.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from domain.errors import NotFound
from domain.time import MICROS_PER_SECOND
from records.actors import Actor, Right
from records.database import Records
from records.models import Job
from records.operations.registry import operation

MONTH_END = "month_end"
INVOICE_PDFS = "invoice_pdfs"
TARIFF_SIMULATION = "tariff_simulation"
PROGRESS_DONE_E4 = 10_000
_MESSAGE_CHARACTERS_MAX = 400


@dataclass(frozen=True, slots=True)
class JobLine:
    """A job as people and the scheduler see it; `progress_e4` goes from 0 to 10000, instants are µs UTC."""

    job_id: int
    kind: str
    arguments: Mapping[str, Any]
    state: str
    progress_e4: int
    message: str
    result: Mapping[str, Any] | None
    asked_by: str
    asked_at: int
    started_at: int | None
    finished_at: int | None


@operation(Right.RUN_JOBS)
def ask(records: Records, actor: Actor, kind: str, arguments: Mapping[str, Any]) -> int:
    """Ask for a job; returns its id. The same job that already waits is not asked twice."""
    return _ask(records, actor, kind, arguments)


@operation(Right.KEEP_ACCOUNTS)
def ask_month_end(records: Records, actor: Actor, month: date) -> int:
    """Ask that a month's invoices be made, signed for the actor; returns the job's id."""
    return _ask(records, actor, MONTH_END, {"month": f"{month:%Y-%m}", "asked_by": actor.signature})


@operation(Right.KEEP_ACCOUNTS)
def ask_invoice_pdfs(records: Records, actor: Actor, month: date) -> int:
    """Ask that the PDFs of a month's invoices be made; returns the job's id."""
    return _ask(records, actor, INVOICE_PDFS, {"month": f"{month:%Y-%m}"})


@operation(Right.KEEP_ACCOUNTS)
def invoice_pdfs_job(records: Records, actor: Actor, month: date) -> JobLine | None:
    """Return the last job that makes the PDFs of a month, None when nobody asked for it."""
    return _last_of_month(records, INVOICE_PDFS, month)


@operation(Right.KEEP_ACCOUNTS)
def month_end_job(records: Records, actor: Actor, month: date) -> JobLine | None:
    """Return the last job that makes a month's invoices, None when nobody asked for it."""
    return _last_of_month(records, MONTH_END, month)


def _last_of_month(records: Records, kind: str, month: date) -> JobLine | None:
    with records.read() as session:
        found = session.scalars(select(Job).where(Job.kind == kind).order_by(Job.id.desc()))
        return next((line for line in map(_line, found) if line.arguments.get("month") == f"{month:%Y-%m}"), None)


@operation(Right.SEE_MONEY)
def ask_simulation(records: Records, actor: Actor, year: str, versions: Sequence[Mapping[str, Any]]) -> int:
    """Ask that a past school year be replayed under a grid (records.operations.tariff_trials); returns the id."""
    return _ask(records, actor, TARIFF_SIMULATION, {"year": year, "versions": list(versions)})


@operation(Right.SEE_MONEY)
def last_simulation_job(records: Records, actor: Actor) -> JobLine | None:
    """Return the last job that the actor asked to replay a year, None when there is none."""
    with records.read() as session:
        found = session.scalars(
            select(Job)
            .where(Job.kind == TARIFF_SIMULATION, Job.asked_by == actor.signature)
            .order_by(Job.id.desc())
            .limit(1)
        ).first()
        return None if found is None else _line(found)


@operation(Right.RUN_JOBS)
def claim_next(records: Records, actor: Actor) -> JobLine | None:
    """Take the job that has waited longest, now running, never twice; None when nothing waits."""
    now = records.clock()
    with records.upkeep() as work:
        job = work.scalar(
            select(Job).where(Job.state == "waiting").order_by(Job.id).limit(1).with_for_update(skip_locked=True)
        )
        if job is None:
            return None
        job.state, job.started_at, job.heartbeat_at = "running", now, now
        return _line(job)


@operation(Right.RUN_JOBS)
def progress(records: Records, actor: Actor, job_id: int, progress_e4: int, message: str) -> None:
    """Say how far a running job is; also the sign that it still lives."""
    with records.upkeep() as work:
        job = _running(work, job_id)
        job.progress_e4 = max(0, min(progress_e4, PROGRESS_DONE_E4))
        job.message = message[:_MESSAGE_CHARACTERS_MAX]
        job.heartbeat_at = records.clock()


@operation(Right.RUN_JOBS)
def finish(records: Records, actor: Actor, job_id: int, result: Mapping[str, Any]) -> None:
    """End a running job that succeeded, with its result."""
    with records.upkeep() as work:
        job = _running(work, job_id)
        job.state, job.progress_e4, job.result = "done", PROGRESS_DONE_E4, _json(result)
        job.finished_at = records.clock()


@operation(Right.RUN_JOBS)
def fail(records: Records, actor: Actor, job_id: int, message: str) -> None:
    """End a running job that failed; `message` says in French what happened and what to do."""
    with records.upkeep() as work:
        job = _running(work, job_id)
        job.state, job.message, job.finished_at = "failed", message[:_MESSAGE_CHARACTERS_MAX], records.clock()


@operation(Right.RUN_JOBS)
def fail_lost(records: Records, actor: Actor, silent_seconds: int) -> int:
    """Fail the running jobs that gave no sign for that long (their process died); returns how many."""
    now = records.clock()
    with records.upkeep() as work:
        lost = work.scalars(
            update(Job)
            .where(Job.state == "running", Job.heartbeat_at < now - silent_seconds * MICROS_PER_SECOND)
            .values(state="failed", message="Le travail s'est interrompu. Relancez-le.", finished_at=now)
            .returning(Job.id)
        )
        return len(lost.all())


@operation(Right.RUN_JOBS)
def list_jobs(records: Records, actor: Actor, limit: int) -> list[JobLine]:
    """Return the latest jobs, newest first."""
    with records.read() as session:
        return [_line(job) for job in session.scalars(select(Job).order_by(Job.id.desc()).limit(limit))]


def _ask(records: Records, actor: Actor, kind: str, arguments: Mapping[str, Any]) -> int:
    wanted = _json(arguments)
    with records.upkeep() as work:
        waiting = work.scalar(
            select(Job.id).where(Job.state == "waiting", Job.kind == kind, Job.arguments == wanted)
        )
        if waiting is not None:
            return waiting
        job = Job(
            kind=kind,
            arguments=wanted,
            state="waiting",
            progress_e4=0,
            message="",
            asked_by=actor.signature,
            asked_at=records.clock(),
        )
        work.add(job)
        work.flush()
        return job.id


def _running(work: Session, job_id: int) -> Job:
    job = work.get(Job, job_id, with_for_update=True)
    if job is None or job.state != "running":
        raise NotFound("Ce travail n'est pas en cours.", job_id=job_id)
    return job


def _line(job: Job) -> JobLine:
    return JobLine(
        job.id,
        job.kind,
        json.loads(job.arguments),
        job.state,
        job.progress_e4,
        job.message,
        None if job.result is None else json.loads(job.result),
        job.asked_by,
        job.asked_at,
        job.started_at,
        job.finished_at,
    )


def _json(values: Mapping[str, Any]) -> str:
    return json.dumps(dict(values), ensure_ascii=False, sort_keys=True)
