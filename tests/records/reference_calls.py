"""How the matrix of rights calls what concerns school years, State values and the other reference data."""

from collections.abc import Callable

from records.actors import Actor
from records.database import Records
from records.operations import rollover, rollover_proposal, school_years, state_values
from records.operations.collectivity import NewSchoolYear
from tests.factories.town import END, START

PASSAGE = rollover_proposal.Passage("2026-2027", "x")

VALUE = state_values.NewStateValue("caf.alsh.age_limit_years", START, "", "x")

REFERENCE_CALLS: dict[str, Callable[[Records, Actor], object]] = {
    "prepare_school_year": lambda r, a: school_years.prepare_school_year(
        r, a, NewSchoolYear("x", START, END), "2026-2027"
    ),
    "propose_rollover": lambda r, a: rollover_proposal.propose_rollover(r, a, PASSAGE),
    "drop_rollover": lambda r, a: rollover_proposal.drop_rollover(r, a, PASSAGE),
    "rollover_lines": lambda r, a: rollover.rollover_lines(r, a, PASSAGE),
    "decide_lines": lambda r, a: rollover.decide_lines(r, a, PASSAGE, []),
    "check_class": lambda r, a: rollover.check_class(r, a, PASSAGE, "x"),
    "enter_state_value": lambda r, a: state_values.enter_state_value(r, a, VALUE),
    "state_values": state_values.state_values,
    "apply_rollover": lambda r, a: rollover.apply_rollover(r, a, PASSAGE),
}
