"""Writing family files, enrolments and badges, through records.operations only."""

from __future__ import annotations

from collections.abc import Iterable

from demo.habits import PlannedEnrolment, PlannedPattern, eater_payer_ref
from demo.people import Adult, Human, PlannedChild, PlannedFamily
from demo.plan import TownPlan
from demo.scope import Scope
from demo.source import EaterData
from records.actors import SETUP
from records.database import Records
from records.operations import devices, enrolments, families


def write_families(records: Records, plan: TownPlan) -> None:
    """Write every family file, those of the adults who eat included, in one transaction."""
    files = [_family(family, plan.scope) for family in plan.families]
    files += [_eater(ref, eater, plan.scope) for ref, eater in plan.scope.eaters.items()]
    families.create_families(records, SETUP, files)


def write_enrolments(records: Records, planned: Iterable[PlannedEnrolment]) -> None:
    """Write every enrolment in one transaction."""
    enrolments.enrol_all(records, SETUP, [_enrolment(each) for each in planned])


def write_badges(records: Records, plan: TownPlan) -> None:
    """Give each child their badge from the first school year on."""
    start = plan.scope.period.years[0].starts_on
    badges = [
        devices.NewBadge(child.badge_uid, child.ref, start)
        for family in plan.families
        for child in family.children
        if child.badge_uid is not None
    ]
    devices.assign_badges(records, SETUP, badges)


def _family(family: PlannedFamily, scope: Scope) -> families.NewFamily:
    start = scope.period.years[0].starts_on
    members = [_member(adult, "guardian") for adult in family.guardians]
    members += [_child(child, scope) for child in family.children]
    members += [_member(adult, "contact") for adult in family.contacts]
    return families.NewFamily(
        is_known_apart=True,
        ref=family.ref,
        name=family.name,
        postcode=scope.town.postcodes[family.commune],
        commune=family.commune,
        former_commune=family.former_commune,
        valid_from=start,
        members=tuple(members),
        payers=tuple(families.NewPayer(payer.ref, payer.person_ref, payer.body_name) for payer in family.payers),
        qfs=tuple(families.NewQf(qf.value_e2, qf.source, qf.effective_from, qf.payer_ref) for qf in family.qfs),
        regime=families.NewRegime(
            family.regime.code, family.regime.caf_group, start, family.regime.allocataire_number
        )
        if family.regime
        else None,
        custody=tuple(_custody(family, child, scope) for child in family.children) if family.custody else (),
    )


def _custody(family: PlannedFamily, child: PlannedChild, scope: Scope) -> families.NewCustodyCalendar:
    assert family.custody is not None
    return families.NewCustodyCalendar(
        child_ref=child.ref,
        valid_from=scope.period.years[0].starts_on,
        anchor_on=family.custody.anchor_on,
        pattern=family.custody.pattern,
        payer_1_ref=family.custody.payer_refs[0],
        payer_2_ref=family.custody.payer_refs[1],
    )


def _member(adult: Adult, role: str) -> families.NewMember:
    return families.NewMember(_person(adult.human), role, adult.kinship, adult.pickup)


def _child(child: PlannedChild, scope: Scope) -> families.NewMember:
    start = scope.period.years[0].starts_on
    years = {year.ref: year for year in scope.period.years}
    return families.NewMember(
        person=_person(child.human),
        role="child",
        diets=(families.NewDiet(child.diet[0], child.diet[1], start),) if child.diet else (),
        health_notes=tuple(families.NewHealthNote(kind, label, start) for kind, label in child.health),
        classes=tuple(
            families.NewClassMembership(class_ref, years[year].starts_on, years[year].ends_on)
            for year, class_ref in child.class_refs.items()
        ),
    )


def _person(human: Human) -> families.NewPerson:
    return families.NewPerson(
        ref=human.ref,
        first_name=human.first_name,
        last_name=human.last_name,
        used_name=human.used_name,
        civility=human.civility,
        birth_date=human.birth_date,
        email=human.email,
        phone=human.phone,
        sex=human.sex,
        birth_commune_code=human.birth_commune_code,
        birth_country_code=human.birth_country_code,
    )


def _eater(ref: str, eater: EaterData, scope: Scope) -> families.NewFamily:
    """An adult who eats has a file of their own: they are their own payer."""
    start = scope.period.years[0].starts_on
    person = families.NewPerson(ref, eater.first_name, eater.last_name, civility=eater.civility)
    return families.NewFamily(
        is_known_apart=True,
        ref=f"F{ref}",
        name=eater.last_name,
        commune=scope.town.structure(eater.structure).commune,
        valid_from=start,
        members=(families.NewMember(person, "guardian"),),
        payers=(families.NewPayer(eater_payer_ref(ref), ref),),
    )


def _enrolment(each: PlannedEnrolment) -> enrolments.NewEnrolment:
    rule = "custody" if len(each.payer_refs) > 1 else "all"
    return enrolments.NewEnrolment(
        ref=each.ref,
        person_ref=each.person_ref,
        service_ref=each.service,
        structure_ref=each.structure,
        category=each.category,
        valid_from=each.year.starts_on,
        valid_to=each.year.ends_on,
        patterns=tuple(_pattern(pattern) for pattern in each.patterns),
        payers=tuple(enrolments.NewEnrolmentPayer(payer_ref, rule) for payer_ref in each.payer_refs),
    )


def _pattern(pattern: PlannedPattern) -> enrolments.NewPattern:
    return enrolments.NewPattern(
        weekday=pattern.weekday,
        formula=pattern.formula,
        week_cycle=pattern.week,
        cycle_anchor_on=pattern.anchor_on,
        start_minute=pattern.start_minute,
        end_minute=pattern.end_minute,
    )
