"""What a CAF declaration rests on beside attendance: settings, accounts, counts; and what was declared."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from records.models.base import (
    UNAUDITED,
    VERSIONED,
    Base,
    BigInt,
    Code,
    Day,
    Id,
    Label,
    Micros,
    Recorded,
    facts,
    one_of,
    references,
)

CAF_FUNDINGS = ("psu", "pso_periscolaire", "pso_extrascolaire", "pso_jeunes", "rpe", "laep")
OVERSIZE_ROUNDINGS = ("floor", "nearest", "ceiling")
ACCOUNT_NATURES = ("charge", "produit")
LINE_ORIGINS = ("entered", "imported")
LINE_PERIODS = ("year", "jan_jun", "jan_sep")
LINE_ACTIVITIES = ("eaje", "periscolaire", "extrascolaire", "youth")
DECLARATION_VERSIONS = ("forecast", "updated_june", "updated_september", "actual")
# Counts of services that keep no names (CAF notes §2.4), whole numbers but hours and full-time equivalents.
INDICATORS = (
    "rpe_fte",
    "rpe_opening_hours",
    "rpe_childminders",
    "rpe_families",
    "rpe_contacts",
    "rpe_sessions",
    "rpe_session_children",
    "rpe_session_childminders",
    "rpe_trainings",
    "laep_sessions",
    "laep_opening_hours",
    "laep_organisation_hours",
    "laep_children",
    "laep_families",
    "laep_attendances",
    "laep_new_families",
    "youth_opening_hours",
    "youth_visits",
    "youth_sessions",
)


class CafSetting(Recorded, Base):
    """[V] structure × valid_from × seq: what the convention with the CAF says of a place; the last stands.

    `funding` names the service of a place that enrols nobody (RPE, LAEP); NULL: that of its services' `caf_kind`.
    `oversize_rounding` rounds 115 % of the places. `general_regime_e4` is a share, in ten-thousandths, when the
    convention fixes it; NULL: computed from the hours. `reference_wednesday_minutes` are the Wednesday hours of the
    year before the plan mercredi, per calendar year. `walking_from_months`: the règlement of a crèche has one adult
    for five children who do not walk and one for eight who do, and takes them to walk from that age on; NULL: one
    for six. Source: the convention or the règlement, named by `decision`.
    """

    __tablename__ = "caf_setting"
    __table_args__ = (
        UniqueConstraint("structure_id", "valid_from", "seq"),
        one_of("funding", *CAF_FUNDINGS),
        one_of("oversize_rounding", *OVERSIZE_ROUNDINGS),
        CheckConstraint("authorised_places >= 0", name="places"),
        CheckConstraint("authorised_under_6 >= 0 and authorised_from_6 >= 0", name="places_by_age"),
        CheckConstraint("general_regime_e4 between 0 and 10000", name="general_regime"),
        CheckConstraint("reference_wednesday_minutes >= 0", name="reference_wednesday"),
        CheckConstraint("walking_from_months between 1 and 71", name="walking_from"),
        {"info": VERSIONED},
    )

    id: Mapped[Id]
    structure_id: Mapped[int] = references("structure.id", index=False)
    valid_from: Mapped[Day]
    seq: Mapped[int]
    decision: Mapped[Label]
    funding: Mapped[str | None] = mapped_column(String(40))
    authorised_places: Mapped[int]
    authorised_under_6: Mapped[int | None]
    authorised_from_6: Mapped[int | None]
    meals_provided: Mapped[bool]
    diapers_provided: Mapped[bool]
    has_pedt: Mapped[bool]
    has_plan_mercredi: Mapped[bool]
    reference_wednesday_minutes: Mapped[int | None]
    oversize_rounding: Mapped[Code] = mapped_column(default="floor")
    general_regime_e4: Mapped[int | None]
    walking_from_months: Mapped[int | None]
    caf_office_code: Mapped[str | None] = mapped_column(String(3))
    caf_file_number: Mapped[str | None] = mapped_column(String(20))
    idequ: Mapped[str | None] = mapped_column(String(20))


class AccountingLine(Recorded, Base):
    """[I] One row per amount of a structure's accounts in a year; a correction is a row that replaces another.

    `account` is a number of the chart (60…68, 86 charges; 70…79, 87 produits); cents may be negative (a credit).
    `period` names the months it is of, from January on; a year's do not add up with those of its first months.
    `activity` NULL: the activities of the place share it, by the hours of their children. Only rows that no other
    replaces count; one replaced by 0 is taken back. Source: the town's accounts.
    """

    __tablename__ = "accounting_line"
    __table_args__ = (
        one_of("nature", *ACCOUNT_NATURES),
        one_of("origin", *LINE_ORIGINS),
        one_of("period", *LINE_PERIODS),
        one_of("activity", *LINE_ACTIVITIES),
        CheckConstraint("year between 2000 and 2100", name="year"),
        UniqueConstraint("replaces_id"),
        {"info": facts()},
    )

    id: Mapped[Id]
    structure_id: Mapped[int] = references("structure.id")
    year: Mapped[int]
    account: Mapped[str] = mapped_column(String(12))
    label: Mapped[Label]
    amount_cents: Mapped[int] = mapped_column(BigInt)
    nature: Mapped[Code]
    period: Mapped[Code] = mapped_column(default="year")
    activity: Mapped[str | None] = mapped_column(String(40))
    origin: Mapped[Code]
    replaces_id: Mapped[int | None] = references("accounting_line.id", index=False, nullable=True)


class AnonymousCount(Recorded, Base):
    """[I] structure × day × indicator × seq: a count without a name, in hundredths; the last stands.

    Source: whoever was there, or the survey of the year.
    """

    __tablename__ = "anonymous_count"
    __table_args__ = (
        UniqueConstraint("structure_id", "day", "indicator", "seq"),
        one_of("indicator", *INDICATORS),
        CheckConstraint("quantity_e2 >= 0", name="quantity"),
        {"info": facts()},
    )

    id: Mapped[Id]
    structure_id: Mapped[int] = references("structure.id", index=False)
    day: Mapped[Day]
    indicator: Mapped[Code]
    seq: Mapped[int]
    quantity_e2: Mapped[Micros]


class AeehRight(Recorded, Base):
    """[V] child × valid_from × seq: whether a child opens the AEEH from a day on; the last stands.

    The allowance alone, never a disability nor its nature: the CAF asks for the hours of these children.
    Source: the CAF's notification.
    """

    __tablename__ = "aeeh_right"
    __table_args__ = (UniqueConstraint("person_id", "valid_from", "seq"), {"info": VERSIONED})

    id: Mapped[Id]
    person_id: Mapped[int] = references("person.id", index=False)
    valid_from: Mapped[Day]
    seq: Mapped[int]
    is_open: Mapped[bool]


class FiloueConsent(Recorded, Base):
    """[I] family × day × seq: whether a family agrees to be in the Filoué file; the last stands, none is a no."""

    __tablename__ = "filoue_consent"
    __table_args__ = (UniqueConstraint("family_id", "day", "seq"), {"info": facts()})

    id: Mapped[Id]
    family_id: Mapped[int] = references("family.id", index=False)
    day: Mapped[Day]
    seq: Mapped[int]
    is_agreed: Mapped[bool]


class Declaration(Recorded, Base):
    """[I] structure × year × version × number: the figures of a declaration as they were exported, and their hash.

    `figures` and `controls` are canonical JSON; `sha256` is that of both, with what they are about. A later export
    is a further number: what differs can be told, nothing changes silently. `days` are those that its lines
    counted, compressed, with their hash; a forecast has none, and they go once the CAF's control is over. Source:
    the snapshot it names.
    """

    __tablename__ = "declaration"
    __table_args__ = (
        UniqueConstraint("structure_id", "year", "version", "number"),
        one_of("version", *DECLARATION_VERSIONS),
        CheckConstraint("year between 2000 and 2100", name="year"),
        {"info": facts("days")},
    )

    id: Mapped[Id]
    structure_id: Mapped[int] = references("structure.id", index=False)
    year: Mapped[int]
    version: Mapped[Code]
    number: Mapped[int]
    snapshot_id: Mapped[str] = mapped_column(String(80))
    figures: Mapped[str] = mapped_column(Text)
    controls: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    days: Mapped[str | None] = mapped_column(Text, deferred=True, info=UNAUDITED)
    days_sha256: Mapped[str | None] = mapped_column(String(64))
