"""Bodies that pay beside the families, and their papers at every step, from the question to the refusal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from demo.aids_data import AidData, AidsData
from demo.habits import PlannedEnrolment
from demo.plan import TownPlan
from demo.scenes import Backstage, Scene
from demo.staff_actors import staff_actor
from domain.coverages import APPLIED, ASKED, NOTIFIED, QUOTED, REFUSED
from domain.time import instant_at
from records.actors import SETUP, Actor
from records.database import Records
from records.operations import coverages, paying_bodies, voucher_recaps
from records.operations.coverage_terms import CoverageTerms

PAPERS_MINUTE = 11 * 60


@dataclass(frozen=True, slots=True)
class PlannedAid:
    """An aid and the enrolment it is for, from a day on."""

    data: AidData
    enrolment: PlannedEnrolment
    valid_from: date


def write_bodies(records: Records, plan: TownPlan, data: AidsData) -> None:
    """Write the bodies and the days of the recaps of vouchers, from the main school year on."""
    start = plan.scope.period.main_year.starts_on.replace(day=1)
    for body in data.bodies:
        facts: dict[str, Any] = dict(body)
        paying_bodies.add_paying_body(records, SETUP, paying_bodies.NewBody(**facts, valid_from=start))
    decision = data.recaps.decision.format(year=start.year)
    calendar = voucher_recaps.NewRecapCalendar(start, decision, data.recaps.days, data.recaps.reminder_days)
    voucher_recaps.set_recap_calendar(records, SETUP, calendar)


def planned_aids(plan: TownPlan, data: AidsData, late_from: date) -> list[PlannedAid]:
    """Return the aids whose child is in the plan; late ones hold from `late_from`."""
    start = plan.scope.period.main_year.starts_on.replace(day=1)
    names = {child.ref: child.human.first_name for family in plan.families for child in family.children}
    named = {child.ref for family in plan.families if family.logins for child in family.children}
    taken: set[str] = set()
    found = []
    for aid in data.aids:
        fitting = [
            each
            for each in plan.enrolments
            if each.service == aid.service
            and each.year == plan.scope.period.main_year
            and each.person_ref in names
            and each.person_ref not in taken
            and (names[each.person_ref] == aid.child and each.person_ref in named if aid.child else each.patterns)
        ]
        others = [each for each in fitting if each.person_ref not in named]
        chosen = fitting[:1] if aid.child else others[:1]
        for each in chosen:
            taken.add(each.person_ref)
            found.append(PlannedAid(aid, each, late_from if aid.is_late else start))
    return found


def write_papers(records: Records, plan: TownPlan, aids: list[PlannedAid]) -> None:
    """Record the papers that came before the first day: all but the late ones."""
    actor = staff_actor(plan.scope.town, "coordinator")
    for aid in aids:
        if not aid.data.is_late:
            _write(records, actor, aid)


def paper_scenes(plan: TownPlan, aids: list[PlannedAid], day: date) -> Iterator[Scene]:
    """Yield the coming of the late papers, on a day."""
    actor = staff_actor(plan.scope.town, "coordinator")
    at = instant_at(day, PAPERS_MINUTE, plan.scope.town.timezone)
    for aid in aids:
        if aid.data.is_late:
            yield Scene(at, partial(_play, actor, aid))


def _play(actor: Actor, aid: PlannedAid, stage: Backstage) -> None:
    _write(stage.records, actor, aid)


def _write(records: Records, actor: Actor, aid: PlannedAid) -> None:
    data, child = aid.data, aid.enrolment
    new = coverages.NewCoverage(
        data.ref, data.body, child.person_ref, data.kind, CoverageTerms(**data.terms), aid.valid_from,
        child.year.ends_on, data.service,
    )  # fmt: skip
    if data.state in (NOTIFIED, APPLIED):
        notice = coverages.Notice(data.decision.format(year=aid.valid_from.year))
        coverages.record_coverage(records, actor, new, notice)
    else:
        coverages.ask_coverage(records, actor, new)
    if data.state == APPLIED:
        coverages.apply_coverage(records, actor, child.structure, data.ref, [child.ref])
    elif data.state == QUOTED:
        assert data.quoted_cents is not None
        coverages.quote_coverage(records, actor, data.ref, data.quoted_cents)
    elif data.state == REFUSED:
        coverages.end_coverage(records, actor, data.ref, REFUSED, data.reason)
    else:
        assert data.state in (ASKED, NOTIFIED)
