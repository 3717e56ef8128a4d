"""How each operation that adds to a family file is called by the tests of rights."""

from __future__ import annotations

from collections.abc import Callable

from records.actors import Actor
from records.database import Records
from records.operations import answers, eaters, families, payers, placements
from tests.factories.town import SCHOOL, START

FILE_CALLS: dict[str, Callable[[Records, Actor], object]] = {
    "add_payer": lambda r, a: payers.add_payer(r, a, "x", families.NewPayer("x", "y")),
    "place_child": lambda r, a: placements.place_child(
        r, a, placements.NewPlacement("x", "y", START, "z", carer_body="Foyer")
    ),
    "add_delegation": lambda r, a: placements.add_delegation(
        r, a, placements.NewDelegation("x", "y", "ase", START, "tout", START)
    ),
    "answer_questions": lambda r, a: answers.answer_questions(r, a, []),
    "create_eater": lambda r, a: eaters.create_eater(
        r, a, eaters.NewEater(families.NewPerson("x", "Paul", "Durand"), "Ville", "x", SCHOOL, "enfant", START)
    ),
}
