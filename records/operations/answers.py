"""Complementary answers: each is checked by the type of its question, and the one before ends (domain notes §3)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from sqlalchemy import select

from records.actors import Actor, Right
from records.database import Records, Write
from records.models import Answer, FamilyMember, Person, Question
from records.operations.lookup import add, by_ref, change, in_force_on, invalid
from records.operations.merged import kept_by_ref
from records.operations.registry import Scope, operation
from records.operations.versions import close, overlap


@dataclass(frozen=True, slots=True)
class NewAnswer:
    """What somebody answers to a question from a day on, as typed: `oui`/`non`, 2026-09-01, 12,5, a choice."""

    question_ref: str
    person_ref: str
    value: str
    valid_from: date


@operation(Right.EDIT_FAMILIES, Scope.ANYWHERE)
def answer_questions(records: Records, actor: Actor, answers: Sequence[NewAnswer]) -> list[int]:
    """Record answers in one transaction; the answer before ends that day, one of the same day is corrected.

    Returns their ids. Raises InvalidData when a value is not of its question's type, NotFound.
    """
    with records.write(actor, "answer_questions") as write:
        return [_answer(write, each) for each in answers]


def _answer(write: Write, given: NewAnswer) -> int:
    session = write.session
    question = by_ref(session, Question, given.question_ref)
    person = kept_by_ref(session, Person, given.person_ref)
    value = checked_answer(question, given.value.strip())
    role = session.scalar(
        select(FamilyMember.role)
        .where(FamilyMember.person_id == person.id, FamilyMember.role.in_(_ROLES[question.about]))
        .limit(1)
    )
    if role is None:
        raise invalid(f"La question « {question.label} » ne se pose pas à {person.first_name}.", person=person.ref)
    asked = select(Question.id).where(
        Question.id == question.id, *in_force_on(given.valid_from, Question.valid_from, Question.valid_to)
    )
    if session.scalar(asked) is None:
        raise invalid(f"La question « {question.label} » ne se pose pas à cette date.", question=question.ref)
    for row in session.scalars(
        select(Answer).where(Answer.question_id == question.id, Answer.person_id == person.id)
    ).all():
        if row.valid_from == given.valid_from:
            change(write, row, {"value": value})
            return row.id
        if overlap((given.valid_from, None), (row.valid_from, row.valid_to)):
            if row.valid_from > given.valid_from:
                raise invalid("Une réponse commence déjà après ce jour : choisissez une date plus tardive.")
            close(write, row, given.valid_from)
    answer = Answer(question_id=question.id, person_id=person.id, value=value, valid_from=given.valid_from)
    return add(write, answer)


_ROLES = {"child": ("child",), "adult": ("guardian", "contact")}


def checked_answer(question: Question, value: str) -> str:
    """Return a value as it is kept; raises InvalidData when it is not of the question's type."""
    wanted = {
        "yes_no": "oui ou non",
        "number": "un nombre",
        "date": "une date, comme 2026-09-01",
        "choice": "un des choix proposés",
        "text": "un texte de 400 caractères au plus",
    }[question.answer_type]
    kept = _READERS[question.answer_type](question, value)
    if not kept or len(kept) > 400:
        raise invalid(f"« {question.label} » : répondez par {wanted}.", question=question.ref)
    return kept


def _yes_no(_question: Question, value: str) -> str:
    return value.lower() if value.lower() in ("oui", "non") else ""


def _number(_question: Question, value: str) -> str:
    try:
        number = Decimal(value.replace(",", "."))
    except InvalidOperation:
        return ""
    return str(number) if number.is_finite() else ""


def _date(_question: Question, value: str) -> str:
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        return ""


def _choice(question: Question, value: str) -> str:
    return value if value in json.loads(question.choices or "[]") else ""


def _text(_question: Question, value: str) -> str:
    return value


_READERS = {"yes_no": _yes_no, "number": _number, "date": _date, "choice": _choice, "text": _text}
