"""What the next invoices are, slowly (domain notes 1 §8, 3 §3.4 and §5); imports nothing of Marelle.

Amounts are integer cents. A document is a bill of one payer and one month, sent or kept « en mairie ». None is ever
rewritten: what changed since comes with the next one, which also brings what was kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

THRESHOLD = 1_500  # décret 2017-509: debts under 15 € are not put into collection


@dataclass(frozen=True, order=True)
class Care:
    """What a price is about, whoever pays it."""

    child: str
    service: str
    day: date
    kind: str

    @property
    def month(self) -> date:
        """The month it is billed for."""
        return self.day.replace(day=1)


@dataclass(frozen=True)
class Price:
    """What pricing says of it now: `cents` None when something is missing, `payer` empty when nobody is known.

    `waits` when a tap of its day never arrived; `is_provisional` when the day is not over.
    """

    care: Care
    payer: str
    place: str
    cents: int | None
    covered: int = 0
    waits: bool = False
    is_provisional: bool = False

    @property
    def due(self) -> int:
        """What is left to the family once bodies have paid."""
        return (self.cents or 0) - self.covered


@dataclass(frozen=True)
class Correction:
    """A day that is not what was invoiced of it."""

    before: int
    now: int
    reason: str


@dataclass
class Document:
    """One bill: its lines, corrections of older ones, credits put aside (< 0) or used (> 0), bills it brings."""

    payer: str
    month: date
    lines: dict[Care, int]
    corrections: dict[Care, Correction]
    aside: dict[str, int]
    carried: list[Document]
    places: dict[Care, str]
    is_cancelled: bool = False

    @property
    def own(self) -> int:
        """What it adds to what is owed, without what it carries."""
        corrected = sum(each.now - each.before for each in self.corrections.values())
        return sum(self.lines.values()) + corrected - sum(self.aside.values())

    @property
    def total(self) -> int:
        """What is asked for."""
        return self.own + sum(each.own for each in self.carried)

    @property
    def is_held(self) -> bool:
        """Whether it stays « en mairie »."""
        return self.total < THRESHOLD


@dataclass
class Books:
    """Everything billed so far, oldest first; `strict` says of a payer and a service, else the town's rule."""

    strict_town: bool = False
    strict: dict[tuple[str, str], bool] = field(default_factory=dict)
    documents: list[Document] = field(default_factory=list)
    months: list[date] = field(default_factory=list)

    def issue(self, month: date, prices: Iterable[Price], closed: set[tuple[str, date]]) -> list[Document]:
        """Bill a month for good."""
        made = self.drafts(month, prices, closed)
        self.documents += made
        self.months.append(month)
        return made

    def drafts(self, month: date, prices: Iterable[Price], closed: set[tuple[str, date]]) -> list[Document]:
        """Return the bills of a month that comes after those billed, one for each payer who has something to read.

        `closed` are the months that places have confirmed.
        """
        known = list(prices)
        payers = {price.payer for price in known} | {document.payer for document in self.documents}
        return [made for payer in sorted(payers) if (made := self._draft(payer, month, known, closed))]

    def kept(
        self, payer: str, month: date, prices: Iterable[Price], closed: set[tuple[str, date]]
    ) -> dict[str, int]:
        """Return the credits of a payer that still wait for their own service after a month's bill."""
        _, after = self._settle(payer, month, list(prices), closed)
        return {service: cents for service, cents in after.items() if cents}

    def states(
        self, prices: Iterable[Price], closed: set[tuple[str, date]]
    ) -> dict[tuple[str, Care], tuple[str, int | None]]:
        """Return what keeps each day from its bill and what is due, by payer: of months billed only what waits."""
        return {
            (price.payer, price.care): (state, None if price.cents is None else price.due)
            for price in prices
            if (state := _state(price, closed)) != "billable" or price.care.month not in self.months
        }

    def _draft(
        self, payer: str, month: date, prices: list[Price], closed: set[tuple[str, date]]
    ) -> Document | None:
        lines, corrections = self._new(payer, month, prices, closed)
        before, after = self._settle(payer, month, prices, closed)
        aside = {
            service: after[service] - before[service] for service in after if after[service] != before[service]
        }
        places = {care: self._place(care, prices) for care in lines.keys() | corrections.keys()}
        made = Document(payer, month, lines, corrections, aside, self._outstanding(payer), places)
        says_something = (
            lines or sum(each.now - each.before for each in corrections.values()) or sum(aside.values())
        )
        return made if says_something or (made.carried and not made.is_held) else None

    def _new(
        self, payer: str, month: date, prices: list[Price], closed: set[tuple[str, date]]
    ) -> tuple[dict[Care, int], dict[Care, Correction]]:
        """Return the days of the month, and what changed of the months already billed."""
        own = {price.care: price for price in prices if price.payer == payer}
        lines = {
            care: price.due for care, price in own.items() if care.month == month and _is_billable(price, closed)
        }
        unsettled = {price.care for price in prices if not _is_billable(price, closed)}
        corrections = {}
        invoiced = self._invoiced(payer)
        for care in sorted(own.keys() | invoiced.keys()):
            place = self._place(care, own.values())
            if care.month not in self.months or care in unsettled or (place, care.month) not in closed:
                continue
            was, now = invoiced.get(care, 0), own[care].due if care in own else 0
            if was != now:
                reason = "late" if care not in invoiced else "changed" if care in own else "gone"
                corrections[care] = Correction(was, now, reason)
        return lines, corrections

    def _settle(
        self, payer: str, month: date, prices: list[Price], closed: set[tuple[str, date]]
    ) -> tuple[dict[str, int], dict[str, int]]:
        """Return the credits kept for each service before and after the month's bill.

        With « application stricte » a credit pays what is owed for its own service and no more.
        """
        lines, corrections = self._new(payer, month, prices, closed)
        owed: dict[str, int] = {}
        for care, cents in lines.items():
            owed[care.service] = owed.get(care.service, 0) + cents
        for care, change in corrections.items():
            owed[care.service] = owed.get(care.service, 0) + change.now - change.before
        before: dict[str, int] = {}
        for document in self._standing(payer):
            for service, cents in document.aside.items():
                before[service] = before.get(service, 0) + cents
        after = {}
        for service in owed.keys() | before.keys():
            left = owed.get(service, 0) + before.get(service, 0)
            is_strict = self.strict.get((payer, service), self.strict_town)
            after[service] = left if is_strict and left < 0 else 0
        return {service: before.get(service, 0) for service in after}, after

    def _standing(self, payer: str) -> list[Document]:
        """Return the documents of a payer that count: one to be billed anew takes what it carried along."""
        own = [document for document in self.documents if document.payer == payer]
        gone = [document for document in own if document.is_cancelled]
        gone += [carried for document in gone for carried in document.carried]
        return [document for document in own if not any(document is each for each in gone)]

    def _outstanding(self, payer: str) -> list[Document]:
        """Return what was kept « en mairie » and no bill that was sent has brought since."""
        sent = [document for document in self.documents if document.payer == payer and not document.is_held]
        brought = [carried for document in sent for carried in document.carried]
        held = [document for document in self.documents if document.payer == payer and document.is_held]
        return [document for document in held if not any(document is each for each in brought)]

    def _invoiced(self, payer: str) -> Mapping[Care, int]:
        """Return what was billed of each day, all bills together."""
        found: dict[Care, int] = {}
        for document in self._standing(payer):
            for care, cents in document.lines.items():
                found[care] = found.get(care, 0) + cents
            for care, change in document.corrections.items():
                found[care] = found.get(care, 0) + change.now - change.before
        return found

    def _place(self, care: Care, prices: Iterable[Price]) -> str:
        """Return where a day is: where it was billed, when pricing knows it no more."""
        known = [price.place for price in prices if price.care == care]
        billed = [document.places[care] for document in self.documents if care in document.places]
        return [*billed, *known][-1]


def _is_billable(price: Price, closed: set[tuple[str, date]]) -> bool:
    return _state(price, closed) == "billable"


def _state(price: Price, closed: set[tuple[str, date]]) -> str:
    """Return the first thing that keeps a day from its bill, as the list of what is missing names it."""
    if price.cents is None:
        return "fault"
    if price.waits:
        return "held_back"
    if price.is_provisional:
        return "provisional"
    return "billable" if (price.place, price.care.month) in closed else "not_confirmed"
