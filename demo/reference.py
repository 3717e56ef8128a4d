"""Writing the town itself: collectivity, places, calendar, services, prices. Through records.operations only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from demo.calendar import Period, SchoolCalendar
from demo.classes import PlannedClass
from demo.source import (
    BillingData,
    KitchenData,
    PackageData,
    QfFormulaData,
    RuleData,
    ServiceData,
    TariffData,
    TownData,
)
from domain.quotients import Formula, Part
from records.actors import SETUP
from records.database import Records
from records.operations import (
    billing_settings,
    collectivity,
    kitchen_settings,
    menus,
    qf_formulas,
    services,
    tariffs,
)
from records.operations.schedule import load_calendar

MENU_DAYS_AHEAD, SATURDAY = 28, 5
CALENDAR_DAYS_AROUND = 560  # enough for a whole school year on each side of today


def write_collectivity(records: Records, town: TownData, today: date) -> SchoolCalendar:
    """Write the collectivity, its places and its zone's calendar; return the calendar as the records hold it."""
    collectivity.set_collectivity(
        records,
        SETUP,
        collectivity.CollectivityFacts(town.name, town.timezone, town.school_zone, town.contact, is_training=True),
    )
    collectivity.add_structures(
        records,
        SETUP,
        [
            collectivity.NewStructure(each.ref, each.name, each.kind, town.timezone, each.commune)
            for each in town.structures
        ],
    )
    around = timedelta(days=CALENDAR_DAYS_AROUND)
    collectivity.import_calendar(records, SETUP, town.school_zone, today - around, today + around)
    with records.read() as session:
        return SchoolCalendar(load_calendar(session, today - around, today + around).everywhere)


def write_school_years(records: Records, period: Period, classes: Iterable[PlannedClass]) -> None:
    """Write the school years that the plan touches, and their classes."""
    collectivity.add_school_years(
        records,
        SETUP,
        [collectivity.NewSchoolYear(year.ref, year.starts_on, year.ends_on) for year in period.years],
    )
    collectivity.add_classes(
        records,
        SETUP,
        [collectivity.NewClass(each.ref, each.structure, each.year_ref, each.name, each.name) for each in classes],
    )


def write_services(records: Records, town: TownData, period: Period) -> None:
    """Write services, formulas, rules and prices; they began one school year before the main one."""
    valid_from = _rentree(period, years_before=1)
    for service in town.services:
        services.add_service(
            records, SETUP, services.NewService(service.ref, service.label, service.kind, service.caf_kind)
        )
        for place in service.places:
            services.offer_service(records, SETUP, service.ref, [place], valid_from)
        for formula in service.formulas:
            services.add_formula(
                records,
                SETUP,
                services.NewFormula(
                    service.ref,
                    formula.code,
                    formula.label,
                    formula.start_minute,
                    formula.end_minute,
                    formula.half_days,
                    formula.with_meal,
                ),
            )
        services.add_rule(records, SETUP, rule_of(service, service.rule, valid_from))
    for tariff in town.tariffs:
        _write_tariff(records, tariff, town.packages, period)
    _write_qf_formula(records, town.qf_formula, period)
    _write_billing(records, town.billing, period)
    _write_kitchen(records, town.kitchen, period)


def rule_of(service: ServiceData, rule: RuleData, valid_from: date) -> services.NewRule:
    """Return a service's rule from a day on, its decision dated."""
    return services.NewRule(
        service_ref=service.ref,
        valid_from=valid_from,
        decision=rule.decision.format(year=valid_from.year),
        period=rule.period,
        weekday_mask=sum(1 << weekday for weekday in rule.weekdays),
        slot_start_minute=rule.slot_start_minute,
        slot_end_minute=rule.slot_end_minute,
        grace_minutes=rule.grace_minutes,
        anti_bounce_seconds=rule.anti_bounce_seconds,
        needs_departure=rule.needs_departure,
        rounding_minutes=rule.rounding_minutes,
        tolerance_minutes=rule.tolerance_minutes,
        bill_basis=rule.bill_basis,
        undecided_default=rule.undecided_default,
        qf_rule=rule.qf_rule,
        caf_hour_rule=rule.caf_hour_rule,
        serves_meal=rule.serves_meal,
        is_priced=rule.is_priced,
    )


def _write_qf_formula(records: Records, formula: QfFormulaData, period: Period) -> None:
    valid_from = _rentree(period, formula.years_before)
    parts = tuple(Part(who, rank, parts_e2) for who, rank, parts_e2 in formula.parts)
    qf_formulas.publish_qf_formula(
        records,
        SETUP,
        Formula(
            valid_from,
            formula.decision.format(year=valid_from.year),
            formula.form,
            formula.abatement_e4,
            formula.counts_benefits,
            parts,
            formula.step_e2,
        ),
    )


def _write_billing(records: Records, billing: BillingData, period: Period) -> None:
    valid_from = _rentree(period, billing.years_before)
    billing_settings.set_billing(
        records,
        SETUP,
        billing_settings.NewBillingSetting(
            valid_from,
            billing.decision.format(year=valid_from.year),
            billing.cancel_from_cents,
            billing.fiscal_year_month,
            billing.due_months,
            billing.due_day,
            billing.credits_are_strict,
        ),
    )


def _write_kitchen(records: Records, kitchen: KitchenData, period: Period) -> None:
    """Write how the kitchen orders, and its menus from the first day of the period to four weeks ahead."""
    valid_from = _rentree(period, kitchen.years_before)
    kitchen_settings.set_kitchen(
        records,
        SETUP,
        kitchen_settings.NewKitchenSetting(
            valid_from,
            kitchen.decision.format(year=valid_from.year),
            kitchen.supplier,
            kitchen.missing_cents,
            kitchen.wasted_cents,
            mail=kitchen.mail,
            pack=kitchen.pack,
            minimum=kitchen.minimum,
            supplier_days=kitchen.supplier_days,
            firm_days=kitchen.firm_days,
        ),
    )
    count = (period.today - period.first_day).days + MENU_DAYS_AHEAD
    days = [period.first_day + timedelta(days=offset) for offset in range(count)]
    working = [day for day in days if day.weekday() < SATURDAY]
    told = [(day, kitchen.menus[day.toordinal() // 7 % 2 * 5 + day.weekday()]) for day in working]
    menus.set_menus(records, SETUP, [menus.NewMenu(day, label, dish) for day, (dish, label) in told])


def _write_tariff(records: Records, tariff: TariffData, packages: Iterable[PackageData], period: Period) -> None:
    due_apart = tuple(
        tariffs.NewTariffRule(each.label, amount_e4=each.amount_e4, unit=each.unit, kind=each.kind)
        for each in packages
        if each.tariff == tariff.ref
    )
    for version in tariff.versions:
        valid_from = _rentree(period, version.years_before)
        tariffs.publish_tariff(
            records,
            SETUP,
            tariffs.NewTariffVersion(
                tariff_ref=tariff.ref,
                service_ref=tariff.service,
                label=tariff.label,
                valid_from=valid_from,
                decision=version.decision.format(year=valid_from.year),
                rules=tuple(
                    tariffs.NewTariffRule(
                        label=price.label,
                        amount_e4=price.amount_e4,
                        unit=tariff.unit,
                        category=price.category,
                        formula=price.formula,
                        qf_from_e2=price.qf_from_e2,
                        qf_to_e2=price.qf_to_e2,
                    )
                    for price in version.prices
                )
                + (due_apart if version is tariff.versions[-1] else ()),
            ),
        )


def _rentree(period: Period, years_before: int) -> date:
    """Return the first of September of the main school year, or of one before."""
    return date(period.main_year.starts_on.year - years_before, 9, 1)
