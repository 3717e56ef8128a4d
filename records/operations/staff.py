"""Who works at a place: the accounts with a role that calls the roll of all of it, from one day to another."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Select, or_, select

from records.actors import RIGHTS_OF_ROLE, Grant, Right
from records.models import RoleGrant
from records.operations.lookup import in_force_on

# Teachers call the roll of their own class alone: they are not staff of the place.
_ROLES = frozenset(role for role in RIGHTS_OF_ROLE if Grant(role).gives(Right.CALL_ROLL))


def staff_of(structure_id: int, day: date) -> Select[int]:
    """Return the query of the ids of accounts that work at a place on a day, also by a role for the whole town."""
    return select(RoleGrant.account_id).where(
        RoleGrant.role.in_(_ROLES),
        or_(RoleGrant.structure_id.is_(None), RoleGrant.structure_id == structure_id),
        *in_force_on(day, RoleGrant.valid_from, RoleGrant.valid_to),
    )
