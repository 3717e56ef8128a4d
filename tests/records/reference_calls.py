"""How the matrix of rights calls what concerns school years, State values and the other reference data."""

from collections.abc import Callable

from records.actors import Actor
from records.database import Records
from records.operations import (
    absence_reasons,
    authorisation_kinds,
    calendar_days,
    document_kinds,
    events,
    openings,
    paying_bodies,
    places,
    pupils,
    questions,
    residence_zones,
    rollover,
    rollover_proposal,
    school_year_dates,
    school_years,
    sejour_offers,
    staff_plans,
    state_values,
    yearly_tasks,
)
from records.operations.collectivity import NewSchoolYear
from tests.factories.town import CANTEEN, CENTRE, END, SCHOOL, START, TODAY

PASSAGE = rollover_proposal.Passage("2026-2027", "x")

VALUE = state_values.NewStateValue("caf.alsh.age_limit_years", START, "", "x")

SEJOUR = sejour_offers.NewSejour("x", CANTEEN, CENTRE, "1", "x", "x", START, END, 1, 0, 1)
PLAN = staff_plans.NewStaffPlan(SCHOOL, START, 990, 1110, 2)
DAYS = calendar_days.DaysAsked(START, END)

TASK = yearly_tasks.NewTask("x", "", 1, 1, "administer", START)

REFERENCE_CALLS: dict[str, Callable[[Records, Actor], object]] = {
    "prepare_school_year": lambda r, a: school_years.prepare_school_year(
        r, a, NewSchoolYear("x", START, END), "2026-2027"
    ),
    "school_years": school_year_dates.school_years,
    "school_year_named": lambda r, a: school_year_dates.school_year_named(r, a, "x"),
    "edit_school_year": lambda r, a: school_year_dates.edit_school_year(r, a, NewSchoolYear("x", START, END), 1),
    "propose_rollover": lambda r, a: rollover_proposal.propose_rollover(r, a, PASSAGE),
    "drop_rollover": lambda r, a: rollover_proposal.drop_rollover(r, a, PASSAGE),
    "rollover_lines": lambda r, a: rollover.rollover_lines(r, a, PASSAGE),
    "decide_lines": lambda r, a: rollover.decide_lines(r, a, PASSAGE, []),
    "check_class": lambda r, a: rollover.check_class(r, a, PASSAGE, "x"),
    "enter_state_value": lambda r, a: state_values.enter_state_value(r, a, VALUE),
    "state_values": state_values.state_values,
    "plan_staff": lambda r, a: staff_plans.plan_staff(r, a, PLAN),
    "staff_plans": lambda r, a: staff_plans.staff_plans(r, a, SCHOOL),
    "apply_rollover": lambda r, a: rollover.apply_rollover(r, a, PASSAGE),
    "add_task": lambda r, a: yearly_tasks.add_task(r, a, TASK),
    "propose_tasks": lambda r, a: yearly_tasks.propose_tasks(r, a, START),
    "edit_task": lambda r, a: yearly_tasks.edit_task(r, a, "x", {}, 1),
    "yearly_tasks": yearly_tasks.yearly_tasks,
    "task_named": lambda r, a: yearly_tasks.task_named(r, a, "x"),
    "due_tasks": yearly_tasks.due_tasks,
    "mark_task": lambda r, a: yearly_tasks.mark_task(r, a, yearly_tasks.TaskMark("x")),
    "remind_of_tasks": yearly_tasks.remind_of_tasks,
    "add_absence_reason": lambda r, a: absence_reasons.add_absence_reason(
        r, a, absence_reasons.NewAbsenceReason("x", "", True, START)
    ),
    "edit_absence_reason": lambda r, a: absence_reasons.edit_absence_reason(r, a, "x", {}, 1),
    "absence_reasons": absence_reasons.absence_reasons,
    "add_residence_zones": lambda r, a: residence_zones.add_residence_zones(r, a, []),
    "residence_zones": residence_zones.residence_zones,
    "add_document_kind": lambda r, a: document_kinds.add_document_kind(
        r, a, document_kinds.NewDocumentKind("x", "", "child", START)
    ),
    "edit_document_kind": lambda r, a: document_kinds.edit_document_kind(r, a, "x", {}, 1),
    "document_kinds": document_kinds.document_kinds,
    "require_document": lambda r, a: document_kinds.require_document(
        r, a, document_kinds.NewRequirement("x", START)
    ),
    "stop_requiring": lambda r, a: document_kinds.stop_requiring(r, a, "x", None, TODAY),
    "document_requirements": document_kinds.document_requirements,
    "add_authorisation_kind": lambda r, a: authorisation_kinds.add_authorisation_kind(
        r, a, authorisation_kinds.NewAuthorisationKind("x", "", START)
    ),
    "edit_authorisation_kind": lambda r, a: authorisation_kinds.edit_authorisation_kind(r, a, "x", {}, 1),
    "authorisation_kinds": authorisation_kinds.authorisation_kinds,
    "add_question": lambda r, a: questions.add_question(
        r, a, questions.NewQuestion("x", "", "child", "text", START)
    ),
    "edit_question": lambda r, a: questions.edit_question(r, a, "x", {}, 1),
    "questions": questions.questions,
    "add_paying_body": lambda r, a: paying_bodies.add_paying_body(
        r, a, paying_bodies.NewBody("x", "", "other", START)
    ),
    "edit_paying_body": lambda r, a: paying_bodies.edit_paying_body(r, a, "x", {}, 1),
    "paying_bodies": paying_bodies.paying_bodies,
    "add_sejour": lambda r, a: sejour_offers.add_sejour(r, a, SEJOUR),
    "edit_sejour": lambda r, a: sejour_offers.edit_sejour(r, a, "x", {}, 1),
    "cancel_sejour": lambda r, a: sejour_offers.cancel_sejour(r, a, "x"),
    "sejours": lambda r, a: sejour_offers.sejours(r, a, TODAY),
    "add_opening": lambda r, a: openings.add_opening(r, a, openings.NewOpening("x", "school", 0, START)),
    "opening_hours": lambda r, a: openings.opening_hours(r, a, SCHOOL, TODAY),
    "calendar_days": lambda r, a: calendar_days.calendar_days(r, a, DAYS),
    "edit_calendar_days": lambda r, a: calendar_days.edit_calendar_days(r, a, []),
    "edit_event": lambda r, a: events.edit_event(r, a, "x", {}, 1),
    "list_events": lambda r, a: events.list_events(r, a, (START, END)),
    "edit_structure": lambda r, a: places.edit_structure(r, a, "x", {}, 1),
    "edit_service": lambda r, a: places.edit_service(r, a, "x", {}, 1),
    "edit_class": lambda r, a: places.edit_class(r, a, "x", {}, 1),
    "remove_class": lambda r, a: places.remove_class(r, a, "x"),
    "withdraw_service": lambda r, a: places.withdraw_service(r, a, CANTEEN, ["x"], TODAY),
    "leave_class": lambda r, a: pupils.leave_class(r, a, "x", TODAY),
}
