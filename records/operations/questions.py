"""Complementary questions that staff define, of a service or of all (domain notes §3); `answers` answers them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from records.actors import Actor, Right
from records.database import Records
from records.models import Answer, Question, Service
from records.models.authorisations import ANSWER_TYPES
from records.operations.kept_lists import Kept, add_kept, refs_by_id, row_to_edit
from records.operations.lookup import by_ref, change, invalid
from records.operations.registry import Scope, operation

# The type and whom it is asked of are what past answers were checked by: end the question, and ask another.
QUESTION_FIELDS = frozenset({"label", "choices", "is_mandatory", "rank", "valid_to"})


@dataclass(frozen=True, slots=True)
class NewQuestion:
    """A question from a day on; `choices` for the type « choice » alone; `rank` is its place in the form."""

    ref: str
    label: str
    about: str
    answer_type: str
    valid_from: date
    service_ref: str | None = None
    choices: tuple[str, ...] = ()
    is_mandatory: bool = False
    rank: int = 1
    valid_to: date | None = None


@operation(Right.EDIT_REFERENCE)
def add_question(records: Records, actor: Actor, question: NewQuestion) -> int:
    """Add a question; returns its id. Raises InvalidData, NotFound for an unknown service."""
    if question.answer_type not in ANSWER_TYPES or question.about not in ("child", "adult"):
        raise invalid("Type de réponse ou personne interrogée inconnus : choisissez dans la liste.")
    with records.write(actor, "add_question") as write:
        values = asdict(question)
        service_ref = values.pop("service_ref")
        values["service_id"] = by_ref(write.session, Service, service_ref).id if service_ref else None
        values["choices"] = _kept_choices(question.answer_type, question.choices)
        return add_kept(write, Question, values)


@operation(Right.EDIT_REFERENCE)
def edit_question(
    records: Records, actor: Actor, ref: str, changes: Mapping[str, object], row_version: int
) -> bool:
    """Change QUESTION_FIELDS of a question; a choice that somebody made stays among them.

    Returns False when nothing differs. Raises Conflict, InvalidData, NotFound.
    """
    with records.write(actor, "edit_question") as write:
        row = row_to_edit(write, Question, ref, changes, QUESTION_FIELDS)
        values = dict(changes)
        if "choices" in values:
            choices = values["choices"]
            assert isinstance(choices, Sequence)
            values["choices"] = _kept_choices(row.answer_type, choices)
            _refuse_lost_choice(write.session, row, choices)
        return change(write, row, values, row_version=row_version)


@operation(Right.SEE_FAMILIES, Scope.ANYWHERE)
def questions(records: Records, actor: Actor) -> list[Kept[NewQuestion]]:
    """Return every question, ended ones too, in the order of the form."""
    with records.read() as session:
        services = refs_by_id(session, Service)
        rows = session.scalars(select(Question).order_by(Question.rank, Question.id))
        return [
            Kept(
                NewQuestion(
                    row.ref,
                    row.label,
                    row.about,
                    row.answer_type,
                    row.valid_from,
                    services[row.service_id],
                    tuple(json.loads(row.choices or "[]")),
                    row.is_mandatory,
                    row.rank,
                    row.valid_to,
                ),
                row.row_version,
            )
            for row in rows
        ]


def _kept_choices(answer_type: str, choices: Sequence[str]) -> str | None:
    """Return the choices as they are kept. Raises InvalidData unless the type wants them, each once."""
    given = [choice.strip() for choice in choices]
    if (answer_type == "choice") != bool(given):
        raise invalid("Donnez des choix à une question à choix, et à elle seule.")
    if len(set(given)) != len(given) or "" in given:
        raise invalid("Chaque choix est donné une fois, et n'est pas vide.", choices=given)
    if any("|" in choice for choice in given):
        raise invalid("Un choix ne contient pas « | », qui les sépare dans les fichiers d'échange.", choices=given)
    return json.dumps(given, ensure_ascii=False) if given else None


def _refuse_lost_choice(session: Session, row: Question, choices: Sequence[str]) -> None:
    made = session.scalars(select(Answer.value).where(Answer.question_id == row.id).distinct())
    lost = sorted(set(made) - set(choices))
    if lost:
        raise invalid(
            f"Quelqu'un a répondu « {lost[0]} » : gardez ce choix, ou posez une autre question.", lost=lost
        )
