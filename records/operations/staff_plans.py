"""How many animators a place plans, by half hour, every week or for one day (CAF notes §6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from records.actors import Actor, Right
from records.database import Records
from records.models import StaffPlan, Structure
from records.models.places import MINUTES_A_DAY, OPENING_PERIODS
from records.models.staff import HALF_HOUR
from records.operations.lookup import by_ref, invalid
from records.operations.registry import Scope, operation
from records.operations.versions import add_version

ANIMATORS_MAX = 200


@dataclass(frozen=True, slots=True)
class NewStaffPlan:
    """Animators over local minutes `[start, end)`: on the weekday of `valid_from` each week from then on, of school
    weeks or of holidays (`period`), or on that day alone. The director is not among them.
    """

    structure_ref: str
    valid_from: date
    start_minute: int
    end_minute: int
    animators: int
    period: str = "school"
    is_one_day: bool = False


@dataclass(frozen=True, slots=True)
class StaffPlanSeen:
    """One plan as it was said; of those that speak of a half hour, the last of the list stands."""

    valid_from: date
    is_one_day: bool
    period: str
    weekday: int
    start_minute: int
    end_minute: int
    animators: int
    recorded_by: str


@operation(Right.DECIDE_ATTENDANCE, Scope.PLACE)
def plan_staff(records: Records, actor: Actor, plan: NewStaffPlan) -> int:
    """Say how many animators are planned; earlier plans stay. Returns the id. Raises InvalidData, NotFound."""
    check_plan(plan)
    with records.write(actor, "plan_staff") as write:
        structure_id = by_ref(write.session, Structure, plan.structure_ref).id
        actor.require(Right.DECIDE_ATTENDANCE, structure_id)
        names = ("valid_from", "is_one_day", "period", "start_minute", "end_minute", "animators")
        values = {name: getattr(plan, name) for name in names}
        values["weekday"] = plan.valid_from.weekday()
        return add_version(write, StaffPlan, {"structure_id": structure_id}, values).id


@operation(Right.DECIDE_ATTENDANCE, Scope.PLACE)
def staff_plans(records: Records, actor: Actor, structure_ref: str) -> list[StaffPlanSeen]:
    """Return every plan of a place, those of one day last, then the latest begun last. Raises NotFound."""
    with records.read() as session:
        structure_id = by_ref(session, Structure, structure_ref).id
        actor.require(Right.DECIDE_ATTENDANCE, structure_id)
        found = select(StaffPlan).where(StaffPlan.structure_id == structure_id)
        order = (StaffPlan.is_one_day, StaffPlan.valid_from, StaffPlan.seq)
        return [
            StaffPlanSeen(
                row.valid_from,
                row.is_one_day,
                row.period,
                row.weekday,
                row.start_minute,
                row.end_minute,
                row.animators,
                row.recorded_by,
            )
            for row in session.scalars(found.order_by(*order))
        ]


def check_plan(plan: NewStaffPlan) -> None:
    """Raise InvalidData for a plan that cannot be."""
    if plan.period not in OPENING_PERIODS:
        raise invalid("Période inconnue : choisissez les semaines d'école ou les vacances.", period=plan.period)
    if plan.start_minute % HALF_HOUR or plan.end_minute % HALF_HOUR:
        raise invalid("Les heures vont de demi-heure en demi-heure : choisissez 16 h 30 plutôt que 16 h 20.")
    if not 0 <= plan.start_minute < plan.end_minute <= MINUTES_A_DAY:
        raise invalid("La fin doit venir après le début, dans la même journée : corrigez les heures.")
    if not 0 <= plan.animators <= ANIMATORS_MAX:
        raise invalid(f"Un nombre d'animateurs va de 0 à {ANIMATORS_MAX} : corrigez-le.", animators=plan.animators)
