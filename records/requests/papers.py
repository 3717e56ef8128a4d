"""« Autorisations » and « renseignements complémentaires »: what an adult allows or answers for a child."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select

from domain.errors import NotFound
from records.actors import Actor
from records.database import Records
from records.models import Answer, Authorisation, AuthorisationKind, Person, Question
from records.operations.answers import NewAnswer, answer_questions
from records.operations.family_papers import NewAuthorisation, authorise
from records.operations.lookup import by_ref, in_force_on, invalid
from records.requests.files import child_of, member_of
from records.requests.kind import Asked, Field, Payload, RequestKind, Subject
from records.requests.words import joined


class GivenV1(Payload):
    """One authorisation, given or refused."""

    kind_ref: str
    is_allowed: bool
    detail: str | None = None


class AuthorisationsV1(Payload):
    """What who asks allows or refuses for a child, from a day on."""

    child_ref: str
    valid_from: date
    given: tuple[GivenV1, ...]


class Authorisations(RequestKind[AuthorisationsV1]):
    """Each guardian answers for themselves: the other one's word stays."""

    code = "authorisations"
    label = "Autorisations"
    payloads = (AuthorisationsV1,)

    def look(self, asked: Asked[AuthorisationsV1]) -> Subject:
        """Return what the adult had said of each kind, and what they say now."""
        wanted = asked.payload
        child = child_of(asked, wanted.child_ref)
        adult = _asker(asked)
        fields = []
        for each in wanted.given:
            kind = by_ref(asked.session, AuthorisationKind, each.kind_ref)
            now = asked.session.scalar(
                select(Authorisation)
                .where(
                    Authorisation.person_id == child.id,
                    Authorisation.kind_id == kind.id,
                    Authorisation.given_by_id == adult.id,
                    *in_force_on(wanted.valid_from, Authorisation.valid_from, Authorisation.valid_to),
                )
                .order_by(Authorisation.valid_from.desc())
                .limit(1)
            )
            before = None if now is None else _allowed(now.is_allowed, now.detail)
            fields.append(Field(kind.ref, kind.label, before, _allowed(each.is_allowed, each.detail)))
        _refuse_twice(fields)
        return Subject(tuple(fields), person_id=child.id)

    def apply(
        self, records: Records, actor: Actor, asked: Asked[AuthorisationsV1], given: Payload | None
    ) -> tuple[str, ...]:
        """Record each word of the adult; it was signed when it was asked."""
        wanted, adult = asked.payload, _asker(asked)
        for each in wanted.given:
            authorisation = NewAuthorisation(
                wanted.child_ref,
                each.kind_ref,
                adult.ref,
                each.is_allowed,
                wanted.valid_from,
                signed_on=asked.received_on,
                detail=each.detail,
            )
            authorise(records, actor, authorisation)
        return ()


class AnsweredV1(Payload):
    """An answer as it is typed: oui, 2026-09-01, 12,5, a choice."""

    question_ref: str
    value: str


class ComplementaryV1(Payload):
    """Answers about somebody of the file, from a day on."""

    person_ref: str
    valid_from: date
    answers: tuple[AnsweredV1, ...]


class Complementary(RequestKind[ComplementaryV1]):
    """Questions that staff define: insurance, swimming, glasses…"""

    code = "complementary"
    label = "Renseignements complémentaires"
    payloads = (ComplementaryV1,)

    def look(self, asked: Asked[ComplementaryV1]) -> Subject:
        """Return what was answered to each question, and what is answered now."""
        wanted = asked.payload
        person = _member(asked, wanted.person_ref)
        fields = []
        for each in wanted.answers:
            question = by_ref(asked.session, Question, each.question_ref)
            now = asked.session.scalar(
                select(Answer.value)
                .where(
                    Answer.question_id == question.id,
                    Answer.person_id == person.id,
                    *in_force_on(wanted.valid_from, Answer.valid_from, Answer.valid_to),
                )
                .order_by(Answer.valid_from.desc())
                .limit(1)
            )
            fields.append(Field(question.ref, question.label, now, each.value))
        _refuse_twice(fields)
        return Subject(tuple(fields), person_id=person.id)

    def apply(
        self, records: Records, actor: Actor, asked: Asked[ComplementaryV1], given: Payload | None
    ) -> tuple[str, ...]:
        """Record the answers."""
        wanted = asked.payload
        answers = [
            NewAnswer(each.question_ref, wanted.person_ref, each.value, wanted.valid_from)
            for each in wanted.answers
        ]
        answer_questions(records, actor, answers)
        return ()


def _asker(asked: Asked[Any]) -> Person:
    if asked.asker is None:
        raise invalid("Seul un adulte du dossier répond pour un enfant : reliez son compte à sa fiche.")
    return asked.asker


def _member(asked: Asked[ComplementaryV1], person_ref: str) -> Person:
    try:
        return child_of(asked, person_ref)
    except NotFound:
        return member_of(asked, person_ref, "guardian")[1]


def _allowed(is_allowed: bool, detail: str | None) -> str | None:
    return joined(("autorisé" if is_allowed else "refusé", detail))


def _refuse_twice(fields: list[Field]) -> None:
    if len({each.key for each in fields}) < len(fields):
        raise invalid("La même question est répondue deux fois : gardez une réponse.")
