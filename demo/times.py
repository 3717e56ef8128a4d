"""At what time people come and go: every draw is in seconds of the local day."""

from __future__ import annotations

import random
from dataclasses import dataclass

from demo.habits import PlannedPattern
from demo.source import FormulaData, RuleData

MINUTE = 60
EVENING_BELL_MINUTE = 990  # 16:30, the first badges one minute later
LATE_SHARE = 0.008  # of the evenings: picked up after the end


@dataclass(frozen=True, slots=True)
class Presence:
    """A coming and a going, in seconds of the local day; a service without departure has no second one."""

    arrived: int
    left: int | None


def morning(rule: RuleData, family: random.Random, day: random.Random) -> list[Presence]:
    """Each family has its usual minute, more or less."""
    usual = family.triangular(rule.slot_start_minute + 4, rule.slot_end_minute - 5, rule.slot_start_minute + 35)
    minute = clamp(day.gauss(usual, 6), rule.slot_start_minute - 7, rule.slot_end_minute - 1)
    return [Presence(_seconds(minute, day), None)]


def evening(rule: RuleData, family: random.Random, day: random.Random) -> list[Presence]:
    """Children come as school ends; families leave at their usual hour, now and then too late."""
    arrived = rule.slot_start_minute + day.triangular(0.5, 9, 2)
    usual = clamp(
        family.gauss(rule.slot_start_minute + 55, 28), rule.slot_start_minute + 18, rule.slot_end_minute - 8
    )
    left = clamp(day.gauss(usual, 11), arrived + 8, rule.slot_end_minute - 1)
    if day.random() < LATE_SHARE:
        left = rule.slot_end_minute + day.triangular(2, 20, 6)
    return [Presence(_seconds(arrived, day), _seconds(left, day))]


def wednesday(formula: FormulaData, day: random.Random) -> list[Presence]:
    """A half day or a day; the day without meal is two stays, with lunch at home."""
    if formula.half_days == 2 and not formula.with_meal:
        noon = [formula.start_minute + 255, formula.start_minute + 345]  # 12:00 and 13:30
        return [
            Presence(_near(formula.start_minute + 45, 18, day), _near(noon[0] + 4, 5, day)),
            Presence(_near(noon[1] + 3, 8, day), _near(formula.end_minute - 40, 22, day)),
        ]
    is_morning = formula.start_minute < 12 * MINUTE and formula.half_days == 1
    arrival_spread = 18 if formula.start_minute < 12 * MINUTE else 8
    arrived = _near(formula.start_minute + (45 if arrival_spread == 18 else 5), arrival_spread, day)
    left = _near(formula.end_minute + 3, 5, day) if is_morning else _near(formula.end_minute - 40, 22, day)
    return [Presence(arrived, min(left, (formula.end_minute + 12) * MINUTE))]


def daycare(pattern: PlannedPattern | None, rule: RuleData, day: random.Random) -> list[Presence]:
    """Contract hours, give or take some minutes; without contract, two to four hours."""
    if pattern is not None and pattern.start_minute is not None and pattern.end_minute is not None:
        start, end = pattern.start_minute, pattern.end_minute
    else:
        start = rule.slot_start_minute + day.randrange(0, 5) * 30
        end = min(start + day.randrange(4, 9) * 30, rule.slot_end_minute)
    arrived = clamp(day.gauss(start + 3, 7), rule.slot_start_minute - 5, end - 40)
    left = clamp(day.gauss(end - 3, 8), arrived + 30, rule.slot_end_minute + 4)
    return [Presence(_seconds(arrived, day), _seconds(left, day))]


def clamp(value: float, low: float, high: float) -> float:
    """Return the value, or the bound that it passes."""
    return max(low, min(value, high))


def _near(minute: float, spread: float, day: random.Random) -> int:
    return _seconds(clamp(day.gauss(minute, spread), minute - 2 * spread, minute + 2 * spread), day)


def _seconds(minute: float, day: random.Random) -> int:
    return int(minute * MINUTE) + day.randrange(20)
