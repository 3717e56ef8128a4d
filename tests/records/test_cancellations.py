"""Cancelling invoices: the circuit step by step, what it refuses, and the credit note it ends with."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from domain.errors import InvalidData, NotAllowed, NotFound
from records.actors import SETUP, Actor, Grant
from records.database import Records
from records.models import CreditNote
from records.operations.cancellations import (
    CancellationAsked,
    ask_cancellation,
    decide_cancellation,
    relay_cancellation,
    waiting_cancellations,
)
from records.operations.invoices import see_invoice
from tests.factories.billing import a_billing_town, a_draft, an_issued_run
from tests.factories.people import a_family

COORDINATOR = Actor("Claire", (Grant("coordinator"),))
ADMINISTRATOR = Actor("Denis", (Grant("admin_school"),))
FINANCE = Actor("Farida", (Grant("finance"),))
NUMBER = "2026-000001"
WHOLE = CancellationAsked(NUMBER, "Enfant jamais venu")


@pytest.fixture
def billed(town: Records) -> Records:
    """The town with one invoice of 86,40 €."""
    family = a_family(town)
    a_billing_town(town)
    an_issued_run(town, [a_draft(family.payers[0], 8_640)])
    return town


def accepted(records: Records, asked: CancellationAsked) -> str | None:
    """Take a cancellation through its circuit; returns the credit note's number."""
    cancellation_id = ask_cancellation(records, COORDINATOR, asked)
    relay_cancellation(records, ADMINISTRATOR, cancellation_id, "Vu avec l'école")
    return decide_cancellation(records, FINANCE, cancellation_id, True, "D'accord")


def test_coordinator_asks_administration_relays_and_finance_gives_the_credit_note(billed: Records) -> None:
    cancellation_id = ask_cancellation(billed, COORDINATOR, WHOLE)
    (waiting,) = waiting_cancellations(billed, FINANCE)
    assert (waiting.number, waiting.amount_cents, waiting.step, waiting.recorded_by) == (
        NUMBER, 8_640, "asked", "Claire",
    )  # fmt: skip
    relay_cancellation(billed, ADMINISTRATOR, cancellation_id, "Vu")
    assert decide_cancellation(billed, FINANCE, cancellation_id, True, "D'accord") == "A2026-000001"
    assert waiting_cancellations(billed, FINANCE) == []
    seen = see_invoice(billed, FINANCE, NUMBER)
    assert (seen.line.total_cents, seen.line.credited_cents, seen.payer_owes_cents) == (8_640, 8_640, 0)
    assert [(each.step, each.credit_note, each.recorded_by) for each in seen.credits] == [
        ("accepted", "A2026-000001", "Farida")
    ]


def test_nobody_takes_the_place_of_another_in_the_circuit(billed: Records) -> None:
    cancellation_id = ask_cancellation(billed, COORDINATOR, WHOLE)
    with pytest.raises(NotAllowed):
        relay_cancellation(billed, COORDINATOR, cancellation_id, "x")
    with pytest.raises(InvalidData, match="L'administration ne l'a pas relayée"):
        decide_cancellation(billed, FINANCE, cancellation_id, True, "x")
    relay_cancellation(billed, ADMINISTRATOR, cancellation_id, "Vu")
    with pytest.raises(InvalidData, match="déjà relayée aux finances"):
        relay_cancellation(billed, ADMINISTRATOR, cancellation_id, "x")
    with pytest.raises(NotAllowed):
        decide_cancellation(billed, ADMINISTRATOR, cancellation_id, True, "x")


def test_refused_cancellation_leaves_the_invoice_and_may_be_asked_again(billed: Records) -> None:
    cancellation_id = ask_cancellation(billed, COORDINATOR, WHOLE)
    relay_cancellation(billed, ADMINISTRATOR, cancellation_id, "Vu")
    assert decide_cancellation(billed, FINANCE, cancellation_id, False, "Absence non signalée") is None
    assert see_invoice(billed, FINANCE, NUMBER).payer_owes_cents == 8_640
    with pytest.raises(InvalidData, match="déjà décidée"):
        decide_cancellation(billed, FINANCE, cancellation_id, True, "x")
    assert ask_cancellation(billed, COORDINATOR, WHOLE) == cancellation_id + 1


def test_partial_cancellations_never_take_more_than_the_invoice(billed: Records) -> None:
    assert accepted(billed, CancellationAsked(NUMBER, "Geste", 5_000)) == "A2026-000001"
    for too_much in (3_641, 0, -1):
        with pytest.raises(InvalidData, match="Il reste 36,40\xa0€"):
            ask_cancellation(billed, COORDINATOR, CancellationAsked(NUMBER, "x", too_much))
    assert accepted(billed, CancellationAsked(NUMBER, "Le reste")) == "A2026-000002"
    with billed.read() as session:
        notes = session.scalars(select(CreditNote).order_by(CreditNote.number))
        assert [(note.number, note.amount_cents) for note in notes] == [(1, 5_000), (2, 3_640)]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (CancellationAsked(NUMBER, "x", 1_999), "à partir de 20,00\xa0€"),
        (CancellationAsked(NUMBER, " "), "Dites pourquoi"),
        (CancellationAsked(NUMBER, "x", 2_000, bills_again=True), "annulée en entier"),
    ],
)
def test_what_the_town_does_not_cancel_is_refused_with_what_to_do(
    billed: Records, asked: CancellationAsked, said: str
) -> None:
    with pytest.raises(InvalidData, match=said):
        ask_cancellation(billed, COORDINATOR, asked)


def test_one_cancellation_of_an_invoice_waits_at_a_time(billed: Records) -> None:
    ask_cancellation(billed, COORDINATOR, CancellationAsked(NUMBER, "Geste", 2_000))
    with pytest.raises(InvalidData, match="attend déjà une décision"):
        ask_cancellation(billed, COORDINATOR, WHOLE)


def test_cancellation_that_does_not_exist_is_refused(billed: Records) -> None:
    with pytest.raises(NotFound):
        relay_cancellation(billed, SETUP, 99, "x")
