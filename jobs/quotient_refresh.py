"""The job `quotient_refresh`: ask API Particulier about every family for a month; cut anywhere, it goes on there.

Figures and nothing else are kept, each answer in a transaction of its own. When the service stumbles over one file,
the next is asked about; when nobody answers any more the job stops, and the open batch waits for its next run.
"""

from __future__ import annotations

import fcntl
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from sqlalchemy import select

from domain.allocataires import FOUND, Answer, Identity
from domain.errors import InvalidData, MarelleError
from domain.french import month_name, number, typeset
from domain.time import local_day
from exchanges.quotient.access import reachable, read_access
from exchanges.quotient.client import ApiParticulier
from exchanges.quotient.errors import NoAnswer, ServiceUnavailable
from jobs.kinds import JobContext, Result
from records.actors import Actor, Right, program
from records.database import Records
from records.models import Collectivity
from records.operations import quotient_batches as batches
from records.operations.quotient_people import Question

QUOTIENT_REFRESH = "quotient_refresh"
REFRESHER: Actor = program("actualisation des QF", Right.RUN_JOBS)
LOCK_FILE = "quotients.lock"
# So many files in a row without any answer: the service is away, not one household.
SILENT_FILES_MAX = 3


class RefreshInProgress(MarelleError):
    """Another process asks already for this folder."""

    code = "quotient_refresh_in_progress"


class RefreshInterrupted(MarelleError):
    """The service went away; what was answered is kept."""

    code = "quotient_refresh_interrupted"


@dataclass
class _Tally:
    """How the run goes: answers by outcome, and files that nobody answered for."""

    outcomes: Counter[str] = field(default_factory=Counter)
    unanswered: int = 0
    silent_in_a_row: int = 0


def refresh_quotients(context: JobContext) -> Result:
    """Ask about every family for `arguments["month"]` (« 2026-11 », this month without it).

    The result counts answers by outcome, files without an identity, and those that nobody answered for. Raises
    RefreshInProgress, RefreshInterrupted, AccessRefused, AccessNotConfigured, InvalidData.
    """
    records = context.records
    today = _today(records)
    month = asked_month(context.arguments.get("month"), today)
    access = read_access(context.home)
    with _alone(context.home), reachable(access, today) as reached, ApiParticulier(reached) as api:
        batch = batches.open_batch(records, REFRESHER, month)
        questions = batches.batch_questions(records, REFRESHER, batch)
        tally, total = _Tally(), questions.done + len(questions.left)
        for place, question in enumerate(questions.left, questions.done):
            context.progress(place / total, f"{number(place)} sur {number(total)} : {month_name(month)}")
            _ask(records, api, batch, question, tally)
            _stop_when_silent(tally, done=place + 1, total=total)
        if not tally.unanswered:
            batches.close_batch(records, REFRESHER, batch)
    return {
        "month": f"{month:%Y-%m}",
        "resumed": batch.is_resumed,
        "before": questions.done,
        "asked": len(questions.left),
        **{outcome: tally.outcomes[outcome] for outcome in ("found", "not_found", "not_yet", "refused")},
        "unanswered": tally.unanswered,
        "incomplete": [{"family_ref": ref, "missing": list(missing)} for ref, missing in questions.incomplete],
    }


def asked_month(given: object, today: date) -> date:
    """Return the first day of the month asked for; raises InvalidData for one that is no month, or to come."""
    if given is None:
        return today.replace(day=1)
    try:
        month = date.fromisoformat(f"{given}-01")
    except ValueError:
        raise InvalidData(
            typeset(f"« {given} » n'est pas un mois. Écrivez-le AAAA-MM, par exemple 2026-11.")
        ) from None
    if month > today:
        raise InvalidData(typeset(f"Le mois de {month_name(month)} n'a pas commencé : son QF n'existe pas encore."))
    return month


def _ask(records: Records, api: ApiParticulier, batch: batches.Batch, question: Question, tally: _Tally) -> None:
    """Ask about each person of a question until one is known; keep each answer at once."""
    last: str | None = None
    for person in question.people:
        try:
            answer = _answer(api, question, person.identity, batch.month, _today(records))
        except ServiceUnavailable:
            tally.unanswered += 1
            tally.silent_in_a_row += 1
            return
        batches.record_answer(records, REFRESHER, batch, question, (person.person_id, answer))
        tally.silent_in_a_row = 0
        last = answer.outcome
        if last == FOUND:
            break
    if last is not None:
        tally.outcomes[last] += 1


def _answer(api: ApiParticulier, question: Question, identity: Identity, month: date, today: date) -> Answer:
    try:
        return api.ask(question.endpoint, identity, month, today)
    except NoAnswer as refusal:
        return refusal.answer


def _stop_when_silent(tally: _Tally, *, done: int, total: int) -> None:
    if tally.silent_in_a_row >= SILENT_FILES_MAX:
        raise RefreshInterrupted(
            typeset(
                f"API Particulier ne répond plus, après {number(done - tally.silent_in_a_row)} questions sur "
                f"{number(total)}. Les réponses reçues sont gardées, les anciens QF restent en vigueur. Relancez "
                "plus tard : l'actualisation reprendra où elle s'est arrêtée."
            )
        )


def _today(records: Records) -> date:
    with records.read() as session:
        timezone = session.scalar(select(Collectivity.timezone))
    if timezone is None:
        raise InvalidData("La collectivité n'est pas décrite. Lancez « marelle init » ou « marelle demo ».")
    return local_day(records.clock(), timezone)


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Hold the folder's lock of refreshes: two would ask about everybody twice."""
    with (home / LOCK_FILE).open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RefreshInProgress(
                typeset(
                    "Une actualisation des QF est déjà en cours. Attendez qu'elle finisse : rien n'a été lancé."
                )
            ) from None
        yield
