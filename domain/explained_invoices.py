"""What an invoiced line cost and why, from what was frozen with it, and what changed since (house rule 5).

The reasons are told by domain.explanations, as for a line of today; only invoices and changes are told here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from domain.explanations import explain
from domain.french import clock, duration, euros, long_date, typeset
from domain.invoice_sheet import qf_text, unit_price
from domain.invoice_text import quantity
from domain.lines import LineTap, PricedLine, PriceStep
from domain.money import to_cents
from domain.shares import Shares

_E4 = Decimal(10_000)
_SITUATIONS = {
    "present": "présence",
    "present_unexpected": "présence sans réservation",
    "planned": "prévu",
    "absent_undecided": "absence sans décision",
    "absent_declared": "absence déclarée",
    "absent_unjustified": "absence facturée",
    "absent_justified": "absence justifiée",
}


@dataclass(frozen=True, slots=True)
class Mention:
    """Where issued runs name a line: on an invoice, or held under the threshold (`number` is None).

    `group` and `day` are its frozen line, `adjustment` what corrected it since (records.models.InvoiceDraft).
    """

    number: str | None
    month: date
    issued_on: date
    child_first_name: str
    group: Mapping[str, Any] | None = None
    day: Mapping[str, Any] | None = None
    adjustment: Mapping[str, Any] | None = None

    @property
    def cents(self) -> int:
        """What it asks of the family for this line, in cents; negative gives back."""
        if self.day is not None:
            return int(self.day["amount"]) - int(self.day["covered"])
        assert self.adjustment is not None  # a mention is one or the other
        return int(self.adjustment["now"]) - int(self.adjustment["before"])


@dataclass(frozen=True, slots=True)
class LineNow:
    """The line as it is computed today, None when it is there no more, and what the family owes of it, in cents."""

    line: PricedLine | None
    due_cents: int | None


def line_now(line: PricedLine, shares: Shares) -> LineNow:
    """Return a line of today with what the family owes of it."""
    due = None if line.amount is None else to_cents(line.amount) - shares.cents(line)
    return LineNow(line, due)


def line_keys(body: Mapping[str, Any], payer_ref: str) -> Iterator[str]:
    """Yield the key of each line of a frozen body, in its order."""
    for group in body["lines"]:
        for day in group["days"]:
            yield f"{group['child']}~{group['service']}~{day['day']}~{day['kind']}~{payer_ref}"


def explain_invoiced(line_key: str, mentions: Sequence[Mention], now: LineNow) -> tuple[str, ...]:
    """Return what was invoiced of a line and why, in the order of its invoices, then what changed since."""
    return tuple(typeset(sentence) for sentence in _sentences(line_key, mentions, now))


def _sentences(line_key: str, mentions: Sequence[Mention], now: LineNow) -> Iterator[str]:
    for mention in mentions:
        if mention.group is not None and mention.day is not None:
            units = quantity(Decimal(mention.day["units"]) / _E4, mention.group)
            yield f"{_where(mention)} : {units}, {euros(mention.day['amount'])}."
            frozen = frozen_line(line_key, mention, now.line)
            yield from _stay_without_taps(mention.day, now.line)
            yield from explain(frozen)
            yield from _shares(mention)
        elif mention.adjustment is not None:
            each = mention.adjustment
            yield (
                f"{_where(mention)}, régularisation : {euros(each['before'])} facturés, {euros(each['now'])} dus, "
                f"soit {euros(mention.cents)}."
            )
    if mentions:
        yield from _since(line_key, mentions, now)


def _where(mention: Mention) -> str:
    day = long_date(mention.issued_on).split(" ", 1)[1]
    if mention.number is None:
        return f"Montant gardé sous le seuil le {day}"
    return f"Facture n° {mention.number} du {day}"


def frozen_line(line_key: str, mention: Mention, current: PricedLine | None) -> PricedLine:
    """Return the line as it was invoiced; taps never change, so they are those of the line of today."""
    group, day = mention.group or {}, mention.day or {}
    why, stay = group.get("why") or {}, day.get("stay") or {}
    child, service, _, kind, payer = line_key.split("~")
    has_taps = current is not None
    return PricedLine(
        line_key=line_key,
        day=date.fromisoformat(day["day"]),
        child_ref=child,
        child_first_name=mention.child_first_name,
        family_ref=current.family_ref if current else "",
        payer_ref=payer,
        service_ref=service,
        service_label=group["service_label"],
        service_kind=current.service_kind if current else "",
        structure_ref=group["place"],
        structure_label=group["place_label"],
        kind=kind,
        situation=day.get("situation") or "present",
        formula_label=why.get("formula"),
        arrived_minute=stay.get("from") if has_taps else None,
        left_minute=stay.get("to") if has_taps else None,
        is_departure_derived=bool(current and current.is_departure_derived),
        is_arrival_derived=bool(current and current.is_arrival_derived),
        billed_minutes=stay.get("minutes"),
        rounding_minutes=why.get("rounding") or 0,
        units=Decimal(day["units"]) / _E4,
        unit=group["unit"],
        unit_price=Decimal(day["price"]),
        amount=Decimal(day["amount"]) / 100,
        tariff_label=why.get("tariff"),
        tariff_rule_label=why.get("rule"),
        tariff_valid_from=_day(why.get("since")),
        tariff_decision=why.get("decision"),
        category="",
        qf_value=_hundredths(why.get("qf")),
        qf_source=why.get("qf_source"),
        qf_effective_from=_day(why.get("qf_since")),
        band_from=_hundredths(why.get("band_from")),
        band_to=_hundredths(why.get("band_to")),
        price_basis=why.get("basis"),
        monthly_income=_hundredths(why.get("income")),
        children_count=why.get("children"),
        is_provisional=False,
        fault=None,
        held_back=None,
        taps=_taps(current),
        rounding_mode=why.get("rounding_mode") or "begun",
        price_steps=tuple(_step(rank, step) for rank, step in enumerate(day.get("steps") or (), start=1)),
    )


def _taps(current: PricedLine | None) -> tuple[LineTap, ...]:
    return current.taps if current else ()


def _step(rank: int, step: Mapping[str, Any]) -> PriceStep:
    before, after = Decimal(step["before"]), Decimal(step["after"])
    return PriceStep(rank, step["label"], step["form"], step["applies_to"], before, after)


def _stay_without_taps(day: Mapping[str, Any], current: PricedLine | None) -> Iterator[str]:
    """Tell the stay of a line that is there no more: its taps are told nowhere else."""
    stay = day.get("stay") or {}
    if current is None and stay.get("from") is not None:
        until = f" à {clock(stay['to'])}" if stay.get("to") is not None else ""
        yield f"Accueil retenu : de {clock(stay['from'])}{until}."


def _shares(mention: Mention) -> Iterator[str]:
    day = mention.day or {}
    if not day["covered"]:
        return
    for share in day.get("shares") or ():
        yield f"Pris en charge par {share['body']} (décision {share['decision']}) : {euros(share['cents'])}."
    yield f"Reste à la famille : {euros(mention.cents)}."


def _since(line_key: str, mentions: Sequence[Mention], now: LineNow) -> Iterator[str]:
    """Tell what changed since the last invoice: nothing, or the difference with what it comes from."""
    invoiced = sum(mention.cents for mention in mentions)
    if now.line is not None and now.due_cents is None:
        yield "Depuis, cette ligne attend : elle n'a pas de prix pour le moment. Rien n'est rendu ni demandé."
        return
    due = now.due_cents or 0
    if due == invoiced:
        yield "Rien n'a changé depuis." if len(mentions) == 1 else "Tout est régularisé : rien d'autre n'a changé."
        return
    first = next((mention for mention in mentions if mention.day is not None), None)
    if now.line is None:
        yield "Depuis, cette ligne a été retirée : elle n'est plus due."
    elif first is not None:
        yield from _differences(frozen_line(line_key, first, now.line), now.line)
    what = f"Elle vaut maintenant {euros(due)} pour la famille, {euros(invoiced)} sont facturés"
    yield f"{what} : la différence, {euros(due - invoiced)}, viendra en régularisation sur une prochaine facture."


def _differences(before: PricedLine, now: PricedLine) -> Iterator[str]:
    """Tell each reason that is not what it was."""
    for was, is_now, words in (
        (before.situation, now.situation, "Depuis, la présence a été revue"),
        (before.billed_minutes, now.billed_minutes, "Depuis, la durée retenue a changé"),
        (before.units, now.units, "Depuis, la quantité a changé"),
        (before.unit_price, now.unit_price, "Depuis, le prix d'une unité a changé"),
        (before.tariff_decision, now.tariff_decision, "Depuis, une autre décision s'applique"),
        (_qf_e2(before), _qf_e2(now), "Depuis, le quotient familial a changé"),
    ):
        if was != is_now:
            yield f"{words} : {_told(words, is_now)} au lieu de {_told(words, was)}."


def _told(words: str, value: Any) -> str:
    if value is None:
        return "rien"
    if "présence" in words:
        return f"« {_SITUATIONS.get(value, value)} »"
    if "durée" in words:
        return duration(value)
    if "prix" in words:
        return unit_price(str(value))
    if "quotient" in words:
        return qf_text(value)
    return f"{value.normalize():f}".replace(".", ",") if isinstance(value, Decimal) else str(value)


def _qf_e2(line: PricedLine) -> int | None:
    return None if line.qf_value is None else to_cents(line.qf_value)


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _hundredths(value: int | None) -> Decimal | None:
    return None if value is None else Decimal(value) / 100
