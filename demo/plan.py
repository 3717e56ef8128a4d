"""The whole plan of a demo town: who lives there, what they use, what happens and what is tapped. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from demo.classes import PlannedClass
from demo.decisions import PlannedDecision, planned_decisions
from demo.families import FamilyMaker
from demo.gestures import GestureMaker, Gestures
from demo.habits import HabitMaker, PlannedEnrolment
from demo.life import DayLife, LifeMaker
from demo.people import PlannedFamily
from demo.scope import Scope


@dataclass(frozen=True, slots=True)
class TownPlan:
    """Everything that will be written, from one seed; the same seed and period give the same plan."""

    scope: Scope
    families: list[PlannedFamily]
    classes: list[PlannedClass]
    enrolments: list[PlannedEnrolment]
    lives: list[DayLife]
    gestures: Gestures
    decisions: list[PlannedDecision]


def make_plan(scope: Scope) -> TownPlan:
    """Plan a town."""
    families, classes = FamilyMaker(scope).make()
    enrolments = HabitMaker(scope, families).make()
    lives = LifeMaker(scope, families, enrolments).make()
    gestures = GestureMaker(scope, families).make(lives)
    return TownPlan(
        scope, families, classes, enrolments, lives, gestures, planned_decisions(scope, lives, gestures)
    )
