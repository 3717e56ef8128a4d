"""Who was booked and who came, as directors read it: by service, place, class, weekday or period."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from dashboards.viewmodels.tables import Cell, Table
from domain.french import NBSP, WEEKDAYS, WEEKDAYS_SHORT, medium_date, number, plural, short_date
from domain.names import search_key
from warehouse.reader import FrequentationRow

UNKNOWN = "inconnu"
NO_CLASS = "Sans classe"
PERIODS = {
    "school_day": "Jours d'école",
    "wednesday": "Mercredis",
    "holiday": "Vacances et ponts",
    "weekend": "Fins de semaine",
}
Keep = Callable[[FrequentationRow], bool]
AXES = {
    "service": "Service",
    "lieu": "Lieu",
    "classe": "Classe",
    "jour": "Jour de la semaine",
    "periode": "Période",
}
_KEYS: Mapping[str, Callable[[FrequentationRow], tuple[str, str]]] = {
    "service": lambda row: (search_key(row.service_label), row.service_label),
    "lieu": lambda row: (search_key(row.structure_label), row.structure_label),
    "classe": lambda row: (
        f"{search_key(row.structure_label)} {search_key(row.class_label) or 'ZZZ'}",
        f"{row.structure_label}, {row.class_label or NO_CLASS}",
    ),
    "jour": lambda row: (str(row.weekday), WEEKDAYS[row.weekday].capitalize()),
    "periode": lambda row: (str(list(PERIODS).index(row.period)), PERIODS[row.period]),
}


@dataclass(frozen=True, slots=True)
class Tally:
    """Sums over some rows, in child-days; `settled` are those booked of whom it is known whether they came."""

    booked: int
    to_come: int
    settled: int
    present: int
    unexpected: int
    absent_unjustified: int
    absent_justified: int
    undecided: int
    unknown: int
    late_pickups: int
    adults: int

    @property
    def came(self) -> int:
        """Everybody who came, booked or not."""
        return self.present + self.unexpected

    @property
    def booked_so_far(self) -> int:
        """Those booked whose slot is over: what can be held against who came."""
        return self.booked - self.to_come

    @property
    def take_up(self) -> Decimal | None:
        """Percent of those booked who came; None while nothing is settled."""
        return _percent(self.present, self.settled)


@dataclass(frozen=True, slots=True)
class DayBar:
    """One day of the chart: who came, who was booked."""

    day: date
    came: int
    booked: int


@dataclass(frozen=True, slots=True)
class Slot:
    """One service at a place on a day, all classes: who came (or is to come), and what it can take."""

    structure_label: str
    service_label: str
    day: date
    came: int
    places: int | None


def tally(rows: Iterable[FrequentationRow]) -> Tally:
    """Return the sums of some rows."""
    kept = list(rows)
    return Tally(
        sum(row.booked for row in kept),
        sum(row.to_come for row in kept),
        sum(row.booked - row.to_come - row.unknown for row in kept),
        sum(row.present for row in kept),
        sum(row.unexpected for row in kept),
        sum(row.absent_unjustified for row in kept),
        sum(row.absent_justified for row in kept),
        sum(row.undecided + row.absent_declared for row in kept),
        sum(row.unknown for row in kept),
        sum(row.late_pickups for row in kept),
        sum(row.adults for row in kept),
    )


def keeping(place: str, service: str, period: str, every: str) -> Keep:
    """Return which rows a choice keeps; `every` stands for no choice."""
    return lambda row: (
        place in (every, row.structure_ref)
        and service in (every, row.service_ref)
        and period in (every, row.period)
    )


def slots(rows: Iterable[FrequentationRow]) -> list[Slot]:
    """Return the services of each place and day, in the order of days."""
    found: dict[tuple[date, str, str], Slot] = {}
    for row in rows:
        key = (row.day, row.structure_label, row.service_label)
        before = found[key].came if key in found else 0
        came = before + row.present + row.unexpected
        found[key] = Slot(row.structure_label, row.service_label, row.day, came, row.places)
    return [found[key] for key in sorted(found)]


def above_capacity(rows: Iterable[FrequentationRow]) -> list[Slot]:
    """Return where more came than the service can take, the fullest first."""
    over = [slot for slot in slots(rows) if slot.places is not None and slot.came > slot.places]
    return sorted(over, key=lambda slot: (-(slot.came - (slot.places or 0)), slot.day, slot.service_label))


def filling(rows: Iterable[FrequentationRow]) -> Decimal | None:
    """Return the percent of places used over the slots that are over and have a capacity; None without any."""
    kept = list(rows)
    coming = {(row.day, row.structure_label, row.service_label) for row in kept if row.to_come}
    known = [
        slot
        for slot in slots(kept)
        if slot.places is not None and (slot.day, slot.structure_label, slot.service_label) not in coming
    ]
    return _percent(sum(slot.came for slot in known), sum(slot.places or 0 for slot in known))


def figures(rows: Sequence[FrequentationRow], last_year: Sequence[FrequentationRow]) -> list[tuple[str, str, str]]:
    """Return the metrics of the page: label, value, and what it is to be compared with."""
    now, before = tally(rows), tally(last_year)
    came_before = f", {number(before.came)} l'an dernier" if last_year else ""
    return [
        ("Venues", number(now.came), f"sur {_booked_words(now)}{came_before}"),
        (
            "Venus parmi les prévus",
            percent_words(now.take_up),
            f"l'an dernier{NBSP}: {percent_words(before.take_up)}",
        ),
        ("Absences A", number(now.absent_unjustified), f"et {plural(now.absent_justified, 'justifiée')} (AJ)"),
        ("Départs tardifs", number(now.late_pickups), f"{number(now.unexpected)} sans réservation"),
    ]


def _booked_words(sums: Tally) -> str:
    if not sums.to_come:
        return f"{number(sums.booked)} prévues"
    return f"{number(sums.booked_so_far)} prévues à ce jour, {number(sums.to_come)} à venir"


def percent_words(value: Decimal | None) -> str:
    """Return « 94 % », or « inconnu »."""
    return UNKNOWN if value is None else f"{number(value)}{NBSP}%"


def headline(rows: Sequence[FrequentationRow]) -> tuple[bool, str]:
    """Return whether somebody must act, and the sentence that says so."""
    over = above_capacity(rows)
    if over:
        worst = over[0]
        return True, (
            f"**Capacité dépassée {plural(len(over), 'fois')}**{NBSP}: jusqu'à {number(worst.came)} enfants pour "
            f"{plural(worst.places or 0, 'place')}, {worst.service_label}, {worst.structure_label}, "
            f"{medium_date(worst.day)}. Revoyez les réservations de ces jours ou la capacité déclarée."
        )
    undecided = tally(rows).undecided
    if undecided:
        return True, (
            f"**{plural(undecided, 'absence')} à décider**{NBSP}: A ou AJ. Tant que ce n'est pas fait, elles ne "
            "comptent ni en A ni en AJ."
        )
    return False, "Aucune absence à décider, aucune capacité dépassée."


def axis_table(rows: Sequence[FrequentationRow], last_year: Sequence[FrequentationRow], axis: str) -> Table:
    """Return one line per value of an axis (a key of AXES), with the total."""
    before = _grouped(last_year, axis)
    lines = [
        _line(label, some, before.get((key, label), []), axis)
        for (key, label), some in _grouped(rows, axis).items()
        if any(row.booked or row.unexpected for row in some)
    ]
    columns = (
        AXES[axis], "Prévues à ce jour", "Venues", "Venus / prévus", "An dernier", "À venir", "Sans réservation",
        "A", "AJ", "À décider", "Sans trace", "Départs tardifs", "Remplissage",
    )  # fmt: skip
    return Table(columns, tuple(lines), _line("Total", rows, last_year, axis) if lines else ())


def _line(
    label: str, rows: Sequence[FrequentationRow], last_year: Sequence[FrequentationRow], axis: str
) -> tuple[Cell, ...]:
    sums = tally(rows)
    is_whole = axis != "classe" or label == "Total"  # a capacity is the service's, not a class's
    return (
        label,
        sums.booked_so_far,
        sums.came,
        percent_words(sums.take_up),
        percent_words(tally(last_year).take_up),
        sums.to_come,
        sums.unexpected,
        sums.absent_unjustified,
        sums.absent_justified,
        sums.undecided,
        sums.unknown,
        sums.late_pickups,
        percent_words(filling(rows)) if is_whole else "–",
    )


def adults_words(rows: Iterable[FrequentationRow]) -> str:
    """Return how often adults came to eat, who are in no other figure; empty when none did."""
    adults = tally(rows).adults
    return f"En plus des enfants{NBSP}: {plural(adults, 'venue')} d'adultes qui mangent." if adults else ""


def detail_table(rows: Sequence[FrequentationRow]) -> Table:
    """Return every row, for a spreadsheet."""
    columns = (
        "Jour", "Lieu", "Service", "Classe", "Période", "Prévues", "Venues prévues", "Venues sans réservation", "A",
        "AJ", "Absence annoncée", "À décider", "Sans trace", "À venir", "Départs tardifs", "Adultes en plus",
        "Places du service",
    )  # fmt: skip
    return Table(
        columns,
        tuple(
            (
                short_date(row.day),
                row.structure_label,
                row.service_label,
                row.class_label or NO_CLASS,
                PERIODS[row.period],
                row.booked,
                row.present,
                row.unexpected,
                row.absent_unjustified,
                row.absent_justified,
                row.absent_declared,
                row.undecided,
                row.unknown,
                row.to_come,
                row.late_pickups,
                row.adults,
                UNKNOWN if row.places is None else row.places,
            )
            for row in rows
        ),
    )


def day_bars(rows: Sequence[FrequentationRow]) -> list[DayBar]:
    """Return one bar a day, in the order of days."""
    by_day: dict[date, list[FrequentationRow]] = {}
    for row in rows:
        by_day.setdefault(row.day, []).append(row)
    sums = {day: tally(some) for day, some in sorted(by_day.items())}
    return [DayBar(day, one.came, one.booked) for day, one in sums.items()]


def day_labels(bars: Sequence[DayBar]) -> dict[str, list[str]]:
    """Return the two lines under each bar: « lun. » and « 23 »."""
    return {bar.day.isoformat(): [WEEKDAYS_SHORT[bar.day.weekday()], str(bar.day.day)] for bar in bars}


def capacity_of(rows: Sequence[FrequentationRow]) -> int | None:
    """Return the places to draw as a limit: of one service at one place, when they are the same every day."""
    found = {row.places for row in rows}
    if len({(row.structure_ref, row.service_ref) for row in rows}) != 1 or len(found) != 1:
        return None
    return found.pop()


def weekday_bars(
    rows: Sequence[FrequentationRow], last_year: Sequence[FrequentationRow]
) -> list[tuple[str, str, float]]:
    """Return weekday × year × take-up in percent, those known; floats are for drawing only."""
    found = []
    for year, some in (("Cette année", rows), ("L'an dernier", last_year)):
        for weekday in sorted({row.weekday for row in rows}):
            value = tally(row for row in some if row.weekday == weekday).take_up
            if value is not None:
                found.append((WEEKDAYS[weekday].capitalize(), year, float(value)))
    return found


def chart_title(rows: Sequence[FrequentationRow]) -> str:
    """Return the finding: the day when most came."""
    bars = day_bars(rows)
    best = max(bars, key=lambda bar: (bar.came, -bar.day.toordinal()), default=None)
    if best is None or best.came == 0:
        return "Personne n'est encore venu sur cette période"
    return f"{medium_date(best.day).capitalize()}{NBSP}: {plural(best.came, 'venue')}, le plus du mois"


def weekday_title(rows: Sequence[FrequentationRow]) -> str:
    """Return the finding: the weekday when fewest of those booked come."""
    known = {
        weekday: value
        for weekday in sorted({row.weekday for row in rows})
        if (value := tally(row for row in rows if row.weekday == weekday).take_up) is not None
    }
    if not known:
        return "Aucun jour passé sur cette période"
    low = min(known, key=lambda weekday: (known[weekday], weekday))
    return f"Le {WEEKDAYS[low]}, {percent_words(known[low])} des prévus viennent"


def _grouped(rows: Iterable[FrequentationRow], axis: str) -> dict[tuple[str, str], list[FrequentationRow]]:
    found: dict[tuple[str, str], list[FrequentationRow]] = {}
    for row in rows:
        found.setdefault(_KEYS[axis](row), []).append(row)
    return dict(sorted(found.items()))


def _percent(part: int, whole: int) -> Decimal | None:
    if whole == 0:
        return None
    return (Decimal(part) * 100 / whole).quantize(Decimal(1), rounding=ROUND_HALF_UP)
