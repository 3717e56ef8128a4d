"""Tables of the system of record, one file per family of nouns; grain and mutability in each docstring.

Conventions (docs/adr/0001, 0002): `id` is a surrogate BIGINT, `ref` the stable name of a noun that is imported
or exported; money is integer cents, rates and unit prices scaled integers (`_e4`, `_e6`), QF hundredths (`_e2`);
instants are BIGINT µs UTC, civil dates DATE, ranges half-open with NULL for « no end ».
"""

from records.models.accounts import Account, LoginAttempt, RoleGrant, Session
from records.models.attendance import AttendanceDecision
from records.models.audit import AuditEntry, ChangeSeq
from records.models.base import Base
from records.models.collectivity import CalendarDay, Collectivity, SchoolClass, SchoolYear, Structure
from records.models.devices import AgentCode, BadgeAssignment, BadgeChild, Device, DeviceEpoch, DeviceStatus
from records.models.enrolments import Booking, Enrolment, EnrolmentPattern, EnrolmentPayer
from records.models.families import (
    ClassMembership,
    CustodyCalendar,
    Diet,
    Family,
    FamilyMember,
    HealthNote,
    Payer,
    Person,
    Qf,
    Regime,
)
from records.models.holes import HoleSettlement
from records.models.jobs import Job
from records.models.ledger import LedgerEntry
from records.models.services import Service, ServiceFormula, ServicePlace, ServiceRule
from records.models.taps import Tap, TapQuarantine
from records.models.tariffs import Tariff, TariffRule, TariffVersion

__all__ = [
    "Account",
    "AgentCode",
    "AttendanceDecision",
    "AuditEntry",
    "BadgeAssignment",
    "BadgeChild",
    "Base",
    "Booking",
    "CalendarDay",
    "ChangeSeq",
    "ClassMembership",
    "Collectivity",
    "CustodyCalendar",
    "Device",
    "DeviceEpoch",
    "DeviceStatus",
    "Diet",
    "Enrolment",
    "EnrolmentPattern",
    "EnrolmentPayer",
    "Family",
    "FamilyMember",
    "HealthNote",
    "HoleSettlement",
    "Job",
    "LedgerEntry",
    "LoginAttempt",
    "Payer",
    "Person",
    "Qf",
    "Regime",
    "RoleGrant",
    "SchoolClass",
    "SchoolYear",
    "Service",
    "ServiceFormula",
    "ServicePlace",
    "ServiceRule",
    "Session",
    "Structure",
    "Tap",
    "TapQuarantine",
    "Tariff",
    "TariffRule",
    "TariffVersion",
]
