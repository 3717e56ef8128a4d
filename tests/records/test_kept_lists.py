"""Lists that staff keep: reasons of absence, kinds of paper and authorisation, questions, paying bodies."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from domain.errors import Conflict, InvalidData, NotFound
from records.actors import SETUP, Actor
from records.database import Records
from records.models import AuditEntry
from records.operations import absence_reasons as reasons
from records.operations import authorisation_kinds as kinds
from records.operations import document_kinds as documents
from records.operations import paying_bodies as bodies
from records.operations import questions
from records.operations.answers import NewAnswer, answer_questions
from records.operations.family_papers import missing_documents
from records.operations.kept_lists import Kept
from tests.factories.people import a_family, an_enrolment
from tests.factories.town import CANTEEN, END, START, TODAY

ILLNESS = reasons.NewAbsenceReason("maladie", "Maladie", True, START, needs_document=True)
INSURANCE = documents.NewDocumentKind("assurance", "Assurance", "child", START, months_valid=12)
PHOTO = kinds.NewAuthorisationKind("photo", "Photo", START, needs_both_guardians=True)
SWIMS = questions.NewQuestion("nage", "Sait nager ?", "child", "choice", START, choices=("oui", "un peu", "non"))
COUNCIL = bodies.NewBody("departement", "Département", "department", START, siret="228 000 000 00012")

Edit = Callable[[Records, Actor, str, Mapping[str, object], int], bool]
LISTS: list[tuple[Callable[..., int], Edit, Callable[..., list[Kept[Any]]], Any]] = [
    (reasons.add_absence_reason, reasons.edit_absence_reason, reasons.absence_reasons, ILLNESS),
    (documents.add_document_kind, documents.edit_document_kind, documents.document_kinds, INSURANCE),
    (kinds.add_authorisation_kind, kinds.edit_authorisation_kind, kinds.authorisation_kinds, PHOTO),
    (questions.add_question, questions.edit_question, questions.questions, SWIMS),
    (bodies.add_paying_body, bodies.edit_paying_body, bodies.paying_bodies, COUNCIL),
]
NAMES = ["reasons", "documents", "authorisations", "questions", "bodies"]
each_list = pytest.mark.parametrize(("add", "edit", "read", "new"), LISTS, ids=NAMES)


@each_list
def test_what_is_added_is_read_back_and_audited(
    town: Records, add: Callable[..., int], edit: Edit, read: Callable[..., list[Kept[Any]]], new: Any
) -> None:
    add(town, SETUP, new)
    (kept,) = read(town, SETUP)
    assert (kept.what.ref, kept.what.valid_from, kept.row_version) == (new.ref, START, 1)
    with town.read() as session:
        (told,) = session.scalars(select(AuditEntry.operation).where(AuditEntry.entity_id == new.ref))
    assert told == add.__name__


@each_list
def test_a_ref_is_taken_once(
    town: Records, add: Callable[..., int], edit: Edit, read: Callable[..., list[Kept[Any]]], new: Any
) -> None:
    add(town, SETUP, new)
    with pytest.raises(InvalidData, match="déjà utilisée"):
        add(town, SETUP, new)


@each_list
def test_a_row_is_ended_once_and_a_page_opened_before_is_a_conflict(
    town: Records, add: Callable[..., int], edit: Edit, read: Callable[..., list[Kept[Any]]], new: Any
) -> None:
    add(town, SETUP, new)
    assert edit(town, SETUP, new.ref, {"valid_to": END}, 1)
    assert not edit(town, SETUP, new.ref, {"valid_to": END}, 2)
    with pytest.raises(Conflict, match="quelqu'un d'autre"):
        edit(town, SETUP, new.ref, {"valid_to": None}, 1)
    assert [each.what.valid_to for each in read(town, SETUP)] == [END]


@each_list
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"ref": "autre"}, "ne se modifie pas ici"),
        ({"valid_from": TODAY}, "ne se modifie pas ici"),
        ({"valid_to": START}, "doit venir après le début"),
    ],
)
def test_the_past_of_a_row_stays_as_it_is(
    town: Records,
    add: Callable[..., int],
    edit: Edit,
    read: Callable[..., list[Kept[Any]]],
    new: Any,
    changes: dict[str, object],
    said: str,
) -> None:
    add(town, SETUP, new)
    with pytest.raises(InvalidData, match=said):
        edit(town, SETUP, new.ref, changes, 1)
    with pytest.raises(NotFound):
        edit(town, SETUP, "inconnu", {}, 1)


@pytest.mark.parametrize(
    ("edit", "new", "add", "meaning"),
    [
        (reasons.edit_absence_reason, ILLNESS, reasons.add_absence_reason, "is_justified"),
        (documents.edit_document_kind, INSURANCE, documents.add_document_kind, "is_health"),
        (kinds.edit_authorisation_kind, PHOTO, kinds.add_authorisation_kind, "needs_both_guardians"),
        (questions.edit_question, SWIMS, questions.add_question, "answer_type"),
    ],
)  # fmt: skip
def test_the_meaning_of_what_was_recorded_is_never_edited(
    town: Records, edit: Edit, new: Any, add: Callable[..., int], meaning: str
) -> None:
    add(town, SETUP, new)
    with pytest.raises(InvalidData, match="ne se modifie pas ici"):
        edit(town, SETUP, new.ref, {meaning: False}, 1)


def test_a_label_is_never_emptied(town: Records) -> None:
    with pytest.raises(InvalidData, match="ne peuvent pas être vides"):
        reasons.add_absence_reason(town, SETUP, reasons.NewAbsenceReason("x", " ", True, START))
    reasons.add_absence_reason(town, SETUP, ILLNESS)
    with pytest.raises(InvalidData, match="obligatoire"):
        reasons.edit_absence_reason(town, SETUP, "maladie", {"label": ""}, 1)


def test_a_reason_of_one_service_names_it(town: Records) -> None:
    trip = reasons.NewAbsenceReason("sortie", "Sortie scolaire", True, START, service_ref=CANTEEN)
    reasons.add_absence_reason(town, SETUP, trip)
    assert [each.what for each in reasons.absence_reasons(town, SETUP)] == [trip]
    with pytest.raises(NotFound, match="service inconnue"):
        reasons.add_absence_reason(town, SETUP, reasons.NewAbsenceReason("x", "X", True, START, "piscine"))


@pytest.mark.parametrize(("days", "unit"), [(None, "service_day"), (2, "week")])
def test_days_that_stay_billed_say_what_they_are(town: Records, days: int | None, unit: str) -> None:
    reason = replace(ILLNESS, deducts_after_days=days, deducts_after_unit=unit)
    with pytest.raises(InvalidData, match="combien de jours"):
        reasons.add_absence_reason(town, SETUP, reason)
    known = replace(ILLNESS, deducts_after_days=2, deducts_after_unit="service_day")
    reasons.add_absence_reason(town, SETUP, known)
    assert [each.what for each in reasons.absence_reasons(town, SETUP)] == [known]


def test_a_paper_asked_for_is_missing_until_it_is_asked_no_more(town: Records) -> None:
    family = a_family(town)
    an_enrolment(town, family)
    documents.add_document_kind(town, SETUP, INSURANCE)
    assert missing_documents(town, SETUP, family.ref) == []
    documents.require_document(town, SETUP, documents.NewRequirement("assurance", START))
    assert [each.kind_ref for each in missing_documents(town, SETUP, family.ref)] == ["assurance"]
    documents.stop_requiring(town, SETUP, "assurance", None, TODAY)
    assert missing_documents(town, SETUP, family.ref) == []
    assert documents.document_requirements(town, SETUP) == [
        documents.NewRequirement("assurance", START, valid_to=TODAY)
    ]


def test_a_paper_is_asked_for_once_at_a_time(town: Records) -> None:
    documents.add_document_kind(town, SETUP, INSURANCE)
    documents.require_document(town, SETUP, documents.NewRequirement("assurance", START, CANTEEN))
    with pytest.raises(InvalidData, match="se chevauchent"):
        documents.require_document(town, SETUP, documents.NewRequirement("assurance", TODAY, CANTEEN))
    with pytest.raises(InvalidData, match="n'est pas demandé"):
        documents.stop_requiring(town, SETUP, "assurance", None, TODAY)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (documents.NewDocumentKind("x", "X", "chat", START), "n'a pas de document"),
        (documents.NewDocumentKind("x", "X", "child", START, months_valid=0), "au moins un mois"),
        (documents.NewDocumentKind("x", "X", "child", START, valid_to=date(2026, 1, 1)), "après le début"),
    ],
)
def test_a_kind_of_paper_that_cannot_be_is_refused(
    town: Records, kind: documents.NewDocumentKind, said: str
) -> None:
    with pytest.raises(InvalidData) as refusal:
        documents.add_document_kind(town, SETUP, kind)
    assert said in refusal.value.message.replace("\u00a0", " ")


def test_a_choice_that_somebody_made_stays_among_the_choices(town: Records) -> None:
    family = a_family(town)
    questions.add_question(town, SETUP, SWIMS)
    answer_questions(town, SETUP, [NewAnswer("nage", family.child, "un peu", TODAY)])
    with pytest.raises(InvalidData, match="un peu"):
        questions.edit_question(town, SETUP, "nage", {"choices": ["oui", "non"]}, 1)
    assert questions.edit_question(town, SETUP, "nage", {"choices": ["oui", "un peu"]}, 1)
    assert questions.questions(town, SETUP)[0].what.choices == ("oui", "un peu")


@pytest.mark.parametrize(
    ("answer_type", "choices", "said"),
    [
        ("choice", (), "Donnez des choix"),
        ("text", ("oui",), "Donnez des choix"),
        ("choice", ("oui", "oui"), "donné une fois"),
        ("choice", ("oui", " "), "n'est pas vide"),
        ("choice", ("oui|non",), "ne contient pas"),
        ("couleur", (), "Type de réponse"),
    ],
)
def test_a_question_that_nobody_could_answer_is_refused(
    town: Records, answer_type: str, choices: tuple[str, ...], said: str
) -> None:
    asked = questions.NewQuestion("x", "X", "child", answer_type, START, choices=choices)
    with pytest.raises(InvalidData, match=said):
        questions.add_question(town, SETUP, asked)


def test_a_body_moves_and_keeps_a_siret_of_fourteen_digits(town: Records) -> None:
    bodies.add_paying_body(town, SETUP, COUNCIL)
    assert bodies.paying_bodies(town, SETUP)[0].what.siret == "22800000000012"
    bodies.edit_paying_body(town, SETUP, "departement", {"commune": "Chartres", "siret": None}, 1)
    body = bodies.paying_bodies(town, SETUP)[0].what
    assert (body.commune, body.siret) == ("Chartres", None)
    with pytest.raises(InvalidData, match="14 chiffres"):
        bodies.edit_paying_body(town, SETUP, "departement", {"siret": "123"}, 2)
    with pytest.raises(InvalidData, match="Nature d'organisme inconnue"):
        bodies.edit_paying_body(town, SETUP, "departement", {"kind": "banque"}, 2)
