"""How each operation is called by the tests of rights, and where it is tried at another place."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

from domain.allocataires import Answer
from domain.quotients import Formula, Household, Resources
from records.actors import Actor
from records.database import Records
from records.operations import (
    account_links,
    accounts,
    aeeh,
    attendance,
    bookings,
    care_contracts,
    collectivity,
    custody,
    devices,
    duplicates,
    enrolment_ends,
    enrolments,
    events,
    families,
    family_edits,
    family_file,
    family_history,
    family_papers,
    family_search,
    family_view,
    figures,
    fleet,
    health,
    holes,
    incomes,
    jobs,
    late_pickups,
    ledger,
    mandates,
    merges,
    month_confirmation,
    month_states,
    newcomers,
    offers,
    own_bookings,
    presence_facts,
    presence_freshness,
    pupils,
    qf_formulas,
    qf_lines,
    quarantine_desk,
    quotient_batches,
    quotients,
    request_counter,
    request_desk,
    requests,
    roles,
    roll_corrections,
    second_factor,
    services,
    sessions,
    tariffs,
    teachers,
    town_export,
    town_import,
    transport,
    unexpected,
    waiting_list,
)
from records.operations.quotient_people import Question
from tests.factories.people import CHEAP, FamilyRefs, new_booking, new_custody, new_enrolment, new_family
from tests.factories.town import (
    CANTEEN,
    NOW,
    SCHOOL,
    START,
    TODAY,
    ZONE,
    canteen_rule,
    canteen_tariff,
)
from tests.records.billing_calls import BILLING_CALLS
from tests.records.caf_calls import CAF_AT_A_PLACE, CAF_CALLS
from tests.records.coverage_calls import COVERAGE_CALLS
from tests.records.file_calls import FILE_CALLS
from tests.records.keeping_calls import KEEPING_CALLS
from tests.records.kitchen_calls import KITCHEN_CALLS
from tests.records.reference_calls import REFERENCE_CALLS

FAMILY = FamilyRefs("fournier", ("fournier-adulte-1",), ("fournier-lea",), ("fournier-adulte-1-payeur",) * 2)
PLACE = collectivity.NewStructure("x", "X", "school", ZONE, "Ville")
DECISION = attendance.Decision("fournier-lea", CANTEEN, SCHOOL, TODAY, "absent_justified", "certificat")
LATE = late_pickups.LateAnswer(TODAY, "fournier-lea", CANTEEN, True, "vu")
ENTRY = ledger.NewEntry(FAMILY.payers[0], "opening", 1, "Report", START)
BOOKED = {"child_ref": FAMILY.child, "service_ref": CANTEEN, "structure_ref": SCHOOL}
NEWCOMER = newcomers.Newcomer(families.NewPerson("x", "Zoé", "Autre"), "contact", START)
CODE = devices.NewAgentCode("agent", "claire", SCHOOL, "2468", START)
ACCOUNT = accounts.NewAccount("anne", "Anne", "Un mot de passe d'essai", ())
HOLE = holes.Hole("borne-1", "Borne", 1, SCHOOL, "École", ZONE, "e", 2, 2, NOW, NOW)
CONTRACT = care_contracts.NewCareContract("x", START, START.replace(year=2027, month=8, day=1), 1_830, 44, 11)
BOOKING_RULE = offers.NewBookingRule(CANTEEN, TODAY, "Délibération")
EVENT = events.NewEvent("x", "closure", "Travaux", START, TODAY, SCHOOL)
LINE = transport.NewLine("x", CANTEEN, "X", "outward", START, ())
HALVES = custody.NewCustodyHoliday(FAMILY.child, "summer", START, 2027, True, "x", "y")
FORMULA = services.NewFormula(CANTEEN, "x", "X", 1, 2, 1, False)
QF_FORMULA = Formula(START, "Délibération", "tax_parts", 0, True)
CALCULATION = qf_formulas.NewCalculation(
    FAMILY.ref, date(2000, 1, 1), Resources(2024, 0, 0), Household(1, 1), "declared"
)
INCOME = incomes.NewIncome(START, 2024, 1, 1, 0, "declared")
BATCH = quotient_batches.Batch(99, START, False)
QUESTION = Question(1, FAMILY.ref, None, "quotient", ())
REQUEST = requests.NewRequest("absences", FAMILY.ref, {**BOOKED, "days": [TODAY], "reason": "x"})
ANSWER = Answer("quotient", START, "not_found", 404)

CALLS: dict[str, Callable[[Records, Actor], object]] = {
    "invite": lambda r, a: accounts.invite(r, a, accounts.NewInvitation("", "", None, ())),
    "invite_family": lambda r, a: accounts.invite_family(r, a, FAMILY.child, "sans arobase", START),
    "disable_account": lambda r, a: accounts.disable_account(r, a, "x"),
    "enable_account": lambda r, a: accounts.enable_account(r, a, "x"),
    "list_accounts": accounts.list_accounts,
    "reset_account": lambda r, a: account_links.reset_account(r, a, "x"),
    "remove_second_factor": lambda r, a: second_factor.remove_second_factor(r, a, "x"),
    "list_sessions": lambda r, a: sessions.list_sessions(r, a, "x"),
    "revoke_sessions": lambda r, a: sessions.revoke_sessions(r, a, "x"),
    "revoke_role": lambda r, a: roles.revoke_role(r, a, "x", accounts.NewGrant("agent", START)),
    "lend_role": lambda r, a: roles.lend_role(r, a, roles.NewLoan("x", "y", "agent", START, TODAY, "congé")),
    "create_account": lambda r, a: accounts.create_account(r, a, ACCOUNT, CHEAP),
    "create_accounts": lambda r, a: accounts.create_accounts(r, a, [ACCOUNT], CHEAP),
    "grant_role": lambda r, a: accounts.grant_role(r, a, "x", accounts.NewGrant("agent", START)),
    "import_collectivity": lambda r, a: town_import.import_collectivity(r, a, Path("absent")),
    "export_collectivity": lambda r, a: town_export.export_collectivity(r, a, Path(__file__)),
    "set_collectivity": lambda r, a: collectivity.set_collectivity(
        r, a, collectivity.CollectivityFacts("Ville", ZONE, "A", "x")
    ),
    "add_structures": lambda r, a: collectivity.add_structures(r, a, [PLACE]),
    "add_school_years": lambda r, a: collectivity.add_school_years(r, a, []),
    "add_classes": lambda r, a: collectivity.add_classes(r, a, []),
    "import_calendar": lambda r, a: collectivity.import_calendar(r, a, "A", TODAY, TODAY.replace(day=25)),
    "edit_calendar_day": lambda r, a: collectivity.edit_calendar_day(
        r, a, collectivity.CalendarEdit(TODAY, "closure", "x", "A")
    ),
    "add_service": lambda r, a: services.add_service(r, a, services.NewService("x", "X", "canteen", "none")),
    "offer_service": lambda r, a: services.offer_service(r, a, CANTEEN, [], START),
    "add_formula": lambda r, a: services.add_formula(r, a, FORMULA),
    "add_rule": lambda r, a: services.add_rule(r, a, canteen_rule(valid_from=TODAY)),
    "add_booking_rule": lambda r, a: offers.add_booking_rule(r, a, BOOKING_RULE),
    "add_capacity": lambda r, a: offers.add_capacity(r, a, offers.NewCapacity(SCHOOL, TODAY, 999, "SDJES")),
    "publish_tariff": lambda r, a: tariffs.publish_tariff(r, a, canteen_tariff()),
    "register_device": lambda r, a: devices.register_device(r, a, devices.NewDevice("x", "X", SCHOOL, "badge")),
    "renew_device_code": lambda r, a: devices.renew_device_code(r, a, "x"),
    "revoke_device": lambda r, a: devices.revoke_device(r, a, "x"),
    "list_devices": devices.list_devices,
    "set_agent_codes": lambda r, a: devices.set_agent_codes(r, a, [CODE], iterations=1),
    "search_families": lambda r, a: family_search.search_families(r, a, "fournier"),
    "similar_people": lambda r, a: duplicates.similar_people(r, a, families.NewPerson("x", "Léa", "Fournier")),
    "probable_duplicates": duplicates.probable_duplicates,
    "merge_families": lambda r, a: merges.merge_families(r, a, "x", "y", "doublon"),
    "merge_people": lambda r, a: merges.merge_people(r, a, "x", "y", "doublon"),
    "undo_merge": lambda r, a: merges.undo_merge(r, a, 99, "erreur"),
    "edit_family": lambda r, a: family_edits.edit_family(r, a, "x", {"name": "X"}, 1),
    "edit_person": lambda r, a: family_edits.edit_person(r, a, "x", {"first_name": "X"}, 1),
    "set_phones": lambda r, a: family_edits.set_phones(r, a, "x", []),
    "set_family_address": lambda r, a: family_edits.set_family_address(
        r, a, "x", family_edits.NewAddress("Ville", TODAY)
    ),
    "set_person_address": lambda r, a: family_edits.set_person_address(
        r, a, "x", family_edits.NewAddress("Ville", TODAY)
    ),
    "create_member": lambda r, a: newcomers.create_member(r, a, "x", NEWCOMER),
    "join_class": lambda r, a: pupils.join_class(r, a, "x", families.NewClassMembership("x", START)),
    "add_member": lambda r, a: family_edits.add_member(r, a, "x", family_edits.NewContact("x", "contact", START)),
    "edit_member": lambda r, a: family_edits.edit_member(r, a, 99, {"kinship": "x"}, 1),
    "edit_payer": lambda r, a: family_edits.edit_payer(r, a, "x", {"wants_paper": True}, 1),
    "add_note": lambda r, a: family_edits.add_note(r, a, "x", family_edits.NewNote("general", "x", START)),
    "end_note": lambda r, a: family_edits.end_note(r, a, 99, TODAY),
    "open_family_file": lambda r, a: family_file.open_family_file(r, a, FAMILY.ref),
    "history": lambda r, a: family_history.history(r, a, FAMILY.ref),
    "open_mandate": lambda r, a: mandates.open_mandate(r, a, mandates.NewMandate("x", "x", "x", "x", 1)),
    "move_mandate": lambda r, a: mandates.move_mandate(r, a, "x", "active"),
    "list_mandates": lambda r, a: mandates.list_mandates(r, a, FAMILY.payers[0]),
    "receive_document": lambda r, a: family_papers.receive_document(
        r, a, "x", family_papers.NewDocument("x", "X", TODAY)
    ),
    "missing_documents": lambda r, a: family_papers.missing_documents(r, a, FAMILY.ref),
    "authorise": lambda r, a: family_papers.authorise(
        r, a, family_papers.NewAuthorisation("x", "x", "x", True, START)
    ),
    "sign_family_file": lambda r, a: family_papers.sign_family_file(r, a, "x", "x", TODAY),
    "read_health": lambda r, a: health.read_health(r, a, FAMILY.child),
    "add_health_note": lambda r, a: health.add_health_note(
        r, a, "x", families.NewHealthNote("allergy", "x", START)
    ),
    "end_health_note": lambda r, a: health.end_health_note(r, a, 99, TODAY, 1),
    "health_readings": lambda r, a: health.health_readings(r, a, FAMILY.child),
    "create_family": lambda r, a: families.create_family(r, a, new_family("Petit", children=("Tom",))),
    **CAF_CALLS,
    **COVERAGE_CALLS,
    **BILLING_CALLS,
    **FILE_CALLS,
    **KEEPING_CALLS,
    **KITCHEN_CALLS,
    **REFERENCE_CALLS,
    "create_families": lambda r, a: families.create_families(r, a, []),
    "add_qf": lambda r, a: families.add_qf(r, a, FAMILY.ref, families.NewQf(1, "caf", START)),
    "publish_qf_formula": lambda r, a: qf_formulas.publish_qf_formula(r, a, QF_FORMULA),
    "qf_formulas": qf_formulas.qf_formulas,
    "compute_qf": lambda r, a: qf_formulas.compute_qf(r, a, CALCULATION),
    "qf_calculations": lambda r, a: qf_formulas.qf_calculations(r, a, FAMILY.ref),
    "differing_qfs": qf_lines.differing_qfs,
    "quotients_of": lambda r, a: quotients.quotients_of(r, a, FAMILY.ref),
    "add_income": lambda r, a: incomes.add_income(r, a, FAMILY.ref, INCOME),
    "incomes_of": lambda r, a: incomes.incomes_of(r, a, FAMILY.ref),
    "record_aeeh": lambda r, a: aeeh.record_aeeh(r, a, "fournier-lea", START, is_open=True),
    "aeeh_of": lambda r, a: aeeh.aeeh_of(r, a, "fournier-lea"),
    "open_batch": lambda r, a: quotient_batches.open_batch(r, a, START),
    "batch_questions": lambda r, a: quotient_batches.batch_questions(r, a, BATCH),
    "record_answer": lambda r, a: quotient_batches.record_answer(r, a, BATCH, QUESTION, (99, ANSWER)),
    "close_batch": lambda r, a: quotient_batches.close_batch(r, a, BATCH),
    "latest_batch": quotient_batches.latest_batch,
    "add_regime": lambda r, a: families.add_regime(r, a, FAMILY.ref, families.NewRegime("general", "RG", START)),
    "add_custody_holiday": lambda r, a: custody.add_custody_holiday(r, a, HALVES),
    "add_custody_exceptions": lambda r, a: custody.add_custody_exceptions(r, a, []),
    "add_custody_calendar": lambda r, a: families.add_custody_calendar(r, a, new_custody(FAMILY)),
    "assign_teacher": lambda r, a: teachers.assign_teacher(
        r, a, teachers.NewClassTeacher("tilleuls-cp", "x", START)
    ),
    "end_teacher": lambda r, a: teachers.end_teacher(r, a, "tilleuls-cp", "x", TODAY),
    "assign_badges": lambda r, a: devices.assign_badges(r, a, [devices.NewBadge("04AA00", FAMILY.child, START)]),
    "end_badge": lambda r, a: devices.end_badge(r, a, "04FF00", TODAY),
    "enrol": lambda r, a: enrolments.enrol(r, a, new_enrolment(FAMILY)),
    "enrol_all": lambda r, a: enrolments.enrol_all(r, a, [new_enrolment(FAMILY)]),
    "book": lambda r, a: bookings.book(r, a, new_booking(FAMILY)),
    "cancel": lambda r, a: bookings.cancel(r, a, new_booking(FAMILY)),
    "declare_absence": lambda r, a: bookings.declare_absence(r, a, new_booking(FAMILY)),
    "add_bookings": lambda r, a: bookings.add_bookings(r, a, []),
    "serve_waiting": lambda r, a: bookings.serve_waiting(r, a, SCHOOL, TODAY),
    "add_care_contract": lambda r, a: care_contracts.add_care_contract(r, a, CONTRACT),
    "care_contracts": lambda r, a: care_contracts.care_contracts(r, a, "x"),
    "end_enrolment": lambda r, a: enrolment_ends.end_enrolment(r, a, "x", TODAY),
    "wait_for_place": lambda r, a: waiting_list.wait_for_place(
        r, a, waiting_list.NewWaiting("x", FAMILY.child, CANTEEN, SCHOOL, TODAY, TODAY, 0)
    ),
    "waiting_list": lambda r, a: waiting_list.waiting_list(r, a, SCHOOL, CANTEEN),
    "offer_place": lambda r, a: waiting_list.offer_place(r, a, "x", TODAY),
    "accept_offer": lambda r, a: waiting_list.accept_offer(r, a, "x", new_enrolment(FAMILY)),
    "leave_waiting_list": lambda r, a: waiting_list.leave_waiting_list(r, a, "x"),
    "add_transport_line": lambda r, a: transport.add_transport_line(r, a, LINE),
    "end_seat": lambda r, a: transport.end_seat(r, a, 0, START),
    "give_seat": lambda r, a: transport.give_seat(r, a, transport.NewSeat("x", "x", 1, 2, START)),
    "transport_list": lambda r, a: transport.transport_list(r, a, "x", TODAY),
    "book_own": lambda r, a: own_bookings.book_own(r, a, []),
    "add_event": lambda r, a: events.add_event(r, a, EVENT),
    "cancel_event": lambda r, a: events.cancel_event(r, a, "x"),
    "decide": lambda r, a: attendance.decide(r, a, DECISION),
    "decide_all": lambda r, a: attendance.decide_all(r, a, [DECISION]),
    "correct_roll": lambda r, a: roll_corrections.correct_roll(r, a, []),
    "unexpected_presences": lambda r, a: unexpected.unexpected_presences(r, a, SCHOOL, TODAY, TODAY),
    "attach_presence": lambda r, a: unexpected.attach_presence(
        r, a, unexpected.Attachment(("x",), FAMILY.child, "reconnue")
    ),
    "late_pickups": lambda r, a: late_pickups.late_pickups(r, a, SCHOOL, TODAY, TODAY),
    "answer_late_pickups": lambda r, a: late_pickups.answer_late_pickups(r, a, SCHOOL, [LATE]),
    "undecided_absences": lambda r, a: month_confirmation.undecided_absences(r, a, SCHOOL, TODAY, TODAY),
    "confirm_month": lambda r, a: month_confirmation.confirm_month(r, a, SCHOOL, TODAY),
    "reopen_month": lambda r, a: month_states.reopen_month(r, a, SCHOOL, TODAY, "oubli"),
    "lock_month": lambda r, a: month_states.lock_month(r, a, SCHOOL, TODAY),
    "month_history": lambda r, a: month_states.month_history(r, a, SCHOOL, TODAY),
    "presence_facts": lambda r, a: presence_facts.presence_facts(r, a, FAMILY.child, CANTEEN, TODAY),
    "presence_now": lambda r, a: attendance.presence_now(r, a, TODAY, NOW),
    "terminals_heard": lambda r, a: presence_freshness.terminals_heard(r, a, NOW),
    "presence_days": lambda r, a: presence_freshness.presence_days(r, a, TODAY, 7),
    "children_by_commune": lambda r, a: figures.children_by_commune(r, a, TODAY),
    "fleet": lambda r, a: fleet.fleet(r, a, NOW),
    "quarantined_things": quarantine_desk.quarantined_things,
    "settled_things": quarantine_desk.settled_things,
    "settle_things": lambda r, a: quarantine_desk.settle_things(r, a, [], "no_effect", "essai"),
    "open_holes": lambda r, a: holes.open_holes(r, a, NOW),
    "settled_holes": holes.settled_holes,
    "settle_hole": lambda r, a: holes.settle_hole(r, a, HOLE, "declared_closed", "borne détruite"),
    "add_entries": lambda r, a: ledger.add_entries(r, a, [ENTRY]),
    "my_family": family_view.my_family,
    "my_families": family_view.my_families,
    "my_children_today": lambda r, a: family_view.my_children_today(r, a, NOW),
    "submit_request": lambda r, a: requests.submit_request(r, a, REQUEST),
    "record_request": lambda r, a: request_counter.record_request(
        r, a, request_counter.ReceivedRequest(REQUEST, "x", "portal", TODAY)
    ),
    "withdraw_request": lambda r, a: requests.withdraw_request(r, a, "x"),
    "my_request": lambda r, a: requests.my_request(r, a, "x"),
    "my_requests": lambda r, a: requests.my_requests(r, a, FAMILY.ref),
    "pending_counts": request_desk.pending_counts,
    "pending_requests": lambda r, a: request_desk.pending_requests(r, a, "absences"),
    "decided_requests": request_desk.decided_requests,
    "read_request": lambda r, a: request_desk.read_request(r, a, "x"),
    "answer_request": lambda r, a: request_desk.answer_request(r, a, request_desk.RequestAnswer("x", "accept")),
    "answer_requests": lambda r, a: request_desk.answer_requests(r, a, []),
    "ask": lambda r, a: jobs.ask(r, a, "x", {}),
    "claim_next": jobs.claim_next,
    "progress": lambda r, a: jobs.progress(r, a, 1, 0, ""),
    "finish": lambda r, a: jobs.finish(r, a, 1, {}),
    "fail": lambda r, a: jobs.fail(r, a, 1, ""),
    "fail_lost": lambda r, a: jobs.fail_lost(r, a, 1),
    "list_jobs": lambda r, a: jobs.list_jobs(r, a, 1),
}
# They show the places of the actor's grants instead of refusing: tests of their own hold that.
SHOWN_BY_PLACE = {
    "kitchens_on",
    "kitchen_versions",
    "list_menus",
    "meal_orders",
    "send_orders",
    "weighed_wastes",
    "kitchen_today",
    "list_events",
    "recap_states",
    "rollover_lines",
    "children_by_commune",
    "list_devices",
    "months_of_places",
    "presence_facts",
    "presence_now",
    "terminals_heard",
    "presence_days",
    "open_holes",
    "settled_holes",
    "fleet",
    "quarantined_things",
    "settled_things",
    "pending_counts",
    "pending_requests",
    "decided_requests",
}
# They do what another does, for several things or about a thing that must exist first.
SAME_AS_ANOTHER = {
    "enrol_all",
    "add_bookings",
    "cancel",
    "declare_absence",
    "decide_all",
    "correct_roll",
    "answer_requests",
}
NEED_A_DEVICE = {
    "correct_accounting_line",
    "import_accounting",
    "remove_coverage",
    "renew_device_code",
    "revoke_device",
    "set_agent_codes",
    "settle_hole",
    "settle_things",
    "cancel_event",
    "edit_event",
    "attach_presence",
    "add_care_contract",
    "care_contracts",
    "end_enrolment",
    "offer_place",
    "accept_offer",
    "leave_waiting_list",
    "give_seat",
    "end_seat",
    "transport_list",
    "read_request",
    "answer_request",
    "check_class",
    "decide_lines",
}
AT_A_PLACE = [
    *CAF_AT_A_PLACE,
    "set_menus",
    "place_orders",
    "weigh_waste",
    "trays_of_day",
    "mark_tray",
    "apply_coverage",
    "send_recap",
    "relay_recap",
    "return_recap",
    "register_device",
    "enrol",
    "book",
    "serve_waiting",
    "add_event",
    "decide",
    "unexpected_presences",
    "late_pickups",
    "answer_late_pickups",
    "undecided_absences",
    "plan_staff",
    "staff_plans",
    "confirm_month",
    "reopen_month",
    "month_history",
    "wait_for_place",
    "waiting_list",
]
