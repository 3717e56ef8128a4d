"""What a file's QF rests on, in one place: every QF, what differs, what was computed, answered and earned."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.allocataires import QUOTIENT, answer_words
from records.actors import Actor, Right
from records.database import Records
from records.models import Family, Payer, QuotientAnswer
from records.operations.family_file_views import QfDifference, QfLine
from records.operations.merged import ids_with_merged, kept_by_ref
from records.operations.qf_lines import qf_differences, qf_lines
from records.operations.registry import Scope, operation


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """What API Particulier said of a file, and what it means; `sha256` proves the bytes that were received."""

    endpoint: str
    month: date
    outcome: str
    message: str
    payer_ref: str | None
    value_e2: int | None
    provider: str | None
    sha256: str | None
    recorded_at: int
    qf_id: int | None


@dataclass(frozen=True, slots=True)
class FileQuotients:
    """The quotients of a file; `notice` says that the former QF stays when the latest question had no answer."""

    family_ref: str
    family_name: str
    qfs: tuple[QfLine, ...]
    differences: tuple[QfDifference, ...]
    answers: tuple[AnswerLine, ...]
    notice: str | None


@operation(Right.SEE_FAMILIES, Scope.ANYWHERE)
def quotients_of(records: Records, actor: Actor, family_ref: str) -> FileQuotients:
    """Return the quotients of a file, the latest first. Raises NotFound."""
    with records.read() as session:
        family = kept_by_ref(session, Family, family_ref)
        ids = ids_with_merged(session, Family, family.id)
        lines = qf_lines(session, ids)
        answers = _answers(session, ids)
        return FileQuotients(family.ref, family.name, lines, qf_differences(lines), answers, _notice(answers))


def _answers(session: Session, ids: list[int]) -> tuple[AnswerLine, ...]:
    rows = session.execute(
        select(QuotientAnswer, Payer.ref)
        .outerjoin(Payer, Payer.id == QuotientAnswer.payer_id)
        .where(QuotientAnswer.family_id.in_(ids))
        .order_by(QuotientAnswer.id.desc())
    )
    return tuple(
        AnswerLine(
            row.endpoint,
            row.month,
            row.outcome,
            answer_words(row.outcome, row.month),
            payer_ref,
            row.value_e2,
            row.provider,
            row.sha256,
            row.recorded_at,
            row.qf_id,
        )
        for row, payer_ref in rows
    )


def _notice(answers: tuple[AnswerLine, ...]) -> str | None:
    """Return why the latest month brought no QF, None when it did."""
    quotients = [answer for answer in answers if answer.endpoint == QUOTIENT]
    if not quotients:
        return None
    latest = [answer for answer in quotients if answer.month == max(each.month for each in quotients)]
    missing = [answer for answer in latest if not _is_answered(answer, latest)]
    return missing[0].message if missing else None


def _is_answered(answer: AnswerLine, others: list[AnswerLine]) -> bool:
    return any(other.payer_ref == answer.payer_ref and other.outcome == "found" for other in others)
