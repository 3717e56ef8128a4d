"""« Pourquoi ce prix ? »: one line with its calculation, what it rests on and its taps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from domain.french import NBSP, clock, long_date, number, quantity, short_date
from domain.lines import LineTap, PricedLine
from portal.views.month import MonthLink, first_of_month, month_link, price_words, service_name
from portal.views.status import Badge, hours, line_badge

QF_SOURCES = {"caf": "CAF", "msa": "MSA", "computed": "calculé par le service", "default": "pas encore connu"}
_TAP_WORDS = {
    "arrival": "Arrivée",
    "departure": "Départ",
    "repeat": "Badge présenté de nouveau",
    "undone": "Passage annulé",
}
_TAP_KINDS = {"badge": "badge", "roll_call": "appel", "undo": "annulation"}


@dataclass(frozen=True, slots=True)
class TapRow:
    """One gesture of the day: what it says, and where it was noted."""

    what: str
    how: str


@dataclass(frozen=True, slots=True)
class ReasonView:
    """Everything `line.html` shows."""

    first_name: str
    day_label: str
    service: str
    place: str
    price: str
    times: str
    badge: Badge
    sentences: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    taps: tuple[TapRow, ...]
    no_tap_sentence: str
    code: str
    month: MonthLink
    invoiced: tuple[str, ...] = ()


def reason_view(
    line: PricedLine, sentences: Sequence[str], today: date, invoiced: Sequence[str] = ()
) -> ReasonView:
    """Return a line's page; `sentences` are the explanation that every reader of this line gets, `invoiced` what
    was invoiced of it and what changed since."""
    return ReasonView(
        first_name=line.child_first_name,
        day_label=long_date(line.day),
        service=service_name(line),
        place=line.structure_label,
        price=price_words(line),
        times=hours(line),
        badge=line_badge(line),
        sentences=tuple(sentences),
        facts=_facts(line),
        taps=tuple(_tap(tap) for tap in line.taps),
        no_tap_sentence=_no_tap(line, today),
        code=line.line_key,
        month=month_link(first_of_month(line.day)),
        invoiced=tuple(invoiced),
    )


def _facts(line: PricedLine) -> tuple[tuple[str, str], ...]:
    found = [
        ("Tarif", _tariff(line)),
        ("Décision", line.tariff_decision or ""),
        ("En vigueur depuis", "" if line.tariff_valid_from is None else short_date(line.tariff_valid_from)),
        ("Quotient familial", _qf(line)),
        ("Tranche", _band(line.band_from, line.band_to)),
        ("Durée retenue", "" if line.billed_minutes is None else f"{number(line.billed_minutes)}{NBSP}min"),
        ("Prix unitaire", "" if line.unit_price is None else _unit_price(line.unit_price)),
        ("Quantité", quantity(line.units)),
    ]
    return tuple((name, value) for name, value in found if value)


def _tariff(line: PricedLine) -> str:
    return ", ".join(part for part in (line.tariff_label, line.tariff_rule_label) if part)


def _qf(line: PricedLine) -> str:
    if line.qf_source == "default":
        return f"pas encore connu{NBSP}: tarif maximal appliqué"
    if line.qf_value is None:
        return ""
    source = QF_SOURCES.get(line.qf_source or "", line.qf_source or "")
    since = "" if line.qf_effective_from is None else f", depuis le {short_date(line.qf_effective_from)}"
    return f"{_qf_number(line.qf_value)} ({source}{since})"


def _band(low: Decimal | None, high: Decimal | None) -> str:
    """Return the half-open band in words: 350 is in « à partir de 350 », never in « moins de 350 »."""
    if low is None and high is None:
        return ""
    if low is None or low == 0:
        return f"QF de moins de {_qf_number(high)}" if high is not None else ""
    if high is None:
        return f"QF à partir de {_qf_number(low)}"
    return f"QF à partir de {_qf_number(low)}, moins de {_qf_number(high)}"


def _qf_number(value: Decimal) -> str:
    return number(value, 0 if value == value.to_integral_value() else 2)


def _unit_price(value: Decimal) -> str:
    decimals = 2 if value * 100 == (value * 100).to_integral_value() else 4
    return f"{number(value, decimals)}{NBSP}€"


def _tap(tap: LineTap) -> TapRow:
    kind = _TAP_KINDS.get(tap.kind, tap.kind)
    return TapRow(
        f"{_TAP_WORDS.get(tap.what, tap.what)} à {clock(tap.occurred_minute)}", f"{kind}, {tap.device_label}"
    )


def _no_tap(line: PricedLine, today: date) -> str:
    if line.day > today:
        return "Ce jour n'est pas encore venu."
    if line.kind == "meal":
        return "Aucun passage. Le repas est facturé parce qu'il était prévu, que l'enfant soit noté ou non."
    return "Aucun passage n'est noté pour cette ligne."
