"""Every YAML case of billing, through the SQL and through the slow oracle: both must say what it says.

All cases of one town's rule go through their months together, each with names of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pytest

from tests.cases.reading_billing import MONTHS, PLACES, BillingCase, Step, cents, read_billing_cases
from tests.harness.models import compile_once
from tests.oracles.billing import Books, Care, Document, Price
from tests.sql.billing_world import BillingWorld, Line

CASES = read_billing_cases()
NAMES = {month: name for name, month in MONTHS.items()}
Said = dict[str, dict[str, str]]
"""What each payer's bill says, in the words of the cases."""


def test_cases_are_many_and_each_has_its_own_name() -> None:
    assert len(CASES) >= 25
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=[f"{case.file}: {case.name}" for case in CASES])
def test_case_by_the_oracle(case: BillingCase) -> None:
    books = Books(case.strict_town, dict(case.strict))
    prices: dict[tuple[Care, str], Price] = {}
    closed = {(place, month) for place in PLACES for month in MONTHS.values()}
    for step in case.steps:
        apply_to_prices(step, prices)
        closed = (closed | set(step.closed)) - set(step.opened)
        books.strict |= step.freed
        for document in books.documents:
            document.is_cancelled |= (document.payer, document.month) in step.cancelled
        payers = sorted({payer for _, payer in prices})
        kept = {
            (payer, service): each
            for payer in payers
            for service, each in books.kept(payer, step.month, prices.values(), closed).items()
        }
        made = books.issue(step.month, prices.values(), closed)
        check_bills(step, {document.payer: of_document(document) for document in made})
        assert kept == {key: amount for key, (amount, _) in step.kept.items()}, step.month


@pytest.fixture(scope="module")
def billed() -> dict[str, list[tuple[Said, dict[tuple[str, str], tuple[int, bool]]]]]:
    """Return by case, month after month, what the SQL's bills say and the credits it keeps."""
    found: dict[str, list[tuple[Said, dict[tuple[str, str], tuple[int, bool]]]]] = {}
    for strict in (False, True):
        together = [case for case in CASES if case.strict_town == strict]
        for case, *said in _bill_together(together, strict):
            found.setdefault(case.name, []).append((said[0], said[1]))
    return found


@pytest.mark.parametrize("case", CASES, ids=[f"{case.file}: {case.name}" for case in CASES])
def test_case_in_sql(case: BillingCase, billed: Mapping[str, Sequence[tuple[Said, Any]]]) -> None:
    for step, (said, kept) in zip(case.steps, billed[case.name], strict=True):
        check_bills(step, said)
        assert kept == step.kept, step.month


def _bill_together(cases: Sequence[BillingCase], strict: bool) -> list[tuple[BillingCase, Said, Any]]:
    world = BillingWorld(compile_once(), strict_town=strict)
    for number, case in enumerate(cases):
        world.strict_credits |= {(f"{number}.{payer}", service): True for payer, service in case.strict}
        world.enrolled |= {(f"{number}.{child}", each, f"{number}.{payer}") for child, each, payer in case.enrolled}
        for name in PLACES:
            for each in MONTHS.values():
                world.close(each, f"{number}.{name}")
    found = []
    for place, month in enumerate(MONTHS.values()):
        present = [(number, case) for number, case in enumerate(cases) if place < len(case.steps)]
        for number, case in present:
            _apply(world, number, case.steps[place])
        with world.computed() as connection:
            kept = world.kept_credits(month, connection)
            world.issue_computed(month, connection)
        for number, case in present:
            said = {
                bill.body.payer_ref.split(".")[1]: of_body(bill.frozen, bill.body.total_cents, bill.is_invoiced)
                for bill in world.bills
                if bill.month == month and bill.body.payer_ref.startswith(f"{number}.")
            }
            own = {
                (payer.split(".")[1], service): each
                for (payer, service), each in kept.items()
                if payer.startswith(f"{number}.")
            }
            found.append((case, said, own))
    return found


def _apply(world: BillingWorld, number: int, step: Step) -> None:
    for care, payer in step.dropped:
        world.drop(line_of(Price(care, payer, PLACES[0], 0), number))
    world.put(*(line_of(price, number) for price in step.prices))
    for place, month in step.closed:
        world.close(month, f"{number}.{place}")
    for place, month in step.opened:
        world.closed[f"{number}.{place}", month] = "reopened"
    world.strict_credits |= {
        (f"{number}.{payer}", service): strict for (payer, service), strict in step.freed.items()
    }
    world.billed_anew |= {
        bill.draft_id
        for bill in world.bills
        if any((bill.body.payer_ref, bill.month) == (f"{number}.{payer}", month) for payer, month in step.cancelled)
    }


def line_of(price: Price, number: int) -> Line:
    """Return a price as the SQL's world has it, with names of its own."""
    care, waits = price.care, "hole" if price.waits else None
    return Line(
        f"{number}.{care.child}", care.service, care.day, f"{number}.{price.payer}", price.cents, waits,
        f"{number}.{price.place}", price.covered, care.kind,
    )  # fmt: skip


def apply_to_prices(step: Step, prices: dict[tuple[Care, str], Price]) -> None:
    """Say what pricing says from that step on."""
    for about in step.dropped:
        del prices[about]
    prices |= {(price.care, price.payer): price for price in step.prices}


def check_bills(step: Step, found: Said) -> None:
    """Compare every bill of a month with what the case says; what it does not mention is free."""
    assert sorted(found) == sorted(step.bills), step.month
    for payer, wanted in step.bills.items():
        assert {key: found[payer][key] for key in wanted} == dict(wanted), (step.month, payer)


def of_document(document: Document) -> dict[str, str]:
    """Return what an oracle's document says."""
    changes = [document.corrections[care] for care in sorted(document.corrections)]
    return words(
        document.total,
        document.is_held,
        sum(document.lines.values()),
        [(change.now - change.before, change.reason) for change in changes],
        sorted(document.aside.items()),
        [(carried.month, carried.own) for carried in document.carried],
    )


def of_body(frozen: Mapping[str, Any], total: int, is_invoiced: bool) -> dict[str, str]:
    """Return what a bill that the SQL froze says."""
    return words(
        total,
        not is_invoiced,
        sum(day["amount"] - day["covered"] for group in frozen["lines"] for day in group["days"]),
        [(each["now"] - each["before"], each["reason"]) for each in frozen["adjustments"]],
        sorted((each["service"], each["cents"]) for each in frozen["aside"]),
        [(date.fromisoformat(each["month"]), each["cents"]) for each in frozen["carried"]],
    )


def words(
    total: int,
    is_held: bool,
    lines: int,
    changes: Sequence[tuple[int, str]],
    others: Sequence[tuple[str, int]],
    carried: Sequence[tuple[date, int]],
) -> dict[str, str]:
    return {
        "total": euros(total),
        "en mairie": "oui" if is_held else "non",
        "lignes": euros(lines),
        "régularisations": euros(sum(change for change, _ in changes)),
        "motifs": " ".join(reason for _, reason in changes),
        "mis de côté": ", ".join(f"{service} {euros(amount)}" for service, amount in others),
        "reports": ", ".join(f"{NAMES[month]} {euros(amount)}" for month, amount in carried),
    }


def euros(amount: int) -> str:
    """Return an amount as the cases write it."""
    text = f"{'-' if amount < 0 else ''}{abs(amount) // 100},{abs(amount) % 100:02d}"
    assert cents(text) == amount
    return text
