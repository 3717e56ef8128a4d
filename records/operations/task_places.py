"""The places that do a task of the year each for itself, and which of them have noted it done."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from records.actors import Right
from records.models import CafSetting, Structure, YearlyTask, YearlyTaskMark

BY_PLACE = frozenset({Right.DECLARE_CAF})  # each place that has a convention sends its own


@dataclass(frozen=True, slots=True)
class TaskPlace:
    """A place that a task is asked of."""

    id: int
    ref: str
    label: str


def places_of(session: Session, task: YearlyTask, due_on: date) -> list[TaskPlace]:
    """Return the places that do a task for themselves, by name; none for one that the town does once."""
    if Right(task.held_right) not in BY_PLACE:
        return []
    begun = select(CafSetting.structure_id).where(CafSetting.valid_from <= due_on)
    rows = session.scalars(select(Structure).where(Structure.id.in_(begun)).order_by(Structure.name, Structure.id))
    return [TaskPlace(row.id, row.ref, row.name) for row in rows]


def open_places(session: Session, task: YearlyTask, due_on: date, places: Iterable[TaskPlace]) -> list[TaskPlace]:
    """Return those of the places that have not noted the task done for a day it was due."""
    return [each for each in places if not is_done(session, task.id, due_on, each.id)]


def is_done(session: Session, task_id: int, due_on: date, structure_id: int | None = None) -> bool:
    """Say whether the last word of a place, or of everybody (None), is that the task is done."""
    last = last_mark(session, task_id, due_on, structure_id)
    return last is not None and last.is_done


def last_mark(session: Session, task_id: int, due_on: date, structure_id: int | None) -> YearlyTaskMark | None:
    """Return the last word of a place, or of everybody (None), on a day the task was due."""
    marks = select(YearlyTaskMark).where(
        YearlyTaskMark.task_id == task_id,
        YearlyTaskMark.due_on == due_on,
        YearlyTaskMark.structure_id.is_(None)
        if structure_id is None
        else YearlyTaskMark.structure_id == structure_id,
    )
    return session.scalar(marks.order_by(YearlyTaskMark.seq.desc()).limit(1))


def next_seq(session: Session, task_id: int, due_on: date) -> int:
    """Return the number of the next word on a day the task was due, whoever says it."""
    marks = select(YearlyTaskMark.seq).where(YearlyTaskMark.task_id == task_id, YearlyTaskMark.due_on == due_on)
    return (session.scalar(marks.order_by(YearlyTaskMark.seq.desc()).limit(1)) or 0) + 1
