"""The CAF year: where it stands against the forecast, how full, and what moves the invoicing rate."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal

from dashboards.viewmodels.caf import AGE_LABELS, REGIME_LABELS
from dashboards.viewmodels.tables import Cell, Table
from domain.caf_audit import RULE_WORDS, WHY_NOT_WORDS
from domain.caf_declarations import ACTUAL, VERSION_WORDS, Figure
from domain.caf_lines import CAUSE_WORDS, fault_words, figure_words, line_label
from domain.french import NBSP, number, plural, short_date, staff_name, typeset
from warehouse.reader import CafChildDayRow, OccupancyRow, PsuCauseRow, PsuRow

UNKNOWN = "inconnu"
ROUNDING = "rounding"
_CAUSE_COLUMNS = ("Cause", "Heures", "Points de taux")
_RESULT = "result"
_HUNDREDTH = Decimal("0.01")


def weekly_rate(row: OccupancyRow) -> Decimal | None:
    """Return what is billed for 100 realised in a week, in percent; None without a realised minute."""
    return _percent(row.billed_minutes, row.realised_minutes)


def occupancy_points(rows: Iterable[OccupancyRow]) -> list[tuple[str, str, float]]:
    """Return week × « Réalisées » or « Facturées » × percent of the capacity, those known; floats only to draw."""
    found = []
    for row in rows:
        for name, minutes in (("Réalisées", row.realised_minutes), ("Facturées", row.billed_minutes)):
            value = _percent(minutes, Decimal(row.capacity_minutes or 0))
            if value is not None:
                found.append((row.week.isoformat(), name, float(value)))
    return found


def rate_points(rows: Iterable[OccupancyRow]) -> list[tuple[str, float]]:
    """Return week × invoicing rate in percent, those known; floats only to draw."""
    return [(row.week.isoformat(), float(value)) for row in rows if (value := weekly_rate(row)) is not None]


def week_labels(rows: Iterable[OccupancyRow]) -> dict[str, str]:
    """Return the words of each week: « 23/11 »."""
    return {row.week.isoformat(): f"{row.week:%d/%m}" for row in rows}


def occupancy_title(rows: Sequence[OccupancyRow]) -> str:
    """Return the finding: how full the place was on the whole, or when it held too many."""
    alerts = [row for row in rows if row.is_alert]
    if alerts:
        worst = max(alerts, key=lambda row: row.peak)
        return f"Trop d'enfants la semaine du {short_date(worst.week)}{NBSP}: {worst.peak} à la fois"
    whole = _percent(
        sum((row.realised_minutes for row in rows if row.capacity_minutes), Decimal(0)),
        Decimal(sum(row.capacity_minutes or 0 for row in rows)),
    )
    if whole is None:
        return "Occupation inconnue : saisissez les places autorisées"
    return f"{number(whole, 1)}{NBSP}% des heures offertes sont utilisées"


def rate_title(row: PsuRow, thresholds: Sequence[Decimal]) -> str:
    """Return the finding: the rate of the year, against the thresholds that change the price."""
    if row.invoicing_rate is None:
        return "Taux de facturation inconnu : aucune heure réalisée"
    said = f"Taux de facturation{NBSP}: {number(row.invoicing_rate, 2)}{NBSP}%"
    beyond = [each for each in thresholds if row.invoicing_rate > each]
    if not thresholds:
        return said
    if not beyond:
        return f"{said}, sous {number(min(thresholds))}{NBSP}%"
    return f"{said}, au-dessus de {number(max(beyond))}{NBSP}%"


def week_table(rows: Sequence[OccupancyRow]) -> Table:
    """Return the weeks: hours, occupancy, rate, most children at once."""
    lines: list[tuple[Cell, ...]] = [
        (
            f"Semaine du {short_date(row.week)}",
            _hours(row.realised_minutes),
            _hours(row.billed_minutes),
            _words(_percent(row.realised_minutes, Decimal(row.capacity_minutes or 0))),
            _words(weekly_rate(row)),
            row.peak,
            UNKNOWN if row.most_children is None else str(row.most_children),
        )
        for row in rows
    ]
    columns = ("Semaine", "Réalisées", "Facturées", "Occupation", "Taux", "Au plus à la fois", "Permis")
    return Table(columns, tuple(lines), at_right=(3, 4, 6))


def cause_words(row: PsuCauseRow) -> str:
    """Return the cause in French, with the reason of absence."""
    said = CAUSE_WORDS.get(row.cause, row.cause)
    return f"{said}{NBSP}: {row.reason_label}" if row.reason_label else said


def cause_table(rows: Sequence[PsuCauseRow]) -> Table:
    """Return why the rate is not 100 %, what costs most first: the points add up to the rate less 100."""
    causes = [row for row in rows if row.cause != ROUNDING]
    lines: list[tuple[Cell, ...]] = [(cause_words(row), row.hours, _points(row.points)) for row in causes]
    known = [row for row in causes if row.rate is not None]
    if not known:
        return Table(_CAUSE_COLUMNS, tuple(lines), at_right=(2,))
    assert known[0].rate is not None
    total = (f"Écart avec 100{NBSP}%", sum((row.hours for row in causes), Decimal(0)), _points(known[0].rate - 100))
    return Table(_CAUSE_COLUMNS, tuple(lines), total, at_right=(2,))


def rounding_words(rows: Iterable[PsuCauseRow]) -> str:
    """Return what the rate would be of presence counted to the minute, empty when rounding does nothing.

    It is no cause among the others: realised hours are rounded already, and the causes are counted from there.
    """
    found = next((row for row in rows if row.cause == ROUNDING), None)
    if found is None or found.points is None or found.rate is None:
        return ""
    moves = "ajoute" if found.hours >= 0 else "retire"
    return typeset(
        f"L'arrondi des présences {moves} {number(abs(found.hours), 2)} h aux heures réalisées. À la minute, le "
        f"taux serait de {number(found.rate - found.points, 2)} % au lieu de {number(found.rate, 2)} %."
    )


def _points(points: Decimal | None) -> str:
    return UNKNOWN if points is None else signed(points)


def progress_table(forecast: Sequence[Figure], now: Sequence[Figure]) -> Table:
    """Return the hours of the forecast against those of today, line by line; one that says 0 twice is left out."""
    today = {(each.block, each.code): each.value for each in now}
    lines: list[tuple[Cell, ...]] = []
    for each in forecast:
        if each.unit != "hours" or each.value is None:
            continue
        value = today.get((each.block, each.code))
        if not each.value and value == 0:
            continue
        share = None if value is None else _percent(value, each.value)
        shown: Cell = UNKNOWN if value is None else value.quantize(_HUNDREDTH)
        lines.append((line_label(each.code), each.value.quantize(_HUNDREDTH), shown, _words(share)))
    return Table(("Ligne", "Prévisionnel (h)", "À ce jour (h)", "Avancement"), tuple(lines), at_right=(2, 3))


def owed_title(version: str, year: int) -> str:
    """Return « Ce que la CAF doit, de janvier à septembre 2026 »."""
    part = VERSION_WORDS[version].removeprefix("actualisé ") if version != ACTUAL else "année"
    return f"Ce que la CAF doit, {part} {year}"


def owed_table(figures: Iterable[Figure]) -> Table:
    """Return the prices and amounts of a period that is over, « – » where one is refused."""
    lines: list[tuple[Cell, ...]] = [
        (line_label(each.code), "–" if each.value is None else figure_words(each.value, each.unit))
        for each in figures
        if each.block == _RESULT
    ]
    return Table(("Ligne", "Valeur"), tuple(lines), at_right=(1,))


def owed_refusals(figures: Iterable[Figure]) -> list[str]:
    """Return why amounts are refused, each reason once."""
    return list(dict.fromkeys(fault_words(each.fault) for each in figures if each.block == _RESULT and each.fault))


def child_table(rows: Sequence[CafChildDayRow]) -> Table:
    """Return the child-days of a month, with what is declared added up: the figure they open from."""
    lines: list[tuple[Cell, ...]] = [
        (
            short_date(row.day),
            staff_name(row.child_last_name, row.child_first_name),
            row.service_label or UNKNOWN,
            RULE_WORDS.get(row.caf_hour_rule, row.caf_hour_rule),
            AGE_LABELS[row.age_group],
            REGIME_LABELS[row.regime_group],
            UNKNOWN if row.realised_minutes is None else str(_hours(row.realised_minutes)).replace(".", ","),
            _declared_words(row),
        )
        for row in rows
    ]
    columns = ("Jour", "Enfant", "Service", "Règle", "Âge", "Régime", "Heures", "Déclaré")
    return Table(columns, tuple(lines))


def child_sentence(rows: Sequence[CafChildDayRow]) -> str:
    """Return the sum of what is declared, to be held against the figure."""
    minutes = sum((row.realised_minutes or Decimal(0) for row in rows if row.is_declared), Decimal(0))
    days = sum(row.is_declared for row in rows)
    said = plural(days, "journée-enfant déclarée", "journées-enfant déclarées")
    return f"{said}, {number(_hours(minutes), 2)}{NBSP}heures."


def _declared_words(row: CafChildDayRow) -> str:
    if row.is_declared:
        return "oui"
    why = row.held_back or row.fault
    return f"non{NBSP}: {WHY_NOT_WORDS.get(why, why)}" if why else "non"


def _hours(minutes: Decimal) -> Decimal:
    return (Decimal(minutes) / 60).quantize(_HUNDREDTH, rounding=ROUND_HALF_UP)


def _percent(part: Decimal, whole: Decimal) -> Decimal | None:
    if not whole:
        return None
    return (Decimal(part) * 100 / whole).quantize(_HUNDREDTH, rounding=ROUND_HALF_UP)


def _words(value: Decimal | None) -> str:
    return UNKNOWN if value is None else f"{number(value, 1)}{NBSP}%"


def signed(points: Decimal) -> str:
    """Return « + 1,50 » or « − 1,50 »."""
    return number(points, 2) if points < 0 else f"+{NBSP}{number(points, 2)}"
