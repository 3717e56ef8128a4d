"""The month's lines as a family reads them: by payer, child and day, with what each service adds up to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby
from urllib.parse import quote

from domain.french import NBSP, WEEKDAYS, euros, long_date, month_name, plural, price
from domain.lines import PricedLine
from domain.money import to_cents
from domain.shares import Shares
from portal.views.status import UNDECIDED, Badge, hours, line_badge

UNPRICED = "Prix à compléter"
WAITING = "En attente"
_HOURS_OF_DAY = {"daycare": 0, "morning_care": 1, "leisure_wednesday": 2, "canteen": 3, "evening_care": 4}
_UNIT_WORDS = {30: ("demi-heure", "demi-heures"), 15: ("quart d'heure", "quarts d'heure"), 60: ("heure", "heures")}


@dataclass(frozen=True, slots=True)
class LineRow:
    """One line of the table."""

    service: str
    place: str
    day_label: str
    times: str
    badge: Badge
    price: str
    is_unpriced: bool
    is_provisional: bool
    share: str
    sentences: tuple[str, ...]
    href: str


@dataclass(frozen=True, slots=True)
class DayBlock:
    """A day of a child, with its lines."""

    label: str
    is_today: bool
    rows: tuple[LineRow, ...]


@dataclass(frozen=True, slots=True)
class ServiceSum:
    """What one service adds up to for a child: « Cantine, 14 repas × 2,80 € », 39,20 €."""

    label: str
    amount: str


@dataclass(frozen=True, slots=True)
class ChildBlock:
    """A child's month; days come most recent first."""

    anchor: str
    first_name: str
    sums: tuple[ServiceSum, ...]
    days: tuple[DayBlock, ...]
    total: str


@dataclass(frozen=True, slots=True)
class PayerBlock:
    """What one payer owes: two payers are two invoices, never added up for one reader."""

    label: str
    children: tuple[ChildBlock, ...]
    total: str


@dataclass(frozen=True, slots=True)
class MonthView:
    """Everything `lines.html` shows."""

    title: str
    previous: MonthLink | None
    following: MonthLink | None
    payers: tuple[PayerBlock, ...]
    unpriced_sentence: str
    total_label: str
    note: str


@dataclass(frozen=True, slots=True)
class MonthLink:
    """A way to another month."""

    label: str
    href: str


@dataclass(frozen=True, slots=True)
class MonthQuestion:
    """What is asked: a month, as seen on a day, over the months that can be read."""

    month: date
    today: date
    first_month: date
    explain: Callable[[PricedLine], Sequence[str]]
    payer_labels: Mapping[str, str]
    shares: Shares = field(default_factory=Shares)


def first_of_month(day: date) -> date:
    """Return the first day of a day's month."""
    return day.replace(day=1)


def next_month(month: date) -> date:
    """Return the first day of the month after."""
    return first_of_month(first_of_month(month) + timedelta(days=31))


def previous_month(month: date) -> date:
    """Return the first day of the month before."""
    return first_of_month(first_of_month(month) - timedelta(days=1))


def month_link(month: date) -> MonthLink:
    """Return the link to a month's page."""
    return MonthLink(month_name(month), f"/lignes?mois={month:%Y-%m}")


def line_href(line_key: str) -> str:
    """Return the address of a line's « Pourquoi ce prix ? » page."""
    return f"/lignes/{quote(line_key, safe='')}"


def cents(lines: Sequence[PricedLine]) -> int:
    """Return the exact sum of the priced lines, in cents; unpriced ones are counted apart, never as 0."""
    return to_cents(sum((line.amount for line in lines if line.amount is not None), Decimal(0)))


def family_cents(lines: Sequence[PricedLine], shares: Shares) -> int:
    """Return what is left to the family of the priced lines, in cents."""
    return cents(lines) - sum(shares.by_body(lines).values())


def month_view(lines: Sequence[PricedLine], question: MonthQuestion) -> MonthView:
    """Group a month's lines for one reader."""
    ordered = sorted(lines, key=lambda line: (line.payer_ref, line.child_first_name, line.child_ref))
    payers = tuple(
        _payer(payer_ref, list(group), question)
        for payer_ref, group in groupby(ordered, key=lambda line: line.payer_ref)
    )
    held = sum(line.held_back is not None for line in lines)
    unpriced = sum(line.amount is None for line in lines) - held
    current = first_of_month(question.today)
    return MonthView(
        title=month_name(question.month).capitalize(),
        previous=month_link(previous_month(question.month)) if question.month > question.first_month else None,
        following=month_link(next_month(question.month)) if question.month < current else None,
        payers=payers,
        unpriced_sentence=" ".join(filter(None, (_unpriced(unpriced), _held(held)))),
        total_label="Total estimé, non facturé",
        note=_note(ordered, question),
    )


def _note(lines: Sequence[PricedLine], question: MonthQuestion) -> str:
    is_current = question.month == first_of_month(question.today)
    text = "Ce montant suit chaque passage noté." if is_current else "Ce montant peut changer jusqu'à la facture."
    if any(line_badge(line) == UNDECIDED for line in lines):
        text += " Les absences à confirmer y sont comptées : le service décide si elles restent facturées."
    return text


def _unpriced(count: int) -> str:
    if count == 0:
        return ""
    if count == 1:
        return f"Une ligne attend son prix{NBSP}: le service complète le dossier. Elle n'est pas dans le total."
    waiting = f"{count} lignes attendent leur prix{NBSP}: le service complète le dossier."
    return f"{waiting} Elles ne sont pas dans le total."


def _held(count: int) -> str:
    if count == 0:
        return ""
    waits = "Une ligne est en attente" if count == 1 else f"{count} lignes sont en attente"
    after = "Elle n'est" if count == 1 else "Elles ne sont"
    return (
        f"{waits}{NBSP}: une borne n'a pas tout envoyé. {after} pas dans le total{NBSP}; le service vérifie, vous "
        "n'avez rien à faire."
    )


def _payer(payer_ref: str, lines: list[PricedLine], question: MonthQuestion) -> PayerBlock:
    children = tuple(_child(list(group), question) for _, group in groupby(lines, key=lambda line: line.child_ref))
    return PayerBlock(
        question.payer_labels.get(payer_ref, ""), children, euros(family_cents(lines, question.shares))
    )


def _child(lines: list[PricedLine], question: MonthQuestion) -> ChildBlock:
    by_day = sorted(lines, key=lambda line: (-line.day.toordinal(), *_hour_of_day(line)))
    days = tuple(
        DayBlock(
            _day_label(day, question.today), day == question.today, tuple(_row(line, question) for line in group)
        )
        for day, group in groupby(by_day, key=lambda line: line.day)
    )
    by_service = sorted(lines, key=_hour_of_day)
    sums = [service_sum(list(group)) for _, group in groupby(by_service, key=lambda line: line.service_ref)]
    sums += [
        ServiceSum(f"Pris en charge par {name}", euros(-paid))
        for name, paid in question.shares.by_body(lines).items()
    ]
    first = lines[0]
    return ChildBlock(
        anchor=f"enfant-{quote(first.payer_ref)}-{quote(first.child_ref)}",
        first_name=first.child_first_name,
        sums=tuple(sums),
        days=days,
        total=euros(family_cents(lines, question.shares)),
    )


def _hour_of_day(line: PricedLine) -> tuple[int, str]:
    """Return the sorting key of a service: as the day goes, whether the child came or not."""
    return _HOURS_OF_DAY.get(line.service_kind, len(_HOURS_OF_DAY)), line.service_ref


def service_name(line: PricedLine) -> str:
    """Return « Accueil de loisirs du mercredi, journée avec repas »."""
    if not line.formula_label:
        return line.service_label
    return f"{line.service_label}, {line.formula_label[0].lower()}{line.formula_label[1:]}"


def _day_label(day: date, today: date) -> str:
    """Return « Mardi 24 »: the month is the page's title, and repeated for those who hear the page."""
    words = f"{WEEKDAYS[day.weekday()]} {'1er' if day.day == 1 else day.day}"
    return f"Aujourd'hui, {words}" if day == today else words.capitalize()


def _row(line: PricedLine, question: MonthQuestion) -> LineRow:
    return LineRow(
        service=service_name(line),
        place=line.structure_label,
        day_label=long_date(line.day),
        times=hours(line),
        badge=line_badge(line),
        price=price_words(line),
        is_unpriced=line.amount is None,
        is_provisional=line.is_provisional and line.amount is not None,
        share=_share(line, question.shares),
        sentences=(*question.explain(line), *question.shares.sentences(line)),
        href=line_href(line.line_key),
    )


def _share(line: PricedLine, shares: Shares) -> str:
    """Return « reste 12,00 € » when a body pays some of a line."""
    paid = shares.cents(line)
    return f"reste {euros(to_cents(line.amount) - paid)}" if paid and line.amount is not None else ""


def price_words(line: PricedLine) -> str:
    """Return the price of a line, or why it has none yet."""
    if line.held_back is not None:
        return WAITING
    return UNPRICED if line.amount is None else price(to_cents(line.amount))


def service_sum(lines: list[PricedLine]) -> ServiceSum:
    """Return what the lines of one child and service add up to, and how many units that is."""
    paid = [line for line in lines if line.amount]
    free = [line for line in lines if line.amount == 0]
    parts = [lines[0].service_label]
    if paid:
        parts.append(_quantity(paid))
    justified = sum(line.situation == "absent_justified" for line in free)
    if justified:
        parts.append(plural(justified, "absence justifiée", "absences justifiées"))
    if len(free) > justified:
        parts.append(f"{plural(len(free) - justified, _thing(free[0])[0], _thing(free[0])[1])} sans frais")
    unpriced = sum(line.amount is None for line in lines)
    if unpriced:
        parts.append(f"{plural(unpriced, 'ligne')} sans prix")
    return ServiceSum(", ".join(parts), euros(cents(lines)))


def _thing(line: PricedLine) -> tuple[str, str]:
    if line.unit == "meal":
        return "repas", "repas"
    if line.unit == "formula":
        return "jour", "jours"
    rounding = line.rounding_minutes
    return _UNIT_WORDS.get(rounding, (f"tranche de {rounding}{NBSP}min", f"tranches de {rounding}{NBSP}min"))


def _quantity(lines: list[PricedLine]) -> str:
    units = sum((line.units for line in lines), Decimal(0))
    text = plural(units, *_thing(lines[0]))
    prices = {line.unit_price for line in lines}
    exact = lines[0].unit_price
    if len(prices) == 1 and exact is not None and exact * 100 == (exact * 100).to_integral_value():
        return f"{text} × {euros(int(exact * 100))}"
    return text
