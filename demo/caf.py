"""What the demo shows the CAF: conventions, teams, signed files, families in Filoué, and the year's forecast."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal
from functools import partial

from demo.caf_data import CafData, ConventionData, ShortDayData
from demo.calendar import SchoolCalendar
from demo.life import Visit
from demo.month_ends import closed_months, closing_day
from demo.people import PlannedFamily
from demo.plan import TownPlan
from demo.scenes import Backstage, Scene
from demo.source import RuleData, ServiceData
from demo.staff_actors import staff_actor
from domain.caf_declarations import FORECAST, Figure, prepared
from domain.capacity import age_in_months
from domain.parameters import national
from domain.time import instant_at, local_day
from records.actors import SETUP
from records.database import Records
from records.models.staff import HALF_HOUR
from records.operations import caf_settings, family_papers, filoue_consents, offers, staff_plans
from records.operations.declarations import NewDeclaration, freeze_declaration
from warehouse.reader import open_snapshot

CONVENTION_YEARS = 4
DECLARED_AFTER, DECLARED_MINUTE = 1, 9 * 60  # days after the first month is closed
_UNDER_6_MONTHS = 72
_HOUR = 60


def write_caf(records: Records, plan: TownPlan, data: CafData) -> None:
    """Write the conventions, the teams of each week, who signed and which families are in Filoué."""
    by_place: dict[str, list[Visit]] = defaultdict(list)
    for life in plan.lives:
        for visit in life.visits:
            by_place[visit.structure].append(visit)
    births = {child.ref: child.human.birth_date for family in plan.families for child in family.children}
    for convention in data.conventions:
        visits = [visit for visit in by_place[convention.structure] if visit.person_ref in births]
        _write_convention(records, plan, (data, convention), visits)
        for service in plan.scope.town.services:
            if convention.structure in service.places:
                own = [visit for visit in visits if visit.service == service.ref]
                _write_team(records, plan, (service, convention), _required(own, service, births))
                _write_places(records, plan, (service, convention), own)
    _write_short_day(records, plan, data.short_day)
    _write_signatures(records, plan, data.unsigned_files)
    _write_consents(records, plan, data.filoue_agreed_share)


def forecast_scenes(plan: TownPlan, data: CafData, calendar: SchoolCalendar) -> Iterator[Scene]:
    """Yield the declaration of what the year should come to, once its first month is known."""
    months = closed_months(plan)
    if months:
        day = closing_day(plan, months[0]) + timedelta(days=DECLARED_AFTER)
        if day <= plan.scope.period.last_day:
            at = instant_at(day, DECLARED_MINUTE, plan.scope.town.timezone)
            first, last = plan.scope.period.first_day, day.replace(month=12, day=31)
            share = Decimal(_open_days(calendar, first, last)) / _open_days(calendar, first, day)
            yield Scene(at, partial(_declare, plan, data, day.year, share))


def _write_convention(
    records: Records, plan: TownPlan, of: tuple[CafData, ConventionData], visits: list[Visit]
) -> None:
    data, convention = of
    start = plan.scope.period.years[0].starts_on.replace(month=1, day=1)
    by_day: dict[tuple[date, str], set[str]] = defaultdict(set)
    for visit in visits:
        by_day[visit.day, visit.service].add(visit.person_ref)
    most = max(map(len, by_day.values()), default=1)
    caf_settings.set_caf(
        records,
        SETUP,
        caf_settings.NewCafSetting(
            convention.structure,
            start,
            data.decision.format(year=start.year, until=start.year + CONVENTION_YEARS - 1),
            _up_to(most, convention.places_step),
            meals_provided=convention.meals_provided,
            diapers_provided=convention.diapers_provided,
            has_pedt=convention.has_pedt,
            has_plan_mercredi=convention.has_plan_mercredi,
            reference_wednesday_minutes=convention.reference_wednesday_minutes,
            caf_office_code=data.office_code,
            caf_file_number=convention.file_number,
            idequ=convention.idequ,
        ),
    )


def _required(visits: list[Visit], service: ServiceData, births: dict[str, date | None]) -> int:
    """Return the adults that the busiest day of a service asks for, all its children at once."""
    under, over = _children_per_adult(service)
    days: dict[date, dict[str, bool]] = defaultdict(dict)
    for visit in visits:
        born = births[visit.person_ref]
        days[visit.day][visit.person_ref] = born is not None and age_in_months(born, visit.day) >= _UNDER_6_MONTHS
    asked = [
        -(-(len(children) - sum(children.values())) // under) - (-sum(children.values()) // over)
        for children in days.values()
    ]
    return max(asked, default=1)


def _children_per_adult(service: ServiceData) -> tuple[int, int]:
    """Return how many children an adult may have, under 6 and from 6, where a PEDT was signed."""
    if service.caf_kind == "eaje":
        names = ("encadrement.eaje.mixed",) * 2
    else:
        rule = service.rule
        length = "long" if rule.slot_end_minute - rule.slot_start_minute > 5 * _HOUR else "short"
        names = (
            f"encadrement.periscolaire.pedt_{length}_under_6",
            f"encadrement.periscolaire.pedt_{length}_from_6",
        )
    under, over = (int(national()[name].values[-1].value) for name in names)
    return under, over


def _write_team(records: Records, plan: TownPlan, of: tuple[ServiceData, ConventionData], required: int) -> None:
    service, convention = of
    start, end = _team_minutes(service.rule)
    first = plan.scope.period.main_year.starts_on
    for weekday in service.rule.weekdays:
        day = first + timedelta(days=(weekday - first.weekday()) % 7)
        staff_plans.plan_staff(
            records,
            SETUP,
            staff_plans.NewStaffPlan(convention.structure, day, start, end, max(1, required)),
        )


def _write_places(
    records: Records, plan: TownPlan, of: tuple[ServiceData, ConventionData], visits: list[Visit]
) -> None:
    """Say how many children a service may take at a place: a little more than on its busiest day."""
    service, convention = of
    most = max(Counter(visit.day for visit in visits).values(), default=0)
    offers.add_capacity(
        records,
        SETUP,
        offers.NewCapacity(
            convention.structure,
            plan.scope.period.years[0].starts_on,
            _up_to(most + convention.places_step, convention.places_step),
            "Règlement intérieur",
            service_ref=service.ref,
        ),
    )


def _write_short_day(records: Records, plan: TownPlan, short: ShortDayData) -> None:
    """Say of one evening in the middle that somebody was ill and nobody replaced them."""
    service = plan.scope.town.service(short.service)
    days = [day for day in plan.scope.period.days if day.weekday() in service.rule.weekdays]
    start, end = _team_minutes(service.rule)
    team = staff_plans.NewStaffPlan(
        short.structure, days[len(days) // 2], start, end, short.animators, is_one_day=True
    )
    staff_plans.plan_staff(records, SETUP, team)


def _team_minutes(rule: RuleData) -> tuple[int, int]:
    """Return the half hours of a service, with those before it and after it in which somebody may be there."""
    start = (rule.slot_start_minute - rule.grace_minutes) // HALF_HOUR * HALF_HOUR
    return start, _up_to(rule.slot_end_minute + rule.grace_minutes, HALF_HOUR)


def _write_signatures(records: Records, plan: TownPlan, unsigned: int) -> None:
    """Sign every file but some of families that do not log in."""
    day = plan.scope.period.years[0].starts_on
    others = [family.ref for family in plan.families if not family.logins]
    left = set(others[:: max(1, len(others) // unsigned)][:unsigned])
    for family in plan.families:
        if family.ref not in left:
            signer = family.guardians[0].human.ref
            family_papers.sign_family_file(records, SETUP, family.ref, signer, day)


def _write_consents(records: Records, plan: TownPlan, agreed_share: float) -> None:
    """Write the answers of the families with an infant; one in ten has not answered yet."""
    day = local_day(records.clock(), plan.scope.town.timezone)
    for family in plan.families:
        if _has_infant(family):
            drawn = plan.scope.stream("filoue", family.ref).random()
            if drawn < agreed_share or drawn > (1 + agreed_share) / 2:
                agrees = drawn < agreed_share
                filoue_consents.record_filoue_consent(records, SETUP, family.ref, day, agrees)


def _has_infant(family: PlannedFamily) -> bool:
    return any(child.level < 0 for child in family.children)


def _open_days(calendar: SchoolCalendar, first: date, last: date) -> int:
    return sum(calendar.is_open(first + timedelta(days=number)) for number in range((last - first).days + 1))


def _declare(plan: TownPlan, data: CafData, year: int, share: Decimal, stage: Backstage) -> None:
    """Freeze the forecast of each place: `share` is how many times the year holds what was seen of it."""
    director = staff_actor(plan.scope.town, "super_admin")
    reader = open_snapshot(stage.figures)
    for convention in data.conventions:
        place = convention.structure

        def lines(asked: int, period: str, place: str = place) -> tuple[Figure, ...]:
            return reader.declaration_figures(place, asked, period)

        found = lines(year, "year")
        typed = {
            each.key: _looked_ahead(each, share, data.forecast_step)
            for each in found
            if each.value is not None and each.unit in ("hours", "days", "children", "places")
        }
        figures = prepared(lines, year, FORECAST, typed)
        if figures:
            new = NewDeclaration(place, year, FORECAST, reader.snapshot.id, figures, ())
            freeze_declaration(stage.records, director, new)


def _looked_ahead(figure: Figure, share: Decimal, step: int) -> Decimal:
    """Return what the year comes to, in round numbers: as many people, hours and days again each month."""
    assert figure.value is not None
    if figure.unit in ("children", "places"):
        return figure.value
    multiple = Decimal(step if figure.unit == "hours" else 1)
    return (figure.value * share / multiple).to_integral_value(ROUND_CEILING) * multiple


def _up_to(number: int, step: int) -> int:
    return -(-number // step) * step
