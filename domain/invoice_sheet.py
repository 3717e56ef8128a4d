"""From an invoice's frozen body to the words and figures of its paper: what it bills, and why, in French.

Amounts are cents, units ten thousandths, prices exact decimals as text (records.models.InvoiceDraft). Nothing is
computed here but sums of what was frozen, checked against the invoice's own total.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any

from domain.french import MONTHS, NBSP, euros, long_date, month_name, number, short_date, typeset
from domain.invoice_paper import Box, ChildPart, Entry, InvoicePaper, PaperRow, Part, PaymentCode, Sender
from domain.invoice_text import NOBODY, REASONS, quantity
from domain.money import from_cents, round_half_up

QF_SOURCES = {"caf": "CAF", "msa": "MSA", "computed": "calculé par le service"}
NO_CODE = PaymentCode()
EACH_DAY_ROUNDED = typeset(" ; chaque jour est arrondi au centime")
_UNITS = Decimal(10_000)


@dataclass(frozen=True, slots=True)
class InvoicedChild:
    """A child as the records name it now; `place` is its class and school, empty when it has none."""

    first_name: str
    last_name: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What the town prints around every invoice; texts may be empty."""

    sender: Sender
    ways_to_pay: str = ""
    remedies: str = ""
    is_specimen: bool = False


@dataclass(frozen=True, slots=True)
class InvoiceFacts:
    """An invoice as it was issued, with who reads it: all that its paper says."""

    number: str
    month: date
    issued_on: date
    due_on: date
    payer_ref: str
    payer_name: str
    recipient: tuple[str, ...]
    total_cents: int
    previous_balance_cents: int
    body: Mapping[str, Any]
    children: Mapping[str, InvoicedChild]
    letterhead: Letterhead
    wants_paper: bool = False
    route: tuple[str, ...] = ()  # postcode, town, street, house: the order of a postman's round
    payment_code: str = ""  # 130 characters, empty where the town has no codes
    mark: str = ""  # what nobody guesses of this invoice, for its address on the portal


def invoice_paper(facts: InvoiceFacts, code: PaymentCode = NO_CODE) -> InvoicePaper:
    """Return the invoice as people read it; raises ValueError when its lines do not come to its total."""
    children = _children(facts)
    entries = list(_entries(facts))
    billed = sum(cents for _, cents in children) + sum(cents for _, cents in entries)
    if billed != facts.total_cents:
        raise ValueError(f"invoice {facts.number}: its lines come to {billed} cents, not {facts.total_cents}")
    return InvoicePaper(
        title=typeset(f"Facture {_of(facts.month)}"),
        lead=typeset(f"N° {facts.number} – établie le {_plain(facts.issued_on)} – payeur n° {facts.payer_ref}"),
        footer=typeset(f"Facture n° {facts.number} – {facts.payer_name}"),
        sender=facts.letterhead.sender,
        recipient=facts.recipient,
        box=_box(facts),
        children=tuple(part for part, _ in children),
        entries=(*(entry for entry, _ in entries), *_balance(facts)),
        total=Entry("Total à payer", "", euros(max(_to_pay(facts), 0))),
        parts=tuple(_parts(facts)),
        code=code,
        is_specimen=facts.letterhead.is_specimen,
    )


def _to_pay(facts: InvoiceFacts) -> int:
    return facts.total_cents + facts.previous_balance_cents


def _box(facts: InvoiceFacts) -> Box:
    cents = _to_pay(facts)
    if cents > 0:
        ways = facts.letterhead.ways_to_pay
        lines = tuple(typeset(line) for line in ways.splitlines() if line.strip())
        return Box(typeset(f"À payer avant le {_plain(facts.due_on)}"), lines, euros(cents))
    told = f"En votre faveur : {euros(-cents)}, déduits de la prochaine facture." if cents else ""
    return Box("Rien à payer maintenant", (typeset(told),) if told else (), euros(0))


def _children(facts: InvoiceFacts) -> list[tuple[ChildPart, int]]:
    """Return each child with its services and what the family owes of them, in cents."""
    found = []
    for ref, groups in groupby(facts.body["lines"], key=lambda group: str(group["child"])):
        kept = list(groups)
        child = facts.children.get(ref, InvoicedChild(NOBODY, ""))
        days = [day for group in kept for day in group["days"]]
        cents = sum(day["amount"] - day["covered"] for day in days)
        rows = [row for group in kept for row in _rows(group)]
        name = f"{child.first_name} {child.last_name}".strip()
        found.append((ChildPart(name, child.place, euros(cents), (*rows, *_shares(days))), cents))
    return found


def _rows(group: Mapping[str, Any]) -> Iterator[PaperRow]:
    """Yield one row for each price of a service, so that quantity × price can be checked by hand."""
    prices: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for day in group["days"]:
        prices[day["price"]].append(day)
    label = typeset(f"{group['service_label']}, {group['place_label']}")
    for price, days in prices.items():
        units = sum(day["units"] for day in days) / _UNITS
        yield PaperRow(
            label,
            quantity(units, group),
            unit_price(price),
            euros(sum(day["amount"] for day in days)),
            _day_list(days) + (EACH_DAY_ROUNDED if _only_days_are_rounded(days, Decimal(price)) else ""),
        )


def _only_days_are_rounded(days: Sequence[Mapping[str, Any]], price: Decimal) -> bool:
    """Return whether quantity × price misses the amount for no other reason than each day's own cent."""
    exact = [day["units"] / _UNITS * price for day in days]
    amounts = [from_cents(day["amount"]) for day in days]
    is_by_day = [round_half_up(each) for each in exact] == amounts
    return is_by_day and round_half_up(sum(exact, Decimal())) != sum(amounts)


def _shares(days: Sequence[Mapping[str, Any]]) -> Iterator[PaperRow]:
    """Yield what bodies pay of a child's lines, which comes off the family's share."""
    found: dict[str, int] = defaultdict(int)
    for day in days:
        named = day.get("shares") or []
        for share in named:
            found[f"Pris en charge par {share['body']}, décision {share['decision']}"] += share["cents"]
        found["Pris en charge"] += day["covered"] - sum(share["cents"] for share in named)
    for label, cents in sorted(found.items()):
        if cents:
            yield PaperRow(typeset(label), "", "", euros(-cents), "")


def _day_list(days: Sequence[Mapping[str, Any]]) -> str:
    """Return « 2, 3 (2) et 5 novembre »: every day that is counted, with its units when they are not one."""
    told = []
    for month, group in groupby(sorted(days, key=lambda day: str(day["day"])), key=lambda day: str(day["day"])[:7]):
        names = [_day_name(day) for day in group]
        together = " et ".join(filter(None, (", ".join(names[:-1]), names[-1])))
        told.append(f"{together} {MONTHS[int(month[5:]) - 1]}")
    return typeset(", ".join(told))


def _day_name(day: Mapping[str, Any]) -> str:
    rank = int(str(day["day"])[8:])
    name = "1er" if rank == 1 else str(rank)
    units = (day["units"] / _UNITS).normalize()
    return name if units == 1 else f"{name}{NBSP}({number(units, max(0, -int(units.as_tuple().exponent)))})"


def _entries(facts: InvoiceFacts) -> Iterator[tuple[Entry, int]]:
    body = facts.body
    for each in body["adjustments"]:
        cents = each["now"] - each["before"]
        child = facts.children.get(each["child"], InvoicedChild(NOBODY, ""))
        text = (
            f" : {child.first_name}, {each['service_label']}, {short_date(date.fromisoformat(each['day']))}, "
            f"{REASONS[each['reason']]} ; {euros(each['before'])} facturés, {euros(each['now'])} dus"
        )
        yield Entry("Régularisation", typeset(text), euros(cents)), cents
    for each in body["carried"]:
        month = date.fromisoformat(each["month"])
        yield Entry("Report", typeset(f" {_of(month)}, resté sous le seuil"), euros(each["cents"])), each["cents"]
    for each in body["aside"]:
        cents = -each["cents"]
        kept = "gardé pour ses prochaines lignes" if cents > 0 else "gardé avant, déduit ici"
        yield Entry("Avoir", typeset(f" {each['service_label']}, {kept}"), euros(cents)), cents


def _balance(facts: InvoiceFacts) -> Iterator[Entry]:
    before = facts.previous_balance_cents
    if before:
        yield Entry("Total de cette facture", "", euros(facts.total_cents))
        yield Entry(
            "Solde précédent", typeset(" : reste dû" if before > 0 else " : en votre faveur"), euros(before)
        )


def _parts(facts: InvoiceFacts) -> Iterator[Part]:
    told = " ".join((*_quotients(facts.body), *_decisions(facts.body)))
    everywhere = "Chaque jour compté s'explique sur le portail, rubrique Factures."
    yield Part(typeset("Pourquoi ce prix ?"), typeset(f"{told} {everywhere}".strip()))
    yield Part(
        typeset("Une erreur ?"),
        typeset(
            f"Écrivez-nous avant le {_plain(facts.due_on)} : une facture émise n'est pas modifiée, la correction "
            "figure sur la suivante."
        ),
    )
    if facts.letterhead.remedies.strip():
        yield Part(typeset("Recours :"), typeset(facts.letterhead.remedies.strip()))


def _quotients(body: Mapping[str, Any]) -> Iterator[str]:
    """Tell each QF that the lines rest on, with where it comes from."""
    found = {
        (why["qf"], why["qf_source"], why["qf_since"])
        for why in _reasons(body)
        if why.get("qf") is not None and why.get("qf_source") != "default"
    }
    for value, source, since in sorted(found, key=lambda each: str(each[2])):
        known = QF_SOURCES.get(source, "enregistré par le service")
        when = f", depuis le {short_date(date.fromisoformat(since))}" if since else ""
        yield f"Quotient familial {qf_text(value)} ({known}{when})."
    if any(why.get("qf_source") == "default" for why in _reasons(body)):
        yield "Quotient familial pas encore connu : le tarif le plus élevé s'applique."


def _decisions(body: Mapping[str, Any]) -> Iterator[str]:
    found = sorted({str(why["decision"]) for why in _reasons(body) if why.get("decision")})
    if found:
        yield f"Tarifs : {' ; '.join(found)}."


def _reasons(body: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    return (group["why"] for group in body["lines"] if group.get("why"))


def unit_price(price: str) -> str:
    """Return « 2,80 € » from a frozen price, with four decimals only when it has them."""
    value = Decimal(price)
    is_whole = value * 100 == (value * 100).to_integral_value()
    return f"{number(value, 2 if is_whole else 4)}{NBSP}€"


def qf_text(hundredths: int) -> str:
    """Return a QF as people write it: « 742 », « 742,50 »."""
    return number(Decimal(hundredths) / 100, 0 if hundredths % 100 == 0 else 2)


def _of(month: date) -> str:
    """Return « d'octobre 2026 », « de novembre 2026 »."""
    name = month_name(month)
    return f"d'{name}" if name[0] in "ao" else f"de {name}"


def _plain(day: date) -> str:
    """Return « 15 décembre 2026 », without the weekday."""
    return long_date(day).split(" ", 1)[1]
