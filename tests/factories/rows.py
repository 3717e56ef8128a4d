"""One row of any table, with what it must point at: for tests of tables whose operations are not the subject.

`a_row(records, Coverage, state="quoted")` fills what is not given from DEFAULTS, points each reference that must be
given at the table's first row, and makes that one when there is none.
"""

from datetime import date
from typing import Any, TypeVar

from sqlalchemy import select

from records import models
from records.actors import SETUP
from records.database import Records, Write
from records.models import Base
from records.operations.lookup import add
from tests.factories.town import START, TODAY

Model = TypeVar("Model", bound=Base)
YEAR = date(2025, 9, 1)
IBAN = "FR7630006000011234567890189"  # the example of the standard, nobody's account

# What a table wants besides references, dates and signatures; `ref` and the like are numbered by themselves.
DEFAULTS: dict[type[Base], dict[str, Any]] = {
    models.AbsenceReason: {
        "label": "Maladie", "is_justified": True, "needs_document": True,
        "is_for_families": True,
    },
    models.Account: {"login": "claire", "display_name": "Claire", "password_hash": "argon2"},
    models.AccountLink: {"token_hash": "0" * 64, "purpose": "activate", "created_at": 1, "expires_at": 2},
    models.AccountingLine: {
        "year": 2026, "account": "6411", "label": "Salaires", "amount_cents": 100_000, "nature": "charge",
        "origin": "entered",
    },
    models.Address: {"commune": "Ville d'essai"},
    models.AeehRight: {"seq": 1, "is_open": True},
    models.AidBand: {"qf_from_e2": 0, "qf_to_e2": 50_000, "amount_cents": 600},
    models.AidScale: {"decision": "Courrier de la CAF", "unit": "day", "qf_day": "january", "seq": 1},
    models.AnonymousCount: {"day": TODAY, "indicator": "laep_sessions", "quantity_e2": 100, "seq": 1},
    models.Answer: {"value": "oui"},
    models.Authorisation: {"is_allowed": True},
    models.AuthorisationKind: {"label": "Photo", "needs_both_guardians": True, "is_mandatory": False},
    models.BillingRun: {
        "month": START, "state": "drafting", "snapshot_id": "essai", "snapshot_sha256": "a" * 64, "change_seq": 1,
        "threshold_cents": 1_500,
    },
    models.BillingSetting: {
        "seq": 1, "decision": "Délibération 2026-77", "fiscal_year_month": 1, "due_months": 2, "due_day": 15,
        "cancel_from_cents": 2_000, "credits_are_strict": False,
    },
    models.CafSetting: {
        "decision": "Convention 2026", "authorised_places": 20, "meals_provided": True, "diapers_provided": True,
        "has_pedt": False, "has_plan_mercredi": False, "oversize_rounding": "floor", "seq": 1,
    },
    models.CareContract: {
        "seq": 1, "valid_to": date(2027, 8, 1), "minutes_per_week": 1_830, "weeks": 44,
        "deducted_minutes": 0, "months": 11,
    },
    models.BookingRule: {
        "decision": "Délibération 2026-12", "portal_mode": "requests", "deadline_rule": "weekday_before",
        "deadline_weekday": 3, "deadline_weeks": 1, "deadline_minute": 720, "counts_open_days": False,
        "after_deadline": "refused", "is_from_to": False, "has_waiting_list": True, "seq": 1,
    },
    models.CalendarEvent: {
        "kind": "closure", "label": "Fermeture", "starts_on": TODAY, "ends_on": date(2026, 11,
        25),
    },
    models.Coverage: {
        "state": "quoted", "kind": "decision", "form": "percent", "percent_e4": 5_000, "unit": "total", "rank": 1,
        "holidays_only": False,
    },
    models.Cancellation: {"amount_cents": 2_500, "is_total": True, "bills_again": False, "reason": "Erreur"},
    models.CancellationStep: {"seq": 1, "step": "asked", "reason": "Erreur"},
    models.CarriedDraft: {},
    models.CoverageEvent: {"state": "asked", "seq": 1},
    models.CreditNote: {
        "fiscal_year": 2026, "number": 1, "amount_cents": 2_500, "bills_again": False, "issued_on": TODAY,
        "change_seq": 1,
    },
    models.CreditRule: {"seq": 1, "is_strict": True, "reason": "Essai"},
    models.CustodyException: {"day": TODAY, "reason": "Échange", "seq": 1},
    models.CustodyHoliday: {"holiday": "summer", "anchor_year": 2027, "alternates": True},
    models.Declaration: {
        "year": 2026, "version": "actual", "number": 1, "snapshot_id": "essai", "figures": "[]", "controls": "[]",
        "sha256": "a" * 64,
    },
    models.Delegation: {"given_by": "parents", "signed_on": START, "covers": "Sorties et soins courants"},
    models.Document: {"title": "Certificat", "received_on": TODAY, "state": "received"},
    models.DocumentFile: {"page": 1},
    models.DocumentKind: {"label": "Assurance", "about": "child", "months_valid": 12, "is_health": False},
    models.DocumentRequirement: {"is_mandatory": True},
    models.FaultMark: {"fault_key": "missing_birth_date 1", "seq": 1, "owner_role": "registrar", "note": "Demandé"},
    models.FiloueConsent: {"day": TODAY, "seq": 1, "is_agreed": True},
    models.KitchenSetting: {
        "seq": 1, "decision": "Marché 2026-4", "supplier": "Cuisine centrale", "pack": 1, "minimum": 0,
        "supplier_days": 35, "firm_days": 7, "missing_cents": 900, "wasted_cents": 300,
    },
    models.MealDispatch: {
        "horizon": "firm", "first_day": TODAY, "end_day": date(2026, 11, 25), "supplier": "Cuisine",
        "mail": "cuisine@example.test", "portions": 1, "sha256": "a" * 64,
    },
    models.MealOrder: {
        "day": TODAY, "diet_code": "standard", "diet_label": "Standard", "horizon": "firm", "seq": 1,
        "quantity": 60,
    },
    models.MealWaste: {"day": TODAY, "kind": "plates", "seq": 1, "grams": 100},
    models.Menu: {"day": TODAY, "label": "Gratin", "dish": "vegetarian"},
    models.TrayMark: {"day": TODAY, "seq": 1, "is_served": True},
    models.HealthAccess: {"reader": "Claire", "read_at": 1, "operation": "see_health"},
    models.HealthNote: {"kind": "allergy", "label": "Arachide"},
    models.Income: {
        "effective_from": START, "income_year": 2024, "annual_cents": 3_120_000, "children_count": 2,
        "aeeh_count": 0, "source": "caf",
    },
    models.Invoice: {
        "fiscal_year": 2026, "number": 1, "total_cents": 2_500, "previous_balance_cents": 0, "issued_on": TODAY,
        "due_on": TODAY, "body_sha256": "b" * 64,
    },
    models.InvoiceDraft: {
        "is_held": False, "lines_cents": 2_500, "adjustments_cents": 0, "aside_cents": 0, "carried_cents": 0,
        "total_cents": 2_500, "line_count": 1, "body": "{}", "body_sha256": "b" * 64,
    },
    models.Mandate: {
        "rum": "RUM-1", "state": "draft", "holder_name": "Anne Fournier", "iban": IBAN, "iban_end": IBAN[-4:],
        "debit_day": 6,
    },
    models.MandateEvent: {"kind": "draft", "seq": 1},
    models.Merge: {"entity": "family", "kept_id": 1, "merged_id": 2},
    models.MergeMove: {"table_name": "payer", "row_id": 1, "column_name": "family_id", "old_id": 2, "new_id": 1},
    models.MessageOutbox: {
        "key": "link-0", "kind": "reset", "address": "claire@exemple.test", "content": "{}", "state": "waiting",
        "created_at": 1, "expires_at": 2,
    },
    models.MonthState: {"month": START, "state": "confirmed", "seq": 1},
    models.Note: {"kind": "address", "text": "Adresse non fiable", "opens_with_file": True},
    models.NumberSequence: {"kind": "invoice", "fiscal_year": 2026, "last": 1},
    models.PasswordHistory: {"password_hash": "argon2", "set_at": 1},
    models.PaperSetting: {
        "seq": 1, "decision": "Délibération 2026-78", "sender": "", "ways_to_pay": "", "remedies": "",
        "sums_debtor_key": False,
    },
    models.PayingBody: {"name": "Département", "kind": "department"},
    models.PersonPhone: {"number": "01 99 00 12 34", "kind": "mobile", "rank": 1},
    models.ProcessingActivity: {
        "label": "Inscriptions", "purpose": "Accueil", "legal_basis": "Mission d'intérêt public",
        "data_categories": "Identité", "recipients": "Services", "retention": "2 ans", "security": "Chiffrement",
    },
    models.PurgeItem: {"entity": "family", "entity_id": 1, "due_on": TODAY},
    models.PurgeList: {"data_kind": "family_file", "judged_on": TODAY, "item_count": 1, "items_hash": "0" * 64},
    models.PurgeOrder: {"reason": "Fin de conservation"},
    models.PurgeProof: {
        "table_name": "person", "done": "blanked", "column_names": "email", "row_count": 1,
        "done_at": 1,
    },
    models.QfCalculation: {
        "income_year": 2024, "annual_income_cents": 3_120_000, "income_months": 12, "adults": 2, "children": 2,
        "monthly_benefits_cents": 14_852, "disabled_children": 0, "parts_e2": 300, "result_e2": 91_617,
        "source": "tax_notice",
    },
    models.QfFormula: {
        "decision": "Délibération 2026-50", "seq": 1, "form": "composition", "abatement_e4": 0,
        "counts_benefits": True, "step_e2": 1,
    },
    models.QfFormulaPart: {"who": "couple", "from_rank": 1, "parts_e2": 200},
    models.Question: {
        "about": "child", "label": "Sait nager", "answer_type": "yes_no", "is_mandatory": True,
        "rank": 1,
    },
    models.QuotientAnswer: {
        "endpoint": "quotient", "month": START, "status": 200, "outcome": "found", "value_e2": 65_000,
    },
    models.QuotientBatch: {"month": START},
    models.RecapCalendar: {"decision": "Note", "days": "03-31 12-31", "reminder_days": 10, "seq": 1},
    models.RecoveryCode: {"code_hash": "argon2"},
    models.Request: {
        "kind": "change_phone", "payload_version": 1, "payload": "{}", "channel": "portal", "received_on": TODAY,
        "received_at": 1,
    },
    models.RequestDecision: {"decision": "accept", "is_automatic": False, "change_seq": 1},
    models.ResidenceZone: {
        "commune": "Ville d'essai", "commune_key": "VILLE D ESSAI", "zone": "ville", "decision": "Délibération",
    },
    models.RetentionRule: {
        "data_kind": "family_file", "months": 24, "counted_from": "last_use", "ending": "anonymise",
        "source": "DPO", "seq": 1,
    },
    models.Rollover: {"state": "draft"},
    models.RolloverLine: {"outcome": "leave"},
    models.RunPlace: {},
    models.SchoolYear: {"starts_on": YEAR, "ends_on": date(2026, 7, 4)},
    models.Sejour: {
        "number": "3", "label": "Mer", "place": "Île d'Oléron", "starts_on": date(2027, 7, 5),
        "ends_on": date(2027, 7, 10), "places": 24, "age_from_months": 72, "age_to_months": 144,
    },
    models.Signature: {"paper": "family_file", "signed_on": TODAY, "channel": "paper"},
    models.StaffPlan: {
        "seq": 1, "is_one_day": False, "period": "school", "weekday": 1, "start_minute": 990, "end_minute": 1110,
        "animators": 2,
    },
    models.StateValue: {"parameter_id": "caf.alsh.age_split", "value": "6", "source": "CNAF", "seq": 1},
    models.StoredFile: {
        "sha256": "a" * 64, "media_type": "application/pdf", "size_bytes": 10, "is_encrypted": True, "stored_at": 1,
    },
    models.StructureCapacity: {
        "age_from_months": 36, "age_to_months": 72, "places": 40, "is_declared": True, "decision": "SDJES",
        "seq": 1,
    },
    models.StructureOpening: {
        "period": "school", "weekday": 0, "open_minute": 450, "close_minute": 1_110,
        "seq": 1,
    },
    models.TotpSecret: {"secret": "JBSWY3DPEHPK3PXP", "created_at": 1},
    models.TransportLine: {"label": "Ligne 1", "direction": "outward", "is_billed": True},
    models.TransportStop: {"position": 1, "label": "Place", "local_minute": 480},
    models.VoucherRecap: {"due_on": date(2026, 12, 31), "step": "sent", "seq": 1},
    models.WaitingEntry: {"wanted_from": START, "received_on": TODAY, "priority": 1, "state": "waiting"},
    models.YearlyTask: {
        "label": "Importer les vacances", "due_month": 4, "due_day": 15, "notice_days": 30,
        "held_right": "edit_reference",
    },
    models.YearlyTaskMark: {"due_on": date(2027, 4, 15), "seq": 1, "is_done": True},
}  # fmt: skip


def a_row(records: Records, model: type[Model], **values: Any) -> Model:
    """Write one row of a table by the audited helper; returns it, detached."""
    with records.write(SETUP, "a_row") as write:
        return make_row(write, model, **values)


def make_row(write: Write, model: type[Model], **values: Any) -> Model:
    """Write one row inside an open write."""
    filled = {**DEFAULTS.get(model, {}), **values}
    for column in model.__table__.columns:
        if column.name not in filled and _must_be_given(column):
            filled[column.name] = _given(write, model, column)
    row = model(**filled)
    add(write, row)
    return row


def _must_be_given(column: Any) -> bool:
    is_numbered = column.primary_key and column.autoincrement is True
    return not (column.nullable or column.default is not None or is_numbered)


def _given(write: Write, model: type[Base], column: Any) -> Any:
    if column.name == "ref":
        return f"{model.__tablename__}-{write.change_seq}"
    if column.name == "valid_from":
        return START
    if column.name == "recorded_at":
        return write.now
    if column.name == "recorded_by":
        return write.actor.signature
    for key in column.foreign_keys:
        return _first(write, key.column)
    raise AssertionError(f"{model.__tablename__}.{column.name}: say it in DEFAULTS")


def _first(write: Write, target: Any) -> Any:
    """Return the key of the first row of a table, made when there is none."""
    found = write.session.scalar(select(target).order_by(target).limit(1))
    if found is not None:
        return found
    model = next(each.class_ for each in Base.registry.mappers if each.local_table is target.table)
    return getattr(make_row(write, model), target.name)
