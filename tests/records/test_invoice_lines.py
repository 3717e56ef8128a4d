"""Where issued runs name a line: its invoice, what corrected it, and who may ask."""

from __future__ import annotations

import pytest

from domain.errors import NotFound
from records.actors import SETUP, Actor
from records.database import Records
from records.operations.invoice_lines import line_mentions, my_line_mentions
from tests.factories.billing import DECEMBER, a_billing_town, an_issued_run
from tests.factories.bodies import a_body, a_day, a_group, a_whole_draft, an_adjustment
from tests.factories.people import a_family, an_account, logged_in

PAYER = "fournier-adulte-1-payeur"


@pytest.fixture
def key(town: Records) -> str:
    """A line billed in November at 20,00 €, and corrected with December to 15,00 €; returns its key."""
    family = a_family(town, guardians=2)
    a_billing_town(town)
    an_issued_run(town, [a_whole_draft(PAYER, a_body([a_group(family.child, [a_day("2026-11-03", 2_000)])]))])
    corrected = a_body(
        [a_group(family.child, [a_day("2026-12-01", 3_000)])],
        [an_adjustment(family.child, "2026-11-03", 2_000, 1_500)],
    )
    an_issued_run(town, [a_whole_draft(PAYER, corrected)], DECEMBER)
    return f"{family.child}~cantine~2026-11-03~meal~{PAYER}"


def test_line_is_named_by_its_invoice_then_by_what_corrected_it(town: Records, key: str) -> None:
    billed, corrected = line_mentions(town, SETUP, key)

    assert (billed.number, billed.cents, billed.child_first_name) == ("2026-000001", 2_000, "Léa")
    assert (corrected.number, corrected.cents) == ("2026-000002", -500)


def test_another_kind_or_day_of_the_same_child_is_another_line(town: Records, key: str) -> None:
    assert line_mentions(town, SETUP, key.replace("meal", "care")) == []
    assert line_mentions(town, SETUP, key.replace("-11-03", "-11-04")) == []


@pytest.mark.parametrize("wrong", ["", "a~b~c~d~e", "a~b~2026-11-03"])
def test_what_is_no_reference_of_a_line_is_not_found(town: Records, wrong: str) -> None:
    with pytest.raises(NotFound):
        line_mentions(town, SETUP, wrong)


def test_only_its_payer_reads_what_was_invoiced_of_a_line(town: Records, key: str) -> None:
    assert len(my_line_mentions(town, _parent(town, "fournier-adulte-1"), key)) == 2
    assert my_line_mentions(town, _parent(town, "fournier-adulte-2"), key) == []


def _parent(records: Records, person_ref: str) -> Actor:
    an_account(records, person_ref, "family", person_ref=person_ref)
    return logged_in(records, person_ref)
