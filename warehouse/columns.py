"""Which columns of records enter the warehouse: an allow-list, so that nothing personal slips in.

No password, token, session, address of mail, phone, free text about health or allocataire number is here, and
none may be added without a model that needs it (tests/sql/test_dbt_hygiene.py holds both directions).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import Boolean, Column, Date, Integer
from sqlalchemy.sql.type_api import TypeEngine

from records.models import Base

LOADED: dict[str, tuple[str, ...]] = {
    "absence_reason": ("id", "label", "deducts_after_days", "deducts_after_unit"),
    "accounting_line": (
        "id", "structure_id", "year", "account", "label", "amount_cents", "nature", "period", "activity",
        "replaces_id",
    ),
    "address": ("id", "family_id", "person_id", "commune", "valid_from", "valid_to"),
    "aeeh_right": ("id", "person_id", "valid_from", "is_open"),
    "aid_band": ("id", "scale_id", "qf_from_e2", "qf_to_e2", "amount_cents"),
    "aid_scale": ("id", "body_id", "valid_from", "seq", "decision", "unit", "qf_day"),
    "anonymous_count": ("id", "structure_id", "day", "indicator", "seq", "quantity_e2"),
    "attendance_decision": (
        "id", "child_id", "service_id", "structure_id", "day", "kind", "occurred_at", "tap_id",
        "absence_reason_id", "recorded_at", "replaces_id",
    ),
    "badge_assignment": ("id", "badge_uid", "valid_from", "valid_to"),
    "badge_child": ("id", "assignment_id", "child_id"),
    "billing_run": ("id", "month", "state"),
    "billing_setting": ("id", "valid_from", "seq", "credits_are_strict"),
    "booking": (
        "id", "person_id", "service_id", "structure_id", "day", "action", "formula", "start_minute", "end_minute",
        "received_on", "received_minute", "is_late",
    ),
    "caf_setting": (
        "id", "structure_id", "valid_from", "seq", "funding", "authorised_places", "authorised_under_6",
        "authorised_from_6", "meals_provided", "diapers_provided", "has_pedt", "has_plan_mercredi",
        "reference_wednesday_minutes", "oversize_rounding", "general_regime_e4", "walking_from_months",
    ),
    "care_contract": (
        "id", "enrolment_id", "valid_from", "valid_to", "seq", "minutes_per_week", "weeks", "deducted_minutes",
        "months", "unbilled_month", "free_until",
    ),
    "calendar_day": ("id", "zone", "structure_id", "day", "kind"),
    "calendar_event": (
        "id", "kind", "starts_on", "ends_on", "start_minute", "end_minute", "structure_id", "class_id",
        "service_id", "cancelled_at",
    ),
    "carried_draft": ("draft_id", "carried_id"),
    "class_membership": ("id", "person_id", "class_id", "valid_from", "valid_to"),
    "collectivity": ("timezone", "school_zone"),
    "coverage": (
        "id", "ref", "body_id", "child_id", "service_id", "decision_number", "state", "kind", "form", "percent_e4",
        "amount_cents", "unit", "unit_ceiling_cents", "units_max", "year_units_max", "holidays_only",
        "ceiling_cents", "rank", "valid_from", "valid_to",
    ),
    "coverage_enrolment": ("id", "coverage_id", "enrolment_id", "removed_on"),
    "credit_note": ("id", "invoice_id", "bills_again"),
    "credit_rule": ("id", "payer_id", "service_id", "seq", "is_strict"),
    "custody_calendar": (
        "id", "child_id", "valid_from", "anchor_on", "pattern", "payer_1_id", "payer_2_id",
    ),
    "custody_exception": ("id", "child_id", "day", "payer_id"),
    "custody_holiday": (
        "id", "child_id", "holiday", "valid_from", "anchor_year", "alternates", "first_payer_id",
        "second_payer_id",
    ),
    "device": ("id", "label", "structure_id", "revoked_at"),
    "diet": ("id", "person_id", "code", "label", "valid_from", "valid_to"),
    "document": ("id", "kind_id", "family_id", "person_id", "payer_id", "expires_on", "state"),
    "document_kind": ("id", "ref", "label", "about", "is_health"),
    "document_requirement": ("id", "kind_id", "service_id", "is_mandatory", "valid_from", "valid_to"),
    "enrolment": (
        "id", "person_id", "service_id", "structure_id", "category", "sejour_id", "valid_from", "valid_to",
    ),
    "enrolment_pattern": (
        "id", "enrolment_id", "weekday", "week_cycle", "cycle_anchor_on", "start_minute", "end_minute", "formula",
        "valid_from", "valid_to",
    ),
    "enrolment_payer": ("id", "enrolment_id", "payer_id", "rule", "valid_from", "valid_to"),
    "family": ("id", "ref"),
    "family_member": ("id", "family_id", "person_id", "role", "valid_from", "valid_to"),
    "income": (
        "id", "family_id", "payer_id", "effective_from", "recorded_at", "annual_cents", "children_count",
        "aeeh_count", "source", "replaces_id",
    ),
    "invoice": ("id", "draft_id"),
    "invoice_draft": (
        "id", "run_id", "payer_id", "is_held", "lines_cents", "adjustments_cents", "aside_cents", "body",
    ),
    "kitchen_setting": (
        "id", "structure_id", "valid_from", "seq", "pack", "minimum", "supplier_days", "firm_days", "missing_cents",
        "wasted_cents",
    ),
    "mandate": ("id", "payer_id", "state"),
    "meal_order": (
        "id", "structure_id", "service_id", "day", "diet_code", "horizon", "seq", "quantity",
    ),
    "meal_waste": ("id", "structure_id", "service_id", "day", "kind", "seq", "grams"),
    "menu": ("id", "structure_id", "day", "label", "dish"),
    "month_state": ("id", "structure_id", "month", "seq", "state"),
    "payer": ("id", "ref", "family_id", "person_id"),
    "paying_body": ("id", "ref", "name", "kind"),
    "person": ("id", "ref", "first_name", "last_name", "birth_date"),
    "qf": ("id", "family_id", "payer_id", "effective_from", "recorded_at", "value_e2", "source", "replaces_id"),
    "regime": ("id", "family_id", "effective_from", "recorded_at", "code", "caf_group"),
    "residence_zone": ("id", "commune_key", "zone", "valid_from"),
    "school_class": ("id", "structure_id", "name", "level"),
    "school_year": ("id", "starts_on", "ends_on"),
    "sejour": ("id", "label", "starts_on", "ends_on", "tariff_id", "cancelled_on"),
    "service": ("id", "ref", "label", "kind", "caf_kind"),
    "service_formula": (
        "id", "service_id", "code", "label", "start_minute", "end_minute", "half_days", "with_meal",
    ),
    "service_place": ("id", "service_id", "structure_id", "valid_from", "valid_to"),
    "service_rule": (
        "id", "service_id", "structure_id", "valid_from", "period", "weekday_mask", "slot_start_minute",
        "slot_end_minute", "grace_minutes", "anti_bounce_seconds", "needs_departure", "rounding_minutes",
        "rounding_on", "rounding_mode", "tolerance_minutes", "bill_basis", "undecided_default", "qf_rule",
        "qf_known_on", "qf_backdating", "caf_hour_rule", "serves_meal", "is_priced",
    ),
    "signature": ("id", "family_id", "paper", "is_withdrawn", "replaces_id"),
    "staff_plan": (
        "id", "structure_id", "valid_from", "seq", "is_one_day", "period", "weekday", "start_minute", "end_minute",
        "animators",
    ),
    "structure": ("id", "ref", "name", "kind", "timezone"),
    "structure_capacity": (
        "id", "structure_id", "service_id", "weekday", "start_minute", "end_minute", "age_from_months",
        "age_to_months", "valid_from", "seq", "places",
    ),
    "structure_opening": (
        "id", "structure_id", "period", "weekday", "valid_from", "seq", "open_minute", "close_minute",
        "shut_from_minute", "shut_until_minute",
    ),
    "tap": (
        "id", "tap_id", "device_id", "epoch", "seq", "kind", "badge_uid", "child_ref", "typed_name", "undoes",
        "service_ref", "direction", "occurred_at_corrected", "time_confidence",
    ),
    "tap_child": ("id", "tap_id", "child_id"),
    "tariff": ("id", "service_id", "label"),
    "tariff_rule": (
        "id", "version_id", "ordinal", "label", "kind", "category", "formula", "residence", "level", "situation",
        "is_booked_late", "origin", "day_kind", "qf_from_e2", "qf_to_e2", "income_from_cents", "income_to_cents",
        "rank_from", "rank_to", "age_from_months", "age_to_months", "children_from", "children_to",
        "siblings_from", "siblings_to", "unit_minutes",
        "lead_from_minutes", "lead_to_minutes", "form", "unit", "applies_to", "amount_e4", "amount_to_e4",
        "rate_e6", "basis", "floor_e4", "ceiling_e4", "above_ceiling",
    ),
    "tariff_version": (
        "id", "tariff_id", "valid_from", "decision", "unit_step_e4", "unit_step_mode", "rank_basis",
        "package_basis",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class RawColumn:
    """One loaded column: a whole number that is never missing, or text in which '' stands for missing.

    ADBC types a column from its first batch, so a late value in an all-NULL column would abort the load.
    """

    name: str
    is_number: bool
    kind: type[TypeEngine[object]]

    @property
    def raw_type(self) -> str:
        """Return the DuckDB type of the raw column."""
        return "bigint" if self.is_number else "varchar"

    def select(self, dialect: str) -> str:
        """Return the expression that reads it with the same type from any row of any engine."""
        if self.is_number:
            whole = "integer" if issubclass(self.kind, Boolean) else "bigint"
            return f"cast({self.name} as {whole}) as {self.name}"
        if issubclass(self.kind, Date) and dialect == "postgresql":
            return f"coalesce(to_char({self.name}, 'YYYY-MM-DD'), '') as {self.name}"
        return f"coalesce(cast({self.name} as text), '') as {self.name}"


@dataclass(frozen=True, slots=True)
class RawTable:
    """One loaded table of records."""

    name: str
    columns: tuple[RawColumn, ...]

    def create(self) -> str:
        """Return the statement that creates it, empty, in DuckDB's schema `raw`."""
        columns = ", ".join(f"{column.name} {column.raw_type}" for column in self.columns)
        return f"create or replace table raw.{self.name} ({columns})"

    def select(self, dialect: str) -> str:
        """Return the query that reads the whole table; a condition may be appended."""
        columns = ", ".join(column.select(dialect) for column in self.columns)
        return f"select {columns} from {self.name}"  # noqa: S608 (names come from the metadata)


@lru_cache(maxsize=1)
def loaded_tables() -> dict[str, RawTable]:
    """Return the loaded tables by name, typed from the records' own metadata."""
    return {name: RawTable(name, tuple(_columns(name, wanted))) for name, wanted in LOADED.items()}


def _columns(table: str, wanted: tuple[str, ...]) -> Iterator[RawColumn]:
    known = Base.metadata.tables[table].columns
    for name in wanted:
        column: Column[object] = known[name]
        is_number = isinstance(column.type, Integer | Boolean) and not column.nullable
        yield RawColumn(name, is_number, type(column.type))
