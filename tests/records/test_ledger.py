"""What each payer owes."""

from dataclasses import replace

import pytest

from domain.errors import InvalidData, NotFound
from records.actors import SETUP
from records.database import Records
from records.operations.ledger import NewEntry, add_entries, balance
from tests.factories.people import a_family
from tests.factories.town import START

ENTRY = NewEntry("fournier-adulte-1-payeur", "opening", 1_250, "Report", START)


def test_balance_is_the_sum_of_the_movements(town: Records) -> None:
    a_family(town, guardians=2)
    entries = [
        ENTRY,
        replace(ENTRY, kind="invoice", amount_cents=4_000),
        replace(ENTRY, kind="payment", amount_cents=-6_000),
    ]
    add_entries(town, SETUP, entries)
    with town.read() as session:
        assert balance(session, [1, 2]) == {1: -750, 2: 0}
        assert balance(session, []) == {}


def test_amounts_beyond_32_bits_are_summed_exactly(town: Records) -> None:
    a_family(town)
    add_entries(town, SETUP, [replace(ENTRY, amount_cents=3_000_000_000)] * 3)
    with town.read() as session:
        found = balance(session, [1])
    assert found == {1: 9_000_000_000}
    assert type(found[1]) is int


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"kind": "don"}, InvalidData),
        ({"kind": "payment", "amount_cents": 1}, InvalidData),
        ({"kind": "invoice", "amount_cents": -1}, InvalidData),
        ({"payer_ref": "personne"}, NotFound),
    ],
)
def test_movement_that_makes_no_sense_leaves_nothing(
    town: Records, changes: dict[str, object], error: type[Exception]
) -> None:
    a_family(town)
    with pytest.raises(error):
        add_entries(town, SETUP, [ENTRY, replace(ENTRY, **changes)])  # type: ignore[arg-type]
    with town.read() as session:
        assert balance(session, [1]) == {1: 0}
