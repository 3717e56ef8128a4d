"""The staff of the demo town as actors: what they do in it is signed with their name and checked by their role."""

from __future__ import annotations

from demo.source import TownData
from records.actors import RIGHTS_OF_ROLE, Actor, program


def staff_actor(town: TownData, role: str) -> Actor:
    """Return who holds a role over the whole demo town, or over their place."""
    person = next(each for each in town.staff if each.role == role)
    return program(person.display_name, *RIGHTS_OF_ROLE[role])
