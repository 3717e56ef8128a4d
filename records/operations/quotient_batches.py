"""Asking API Particulier about every family for a month: who is to be asked, and what each answer writes.

An open batch says who was asked already, so a refresh that was cut anywhere goes on where it was. The questions are
put by `jobs.quotient_refresh`; nothing here talks to anybody.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.allocataires import EAJE, FOUND, QUOTIENT, SOURCE_OF_PROVIDER, Answer
from domain.errors import NotFound
from records.actors import Actor, Right
from records.database import Records, Write
from records.models import Family, Payer, Qf, QuotientAnswer, QuotientBatch
from records.models.incomes import QF_UNKNOWN_E2
from records.operations.family_facts import NewQf, add_qf_row
from records.operations.family_search import local_day_of
from records.operations.incomes import NewIncome, add_income_row
from records.operations.lookup import add
from records.operations.merged import ids_with_merged
from records.operations.quotient_people import Question, questions
from records.operations.registry import Scope, operation


@dataclass(frozen=True, slots=True)
class Batch:
    """The refresh of one month; resumed when an earlier run left it open."""

    batch_id: int
    month: date
    is_resumed: bool


@dataclass(frozen=True, slots=True)
class Questions:
    """What is left to ask, how much is done, and the files that lack an identity: (ref, what is missing)."""

    left: tuple[Question, ...]
    done: int
    incomplete: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class BatchReport:
    """How a batch went: answers by outcome, QF and incomes added by it."""

    month: date
    started_at: int
    finished_at: int | None
    outcomes: Mapping[str, int]
    new_qfs: int
    new_incomes: int


@operation(Right.RUN_JOBS)
def open_batch(records: Records, actor: Actor, month: date) -> Batch:
    """Return the open batch of a month, made when there is none."""
    first = month.replace(day=1)
    with records.upkeep() as work:
        row = work.scalar(
            select(QuotientBatch)
            .where(QuotientBatch.month == first, QuotientBatch.finished_at.is_(None))
            .order_by(QuotientBatch.id)
            .limit(1)
        )
        if row is not None:
            return Batch(row.id, first, is_resumed=True)
        row = QuotientBatch(month=first, recorded_at=records.clock(), recorded_by=actor.signature)
        work.add(row)
        work.flush()
        return Batch(row.id, first, is_resumed=False)


@operation(Right.RUN_JOBS)
def batch_questions(records: Records, actor: Actor, batch: Batch) -> Questions:
    """Return what is left to ask: files with a child enrolled today or later, and nobody asked twice."""
    with records.read() as session:
        every = questions(session, local_day_of(session, records.clock()))
        answered: dict[tuple[int, str], dict[int, str]] = defaultdict(dict)
        for row in session.execute(
            select(
                QuotientAnswer.family_id, QuotientAnswer.endpoint, QuotientAnswer.person_id, QuotientAnswer.outcome
            ).where(QuotientAnswer.batch_id == batch.batch_id)
        ):
            answered[row.family_id, row.endpoint][row.person_id] = row.outcome
    left: list[Question] = []
    incomplete: dict[str, tuple[str, ...]] = {}
    done = 0
    for question in every:
        said = answered[question.family_id, question.endpoint]
        known = [person for person in question.people if not person.identity.missing()]
        if not known:
            incomplete[question.family_ref] = question.people[0].identity.missing()
        elif any(said.get(person.person_id) == FOUND for person in known):
            done += 1
        elif people := tuple(person for person in known if person.person_id not in said):
            left.append(
                Question(question.family_id, question.family_ref, question.payer_id, question.endpoint, people)
            )
        else:
            done += 1
    return Questions(tuple(left), done, tuple(incomplete.items()))


@operation(Right.RUN_JOBS)
def record_answer(
    records: Records, actor: Actor, batch: Batch, question: Question, asked: tuple[int, Answer]
) -> int | None:
    """Keep an answer, and add the QF or the income it gives from the first day of the month on.

    `asked` is the person's id and the answer. Returns the answer's id, None when this was already kept. What is not
    `found` leaves the former QF in force.
    """
    person_id, answer = asked
    with records.write(actor, "record_answer") as write:
        known = write.session.scalar(
            select(QuotientAnswer.id).where(
                QuotientAnswer.batch_id == batch.batch_id,
                QuotientAnswer.family_id == question.family_id,
                QuotientAnswer.person_id == person_id,
                QuotientAnswer.endpoint == answer.endpoint,
            )
        )
        if known is not None:
            return None
        return add(
            write,
            QuotientAnswer(
                batch_id=batch.batch_id,
                family_id=question.family_id,
                payer_id=question.payer_id,
                person_id=person_id,
                endpoint=answer.endpoint,
                month=answer.month,
                status=answer.status,
                outcome=answer.outcome,
                error_code=answer.error_code,
                sha256=answer.sha256,
                provider=answer.provider,
                value_e2=answer.value_e2,
                annual_cents=answer.annual_cents,
                children_count=answer.children,
                aeeh_count=answer.aeeh,
                qf_id=_qf_of(write, question, answer),
                income_id=_income_of(write, question, answer),
                recorded_at=write.now,
                recorded_by=actor.signature,
            ),
        )


@operation(Right.RUN_JOBS)
def close_batch(records: Records, actor: Actor, batch: Batch) -> None:
    """Say that everybody was asked. Raises NotFound when the batch is not open."""
    with records.upkeep() as work:
        row = work.get(QuotientBatch, batch.batch_id, with_for_update=True)
        if row is None or row.finished_at is not None:
            raise NotFound("Cette actualisation des QF n'est pas en cours.", batch_id=batch.batch_id)
        row.finished_at = records.clock()


@operation(Right.SEE_FAMILIES, Scope.ANYWHERE)
def latest_batch(records: Records, actor: Actor) -> BatchReport | None:
    """Return how the latest refresh went, None when there was none."""
    with records.read() as session:
        row = session.scalar(select(QuotientBatch).order_by(QuotientBatch.id.desc()).limit(1))
        return None if row is None else _report(session, row)


def _report(session: Session, row: QuotientBatch) -> BatchReport:
    counted = session.execute(
        select(
            QuotientAnswer.outcome,
            func.count(),
            func.count(QuotientAnswer.qf_id),
            func.count(QuotientAnswer.income_id),
        )
        .where(QuotientAnswer.batch_id == row.id)
        .group_by(QuotientAnswer.outcome)
    ).all()
    return BatchReport(
        row.month,
        row.recorded_at,
        row.finished_at,
        Counter({outcome: count for outcome, count, _qfs, _incomes in counted}),
        sum(qfs for _outcome, _count, qfs, _incomes in counted),
        sum(incomes for _outcome, _count, _qfs, incomes in counted),
    )


def _qf_of(write: Write, question: Question, answer: Answer) -> int | None:
    """Add the QF that was answered, or return the one of that day, source and value which stands already.

    An answer of exactly 9999 gives none: that figure means « not known yet » everywhere else.
    """
    if answer.outcome != FOUND or answer.endpoint != QUOTIENT or answer.value_e2 in (None, QF_UNKNOWN_E2):
        return None
    source = SOURCE_OF_PROVIDER[answer.provider or ""]
    families = ids_with_merged(write.session, Family, question.family_id)
    payers = [] if question.payer_id is None else ids_with_merged(write.session, Payer, question.payer_id)
    same_day = select(Qf).where(
        Qf.family_id.in_(families),
        Qf.payer_id.is_(None) if question.payer_id is None else Qf.payer_id.in_(payers),
        Qf.effective_from == answer.month,
    )
    latest = write.session.scalar(same_day.order_by(Qf.recorded_at.desc(), Qf.id.desc()).limit(1))
    if latest is not None and (latest.source, latest.value_e2) == (source, answer.value_e2):
        return latest.id
    return add_qf_row(write, question.family_id, question.payer_id, NewQf(answer.value_e2, source, answer.month))


def _income_of(write: Write, question: Question, answer: Answer) -> int | None:
    """Add the income that was answered; a household with more AEEH than children is kept as an answer only."""
    if answer.outcome != FOUND or answer.endpoint != EAJE:
        return None
    assert answer.annual_cents is not None
    assert answer.income_year is not None
    assert answer.children is not None
    assert answer.aeeh is not None
    if answer.aeeh > answer.children:
        return None
    income = NewIncome(
        answer.month, answer.income_year, answer.annual_cents, answer.children, answer.aeeh, "caf_or_msa"
    )
    return add_income_row(write, question.family_id, question.payer_id, income)
