"""Menus of the coming days, as the kitchen publishes them: what is served, where, and what its main dish is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select

from domain.french import short_date
from domain.kitchen import DISH_WORDS
from records.actors import Actor, Right
from records.database import Records
from records.models import Menu, Structure
from records.operations.kept_lists import refs_by_id
from records.operations.lookup import add, by_ref, change, invalid
from records.operations.registry import Scope, operation

LABEL_MAX = 200


@dataclass(frozen=True, slots=True)
class NewMenu:
    """What is served on a day at a structure, or wherever nothing else is said; `dish` is a code of DISH_WORDS."""

    day: date
    label: str
    dish: str
    structure_ref: str | None = None

    @property
    def is_vegetarian(self) -> bool:
        """Return whether it is the vegetarian menu that the law EGalim asks for each week."""
        return self.dish == "vegetarian"


@operation(Right.ORDER_MEALS, Scope.PLACE)
def set_menus(records: Records, actor: Actor, menus: Sequence[NewMenu]) -> int:
    """Write menus, each in the place of the one of the same day and structure; returns how many changed something.

    A menu of the whole town asks for the right in the whole town. Raises InvalidData, NotFound.
    """
    for menu in menus:
        _check(menu)
    changed = 0
    with records.write(actor, "set_menus") as write:
        for menu in menus:
            structure_id = by_ref(write.session, Structure, menu.structure_ref).id if menu.structure_ref else None
            actor.require(Right.ORDER_MEALS, structure_id)
            row = write.session.scalar(
                select(Menu).where(Menu.day == menu.day, Menu.structure_id.is_not_distinct_from(structure_id))
            )
            values = {"label": menu.label.strip(), "dish": menu.dish}
            if row is None:
                add(write, Menu(structure_id=structure_id, day=menu.day, **values))
            changed += row is None or change(write, row, values)
    return changed


@operation(Right.SEE_MEALS, Scope.PLACE)
def list_menus(records: Records, actor: Actor, first: date, end: date) -> list[NewMenu]:
    """Return the menus of the days `[first, end)` at the actor's places, and those of the whole town, by day."""
    places = actor.structures_with(Right.SEE_MEALS)
    with records.read() as session:
        refs = refs_by_id(session, Structure)
        statement = select(Menu).where(Menu.day >= first, Menu.day < end).order_by(Menu.day, Menu.id)
        if places is not None:
            statement = statement.where(or_(Menu.structure_id.is_(None), Menu.structure_id.in_(places)))
        return [NewMenu(row.day, row.label, row.dish, refs[row.structure_id]) for row in session.scalars(statement)]


def _check(menu: NewMenu) -> None:
    if menu.dish not in DISH_WORDS:
        raise invalid(f"Plat inconnu : « {menu.dish} ». Choisissez parmi : {', '.join(DISH_WORDS.values())}.")
    if not menu.label.strip() or len(menu.label.strip()) > LABEL_MAX:
        raise invalid(f"Écrivez le menu du {short_date(menu.day)}, en {LABEL_MAX} caractères au plus.")
