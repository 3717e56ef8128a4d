"""A changed constant is noticed; the constants listed as equivalent exist."""

from __future__ import annotations

from tests.harness.models import compile_once
from tests.oracles.mutants import explained, mutants


def test_each_constant_of_a_model_is_changed_once() -> None:
    model = next(each for each in compile_once().models if each.name == "int_pricing__psu_scale")
    made = list(mutants(model))
    assert len(made) > 5
    assert len({mutant.sql for mutant in made}) == len(made)
    assert all(mutant.sql != model.sql for mutant in made)


def test_what_a_loop_writes_for_each_level_is_one_constant_changed_everywhere() -> None:
    model = next(each for each in compile_once().models if each.name == "int_pricing__covered")
    made = next(each for each in mutants(model) if "as own_quantity" in each.line)
    changed = [
        (before, after)
        for before, after in zip(model.sql.split("\n"), made.sql.split("\n"), strict=True)
        if before != after
    ]
    assert len(changed) > 1
    assert {after.strip() for _, after in changed} == {
        "quantity * sign(line_cents) * cast(place = 2 as integer) as own_quantity"
    }


def test_every_constant_listed_as_equivalent_is_in_its_model() -> None:
    constants = {mutant.constant for model in compile_once().models for mutant in mutants(model)}
    assert set(explained()) <= constants
