"""The one scheduler of a MARELLE_HOME: takes jobs one by one, shows that it lives, and survives being killed."""

from __future__ import annotations

import fcntl
import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from domain.errors import MarelleError
from domain.french import typeset
from domain.time import MICROS_PER_SECOND
from jobs.kinds import JobContext, JobKind, Result, kind_named
from jobs.warehouse_build import (
    REBUILD_AFTER_FAILURE_SECONDS_MAX,
    REBUILD_EVERY_SECONDS,
    WAREHOUSE_BUILD,
    has_collectivity,
    is_due,
)
from records.actors import Actor, Right, program
from records.database import Records
from records.operations import jobs

SCHEDULER: Actor = program("ordonnanceur", Right.RUN_JOBS)
LOCK_FILE = "scheduler.lock"
ALIVE_FILE = "scheduler.alive"
STEP_SECONDS = 1.0
BEAT_SECONDS = 3.0
ERRANDS_EVERY_SECONDS = 60
ATTEMPT = "attempt"  # among a job's arguments once it was lost: which try this is
ATTEMPTS_MAX = 3
_A_YEAR_SECONDS = 366 * 86_400
_LATEST_JOBS = 50
_LOG = logging.getLogger(__name__)


class SchedulerRunning(MarelleError):
    """Another scheduler works in this folder."""

    code = "scheduler_running"


@dataclass
class Scheduler:
    """Runs the jobs of one MARELLE_HOME; `stop_asked` ends it after the job in hand."""

    records: Records
    home: Path
    url: str
    kinds: Mapping[str, JobKind]
    stop_asked: threading.Event = field(default_factory=threading.Event)
    errands: Sequence[Callable[[], object]] = ()  # short and repeatable: mail that waits
    _errands_run_at: int | None = None
    _build_asked_at: int | None = None
    _build_wait_seconds: int = REBUILD_EVERY_SECONDS
    _in_hand: jobs.JobLine | None = None

    def run(self) -> None:
        """Work until asked to stop. Raises SchedulerRunning when the folder already has a scheduler."""
        with only_one(self.home):
            self.recover()
            if has_collectivity(self.records):
                # A new release may compute otherwise; a build that would change nothing ends at once.
                jobs.ask(self.records, SCHEDULER, WAREHOUSE_BUILD, {})
            while not self.stop_asked.is_set():
                self._sign_of_life()
                try:
                    worked = self.step()
                except MarelleError as error:
                    _LOG.error("%s", error)
                    worked = False
                except Exception:
                    # The database may be away for a moment: the next step tries again.
                    _LOG.exception("a step of the scheduler failed")
                    worked = False
                if not worked:
                    self.stop_asked.wait(STEP_SECONDS)

    def recover(self) -> list[int]:
        """Ask again for the work that a dead scheduler left running; returns the new jobs' ids.

        We hold the folder's lock, so no job is really running. What was lost three times in a row is given up.
        """
        latest = jobs.list_jobs(self.records, SCHEDULER, _LATEST_JOBS)
        # A clock that was set back meanwhile must not make a dead job look alive.
        jobs.fail_lost(self.records, SCHEDULER, silent_seconds=-_A_YEAR_SECONDS)
        asked = []
        for job in reversed([job for job in latest if job.state == "running"]):
            attempt = int(job.arguments.get(ATTEMPT, 1)) + 1
            if attempt > ATTEMPTS_MAX:
                _LOG.error("job %s (%s) was lost %s times: given up", job.job_id, job.kind, ATTEMPTS_MAX)
                continue
            arguments = {**job.arguments, ATTEMPT: attempt}
            asked.append(jobs.ask(self.records, SCHEDULER, job.kind, arguments))
        return asked

    def step(self) -> bool:
        """Ask for what is due, then run one job if one waits; False when there was nothing to do."""
        self._run_errands()
        self._ask_for_build()
        job = jobs.claim_next(self.records, SCHEDULER)
        if job is None:
            return False
        self._run_job(job)
        return True

    def abandon(self) -> None:
        """Give back the job in hand, because this process is about to end: it will be done again."""
        job, self._in_hand = self._in_hand, None
        if job is not None:
            message = "Interrompu par l'arrêt du serveur. Il reprendra au prochain démarrage."
            jobs.fail(self.records, SCHEDULER, job.job_id, message)
            jobs.ask(self.records, SCHEDULER, job.kind, job.arguments)

    def _run_errands(self) -> None:
        """Run each errand once a minute; one that fails is logged, and hinders nothing else."""
        now, last = self.records.clock(), self._errands_run_at
        if last is not None and 0 <= now - last < ERRANDS_EVERY_SECONDS * MICROS_PER_SECOND:
            return
        self._errands_run_at = now
        for errand in self.errands:
            try:
                errand()
            except MarelleError as error:
                _LOG.error("%s", error)

    def _ask_for_build(self) -> None:
        now = self.records.clock()
        asked = self._build_asked_at
        if asked is not None and 0 <= now - asked < self._build_wait_seconds * MICROS_PER_SECOND:
            return
        if is_due(self.records, self.home):
            self._build_asked_at = now
            jobs.ask(self.records, SCHEDULER, WAREHOUSE_BUILD, {})

    def _run_job(self, job: jobs.JobLine) -> None:
        self._in_hand = job
        result: Result | None = None
        try:
            with _Pulse(self.records, job.job_id, self._sign_of_life) as pulse:
                kind = kind_named(self.kinds, job.kind)
                result = kind(JobContext(self.records, self.home, self.url, job.arguments, pulse.progress))
            message = ""
        except MarelleError as error:
            message = error.message
        except Exception as error:
            _LOG.exception("job %s (%s) failed", job.job_id, job.kind)
            message = typeset(
                f"Erreur inattendue ({type(error).__name__}). Le détail est dans le journal du serveur."
            )
        if self._in_hand is None:
            return  # abandoned meanwhile: somebody else will do it again
        self._in_hand = None
        if job.kind == WAREHOUSE_BUILD:
            self._pace_builds(succeeded=result is not None)
        if result is not None:
            jobs.finish(self.records, SCHEDULER, job.job_id, result)
        else:
            jobs.fail(self.records, SCHEDULER, job.job_id, message)

    def _pace_builds(self, *, succeeded: bool) -> None:
        """A build that fails will most often fail again: ask for the next ones further and further apart."""
        longer = min(2 * self._build_wait_seconds, REBUILD_AFTER_FAILURE_SECONDS_MAX)
        self._build_wait_seconds = REBUILD_EVERY_SECONDS if succeeded else longer

    def _sign_of_life(self) -> None:
        (self.home / ALIVE_FILE).touch()


class _Pulse:
    """While a job runs, tells its progress now and then from a thread of its own, so that silence means death."""

    def __init__(self, records: Records, job_id: int, sign_of_life: Callable[[], None]) -> None:
        self._records = records
        self._job_id = job_id
        self._sign_of_life = sign_of_life
        self._said = (0, "")
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="job-pulse", daemon=True)

    def __enter__(self) -> _Pulse:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        self._thread.join()

    def progress(self, share: float, message: str) -> None:
        """Note how far the job is; the next beat writes it."""
        self._said = (round(max(0.0, min(share, 1.0)) * jobs.PROGRESS_DONE_E4), message)

    def _beat(self) -> None:
        while not self._over.wait(BEAT_SECONDS):
            try:
                jobs.progress(self._records, SCHEDULER, self._job_id, *self._said)
                self._sign_of_life()
            except Exception:
                _LOG.exception("the heartbeat of job %s was not written", self._job_id)


@contextmanager
def only_one(home: Path) -> Iterator[None]:
    """Hold the folder's scheduler lock. Raises SchedulerRunning when another process holds it."""
    with (home / LOCK_FILE).open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SchedulerRunning(
                f"Un ordonnanceur travaille déjà dans {home}. Un seul suffit : rien n'a été lancé."
            ) from None
        yield
