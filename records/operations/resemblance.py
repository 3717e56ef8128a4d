"""How much two people look like one: a score out of 100, and the reasons in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from domain.names import near_forms, search_key

PROBABLE = 60
_FIRST_SAME, _FIRST_NEAR = 25, 18
_LAST_SAME, _LAST_NEAR = 25, 18
_BIRTH_SAME, _BIRTH_NEAR, _BIRTH_OTHER = 35, 20, -40
_PHONE, _EMAIL, _ADDRESS = 20, 25, 15


@dataclass(frozen=True, slots=True)
class Likeness:
    """What a person is compared by. `names` and `addresses` are search keys."""

    first_name: str
    names: frozenset[str]
    birth_date: date | None
    phones: frozenset[str] = frozenset()
    email: str | None = None
    addresses: frozenset[str] = frozenset()


def likeness_names(*names: str | None) -> frozenset[str]:
    """Return names as they are compared: keys in one piece, so that « Le Goff » is « Legoff »."""
    return frozenset(compact(name) for name in names if name)


def compact(name: str) -> str:
    """Return a name's key without spaces."""
    return search_key(name).replace(" ", "")


def compare(one: Likeness, other: Likeness) -> tuple[int, tuple[str, ...]]:
    """Return the score of two people from 0 to 100, and why. People whose names differ are never one: 0."""
    first = _alike(frozenset({one.first_name}), frozenset({other.first_name}), (_FIRST_SAME, _FIRST_NEAR))
    last = _alike(one.names, other.names, (_LAST_SAME, _LAST_NEAR))
    if not first or not last:
        return 0, ()
    is_same = first == _FIRST_SAME and last == _LAST_SAME
    score = first + last
    reasons = ["même nom" if is_same else "nom presque identique"]
    for points, reason in (
        _birth(one.birth_date, other.birth_date),
        (_PHONE, "même téléphone") if one.phones & other.phones else (0, ""),
        (_EMAIL, "même courriel") if one.email and one.email == other.email else (0, ""),
        (_ADDRESS, "même adresse") if one.addresses & other.addresses else (0, ""),
    ):
        score += points
        reasons += [reason] if reason else []
    return max(0, min(100, score)), tuple(reasons)


def near(one: str, other: str) -> bool:
    """Return True when two words are at most one letter apart."""
    if one == other:
        return True
    ones, others = near_forms(one), near_forms(other)
    return one in others or other in ones or not ones.isdisjoint(others)


def _alike(ones: frozenset[str], others: frozenset[str], worth: tuple[int, int]) -> int:
    if ones & others:
        return worth[0]
    return worth[1] if any(near(one, other) for one in ones for other in others) else 0


def _birth(one: date | None, other: date | None) -> tuple[int, str]:
    """Return what two birth dates are worth: swapped day and month, or one of the three other, is a slip."""
    if one is None or other is None:
        return 0, ""
    if one == other:
        return _BIRTH_SAME, "même date de naissance"
    is_swapped = (one.year, one.month, one.day) == (other.year, other.day, other.month)
    same = (one.year == other.year) + (one.month == other.month) + (one.day == other.day)
    if is_swapped or same == 2:
        return _BIRTH_NEAR, "date de naissance presque identique"
    return _BIRTH_OTHER, "dates de naissance différentes"
