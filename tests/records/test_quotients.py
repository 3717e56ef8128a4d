"""What API Particulier answers becomes new rows; what it does not know leaves the former QF in force."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from domain.allocataires import EAJE, FOUND, NOT_FOUND, NOT_YET, QUOTIENT, Answer
from domain.errors import InvalidData, NotFound
from records.actors import SETUP
from records.database import Records
from records.models import Payer, Person, Qf, QuotientAnswer
from records.operations.enrolments import NewEnrolmentPayer
from records.operations.family_edits import edit_person
from records.operations.family_facts import NewQf, add_qf
from records.operations.incomes import NewIncome, add_income, incomes_of
from records.operations.merges import merge_families
from records.operations.qf_lines import differing_qfs
from records.operations.quotient_batches import (
    batch_questions,
    close_batch,
    latest_batch,
    open_batch,
    record_answer,
)
from records.operations.quotient_people import Question
from records.operations.quotients import quotients_of
from records.operations.services import NewService, add_service, offer_service
from tests.factories.people import FamilyRefs, a_family, an_enrolment
from tests.factories.town import SCHOOL, START, TODAY

NOVEMBER = date(2026, 11, 1)
HASH = "a" * 64
KNOWN = {"birth_date": date(1990, 3, 18), "sex": "F", "birth_country_code": "99100", "birth_commune_code": "08480"}


def identify(town: Records, *refs: str) -> None:
    """Give people the identity that API Particulier asks for."""
    for ref in refs:
        edit_person(town, SETUP, ref, KNOWN, 1)


@pytest.fixture
def family(town: Records) -> FamilyRefs:
    """A couple's file with a child at the canteen and a QF of the CAF since September."""
    made = a_family(town, qf_e2=34_900)
    identify(town, *made.guardians)
    an_enrolment(town, made)
    return made


def qf_answer(value_e2: int, provider: str = "CNAF") -> Answer:
    return Answer(QUOTIENT, NOVEMBER, FOUND, 200, HASH, provider=provider, value_e2=value_e2)


def nothing(outcome: str) -> Answer:
    return Answer(QUOTIENT, NOVEMBER, outcome, 404, HASH, error_code="37003")


def answer_first(town: Records, answer: Answer) -> Question:
    """Record an answer about the first person of the first question of November."""
    batch = open_batch(town, SETUP, NOVEMBER)
    question = batch_questions(town, SETUP, batch).left[0]
    record_answer(town, SETUP, batch, question, (question.people[0].person_id, answer))
    return question


def standing(town: Records, family: FamilyRefs) -> list[tuple[date, int, str]]:
    found = quotients_of(town, SETUP, family.ref)
    return [(each.effective_from, each.value_e2, each.source) for each in found.qfs if each.is_standing]


def test_an_answer_is_a_new_qf_from_the_first_of_the_month_with_its_hash(town: Records, family: FamilyRefs) -> None:
    answer_first(town, qf_answer(65_000))
    found = quotients_of(town, SETUP, family.ref)
    assert standing(town, family) == [(NOVEMBER, 65_000, "caf"), (START, 34_900, "caf")]
    assert found.answers[0].qf_id == found.qfs[0].qf_id
    assert (found.answers[0].sha256, found.notice) == (HASH, None)


def test_the_msa_is_named_as_the_source(town: Records, family: FamilyRefs) -> None:
    answer_first(town, qf_answer(65_000, "MSA"))
    assert standing(town, family)[0] == (NOVEMBER, 65_000, "msa")


@pytest.mark.parametrize(
    ("outcome", "words"), [(NOT_YET, "pas encore publié"), (NOT_FOUND, "ne connaissent pas cet allocataire")]
)
def test_no_answer_keeps_the_former_qf_and_says_so(
    town: Records, family: FamilyRefs, outcome: str, words: str
) -> None:
    answer_first(town, nothing(outcome))
    found = quotients_of(town, SETUP, family.ref)
    assert standing(town, family) == [(START, 34_900, "caf")]
    assert found.notice is not None
    assert words in found.notice
    assert "L'ancien QF reste en vigueur" in found.notice


def test_the_same_answer_twice_gives_one_qf_and_two_answers(town: Records, family: FamilyRefs) -> None:
    for _ in range(2):
        answer_first(town, qf_answer(65_000))
        close_batch(town, SETUP, open_batch(town, SETUP, NOVEMBER))
    found = quotients_of(town, SETUP, family.ref)
    assert [len(found.qfs), len(found.answers)] == [2, 2]
    assert len({answer.qf_id for answer in found.answers}) == 1


def test_an_answer_is_kept_once_in_a_batch(town: Records, family: FamilyRefs) -> None:
    batch = open_batch(town, SETUP, NOVEMBER)
    question = batch_questions(town, SETUP, batch).left[0]
    asked = (question.people[0].person_id, qf_answer(65_000))
    assert record_answer(town, SETUP, batch, question, asked) is not None
    assert record_answer(town, SETUP, batch, question, asked) is None


def test_an_interrupted_batch_goes_on_with_those_who_are_left(town: Records, family: FamilyRefs) -> None:
    other = a_family(town, "Petit")
    identify(town, *other.guardians)
    an_enrolment(town, other)
    answer_first(town, qf_answer(65_000))
    batch = open_batch(town, SETUP, NOVEMBER)
    left = batch_questions(town, SETUP, batch)
    assert batch.is_resumed
    assert ([question.family_ref for question in left.left], left.done) == ([other.ref], 1)


def test_a_finished_batch_is_not_gone_on_with(town: Records, family: FamilyRefs) -> None:
    batch = open_batch(town, SETUP, NOVEMBER)
    close_batch(town, SETUP, batch)
    assert not open_batch(town, SETUP, NOVEMBER).is_resumed
    with pytest.raises(NotFound, match="pas en cours"):
        close_batch(town, SETUP, batch)


def test_the_other_guardian_of_a_couple_is_asked_when_the_first_is_unknown(town: Records) -> None:
    couple = a_family(town, "Couple", guardians=2)
    identify(town, *couple.guardians)
    an_enrolment(town, couple)
    with town.write(SETUP, "test") as write:  # one payer for the two guardians
        payer = write.session.scalars(select(Payer).where(Payer.ref == couple.payers[1])).one()
        write.session.delete(payer)
    question = answer_first(town, nothing(NOT_FOUND))
    assert (question.payer_id, len(question.people)) == (None, 2)
    again = batch_questions(town, SETUP, open_batch(town, SETUP, NOVEMBER)).left[0]
    assert again.people == question.people[1:]


def test_separated_parents_are_asked_about_one_each(town: Records) -> None:
    parents = a_family(town, "Séparés", guardians=2)
    identify(town, *parents.guardians)
    an_enrolment(town, parents)
    batch = open_batch(town, SETUP, NOVEMBER)
    for value, question in enumerate(batch_questions(town, SETUP, batch).left, 1):
        asked = (question.people[0].person_id, qf_answer(value * 10_000))
        record_answer(town, SETUP, batch, question, asked)
    with town.read() as session:
        rows = session.execute(select(Qf.payer_id, Qf.value_e2).where(Qf.source == "caf").order_by(Qf.id)).all()
    assert [value for _, value in rows] == [10_000, 20_000]
    assert len({payer for payer, _ in rows} - {None}) == 2


def test_who_lacks_an_identity_is_named_with_what_to_ask(town: Records) -> None:
    unknown = a_family(town, "Inconnu")
    an_enrolment(town, unknown)
    found = batch_questions(town, SETUP, open_batch(town, SETUP, NOVEMBER))
    assert (found.left, found.incomplete) == ((), ((unknown.ref, ("date de naissance", "pays de naissance")),))


def test_files_without_an_enrolled_child_are_not_asked_about(town: Records) -> None:
    identify(town, *a_family(town, "Parti").guardians)
    found = batch_questions(town, SETUP, open_batch(town, SETUP, NOVEMBER))
    assert (found.left, found.incomplete) == ((), ())


def test_an_income_is_asked_for_where_a_child_goes_to_an_eaje(town: Records, family: FamilyRefs) -> None:
    add_service(town, SETUP, NewService("halte", "Halte-garderie", "daycare", "eaje"))
    offer_service(town, SETUP, "halte", [SCHOOL], START)
    an_enrolment(town, family, "halte", payers=(NewEnrolmentPayer(family.payers[0]),), patterns=())
    batch = open_batch(town, SETUP, NOVEMBER)
    questions = batch_questions(town, SETUP, batch).left
    assert [question.endpoint for question in questions] == [QUOTIENT, EAJE]
    answer = Answer(EAJE, NOVEMBER, FOUND, 200, HASH, annual_cents=4_092_300, income_year=2024, children=2, aeeh=1)
    record_answer(town, SETUP, batch, questions[1], (questions[1].people[0].person_id, answer))
    [line] = incomes_of(town, SETUP, family.ref)
    assert (line.annual_cents, line.children, line.aeeh, line.source) == (4_092_300, 2, 1, "caf_or_msa")
    assert line.effective_from == NOVEMBER


def test_a_corrected_income_is_a_new_row_and_the_former_stays(town: Records, family: FamilyRefs) -> None:
    first = NewIncome(START, 2024, 3_120_000, 2, 0, "tax_notice")
    add_income(town, SETUP, family.ref, first)
    add_income(town, SETUP, family.ref, replace(first, annual_cents=3_100_000))
    lines = incomes_of(town, SETUP, family.ref)
    assert [(line.annual_cents, line.is_standing) for line in lines] == [(3_100_000, True), (3_120_000, False)]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"annual_cents": -1}, "négatives"),
        ({"aeeh": 3}, "parmi les enfants"),
        ({"source": "none"}, "pas de montant"),
        ({"source": "guess"}, "Origine"),
    ],
)
def test_an_impossible_income_is_refused(
    town: Records, family: FamilyRefs, changes: dict[str, object], words: str
) -> None:
    income = replace(NewIncome(START, 2024, 3_120_000, 2, 0, "declared"), **changes)  # type: ignore[arg-type]
    with pytest.raises(InvalidData, match=words):
        add_income(town, SETUP, family.ref, income)


def test_sources_that_differ_within_a_school_year_are_listed_side_by_side(
    town: Records, family: FamilyRefs
) -> None:
    add_qf(town, SETUP, family.ref, NewQf(36_000, "computed", date(2026, 10, 5)))
    answer_first(town, qf_answer(65_000))
    [found] = differing_qfs(town, SETUP).lines
    assert (found.family_ref, found.difference.effective_from) == (family.ref, NOVEMBER)
    assert found.difference.values == (("caf", 65_000), ("computed", 36_000))
    assert quotients_of(town, SETUP, family.ref).differences == (found.difference,)


def test_sources_that_agree_or_belong_to_another_year_are_not_listed(town: Records, family: FamilyRefs) -> None:
    add_qf(town, SETUP, family.ref, NewQf(36_000, "computed", date(2025, 9, 1)))
    add_qf(town, SETUP, family.ref, NewQf(34_900, "computed", TODAY))
    assert differing_qfs(town, SETUP).lines == []


def test_a_third_qf_of_a_day_corrects_the_one_of_its_source(town: Records, family: FamilyRefs) -> None:
    for value, source in ((36_000, "computed"), (35_000, "caf")):
        add_qf(town, SETUP, family.ref, NewQf(value, source, START))
    assert standing(town, family) == [(START, 35_000, "caf"), (START, 36_000, "computed")]


def test_merged_files_are_compared_as_one(town: Records, family: FamilyRefs) -> None:
    a_family(town, "Doublon")
    add_qf(town, SETUP, "doublon", NewQf(36_000, "computed", START))
    merge_families(town, SETUP, family.ref, "doublon", "même famille")
    assert [each.family_ref for each in differing_qfs(town, SETUP).lines] == [family.ref]


def test_facts_of_a_merged_file_are_corrected_from_the_kept_one(town: Records, family: FamilyRefs) -> None:
    a_family(town, "Doublon")
    income = NewIncome(START, 2024, 3_120_000, 2, 0, "tax_notice")
    add_income(town, SETUP, "doublon", income)
    add_qf(town, SETUP, "doublon", NewQf(65_000, "caf", NOVEMBER))
    merge_families(town, SETUP, family.ref, "doublon", "même famille")
    add_income(town, SETUP, family.ref, replace(income, annual_cents=1))
    assert [line.is_standing for line in incomes_of(town, SETUP, family.ref)] == [True, False]
    batch = open_batch(town, SETUP, NOVEMBER)
    question = replace(batch_questions(town, SETUP, batch).left[0], payer_id=None)  # about the whole file
    before = quotients_of(town, SETUP, family.ref).qfs
    record_answer(town, SETUP, batch, question, (question.people[0].person_id, qf_answer(65_000)))
    assert quotients_of(town, SETUP, family.ref).qfs == before  # the same figure of that day stands already


def test_the_report_of_the_latest_batch_counts_answers_and_rows(town: Records, family: FamilyRefs) -> None:
    assert latest_batch(town, SETUP) is None
    answer_first(town, qf_answer(65_000))
    report = latest_batch(town, SETUP)
    assert report is not None
    assert (report.month, report.finished_at, dict(report.outcomes)) == (NOVEMBER, None, {FOUND: 1})
    assert (report.new_qfs, report.new_incomes) == (1, 0)


def test_a_figure_of_9999_is_an_answer_and_no_qf(town: Records, family: FamilyRefs) -> None:
    answer_first(town, qf_answer(999_900))
    assert standing(town, family) == [(START, 34_900, "caf")]


def test_no_name_is_kept_with_an_answer(town: Records, family: FamilyRefs) -> None:
    answer_first(town, qf_answer(65_000))
    with town.read() as session:
        row = session.scalars(select(QuotientAnswer)).one()
        names = session.scalars(select(Person.last_name)).all()
        kept = " ".join(str(getattr(row, column.name)) for column in QuotientAnswer.__table__.columns)
    assert not [name for name in names if name in kept]
