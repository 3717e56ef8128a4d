"""Rules of what the CAF is told: those of the single operations, and the seal of a declaration."""

from __future__ import annotations

from decimal import Decimal

from domain.caf_days import unpacked
from domain.caf_declarations import About, seal
from domain.errors import Conflict
from records.operations.accounting import NewAccountingLine, check_line
from records.operations.anonymous_counts import check_count
from records.operations.caf_settings import NewCafSetting, check_setting
from records.operations.staff_plans import NewStaffPlan, check_plan
from records.town_files.rules.rule import Town, refusal, rows_of, rule
from records.town_files.sheet import Sheet

_CONVENTION = (
    "valid_from", "decision", "authorised_places", "funding", "authorised_under_6", "authorised_from_6",
    "oversize_rounding", "general_regime_e4", "reference_wednesday_minutes", "walking_from_months",
    "caf_office_code", "caf_file_number", "idequ",
)  # fmt: skip
_LINE = ("year", "account", "label", "amount_cents", "activity", "period")
_PLAN = ("valid_from", "start_minute", "end_minute", "animators", "period", "is_one_day")
_DECLARED = (
    "structure_id",
    "year",
    "version",
    "number",
    "snapshot_id",
    "figures",
    "controls",
    "sha256",
    "days",
    "days_sha256",
)


@rule("caf_conventions", "Une convention a une décision et des numéros de la CAF à leur forme.")
def caf_conventions(town: Town, sheet: Sheet) -> None:
    """Refuse a convention that cannot be."""
    for row, *values in rows_of(sheet, *_CONVENTION):
        message = refusal(check_setting, NewCafSetting("", **dict(zip(_CONVENTION, values, strict=True))))
        if message is not None:
            sheet.refuse(row, "decision", "bad_convention", message)


@rule(
    "caf_accounts",
    "Un compte est de charges (60 à 68, 86) ou de produits (70 à 79, 87) ; une ligne se corrige une fois.",
)
def caf_accounts(town: Town, sheet: Sheet) -> None:
    """Refuse an account of no kind, and a correction of a line of another place or year."""
    about = list(zip(*(sheet.of(name) for name in ("structure_id", "year", "period")), strict=True))
    for row, replaced, *values in rows_of(sheet, "replaces_id", *_LINE):
        message = refusal(check_line, NewAccountingLine("", **dict(zip(_LINE, values, strict=True))))
        if message is not None:
            sheet.refuse(row, "compte", "bad_account", message)
        elif replaced is not None and about[replaced - sheet.first_id] != about[row]:
            message = "La ligne corrigée est d'un autre lieu, d'une autre année ou d'une autre période."
            sheet.refuse(row, "corrige", "other_line", message)


@rule("caf_counts", "Un comptage est un nombre entier, sauf des heures et des équivalents temps plein.")
def caf_counts(town: Town, sheet: Sheet) -> None:
    """Refuse a count that cannot be."""
    for row, indicator, quantity in rows_of(sheet, "indicator", "quantity_e2"):
        message = refusal(check_count, indicator, Decimal(quantity).scaleb(-2))
        if message is not None:
            sheet.refuse(row, "quantite", "bad_count", message)


@rule(
    "caf_declarations",
    "L'empreinte d'une déclaration est celle de ses lignes, de ses contrôles et de ses journées.",
)
def caf_declarations(town: Town, sheet: Sheet) -> None:
    """Refuse a declaration that was changed since it was frozen."""
    for row, place, year, version, number, snapshot, *frozen in rows_of(sheet, *_DECLARED):
        figures, controls, sha256, days, days_sha256 = frozen
        about = About(town.value("structures", "ref", place), year, version, number, snapshot)
        if seal(about, figures, controls, days_sha256) != sha256 or not _are_kept(days, days_sha256):
            message = "Cette déclaration n'est plus celle qui a été figée : reprenez le fichier d'origine."
            sheet.refuse(row, "empreinte", "bad_seal", message)


def _are_kept(days: str | None, days_sha256: str | None) -> bool:
    if days is None:
        return True  # a forecast has none, and those of before a control that is over are gone
    if days_sha256 is None:
        return False
    try:
        unpacked(days, days_sha256)
    except Conflict:
        return False
    return True


@rule("staff_plans", "Une équipe va de demi-heure en demi-heure, dans une même journée.")
def staff_plans(town: Town, sheet: Sheet) -> None:
    """Refuse a plan that cannot be."""
    for row, *values in rows_of(sheet, *_PLAN):
        message = refusal(check_plan, NewStaffPlan("", **dict(zip(_PLAN, values, strict=True))))
        if message is not None:
            sheet.refuse(row, "de", "bad_plan", message)
