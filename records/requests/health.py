"""« Santé »: what a family tells of a child's health, read and written under health's own rights (ADR 0013)."""

from __future__ import annotations

from datetime import date
from typing import Literal

from sqlalchemy import select

from records.actors import Actor, Right
from records.database import Records
from records.models import DocumentKind, HealthNote, Person
from records.operations.families import NewHealthNote
from records.operations.health import add_health_note, end_health_note
from records.operations.lookup import by_ref, in_force_on, invalid
from records.operations.merged import ids_with_merged
from records.requests.documents import PaperV1, paper_fields, receive_paper
from records.requests.files import child_of
from records.requests.kind import Asked, Field, Payload, RequestKind, Subject
from records.requests.words import joined, said

_KIND_WORDS = {
    "allergy": "Allergie",
    "pai": "PAI",
    "treatment": "Traitement",
    "vaccination": "Vaccination",
    "doctor": "Médecin",
    "other": "Autre",
}


class HealthNoteV1(Payload):
    """What to act on, never the nature of a disability; an allergy ends only if the medical paper says so."""

    kind: Literal["allergy", "pai", "treatment", "vaccination", "doctor", "other"]
    label: str
    valid_from: date
    detail: str | None = None
    valid_to: date | None = None


class EndedNoteV1(Payload):
    """A note that no longer holds; `on` is the first day it does not."""

    note_id: int
    on: date


class HealthV1(Payload):
    """Notes to add to a child and notes to end."""

    child_ref: str
    added: tuple[HealthNoteV1, ...] = ()
    ended: tuple[EndedNoteV1, ...] = ()


class HealthNoteV2(HealthNoteV1):
    """The same, with the medical paper that says so: a PAI, a prescription."""

    paper: PaperV1 | None = None


class HealthV2(Payload):
    """Notes to add to a child, each with its paper, and notes to end."""

    child_ref: str
    added: tuple[HealthNoteV2, ...] = ()
    ended: tuple[EndedNoteV1, ...] = ()


class Health(RequestKind[HealthV1 | HealthV2]):
    """Allergies, PAI, treatments, vaccinations, doctor."""

    code = "health"
    label = "Santé"
    payloads = (HealthV1, HealthV2)
    reading = Right.SEE_HEALTH
    writing = frozenset({Right.EDIT_HEALTH})

    def look(self, asked: Asked[HealthV1 | HealthV2]) -> Subject:
        """Return the child's notes of the day, then each one to add or to end."""
        wanted = asked.payload
        child = child_of(asked, wanted.child_ref)
        notes = _notes(asked, child)
        known = joined((_note_words(each) for each in notes), " ; ")
        fields = [Field("known", "Déjà noté", known, known, is_context=True)]
        for number, each in enumerate(wanted.added, 1):
            fields.append(
                Field(f"added:{number}", f"À ajouter : {_KIND_WORDS[each.kind]}", None, _note_words(each))
            )
            if (paper := _paper(each)) is not None:
                fields.extend(_paper_fields(asked, paper))
        by_id = {each.id: each for each in notes}
        for end in wanted.ended:
            note = by_id.get(end.note_id)
            if note is None:
                raise invalid("Cette information de santé n'est plus notée. Rechargez la page.")
            fields.append(
                Field(f"ended:{note.id}", f"À terminer : {_note_words(note)}", said(note.valid_to), said(end.on))
            )
        return Subject(tuple(fields), person_id=child.id)

    def apply(
        self, records: Records, actor: Actor, asked: Asked[HealthV1 | HealthV2], given: Payload | None
    ) -> tuple[str, ...]:
        """Add the notes with their papers, and end those that hold no more."""
        wanted = asked.payload
        child = child_of(asked, wanted.child_ref)
        versions = {each.id: each.row_version for each in _notes(asked, child)}
        for each in wanted.added:
            paper = _paper(each)
            held = None if paper is None else receive_paper(records, actor, asked, (paper, child.ref, None))
            note = NewHealthNote(each.kind, each.label, each.valid_from, each.valid_to, held)
            add_health_note(records, actor, child.ref, note, each.detail)
        for end in wanted.ended:
            end_health_note(records, actor, end.note_id, end.on, versions[end.note_id])
        return ()


def _paper(note: HealthNoteV1) -> PaperV1 | None:
    return note.paper if isinstance(note, HealthNoteV2) else None


def _paper_fields(asked: Asked[HealthV1 | HealthV2], paper: PaperV1) -> tuple[Field, ...]:
    kind = by_ref(asked.session, DocumentKind, paper.kind_ref)
    if not kind.is_health or kind.about not in ("child", "enrolment"):
        raise invalid("Le papier joint doit être un papier de santé de l'enfant. Choisissez dans la liste.")
    return paper_fields(kind.label, paper)


def _notes(asked: Asked[HealthV1 | HealthV2], child: Person) -> list[HealthNote]:
    """Return the notes that hold on the day of the request."""
    return list(
        asked.session.scalars(
            select(HealthNote)
            .where(
                HealthNote.person_id.in_(ids_with_merged(asked.session, Person, child.id)),
                *in_force_on(asked.received_on, HealthNote.valid_from, HealthNote.valid_to),
            )
            .order_by(HealthNote.id)
        )
    )


def _note_words(note: HealthNote | HealthNoteV1) -> str | None:
    end = None if note.valid_to is None else f"jusqu'au {said(note.valid_to)}"
    return joined((_KIND_WORDS[note.kind], note.label, note.detail, end))
