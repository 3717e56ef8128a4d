"""A fault is marked dealt with by its owner, with what was done; every mark stays."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from domain.errors import InvalidData, NotAllowed, NotFound
from records.actors import RIGHTS_OF_ROLE, SETUP, Actor, Grant
from records.database import Records
from records.models import FaultMark, Structure
from records.operations.fault_marks import (
    NOTE_LENGTH_MAX,
    OWNER_RIGHTS,
    FaultSaid,
    NewFaultMark,
    fault_marks,
    mark_fault,
)
from tests.factories.town import CENTRE, SCHOOL

MARK = NewFaultMark("regime_missing~~4~~~~~", "clerk", "Régime demandé à la CAF")
CLERK = Actor("Guichet", (Grant("clerk"),))
FINANCE = Actor("Finances", (Grant("finance"),))


def at(records: Records, role: str, structure_ref: str) -> Actor:
    """Return somebody who has a role at one place."""
    with records.read() as session:
        place = session.scalars(select(Structure.id).where(Structure.ref == structure_ref)).one()
    return Actor("Sur place", (Grant(role, place),))


def test_each_owner_of_a_fault_may_mark_it() -> None:
    assert all(right in RIGHTS_OF_ROLE[owner] for owner, right in OWNER_RIGHTS.items())


def test_last_mark_of_a_fault_counts_and_all_of_them_stay(town: Records) -> None:
    mark_fault(town, CLERK, MARK)
    mark_fault(town, CLERK, replace(MARK, note="Régime saisi"))
    said = fault_marks(town, SETUP, [MARK.fault_key, "autre"])
    assert said == {MARK.fault_key: FaultSaid("Régime saisi", town.clock(), "Guichet", 2)}
    with town.read() as session:
        assert [row.note for row in session.scalars(select(FaultMark).order_by(FaultMark.seq))] == [
            "Régime demandé à la CAF",
            "Régime saisi",
        ]


def test_fault_of_another_is_not_marked(town: Records) -> None:
    with pytest.raises(NotAllowed):
        mark_fault(town, FINANCE, MARK)
    with pytest.raises(NotAllowed):
        mark_fault(town, CLERK, replace(MARK, owner_role="finance"))
    assert fault_marks(town, SETUP, [MARK.fault_key]) == {}


def test_fault_of_a_place_is_marked_by_who_runs_that_place(town: Records) -> None:
    mark = replace(MARK, owner_role="coordinator", structure_ref=CENTRE)
    with pytest.raises(NotAllowed):
        mark_fault(town, at(town, "coordinator", SCHOOL), mark)
    mark_fault(town, at(town, "leisure_director", CENTRE), mark)
    assert fault_marks(town, SETUP, [MARK.fault_key])[MARK.fault_key].times == 1
    with pytest.raises(NotFound):
        mark_fault(town, SETUP, replace(mark, structure_ref="nulle-part"))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"note": "  "}, "Dites ce qui a été fait"),
        ({"note": "x" * (NOTE_LENGTH_MAX + 1)}, "raccourcissez"),
        ({"owner_role": "kitchen"}, "pas un de ceux des contrôles"),
        ({"fault_key": ""}, "pas un de ceux des contrôles"),
        ({"fault_key": "x" * 161}, "pas un de ceux des contrôles"),
    ],
)
def test_mark_says_what_was_done_of_a_known_kind_of_fault(
    town: Records, changes: dict[str, str], said: str
) -> None:
    with pytest.raises(InvalidData, match=said):
        mark_fault(town, SETUP, replace(MARK, **changes))
