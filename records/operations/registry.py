"""What each public operation asks of who acts: declared once, checked by the declaration itself, and listed.

`@operation(Right.X)` refuses whoever has not the right before the operation begins, and writes it down in
`OPERATIONS`. So the list cannot say one thing and the code another (docs/adr/0012).
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

import records.operations
from records.actors import Actor, Right
from records.database import Records

P = ParamSpec("P")
T = TypeVar("T")


class Scope(StrEnum):
    """Where the right must hold."""

    TOWN = "town"  # in the whole collectivity
    PLACE = "place"  # somewhere; the operation then asks for it at each place concerned, or shows those alone
    CLASS = "class"  # as PLACE, and for the pupils of one's own classes: `actor.classes_with(right)`
    ANYWHERE = "anywhere"  # somewhere is enough: a family file belongs to no place


@dataclass(frozen=True, slots=True)
class Operation:
    """A public operation: who may call it. `also` are rights that it asks for itself when the case needs them."""

    name: str
    module: str
    right: Right
    scope: Scope
    also: frozenset[Right]


OPERATIONS: dict[str, Operation] = {}


def operation(
    right: Right, scope: Scope = Scope.TOWN, *, also: frozenset[Right] = frozenset()
) -> Callable[[Callable[Concatenate[Records, Actor, P], T]], Callable[Concatenate[Records, Actor, P], T]]:
    """Declare the right that an operation asks for, and check it before anything else. Raises NotAllowed.

    With `Scope.PLACE` the operation must still call `actor.require(right, structure_id)` for each place it touches,
    or keep to `actor.structures_with(right)`. Only `Scope.CLASS` lets a teacher in, and then it must keep to the
    pupils of `actor.classes_with(right)` outside those places. Names of operations are unique.
    """

    def declare(
        function: Callable[Concatenate[Records, Actor, P], T],
    ) -> Callable[Concatenate[Records, Actor, P], T]:
        @wraps(function)
        def checked(records: Records, actor: Actor, /, *args: P.args, **kwargs: P.kwargs) -> T:
            if scope is Scope.TOWN:
                actor.require(right)
            elif scope is Scope.CLASS:
                actor.require_for_own_class(right)
            else:
                actor.require_somewhere(right)
            return function(records, actor, *args, **kwargs)

        name, module = function.__name__, function.__module__
        assert name not in OPERATIONS or OPERATIONS[name].module == module, f"two operations are called {name}"
        OPERATIONS[name] = Operation(name, module, right, scope, also)
        return checked

    return declare


def all_operations() -> dict[str, Operation]:
    """Return every declared operation by name, having imported each module of this room."""
    for module in pkgutil.iter_modules(records.operations.__path__):
        importlib.import_module(f"records.operations.{module.name}")
    return dict(sorted(OPERATIONS.items()))
