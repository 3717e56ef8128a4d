"""Tables of the system of record, one file per family of nouns; grain and mutability in each docstring.

Conventions (docs/adr/0001, 0002): `id` is a surrogate BIGINT, `ref` the stable name of a noun that is imported
or exported; money is integer cents, rates and unit prices scaled integers (`_e4`, `_e6`), QF hundredths (`_e2`);
instants are BIGINT µs UTC, civil dates DATE, ranges half-open with NULL for « no end ».
"""

from records.models.accounts import (
    Account,
    AccountLink,
    LoginAttempt,
    PasswordHistory,
    RecoveryCode,
    RoleGrant,
    Session,
    TotpSecret,
)
from records.models.aids import AidBand, AidScale, RecapCalendar, VoucherRecap
from records.models.attendance import AttendanceDecision, MonthState
from records.models.audit import AuditEntry, ChangeSeq
from records.models.authorisations import Answer, Authorisation, AuthorisationKind, Question
from records.models.base import Base
from records.models.billing import (
    BillingRun,
    BillingSetting,
    Cancellation,
    CancellationStep,
    CarriedDraft,
    CreditNote,
    CreditRule,
    Invoice,
    InvoiceDraft,
    NumberSequence,
    PaperSetting,
    RunPlace,
)
from records.models.bodies import Coverage, CoverageEnrolment, CoverageEvent, PayingBody
from records.models.caf import AccountingLine, AeehRight, AnonymousCount, CafSetting, Declaration, FiloueConsent
from records.models.collectivity import CalendarDay, Collectivity, SchoolClass, SchoolYear, Structure
from records.models.contracts import CareContract
from records.models.custody import CustodyCalendar, CustodyException, CustodyHoliday, Delegation, Placement
from records.models.devices import AgentCode, BadgeAssignment, BadgeChild, Device, DeviceEpoch, DeviceStatus
from records.models.documents import Document, DocumentFile, DocumentKind, DocumentRequirement, StoredFile
from records.models.enrolments import Booking, Enrolment, EnrolmentPattern, EnrolmentPayer, WaitingEntry
from records.models.families import Address, ClassMembership, Family, FamilyMember, Payer, Person, PersonPhone
from records.models.family_papers import FamilyReview, Merge, MergeMove, Note, Signature
from records.models.fault_marks import FaultMark
from records.models.health import Diet, HealthAccess, HealthNote
from records.models.holes import HoleSettlement
from records.models.incomes import (
    Income,
    Qf,
    QfCalculation,
    QfFormula,
    QfFormulaPart,
    QuotientAnswer,
    QuotientBatch,
    Regime,
)
from records.models.jobs import Job
from records.models.kitchen import KitchenSetting, MealDispatch, MealOrder, MealWaste, Menu, TrayMark
from records.models.ledger import LedgerEntry
from records.models.mandates import Mandate, MandateEvent
from records.models.messages import MessageOutbox
from records.models.offers import AbsenceReason, BookingRule, Sejour
from records.models.places import CalendarEvent, ClassTeacher, StructureCapacity, StructureOpening
from records.models.requests import Request, RequestDecision
from records.models.retention import (
    ProcessingActivity,
    PurgeItem,
    PurgeList,
    PurgeOrder,
    PurgeProof,
    PurgeWindow,
    RetentionRule,
)
from records.models.rollover import Rollover, RolloverLine
from records.models.search import PersonWord, SearchVariant, SearchWord
from records.models.services import Service, ServiceFormula, ServicePlace, ServiceRule
from records.models.staff import StaffPlan
from records.models.state_values import StateValue
from records.models.taps import Tap, TapChild, TapQuarantine
from records.models.tariffs import ResidenceZone, Tariff, TariffRule, TariffVersion
from records.models.transport import TransportLine, TransportSeat, TransportStop
from records.models.yearly_tasks import YearlyTask, YearlyTaskMark

__all__ = [
    "AbsenceReason",
    "Account",
    "AccountLink",
    "AccountingLine",
    "Address",
    "AeehRight",
    "AgentCode",
    "AidBand",
    "AidScale",
    "AnonymousCount",
    "Answer",
    "AttendanceDecision",
    "AuditEntry",
    "Authorisation",
    "AuthorisationKind",
    "BadgeAssignment",
    "BadgeChild",
    "Base",
    "BillingRun",
    "BillingSetting",
    "Booking",
    "BookingRule",
    "CafSetting",
    "CalendarDay",
    "CalendarEvent",
    "Cancellation",
    "CancellationStep",
    "CareContract",
    "CarriedDraft",
    "ChangeSeq",
    "ClassMembership",
    "ClassTeacher",
    "Collectivity",
    "Coverage",
    "CoverageEnrolment",
    "CoverageEvent",
    "CreditNote",
    "CreditRule",
    "CustodyCalendar",
    "CustodyException",
    "CustodyHoliday",
    "Declaration",
    "Delegation",
    "Device",
    "DeviceEpoch",
    "DeviceStatus",
    "Diet",
    "Document",
    "DocumentFile",
    "DocumentKind",
    "DocumentRequirement",
    "Enrolment",
    "EnrolmentPattern",
    "EnrolmentPayer",
    "Family",
    "FamilyMember",
    "FamilyReview",
    "FaultMark",
    "FiloueConsent",
    "HealthAccess",
    "HealthNote",
    "HoleSettlement",
    "Income",
    "Invoice",
    "InvoiceDraft",
    "Job",
    "KitchenSetting",
    "LedgerEntry",
    "LoginAttempt",
    "Mandate",
    "MandateEvent",
    "MealDispatch",
    "MealOrder",
    "MealWaste",
    "Menu",
    "Merge",
    "MergeMove",
    "MessageOutbox",
    "MonthState",
    "Note",
    "NumberSequence",
    "PaperSetting",
    "PasswordHistory",
    "Payer",
    "PayingBody",
    "Person",
    "PersonPhone",
    "PersonWord",
    "Placement",
    "ProcessingActivity",
    "PurgeItem",
    "PurgeList",
    "PurgeOrder",
    "PurgeProof",
    "PurgeWindow",
    "Qf",
    "QfCalculation",
    "QfFormula",
    "QfFormulaPart",
    "Question",
    "QuotientAnswer",
    "QuotientBatch",
    "RecapCalendar",
    "RecoveryCode",
    "Regime",
    "Request",
    "RequestDecision",
    "ResidenceZone",
    "RetentionRule",
    "RoleGrant",
    "Rollover",
    "RolloverLine",
    "RunPlace",
    "SchoolClass",
    "SchoolYear",
    "SearchVariant",
    "SearchWord",
    "Sejour",
    "Service",
    "ServiceFormula",
    "ServicePlace",
    "ServiceRule",
    "Session",
    "Signature",
    "StaffPlan",
    "StateValue",
    "StoredFile",
    "Structure",
    "StructureCapacity",
    "StructureOpening",
    "Tap",
    "TapChild",
    "TapQuarantine",
    "Tariff",
    "TariffRule",
    "TariffVersion",
    "TotpSecret",
    "TransportLine",
    "TransportSeat",
    "TransportStop",
    "TrayMark",
    "VoucherRecap",
    "WaitingEntry",
    "YearlyTask",
    "YearlyTaskMark",
]
