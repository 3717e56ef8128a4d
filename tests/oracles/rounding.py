"""How minutes of presence become minutes that count, by the rule of the structure (CAF notes §1.2, T11).

Imports nothing of Marelle. The same rule makes the minutes a family pays and the real minutes of the CAF.
"""

from __future__ import annotations

from tests.oracles.world import Rule

Interval = tuple[int, int]


def minutes_there(stays: list[Interval], rule: Rule, bounds: Interval | None) -> int:
    """Return the minutes of a day, none of them twice, their ends rounded where the rule rounds ends.

    `bounds` are those of the service for what a family pays; the CAF has none.
    """
    if rule.rounding_on != "duration":
        stays = [rounded_ends(stay, rule) for stay in stays]
    return len({minute for stay in stays for minute in range(*stay) if bounds is None or _inside(minute, bounds)})


def counted_minutes(minutes: int, rule: Rule) -> int:
    """Return the minutes that count once the duration is rounded, where the rule rounds it."""
    return units(minutes, rule) * rule.rounding if rule.rounding_on == "duration" else minutes


def units(minutes: int, rule: Rule) -> int:
    """Count the units of a duration one by one."""
    if rule.rounding_mode == "begun":
        return _begun(minutes - rule.tolerance, rule.rounding)
    whole, rest = 0, minutes - rule.tolerance
    while rest >= rule.rounding:
        whole, rest = whole + 1, rest - rule.rounding
    return whole + 1 if rule.rounding_mode == "nearest" and 2 * rest >= rule.rounding else whole


def begun_units(minutes: int, step: int) -> int:
    """Return how many units begun minutes already rounded make."""
    return _begun(minutes, step)


def _begun(left: int, step: int) -> int:
    count = 0
    while left > 0:
        count, left = count + 1, left - step
    return count


def rounded_ends(stay: Interval, rule: Rule) -> Interval:
    """Round the clock, the tolerance taken off first: outwards for a unit begun, inwards for a whole one."""
    arrived, left = stay
    step = rule.rounding
    if rule.rounding_on in ("ends", "arrival"):
        round_arrival = {"begun": _mark_before, "nearest": _nearest_mark, "elapsed": _mark_after}
        arrived = round_arrival[rule.rounding_mode](stay[0] + rule.tolerance, step)
    if rule.rounding_on in ("ends", "departure"):
        round_departure = {"begun": _mark_after, "nearest": _nearest_mark, "elapsed": _mark_before}
        left = round_departure[rule.rounding_mode](stay[1] - rule.tolerance, step)
    return arrived, max(arrived, left)


def _mark_before(minute: int, step: int) -> int:
    while minute % step:
        minute -= 1
    return minute


def _mark_after(minute: int, step: int) -> int:
    while minute % step:
        minute += 1
    return minute


def _nearest_mark(minute: int, step: int) -> int:
    before, after = _mark_before(minute, step), _mark_after(minute, step)
    return after if after - minute <= minute - before else before


def _inside(minute: int, bounds: Interval) -> bool:
    return bounds[0] <= minute < bounds[1]
