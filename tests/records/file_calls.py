"""How each operation that adds to a family file is called by the tests of rights."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from records.actors import Actor
from records.database import Records
from records.operations import answers, diets, eaters, families, paper_files, payers, placements, postal_letters
from tests.factories.town import SCHOOL, START

FILE_CALLS: dict[str, Callable[[Records, Actor], object]] = {
    "add_payer": lambda r, a: payers.add_payer(r, a, "x", families.NewPayer("x", "y")),
    "place_child": lambda r, a: placements.place_child(
        r, a, placements.NewPlacement("x", "y", START, "z", carer_body="Foyer")
    ),
    "add_delegation": lambda r, a: placements.add_delegation(
        r, a, placements.NewDelegation("x", "y", "ase", START, "tout", START)
    ),
    "diets_of": lambda r, a: diets.diets_of(r, a, "x"),
    "add_diet": lambda r, a: diets.add_diet(r, a, "x", families.NewDiet("x", "x", START)),
    "end_diet": lambda r, a: diets.end_diet(r, a, 0, START, 1),
    "keep_file": lambda r, a: paper_files.keep_file(r, a, Path("x"), b""),
    "send_file": lambda r, a: paper_files.send_file(r, a, Path("x"), b""),
    "read_page": lambda r, a: paper_files.read_page(r, a, Path("x"), 0, 1),
    "sweep_files": lambda r, a: paper_files.sweep_files(r, a, Path("x")),
    "letters_to_print": postal_letters.letters_to_print,
    "tick_printed": lambda r, a: postal_letters.tick_printed(r, a, []),
    "answer_questions": lambda r, a: answers.answer_questions(r, a, []),
    "create_eater": lambda r, a: eaters.create_eater(
        r, a, eaters.NewEater(families.NewPerson("x", "Paul", "Durand"), "Ville", "x", SCHOOL, "enfant", START)
    ),
}
