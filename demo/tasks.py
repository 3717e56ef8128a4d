"""The yearly tasks of the demo: whoever does one is reminded when its notice begins, then notes it done."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from demo.plan import TownPlan
from demo.scenes import Backstage, Scene
from demo.staff_actors import staff_actor
from domain.time import instant_at
from domain.yearly_tasks import PROPOSED, ProposedTask, YearlyDay
from records.actors import RIGHTS_OF_ROLE, SETUP, Actor, Right
from records.database import Records
from records.operations.yearly_tasks import TaskMark, mark_task, propose_tasks, remind_of_tasks

REMINDED_MINUTE, DONE_MINUTE = 7 * 60, 15 * 60
DONE_BEFORE = 2  # days before it is due


def write_tasks(records: Records, plan: TownPlan) -> None:
    """Keep the list that Marelle proposes, from the first day of the demo."""
    propose_tasks(records, SETUP, plan.scope.period.first_day)


def task_scenes(plan: TownPlan) -> Iterator[Scene]:
    """Yield the reminder of each task that falls due in the demo, and its being noted done in time."""
    period, zone = plan.scope.period, plan.scope.town.timezone
    for task in PROPOSED:
        yearly = YearlyDay(task.month, task.day, task.notice_days, period.first_day)
        for due_on in yearly.due_days(period.first_day, period.last_day + timedelta(days=task.notice_days)):
            asked_on = max(period.first_day, due_on - timedelta(days=task.notice_days))
            yield Scene(instant_at(asked_on, REMINDED_MINUTE, zone), _remind)
            done_on = max(asked_on, due_on - timedelta(days=DONE_BEFORE))
            if done_on <= period.last_day:
                yield Scene(instant_at(done_on, DONE_MINUTE, zone), partial(_done, _doer(plan, task), task))


def _remind(stage: Backstage) -> None:
    remind_of_tasks(stage.records, SETUP)


def _done(doer: Actor, task: ProposedTask, stage: Backstage) -> None:
    mark_task(stage.records, doer, TaskMark(task.ref))


def _doer(plan: TownPlan, task: ProposedTask) -> Actor:
    """Return the first of the town's staff whose role gives the right of a task."""
    right = Right(task.held_right)
    town = plan.scope.town
    return staff_actor(town, next(each.role for each in town.staff if right in RIGHTS_OF_ROLE[each.role]))
