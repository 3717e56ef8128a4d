"""`python -m tests.oracles.random_bills`: months billed by the SQL against the slow oracle, on random families.

Prices come, change, move to the other parent, wait or vanish; places confirm and reopen; bodies pay more or less;
invoices are cancelled to be made anew. Prints how many bills were compared; ends with 1 at a difference.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from typing import Any

from tests.harness.models import compile_once
from tests.oracles.billing import Books, Care, Document, Price
from tests.oracles.proof import commit
from tests.sql.billing_world import Bill, BillingWorld, Line
from warehouse.project import CompiledProject

MONTHS = tuple(date(2026, month, 1) for month in (9, 10, 11, 12))
AFTER = date(2027, 1, 1)  # no day of it is priced: its bills only correct and bring
SERVICES = ("cantine", "soir", "mercredi")
FAMILIES, PLACES = 80, 6
CENTS = (0, 1, 280, 499, 500, 750, 1_000, 1_499, 1_500, 1_501, 3_000)
Closed = set[tuple[str, date]]
Told = tuple[Any, ...]


@dataclass
class BillMaker:
    """Random changes of what pricing says; a day keeps its place, and has one payer at a time."""

    random: Random
    prices: dict[Care, Price] = field(default_factory=dict)
    closed: Closed = field(
        default_factory=lambda: {(f"lieu {n}", month) for n in range(PLACES) for month in MONTHS}
    )

    def change(self, month: date) -> None:
        """Change prices of a month and of those before it, and which places have confirmed them."""
        for family in range(FAMILIES):
            for _ in range(self.random.choice((0, 2, 4, 6))):
                self._change_one(family, month)
        for place, each in sorted(self.closed | {(f"lieu {n}", month) for n in range(PLACES) for month in MONTHS}):
            if each <= month and self.random.random() < 0.15:
                self.closed ^= {(place, each)}

    def _change_one(self, family: int, month: date) -> None:
        pick = self.random.choice
        day = pick([each for each in MONTHS if each <= month]).replace(day=pick((8, 15)))
        care = Care(f"{family}.{pick(('lea', 'noe'))}", pick(SERVICES), day, pick(("meal", "care", "overtime")))
        known = [each for each in self.prices if each.child.startswith(f"{family}.")]
        if known and self.random.random() < 0.4:
            care = pick(known)
        if care in self.prices and self.random.random() < 0.2:
            del self.prices[care]
            return
        cents = None if self.random.random() < 0.08 else pick(CENTS)
        self.prices[care] = Price(
            care,
            "" if cents is None and self.random.random() < 0.3 else f"{family}.{pick(('anne', 'anne', 'bruno'))}",
            f"lieu {family % PLACES}",
            cents,
            pick((0, 0, cents // 2, cents)) if cents else 0,
            self.random.random() < 0.08,
            self.random.random() < 0.05,
        )


@dataclass
class Compared:
    """What was compared, and what differed."""

    bills: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    differences: list[str] = field(default_factory=list)

    def add(self, other: Compared) -> None:
        """Count what was compared elsewhere too."""
        self.bills += other.bills
        self.kinds.update(other.kinds)
        self.differences += other.differences


def compare(seed: int, compiled: CompiledProject) -> Compared:
    """Bill four months on both sides; compare each bill whole."""
    found = Compared()
    for month in compared_months(seed, compiled):
        found.add(month)
    return found


def compared_months(seed: int, compiled: CompiledProject) -> Iterator[Compared]:
    """Yield what was compared of four months and of one without a day; odd seeds are strict with credits."""
    maker = BillMaker(Random(seed))
    world, books = BillingWorld(compiled, strict_town=bool(seed % 2)), Books(bool(seed % 2))
    for month in (*MONTHS, AFTER):
        maker.change(month)
        _change_rules(maker.random, world, books)
        world.lines = {line.key: line for line in map(_line, maker.prices.values())}
        world.closed = {(f"lieu {n}", each): "reopened" for n in range(PLACES) for each in MONTHS}
        world.closed |= {each: maker.random.choice(("confirmed", "locked")) for each in sorted(maker.closed)}
        kept = {
            (payer, service): cents
            for payer in {f"{family}.{name}" for family in range(FAMILIES) for name in ("anne", "bruno")}
            for service, cents in books.kept(payer, month, maker.prices.values(), maker.closed).items()
        }
        states = books.states(maker.prices.values(), maker.closed)
        wanted = [_told(each) for each in books.issue(month, maker.prices.values(), maker.closed)]
        with world.computed() as connection:
            waiting = {key: cents for key, (cents, _) in world.kept_credits(month, connection).items()}
            states_by_sql, counts = world.states(connection), world.line_counts(month, connection)
            got = [_told_by_sql(bill) for bill in world.issue_computed(month, connection)]
        found = Compared()
        found.differences += [f"seed {seed}: oracle alone {each}" for each in wanted if each not in got]
        found.differences += [f"seed {seed}: SQL alone {each}" for each in got if each not in wanted]
        if kept != waiting:
            found.differences.append(f"seed {seed}: {month} keeps {kept.items() ^ waiting.items()}")
        told = sorted((payer, *_fields(care), *rest) for (payer, care), rest in states.items())
        if told != states_by_sql:
            found.differences.append(f"seed {seed}: {month} states {set(told) ^ set(states_by_sql)}")
        if counts != {f"{payer}~{month}": len(lines) for payer, _, _, _, lines, *_ in wanted}:
            found.differences.append(f"seed {seed}: {month} counts {counts}")
        _count(found, got, kept)
        yield found


def _change_rules(random: Random, world: BillingWorld, books: Books) -> None:
    """Cancel some invoices to make them anew; free some credits, hold others to their service."""
    sent = [document for document in books.documents if not document.is_held and not document.is_cancelled]
    for document in random.sample(sent, len(sent) // 12):
        document.is_cancelled = True
        world.billed_anew |= {
            bill.draft_id
            for bill in world.bills
            if (bill.body.payer_ref, bill.month) == (document.payer, document.month)
        }
    for _ in range(6):
        key = f"{random.randrange(FAMILIES)}.anne", random.choice(SERVICES)
        books.strict[key] = world.strict_credits[key] = random.random() < 0.5


def _line(price: Price) -> Line:
    care = price.care
    waits = "hole" if price.waits else None
    return Line(
        care.child, care.service, care.day, price.payer, price.cents, waits, price.place, price.covered, care.kind,
        price.is_provisional,
    )  # fmt: skip


def _told(document: Document) -> Told:
    """Return all that a document says."""
    return (
        document.payer,
        document.month,
        document.total,
        document.is_held,
        sorted(document.lines.items()),
        sorted((care, each.before, each.now, each.reason) for care, each in document.corrections.items()),
        sorted(document.aside.items()),
        sorted((each.month, each.own) for each in document.carried),
    )


def _told_by_sql(bill: Bill) -> Told:
    """Return the same of what the SQL froze."""
    frozen: Mapping[str, Any] = bill.frozen
    lines = [
        (Care(group["child"], group["service"], date.fromisoformat(day["day"]), day["kind"]), day)
        for group in frozen["lines"]
        for day in group["days"]
    ]
    return (
        bill.body.payer_ref,
        bill.month,
        bill.body.total_cents,
        not bill.is_invoiced,
        sorted((care, day["amount"] - day["covered"]) for care, day in lines),
        sorted((_care(each), each["before"], each["now"], each["reason"]) for each in frozen["adjustments"]),
        sorted((each["service"], each["cents"]) for each in frozen["aside"]),
        sorted((date.fromisoformat(each["month"]), each["cents"]) for each in frozen["carried"]),
    )


def _fields(care: Care) -> tuple[str, str, date, str]:
    return care.child, care.service, care.day, care.kind


def _care(each: Mapping[str, Any]) -> Care:
    return Care(each["child"], each["service"], date.fromisoformat(each["day"]), each["kind"])


def _count(found: Compared, got: list[Told], kept: Mapping[tuple[str, str], int]) -> None:
    found.bills += len(got)
    found.kinds["kept"] += len(kept)
    for _, _, total, is_held, lines, corrections, aside, carried in got:
        found.kinds["held" if is_held else "sent"] += 1
        found.kinds["negative"] += total < 0
        found.kinds["lines"] += len(lines)
        found.kinds.update(reason for *_, reason in corrections)
        found.kinds["aside"] += len(aside)
        found.kinds["carried"] += len(carried)


def main() -> int:
    """Compare as many seeds as asked; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=40)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--json", type=Path, help="write the figures, the commit and the date to this file")
    options = parser.parse_args()
    compiled, total, proved = compile_once(), Compared(), commit() if options.json else ""
    for seed in range(options.first, options.first + options.seeds):
        found = compare(seed, compiled)
        total.add(found)
        print(*found.differences, sep="\n", end="\n" if found.differences else "", flush=True)
    if options.json:
        about = {
            "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
            "commit": proved,
            "command": f"python -m tests.oracles.random_bills --seeds {options.seeds} --first {options.first}",
            "seeds": options.seeds,
            "bills": total.bills,
            "kinds": total.kinds,
            "differences": len(total.differences),
        }
        options.json.write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")
    print(f"{total.bills} bills of {options.seeds} random towns compared: {len(total.differences)} differences")
    return 1 if total.differences else 0


if __name__ == "__main__":
    raise SystemExit(main())
